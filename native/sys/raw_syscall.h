// System calls without the C library: for the child of a clone that shares its parent's memory,
// where errno is the parent's. Each answers with a negative errno.
#pragma once

#include <type_traits>

namespace ocirt {

#if defined(__x86_64__)

inline long raw_call(long number, long a, long b, long c, long d, long e) {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;
}

// The call `number` (clone or clone3); the child, which is on a new stack, runs run(argument).
inline long raw_clone(long number, long a, long b, long c, void (*run)(void*), void* argument) {
  register long r10 asm("r10") = 0;
  register long r8 asm("r8") = 0;
  register void (*r12)(void*) asm("r12") = run;
  register void* r13 asm("r13") = argument;
  long result;
  asm volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xorl %%ebp, %%ebp\n\t"  // the end of the frames, for a debugger
      "movq %%r13, %%rdi\n\t"
      "callq *%%r12\n\t"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r12), "r"(r13)
      : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

inline long raw_call(long number, long a, long b, long c, long d, long e) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

inline long raw_clone(long number, long a, long b, long c, void (*run)(void*), void* argument) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = 0;
  register long x4 asm("x4") = 0;
  register void (*x19)(void*) asm("x19") = run;
  register void* x20 asm("x20") = argument;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x0, x20\n\t"
      "blr x19\n\t"
      "brk #1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x19), "r"(x20)
      : "memory");
  return x0;
}

#else
#error "native/sys/raw_syscall.h: system calls are written for x86_64 and aarch64"
#endif

template <typename T>
inline long raw_argument(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<long>(value);
  } else {
    return static_cast<long>(value);
  }
}

template <typename A = long, typename B = long, typename C = long, typename D = long,
          typename E = long>
inline long raw(long number, A a = 0, B b = 0, C c = 0, D d = 0, E e = 0) {
  return raw_call(number, raw_argument(a), raw_argument(b), raw_argument(c), raw_argument(d),
                  raw_argument(e));
}

}  // namespace ocirt
