// QuickJS as scripts/patch-quickjs.mjs leaves it, and the one function that needs its inside.
#include <quickjs.c>

size_t ocirt_image_size;

void ocirt_make_immortal(JSRuntime* runtime) {
  init_list_head(&runtime->gc_obj_list);
}
