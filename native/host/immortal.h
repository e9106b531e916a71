// What is in the heap image (heap_image.h) is never freed, so nobody counts its references: a count
// lies beside what it counts, and writing it would have the kernel copy the page. QuickJS's source
// is changed for that by scripts/patch-quickjs.mjs. C, for the engine includes it.
#ifndef OCIRT_HOST_IMMORTAL_H
#define OCIRT_HOST_IMMORTAL_H

#include <stddef.h>
#include <stdint.h>

// Where the image lies: away from where kernels put executables, libraries and stacks, and below
// 2^39, so that each kind of 64-bit address space has it. Fixed: QuickJS's hash tables are in the
// order of addresses.
#define OCIRT_IMAGE_BASE ((uintptr_t)1 << 36)

#ifdef __cplusplus
extern "C" {
#endif
// 0 while an image is made, and where there is none.
extern size_t ocirt_image_size __attribute__((visibility("hidden")));
#ifdef __cplusplus
}
#endif

static inline int ocirt_immortal(const void* object) {
  return (uintptr_t)object - OCIRT_IMAGE_BASE < ocirt_image_size;
}

#endif
