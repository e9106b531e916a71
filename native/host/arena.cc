#include "host/arena.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace ocirt {
namespace {

// Without a heap image: what a verb needs, faulted in at once, for one by one its pages would cost
// more than all else here.
constexpr size_t kFirstChunk = size_t{1} << 20;
constexpr size_t kChunk = size_t{128} << 10;

// In front of every block; keeps what follows on a boundary of 16.
struct alignas(kArenaGrain) Header {
  size_t size;  // of the block without this, rounded up
};

struct FreeBlock {
  void* next;
};

// Kept for when memory is out: what fails then throws, and who catches that has this much to undo
// what it has done and to say why. Address space until then: no page of it is touched.
constexpr size_t kReserve = size_t{256} << 10;
alignas(kArenaGrain) char reserve[kReserve];

// One for the process, like the C library's own: the engine hands no place for it to realloc.
struct Arena {
  ArenaState state = {};
  // Large blocks come from the chunk as well.
  bool saving = false;
  bool started = false;
  bool reserve_opened = false;
  // The blocks of a heap image.
  const char* image_begin = nullptr;
  const char* image_end = nullptr;
};
Arena arena;

bool grow() {
  if (arena.saving) return false;
  size_t size = arena.started ? kChunk : kFirstChunk;
  void* chunk = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (chunk == MAP_FAILED) return false;
  arena.started = true;
  arena.state.next = static_cast<char*>(chunk);
  arena.state.end = arena.state.next + size;
  return true;
}

Header* header_of(const void* block) {
  return const_cast<Header*>(static_cast<const Header*>(block)) - 1;
}

bool in_reserve(const char* at) {
  return at >= reserve && at < reserve + sizeof reserve;
}

// A large block that the C library knows nothing of.
bool in_place(const Header* header) {
  auto* at = reinterpret_cast<const char*>(header);
  return (at >= arena.image_begin && at < arena.image_end) || in_reserve(at);
}

// One allocation fails, which the engine makes an exception of; the next ones have the reserve.
Header* fail_once() {
  if (!arena.saving && !arena.reserve_opened) {
    arena.reserve_opened = true;
    arena.state.next = reserve;
    arena.state.end = reserve + sizeof reserve;
  }
  return nullptr;
}

// The engine decides by malloc_size when to collect garbage.
void account(JSMallocState* state, size_t size) {
  state->malloc_count++;
  state->malloc_size += size;
}

Header* from_chunk(size_t rounded) {
  size_t whole = sizeof(Header) + rounded;
  if (static_cast<size_t>(arena.state.end - arena.state.next) < whole && !grow())
    return fail_once();
  auto* header = reinterpret_cast<Header*>(arena.state.next);
  arena.state.next += whole;
  return header;
}

Header* large(size_t rounded) {
  size_t whole = sizeof(Header) + rounded;
  if (!arena.saving) {
    if (void* block = std::malloc(whole)) return static_cast<Header*>(block);
    if (!in_reserve(arena.state.next)) return fail_once();
  }
  if (static_cast<size_t>(arena.state.end - arena.state.next) < whole) return nullptr;
  return from_chunk(rounded);
}

void* allocate(JSMallocState* state, size_t size) {
  size_t rounded = (size + kArenaGrain - 1) & ~(kArenaGrain - 1);
  if (rounded < size) return nullptr;
  Header* header;
  if (rounded > kArenaLargestSmall) {
    header = large(rounded);
  } else if (void* block = arena.state.free[rounded / kArenaGrain]) {
    arena.state.free[rounded / kArenaGrain] = static_cast<FreeBlock*>(block)->next;
    // What is left of its last use would differ from one saved heap to the next.
    if (arena.saving) std::memset(block, 0, rounded);
    account(state, rounded);
    return block;
  } else {
    header = from_chunk(rounded);
  }
  if (!header) return nullptr;
  header->size = rounded;
  account(state, rounded);
  return header + 1;
}

void release(JSMallocState* state, void* block) {
  if (!block) return;
  Header* header = header_of(block);
  state->malloc_count--;
  state->malloc_size -= header->size;
  if (header->size > kArenaLargestSmall) {
    if (!arena.saving && !in_place(header)) std::free(header);
    return;
  }
  auto* entry = static_cast<FreeBlock*>(block);
  entry->next = arena.state.free[header->size / kArenaGrain];
  arena.state.free[header->size / kArenaGrain] = entry;
}

void* reallocate(JSMallocState* state, void* block, size_t size) {
  if (!block) return size == 0 ? nullptr : allocate(state, size);
  if (size == 0) {
    release(state, block);
    return nullptr;
  }
  size_t old = header_of(block)->size;
  if (size <= old && old <= kArenaLargestSmall) return block;
  bool both_large = old > kArenaLargestSmall && size > kArenaLargestSmall;
  if (both_large && !arena.saving && !in_place(header_of(block))) {
    size_t rounded = (size + kArenaGrain - 1) & ~(kArenaGrain - 1);
    void* grown = std::realloc(header_of(block), sizeof(Header) + rounded);
    if (auto* header = static_cast<Header*>(grown)) {
      header->size = rounded;
      state->malloc_size += rounded - old;
      return header + 1;
    }
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

void arena_begin(char* from, char* to) {
  arena.state.next = from;
  arena.state.end = to;
  arena.saving = true;
}

ArenaState arena_state() {
  return arena.state;
}

void arena_adopt(const ArenaState& state, const char* from, const char* to) {
  arena.state = state;
  arena.started = true;
  arena.image_begin = from;
  arena.image_end = to;
}

}  // namespace ocirt
