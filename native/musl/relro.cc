#include "musl/relro.h"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ocirt {

void protect_relocations() {
#if !defined(__GLIBC__)
  // The program headers, and from the one about themselves where the program lies; elf(5).
  const auto* headers = reinterpret_cast<const ElfW(Phdr)*>(getauxval(AT_PHDR));
  unsigned long count = getauxval(AT_PHNUM);
  if (!headers) return;
  extern const char base[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
  for (unsigned long i = 0; i < count; i++) {
    if (headers[i].p_type != PT_GNU_RELRO) continue;
    // The linker ends it at the end of a page; what shares the first one with it is read-only data.
    auto page = static_cast<uintptr_t>(getpagesize());
    uintptr_t begin = reinterpret_cast<uintptr_t>(base) + headers[i].p_vaddr;
    uintptr_t end = (begin + headers[i].p_memsz) & ~(page - 1);
    begin &= ~(page - 1);
    if (begin < end) mprotect(reinterpret_cast<void*>(begin), end - begin, PROT_READ);
  }
#endif
}

}  // namespace ocirt
