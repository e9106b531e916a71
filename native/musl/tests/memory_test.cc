// The allocator under other names, beside the C library's own.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#define malloc tested_malloc
#define free tested_free
#define calloc tested_calloc
#define realloc tested_realloc
#define malloc_usable_size tested_usable_size
#include "musl/memory.cc"
#undef malloc
#undef free
#undef calloc
#undef realloc
#undef malloc_usable_size

#include "init/tests/check.h"

namespace ocirt::testing {
namespace {

bool holds(const void* block, size_t size, unsigned char byte) {
  auto* at = static_cast<const unsigned char*>(block);
  for (size_t i = 0; i < size; i++) {
    if (at[i] != byte) return false;
  }
  return true;
}

// Many blocks of all kinds of sizes, each filled with a byte of its own: none lies in another.
bool none_overlap() {
  std::vector<std::pair<void*, size_t>> blocks;
  uint32_t random = 1;
  for (size_t i = 0; i < 3000; i++) {
    random = random * 1664525 + 1013904223;
    size_t size = (random >> 8) % (i % 50 == 0 ? 200000 : 3000);
    void* block = tested_malloc(size);
    if (!block || reinterpret_cast<uintptr_t>(block) % 16 != 0) return false;
    if (tested_usable_size(block) < size) return false;
    std::memset(block, static_cast<int>(i & 0xff), size);
    blocks.emplace_back(block, size);
    if (i % 3 == 0) {
      size_t other = i / 2;
      if (!holds(blocks[other].first, blocks[other].second, other & 0xff)) return false;
      tested_free(blocks[other].first);
      blocks[other] = {nullptr, 0};
    }
  }
  for (size_t i = 0; i < blocks.size(); i++) {
    if (!holds(blocks[i].first, blocks[i].second, i & 0xff)) return false;
    tested_free(blocks[i].first);
  }
  return true;
}

// The status of a child that gets no more address space, and does this; -1 where a signal ended it.
template <typename Body>
int status_without_memory(Body body) {
  pid_t pid = ::fork();
  if (pid == 0) {
    rlimit none{1, 1};
    ::_exit(::setrlimit(RLIMIT_AS, &none) == 0 ? body() : 99);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// Until nothing is left but what is kept, then once more.
int use_up() {
  while (tested_malloc(30000)) continue;
  if (!open_memory_reserve() || open_memory_reserve()) return 1;
  return tested_malloc(30000) ? 0 : 2;
}

// operator new is the helper's here (support.cc): it has its own end.
int allocate_for_ever() {
  // Used, or the compiler leaves it out.
  for (;;) *static_cast<volatile char*>(::operator new (size_t{1} << 20)) = 1;
}

}  // namespace

void test_memory(Report& report) {
  CHECK(none_overlap());
  CHECK(none_overlap());

  for (size_t size :
       {size_t{0}, size_t{1}, size_t{16}, size_t{1024}, size_t{1025}, size_t{65536}}) {
    void* block = tested_malloc(size);
    tested_free(block);
    report.check(tested_malloc(size) == block,
                 "a freed block of " + std::to_string(size) + " is used again");
    tested_free(block);
  }

  void* dirty = tested_malloc(500);
  std::memset(dirty, 0xff, 500);
  tested_free(dirty);
  void* clean = tested_calloc(50, 10);
  CHECK(clean == dirty && holds(clean, 500, 0));
  CHECK(tested_calloc(SIZE_MAX / 2, 3) == nullptr && errno == ENOMEM);
  CHECK(tested_malloc(SIZE_MAX) == nullptr && errno == ENOMEM);
  CHECK(tested_malloc(PTRDIFF_MAX) == nullptr && errno == ENOMEM);

  auto* grown = static_cast<char*>(tested_realloc(nullptr, 10));
  std::memset(grown, 7, 10);
  bool kept = true;
  for (size_t size : {20, 900, 5000, 70000, 300000, 5000, 12}) {
    grown = static_cast<char*>(tested_realloc(grown, size));
    kept = kept && holds(grown, 10, 7);
  }
  CHECK(kept);
  tested_free(grown);

  // Large ones go back to the kernel at once.
  auto* large = static_cast<char*>(tested_malloc(1 << 20));
  errno = 5;
  tested_free(large);
  CHECK(errno == 5);
  CHECK(::madvise(reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(large) & ~uintptr_t{4095}),
                  4096, MADV_NORMAL) != 0);

  CHECK(status_without_memory(use_up) == 0);
  CHECK(status_without_memory(allocate_for_ever) == ENOMEM);
}

}  // namespace ocirt::testing
