// Full RELRO for a static program whose C library leaves it out.
#pragma once

namespace ocirt {

// Makes what relocations have filled in (the GOT, virtual tables) read-only for the rest of the
// program's life. Does nothing where the C library has done it. A kernel that refuses is not an
// error: all else holds without it.
void protect_relocations();

}  // namespace ocirt
