// The end of a program that has no memory for what cannot fail.
#pragma once

namespace ocirt {

// Says so as far as it can be said without memory, and ends the program: each has its own way
// (host/out_of_memory.cc, init/out_of_memory.cc). What it leaves is what SIGKILL would.
[[noreturn]] void end_out_of_memory();

}  // namespace ocirt
