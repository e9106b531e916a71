// What only the inside of QuickJS can tell or do; in C, compiled with it (quickjs.c).
#ifndef OCIRT_HOST_QUICKJS_INSIDE_H
#define OCIRT_HOST_QUICKJS_INSIDE_H

#include <quickjs.h>

#ifdef __cplusplus
extern "C" {
#endif

// Of an engine whose heap is about to be saved: its objects are no longer among those that a
// collection looks through. They stay, and so does what they refer to (immortal.h).
void ocirt_make_immortal(JSRuntime* runtime);

int ocirt_is_uint8_array(JSValueConst value);

#ifdef __cplusplus
}
#endif
#endif
