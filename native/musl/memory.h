// What malloc(3) keeps for when memory is out.
#pragma once

namespace ocirt {

// From now on malloc(3) has some 64 KB more, of the program's own: for who cannot go on without
// (operator new), and for what cleans up. False where that has been done before.
bool open_memory_reserve();

}  // namespace ocirt
