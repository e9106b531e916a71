// QuickJS as scripts/patch-quickjs.mjs leaves it, and what needs its inside.
#include <quickjs.c>

#include "host/quickjs_inside.h"

size_t ocirt_image_size;

void ocirt_make_immortal(JSRuntime* runtime) {
  init_list_head(&runtime->gc_obj_list);
  // Growing the table of shapes later would write to every shape.
  resize_shape_hash(runtime, runtime->shape_hash_bits + 1);
}

int ocirt_is_uint8_array(JSValueConst value) {
  return JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT &&
         JS_VALUE_GET_OBJ(value)->class_id == JS_CLASS_UINT8_ARRAY;
}
