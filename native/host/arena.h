// Memory for QuickJS in a program that makes many small objects and soon exits.
#pragma once

#include <quickjs.h>

namespace ocirt {

// Small blocks come from large chunks and go to a free list of their size class; the C library's
// allocator has the others. No chunk is ever given back, and nothing is safe for two threads.
const JSMallocFunctions& arena_functions();

}  // namespace ocirt
