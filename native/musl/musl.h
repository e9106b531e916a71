// Read before every C++ source of what is linked with musl (musl.cmake): what the
// headers of libstdc++, set up for the GNU C library, ask of that library.
#pragma once

// For #if: no version of the GNU C library.
#define __GLIBC_PREREQ(major, minor) 0
// Templates are instantiated here, and libstdc++.a is not linked.
#define _GLIBCXX_EXTERN_TEMPLATE 0

#include <locale.h>
#include <pthread.h>
#include <time.h>

// The older name of the type.
#define __locale_t locale_t
// Named in <bits/ctype_base.h>, used by nothing here.
enum {
  _ISupper = 1 << 0,
  _ISlower = 1 << 1,
  _ISalpha = 1 << 2,
  _ISdigit = 1 << 3,
  _ISxdigit = 1 << 4,
  _ISspace = 1 << 5,
  _ISprint = 1 << 6,
  _ISblank = 1 << 7,
  _IScntrl = 1 << 8,
  _ISpunct = 1 << 9,
};
// Named in <bits/std_mutex.h>, called by nothing here.
extern "C" int pthread_cond_clockwait(pthread_cond_t*, pthread_mutex_t*, clockid_t,
                                      const struct timespec*);
