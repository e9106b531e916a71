// What the C++ library would bring along for exceptions that are never thrown here: unwinding,
// demangling, translated messages. Its strings and containers call these functions where a limit
// is passed or memory is out. There is nothing to be rescued then: the program ends, and says so if
// it is memory.
#include <cstdlib>
#include <new>

#include "musl/memory.h"
#include "musl/out_of_memory.h"

void* operator new(std::size_t size) {
  if (size == 0) size = 1;
  void* memory = std::malloc(size);
#if !defined(__GLIBC__)
  if (!memory && ocirt::open_memory_reserve()) memory = std::malloc(size);
#endif
  if (!memory) ocirt::end_out_of_memory();
  return memory;
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace std {

// Declared in <bits/functexcept.h>, for replacement by nobody; but what the linker finds first it
// takes, and their meaning (they do not return) is kept.
void __throw_bad_alloc() {
  ocirt::end_out_of_memory();
}
void __throw_bad_array_new_length() {
  ocirt::end_out_of_memory();
}
void __throw_length_error(const char*) {
  abort();
}
void __throw_logic_error(const char*) {
  abort();
}
void __throw_out_of_range(const char*) {
  abort();
}
void __throw_out_of_range_fmt(const char*, ...) {
  abort();
}
void __throw_invalid_argument(const char*) {
  abort();
}
// _GLIBCXX_ASSERTIONS: an index out of range, an empty optional.
[[noreturn]] void __glibcxx_assert_fail(const char*, int, const char*, const char*) noexcept {
  abort();
}

}  // namespace std
