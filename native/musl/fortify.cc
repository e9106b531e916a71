// The functions that fortified code calls in place of the plain ones: ours by fortify.h,
// libseccomp.a's since it was compiled for the GNU C library. GCC has made them the plain calls
// where all is well for certain.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void must_fit(size_t size, size_t room) {
  if (size > room) std::abort();
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void* __memcpy_chk(void* to, const void* from, size_t size, size_t room) {
  must_fit(size, room);
  return std::memcpy(to, from, size);
}

void* __memmove_chk(void* to, const void* from, size_t size, size_t room) {
  must_fit(size, room);
  return std::memmove(to, from, size);
}

void* __memset_chk(void* to, int byte, size_t size, size_t room) {
  must_fit(size, room);
  return std::memset(to, byte, size);
}

char* __strcpy_chk(char* to, const char* from, size_t room) {
  size_t size = std::strlen(from) + 1;
  must_fit(size, room);
  std::memcpy(to, from, size);
  return to;
}

char* __strncpy_chk(char* to, const char* from, size_t size, size_t room) {
  must_fit(size, room);
  return std::strncpy(to, from, size);
}

char* __strcat_chk(char* to, const char* from, size_t room) {
  must_fit(std::strlen(to) + std::strlen(from) + 1, room);
  return std::strcat(to, from);
}

int __vsnprintf_chk(char* to, size_t size, int, size_t room, const char* format, va_list args) {
  must_fit(size, room);
  return std::vsnprintf(to, size, format, args);
}

int __snprintf_chk(char* to, size_t size, int, size_t room, const char* format, ...) {
  must_fit(size, room);
  va_list args;
  va_start(args, format);
  int written = std::vsnprintf(to, size, format, args);
  va_end(args);
  return written;
}

int __fprintf_chk(FILE* stream, int, const char* format, ...) {
  va_list args;
  va_start(args, format);
  int written = std::vfprintf(stream, format, args);
  va_end(args);
  return written;
}

}  // extern "C"
#pragma GCC visibility pop
