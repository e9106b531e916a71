// Memory for QuickJS in a program that makes many small objects and soon exits.
#pragma once

#include <quickjs.h>

#include <cstddef>

namespace ocirt {

// Small blocks come from large chunks and go to a free list of their size class; the C library's
// allocator has the others. No chunk is ever given back, and nothing is safe for two threads.
const JSMallocFunctions& arena_functions();

constexpr size_t kArenaGrain = 16;
constexpr size_t kArenaLargestSmall = 1024;

// What the arena knows of itself: plain data, so that a heap image can carry it (heap_image.h).
struct ArenaState {
  char* next;
  char* end;
  void* free[kArenaLargestSmall / kArenaGrain + 1];
};

// From now on all blocks, large ones too, come from this range: for a heap that is to be saved.
void arena_begin(char* from, char* to);

ArenaState arena_state();

// Goes on where a saved arena stopped. Blocks between `from` and `to` are its own: a large one
// among them is never given to the C library.
void arena_adopt(const ArenaState& state, const char* from, const char* to);

}  // namespace ocirt
