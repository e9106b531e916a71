#include "host/heap_image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "host/arena.h"
#include "host/immortal.h"
#include "host/quickjs_inside.h"
#include "musl/out_of_memory.h"

// embedded_heap.S
extern "C" char ocirt_heap_begin[] __attribute__((visibility("hidden")));
extern "C" char ocirt_heap_end[] __attribute__((visibility("hidden")));
// The linker's: where this executable is loaded.
extern "C" const char __executable_start[] __attribute__((visibility("hidden")));

namespace ocirt {
namespace {

constexpr uintptr_t kBase = OCIRT_IMAGE_BASE;
constexpr size_t kPage = 4096;
// The engine's built-in objects lie first: every start writes to nearly all of these pages.
constexpr size_t kAlwaysWritten = 40 * kPage;
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
constexpr uint64_t kMagic = 0x31706165686f636f;  // "ocoheap1"

// The first page of the image; scripts/heap-image.mjs knows this layout.
struct ImageHeader {
  uint64_t magic;
  uint64_t size;         // of header and heap, in bytes; what follows are the relocations
  uint64_t executable;   // __executable_start when it was made; 0 once that is taken off
  uint64_t stack;        // an address of the stack then
  uint64_t relocations;  // how many; each the offset (u32) of a pointer into the executable
  JSRuntime* runtime;
  JSContext* context;
  ArenaState arena;
};
static_assert(sizeof(ImageHeader) <= kPage);

size_t room() {
  return static_cast<size_t>(ocirt_heap_end - ocirt_heap_begin);
}

bool has_image() {
  uint64_t magic = 0;
  if (room() >= kPage) std::memcpy(&magic, ocirt_heap_begin, sizeof magic);
  return magic == kMagic;
}

// Address space at kBase that nothing else has; with errno where there is none.
char* reserve(size_t size, int protection) {
  void* wanted = reinterpret_cast<void*>(kBase);
  void* got = ::mmap(wanted, size, protection,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (got == MAP_FAILED) return nullptr;
  // A kernel before 4.17 takes the address as a hint only.
  if (got == wanted) return static_cast<char*>(got);
  ::munmap(got, size);
  errno = EEXIST;
  return nullptr;
}

// The executable is loaded elsewhere each time: what points into it moves along.
void relocate(char* base, const ImageHeader& header) {
  uint64_t moved = reinterpret_cast<uintptr_t>(__executable_start) - header.executable;
  if (moved == 0) return;
  const char* list = base + header.size;
  for (uint64_t i = 0; i < header.relocations; i++) {
    uint32_t offset;
    std::memcpy(&offset, list + i * sizeof offset, sizeof offset);
    uint64_t pointer;
    std::memcpy(&pointer, base + offset, sizeof pointer);
    pointer += moved;
    std::memcpy(base + offset, &pointer, sizeof pointer);
  }
}

}  // namespace

bool restore_heap(Engine& out) {
  if (!has_image()) return false;
  char* base = reserve(room(), PROT_NONE);
  // An engine from the modules takes more, and would end half-way.
  if (!base && errno == ENOMEM) end_out_of_memory();
  if (!base) return false;
  // The section's pages, none of them touched but the first, become the heap's.
  void* mapped = ::mremap(ocirt_heap_begin, room(), room(), MREMAP_MAYMOVE | MREMAP_FIXED, base);
  if (mapped == MAP_FAILED) {
    ::munmap(base, room());
    return false;
  }
  // Copied at once, for less than one by one as they are written to. Before Linux 5.14: one by one.
  ::madvise(base, kAlwaysWritten, MADV_POPULATE_WRITE);
  auto* header = reinterpret_cast<const ImageHeader*>(base);
  relocate(base, *header);
  arena_adopt(header->arena, base, base + header->size);
  ocirt_image_size = header->size;
  out.runtime = header->runtime;
  out.context = header->context;
  return true;
}

bool begin_saved_heap() {
  if (has_image()) return false;
  char* base = reserve(room(), PROT_READ | PROT_WRITE);
  if (!base) return false;
  arena_begin(base + kPage, base + room());
  return true;
}

int save_heap(const Engine& engine, const char* file) {
  char* base = reinterpret_cast<char*>(kBase);
  ocirt_make_immortal(engine.runtime);
  ArenaState arena = arena_state();
  // Blocks that were freed are not used again: each would be the one of its page that is written
  // to.
  std::memset(arena.free, 0, sizeof arena.free);
  size_t used = static_cast<size_t>(arena.next - base);
  ImageHeader header = {};
  header.magic = kMagic;
  header.size = (used + kPage - 1) & ~(kPage - 1);
  header.executable = reinterpret_cast<uintptr_t>(__executable_start);
  header.stack = reinterpret_cast<uintptr_t>(&header);
  header.runtime = engine.runtime;
  header.context = engine.context;
  header.arena = arena;
  // The rest of the last page is the arena's still; what comes after it are the relocations.
  header.arena.end = base + header.size;
  std::memcpy(base, &header, sizeof header);
  FILE* out = std::fopen(file, "wb");
  bool written = out && std::fwrite(base, 1, header.size, out) == header.size;
  if (out && std::fclose(out) != 0) written = false;
  if (!written) std::perror(file);
  return written ? 0 : 1;
}

}  // namespace ocirt
