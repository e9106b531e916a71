// Plain data to and from QuickJS.
#pragma once

#include <quickjs.h>

#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace ocirt {

// JavaScript to plain data. False, with a JavaScript exception pending, for what is not plain data.
bool from_js(JSContext* js, JSValueConst in, Value& out, int depth = 0);

// Plain data to JavaScript. `wide`: members that are bigint whatever their value (Operation::wide).
JSValue to_js(JSContext* js, const Value& value, std::string_view wide = {});

// Throws a NativeError (src/native/binding.ts).
JSValue throw_native_error(JSContext* js, const Error& failure);

}  // namespace ocirt
