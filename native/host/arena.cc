#include "host/arena.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace ocirt {
namespace {

constexpr size_t kGrain = 16;
constexpr size_t kLargestSmall = 1024;
constexpr size_t kClasses = kLargestSmall / kGrain + 1;
// What a verb needs, faulted in at once: one by one, its pages would cost more than all else here.
constexpr size_t kFirstChunk = size_t{1} << 20;
constexpr size_t kChunk = size_t{256} << 10;

// In front of every block; keeps what follows on a boundary of 16.
struct alignas(kGrain) Header {
  size_t size;  // of the block without this, rounded up
};

struct FreeBlock {
  FreeBlock* next;
};

// One for the process, like the C library's own: the engine hands no place for it to realloc.
struct Arena {
  char* next = nullptr;
  char* end = nullptr;
  bool first = true;
  FreeBlock* free[kClasses] = {};
};
Arena arena;

bool grow() {
  size_t size = arena.first ? kFirstChunk : kChunk;
  int populate = arena.first ? MAP_POPULATE : 0;
  void* chunk =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | populate, -1, 0);
  if (chunk == MAP_FAILED) return false;
  arena.first = false;
  arena.next = static_cast<char*>(chunk);
  arena.end = arena.next + size;
  return true;
}

Header* header_of(const void* block) {
  return const_cast<Header*>(static_cast<const Header*>(block)) - 1;
}

// The engine decides by malloc_size when to collect garbage.
void account(JSMallocState* state, size_t size) {
  state->malloc_count++;
  state->malloc_size += size;
}

void* allocate(JSMallocState* state, size_t size) {
  size_t rounded = (size + kGrain - 1) & ~(kGrain - 1);
  if (rounded < size) return nullptr;
  Header* header;
  if (rounded > kLargestSmall) {
    header = static_cast<Header*>(std::malloc(sizeof(Header) + rounded));
    if (!header) return nullptr;
  } else if (FreeBlock* block = arena.free[rounded / kGrain]) {
    arena.free[rounded / kGrain] = block->next;
    account(state, rounded);
    return block;
  } else {
    size_t whole = sizeof(Header) + rounded;
    if (static_cast<size_t>(arena.end - arena.next) < whole && !grow()) return nullptr;
    header = reinterpret_cast<Header*>(arena.next);
    arena.next += whole;
  }
  header->size = rounded;
  account(state, rounded);
  return header + 1;
}

void release(JSMallocState* state, void* block) {
  if (!block) return;
  Header* header = header_of(block);
  state->malloc_count--;
  state->malloc_size -= header->size;
  if (header->size > kLargestSmall) {
    std::free(header);
    return;
  }
  auto* entry = static_cast<FreeBlock*>(block);
  entry->next = arena.free[header->size / kGrain];
  arena.free[header->size / kGrain] = entry;
}

void* reallocate(JSMallocState* state, void* block, size_t size) {
  if (!block) return size == 0 ? nullptr : allocate(state, size);
  if (size == 0) {
    release(state, block);
    return nullptr;
  }
  size_t old = header_of(block)->size;
  if (size <= old && old <= kLargestSmall) return block;
  if (old > kLargestSmall && size > kLargestSmall) {
    size_t rounded = (size + kGrain - 1) & ~(kGrain - 1);
    auto* header = static_cast<Header*>(std::realloc(header_of(block), sizeof(Header) + rounded));
    if (!header) return nullptr;
    header->size = rounded;
    state->malloc_size += rounded - old;
    return header + 1;
  }
  void* moved = allocate(state, size);
  if (!moved) return nullptr;
  std::memcpy(moved, block, old < size ? old : size);
  release(state, block);
  return moved;
}

size_t usable_size(const void* block) {
  return block ? header_of(block)->size : 0;
}

}  // namespace

const JSMallocFunctions& arena_functions() {
  static constexpr JSMallocFunctions functions = {allocate, release, reallocate, usable_size};
  return functions;
}

}  // namespace ocirt
