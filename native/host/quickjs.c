// QuickJS as scripts/patch-quickjs.mjs leaves it, and the one function that needs its inside.
#include <quickjs.c>

size_t ocirt_image_size;

void ocirt_make_immortal(JSRuntime* runtime) {
  init_list_head(&runtime->gc_obj_list);
  // Growing the table of shapes later would write to every shape.
  resize_shape_hash(runtime, runtime->shape_hash_bits + 1);
}
