// malloc(3) for programs of one thread that make many small objects and soon end. musl's own maps
// and unmaps pages as objects come and go, and was a tenth of an exec; here a block that is freed
// goes to the list of its size, and only large ones go back to the kernel. The linker takes this
// for musl's.
#include "musl/memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr size_t kGrain = 16;
// Up to here one list for each multiple of the grain, above one for each power of two.
constexpr size_t kFine = 1024;
constexpr size_t kLargestKept = size_t{64} << 10;
constexpr size_t kFineLists = kFine / kGrain + 1;
constexpr size_t kLists = kFineLists + 6;
// What is taken from the kernel at once, with its pages: faulted in one by one they would cost more
// than all else here. Small, since a container that waits for its start keeps it.
constexpr size_t kChunk = size_t{32} << 10;

// In front of every block; keeps what follows on a boundary of 16.
struct alignas(kGrain) Header {
  size_t size;  // of the block without this
};

struct FreeBlock {
  FreeBlock* next;
};

FreeBlock* free_blocks[kLists];
char* next_byte;
char* end_byte;

// memory.h. Address space until it is needed: no page of it is touched.
constexpr size_t kReserve = size_t{64} << 10;
alignas(kGrain) char reserve[kReserve];
bool reserve_opened;

// The size that a block of `size` gets, and its list. Above kLargestKept: no list.
struct Class {
  size_t size;
  size_t list;
};

Class class_of(size_t size) {
  if (size <= kFine) {
    size_t rounded = size == 0 ? kGrain : (size + kGrain - 1) & ~(kGrain - 1);
    return {rounded, rounded / kGrain};
  }
  Class found{2 * kFine, kFineLists};
  for (; found.size < size && found.size < kLargestKept; found.list++) found.size *= 2;
  return found;
}

void* map_pages(size_t size) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
  void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kFlags | MAP_POPULATE, -1, 0);
  // Once more as modestly as can be, for the caller ends if it gets nothing.
  if (pages == MAP_FAILED) {
    pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kFlags | MAP_NORESERVE, -1, 0);
  }
  return pages == MAP_FAILED ? nullptr : pages;
}

Header* header_of(void* block) {
  return static_cast<Header*>(block) - 1;
}

void* large(size_t size) {
  if (size > SIZE_MAX - sizeof(Header)) return nullptr;
  auto* header = static_cast<Header*>(map_pages(sizeof(Header) + size));
  if (!header) return nullptr;
  header->size = size;
  return header + 1;
}

void* from_chunk(size_t size) {
  size_t whole = sizeof(Header) + size;
  if (static_cast<size_t>(end_byte - next_byte) < whole) {
    size_t wanted = whole > kChunk ? whole : kChunk;
    auto* chunk = static_cast<char*>(map_pages(wanted));
    if (!chunk) return nullptr;
    next_byte = chunk;
    end_byte = chunk + wanted;
  }
  auto* header = reinterpret_cast<Header*>(next_byte);
  next_byte += whole;
  header->size = size;
  return header + 1;
}

}  // namespace

namespace ocirt {

bool open_memory_reserve() {
  if (reserve_opened) return false;
  reserve_opened = true;
  next_byte = reserve;
  end_byte = reserve + sizeof reserve;
  return true;
}

}  // namespace ocirt

#pragma GCC visibility push(default)
extern "C" {

void* malloc(size_t size) {
  void* block;
  if (size > kLargestKept) {
    block = large(size);
  } else {
    Class wanted = class_of(size);
    if (FreeBlock* kept = free_blocks[wanted.list]) {
      free_blocks[wanted.list] = kept->next;
      return kept;
    }
    block = from_chunk(wanted.size);
  }
  if (!block) errno = ENOMEM;
  return block;
}

void free(void* block) {
  if (!block) return;
  Header* header = header_of(block);
  if (header->size > kLargestKept) {
    int before = errno;  // free(3) leaves it as it was
    ::munmap(header, sizeof(Header) + header->size);
    errno = before;
    return;
  }
  auto* entry = static_cast<FreeBlock*>(block);
  size_t list = class_of(header->size).list;
  entry->next = free_blocks[list];
  free_blocks[list] = entry;
}

void* calloc(size_t count, size_t size) {
  size_t whole;
  if (__builtin_mul_overflow(count, size, &whole)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* block = malloc(whole);
  return block ? std::memset(block, 0, whole) : nullptr;
}

void* realloc(void* block, size_t size) {
  if (!block) return malloc(size);
  size_t old = header_of(block)->size;
  if (size <= old && old <= kLargestKept) return block;
  void* moved = malloc(size);
  if (!moved) return nullptr;
  std::memcpy(moved, block, old < size ? old : size);
  free(block);
  return moved;
}

size_t malloc_usable_size(void* block) {
  return block ? header_of(block)->size : 0;
}

}  // extern "C"
#pragma GCC visibility pop
