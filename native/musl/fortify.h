// What _FORTIFY_SOURCE is with the GNU C library, for the calls that write to arrays: where the
// compiler knows the size of the destination, more than that ends the program (fortify.cc). Read
// before every source of what is linked with musl.
#pragma once

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__OPTIMIZE__) && !defined(OCIRT_NOT_FORTIFIED)

#define OCIRT_FORTIFIED extern inline __attribute__((gnu_inline, always_inline, artificial))
// Of the whole object, and of the member that is written to.
#define OCIRT_ROOM(at) __builtin_object_size(at, 0)
#define OCIRT_MEMBER(at) __builtin_object_size(at, 1)

#ifdef __cplusplus
extern "C" {
#endif

OCIRT_FORTIFIED void* memcpy(void* to, const void* from, size_t size) {
  return __builtin___memcpy_chk(to, from, size, OCIRT_ROOM(to));
}
OCIRT_FORTIFIED void* memmove(void* to, const void* from, size_t size) {
  return __builtin___memmove_chk(to, from, size, OCIRT_ROOM(to));
}
OCIRT_FORTIFIED void* memset(void* to, int byte, size_t size) {
  return __builtin___memset_chk(to, byte, size, OCIRT_ROOM(to));
}
OCIRT_FORTIFIED char* strcpy(char* to, const char* from) {
  return __builtin___strcpy_chk(to, from, OCIRT_MEMBER(to));
}
OCIRT_FORTIFIED char* strncpy(char* to, const char* from, size_t size) {
  return __builtin___strncpy_chk(to, from, size, OCIRT_MEMBER(to));
}
OCIRT_FORTIFIED char* strcat(char* to, const char* from) {
  return __builtin___strcat_chk(to, from, OCIRT_MEMBER(to));
}
OCIRT_FORTIFIED int vsnprintf(char* to, size_t size, const char* format, __builtin_va_list args) {
  return __builtin___vsnprintf_chk(to, size, 0, OCIRT_MEMBER(to), format, args);
}
OCIRT_FORTIFIED int snprintf(char* to, size_t size, const char* format, ...) {
  return __builtin___snprintf_chk(to, size, 0, OCIRT_MEMBER(to), format, __builtin_va_arg_pack());
}

ssize_t ocirt_read(int fd, void* to, size_t size) __asm__("read");
OCIRT_FORTIFIED ssize_t read(int fd, void* to, size_t size) {
  if (size > OCIRT_ROOM(to)) __builtin_trap();
  return ocirt_read(fd, to, size);
}

#ifdef __cplusplus
}
#endif
#undef OCIRT_FORTIFIED
#undef OCIRT_ROOM
#undef OCIRT_MEMBER

#endif
