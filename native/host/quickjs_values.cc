#include "host/quickjs_values.h"

#include <cmath>
#include <string>

#include "host/quickjs_inside.h"
#include "sys/errno_names.h"

namespace ocirt {
namespace {

constexpr int64_t kMaxSafeInteger = int64_t{1} << 53;
// As deep as the wire format goes: an argument that contains itself must not exhaust the stack.
constexpr int kMaxDepth = 64;

bool number(JSContext* js, JSValueConst in, Value& out) {
  double v = 0;
  if (JS_ToFloat64(js, &v, in) < 0) return false;
  bool whole = std::trunc(v) == v && std::fabs(v) <= static_cast<double>(kMaxSafeInteger);
  out = whole ? Value(static_cast<int64_t>(v)) : Value(v);
  return true;
}

// The conversion wraps around 2^64: what it gives must be compared with what came in.
bool bigint(JSContext* js, JSValueConst in, Value& out) {
  int64_t bits = 0;
  if (JS_ToBigInt64(js, &bits, in) < 0) return false;
  JSValue as_signed = JS_NewBigInt64(js, bits);
  JSValue as_unsigned = JS_NewBigUint64(js, static_cast<uint64_t>(bits));
  bool fits_signed = JS_StrictEq(js, as_signed, in);
  bool fits_unsigned = JS_StrictEq(js, as_unsigned, in);
  JS_FreeValue(js, as_signed);
  JS_FreeValue(js, as_unsigned);
  if (!fits_signed && !fits_unsigned) {
    JS_ThrowTypeError(js, "a bigint has more than 64 bits");
    return false;
  }
  out = fits_signed ? Value(bits) : Value(static_cast<uint64_t>(bits));
  return true;
}

bool string(JSContext* js, JSValueConst in, Value& out) {
  size_t length = 0;
  const char* text = JS_ToCStringLen(js, &length, in);
  if (!text) return false;
  out = Value(std::string(text, length));
  JS_FreeCString(js, text);
  return true;
}

bool array(JSContext* js, JSValueConst in, Value& out, int depth) {
  JSValue length_value = JS_GetPropertyStr(js, in, "length");
  uint32_t length = 0;
  JS_ToUint32(js, &length, length_value);
  JS_FreeValue(js, length_value);
  Value::Array items(length);
  for (uint32_t i = 0; i < length; i++) {
    JSValue item = JS_GetPropertyUint32(js, in, i);
    bool read = !JS_IsException(item) && from_js(js, item, items[i], depth + 1);
    JS_FreeValue(js, item);
    if (!read) return false;
  }
  out = Value(std::move(items));
  return true;
}

// True where `in` is a Uint8Array.
bool bytes(JSContext* js, JSValueConst in, Value& out) {
  // Asked first: of anything else the engine makes an exception, with a backtrace.
  if (!ocirt_is_uint8_array(in)) return false;
  size_t offset = 0;
  size_t length = 0;
  JSValue buffer = JS_GetTypedArrayBuffer(js, in, &offset, &length, nullptr);
  size_t size = 0;
  const uint8_t* data = JS_GetArrayBuffer(js, &size, buffer);
  if (data) out = Value(Bytes{std::string(reinterpret_cast<const char*>(data) + offset, length)});
  JS_FreeValue(js, buffer);
  return data != nullptr;
}

bool object(JSContext* js, JSValueConst in, Value& out, int depth) {
  JSPropertyEnum* names = nullptr;
  uint32_t count = 0;
  if (JS_GetOwnPropertyNames(js, &names, &count, in, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
    return false;
  }
  Value::Object members;
  members.reserve(count);
  bool read = true;
  for (uint32_t i = 0; i < count; i++) {
    JSValue member = read ? JS_GetProperty(js, in, names[i].atom) : JS_UNDEFINED;
    if (JS_IsException(member)) read = false;
    if (read && !JS_IsUndefined(member)) {
      Value value;
      const char* name = JS_AtomToCString(js, names[i].atom);
      read = name && from_js(js, member, value, depth + 1);
      if (read) members.emplace_back(name, std::move(value));
      if (name) JS_FreeCString(js, name);
    }
    JS_FreeValue(js, member);
    JS_FreeAtom(js, names[i].atom);
  }
  js_free(js, names);
  out = Value(std::move(members));
  return read;
}

JSValue integer(JSContext* js, const Value& value, bool wide) {
  bool above_int64 = value.as_int() < 0 && value == Value(value.as_uint());
  if (above_int64) return JS_NewBigUint64(js, value.as_uint());
  int64_t v = value.as_int();
  if (wide || v > kMaxSafeInteger || v < -kMaxSafeInteger) return JS_NewBigInt64(js, v);
  return JS_NewInt64(js, v);
}

bool contains_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    size_t end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    if (end == std::string_view::npos) break;
    words.remove_prefix(end + 1);
  }
  return false;
}

// Memory is out: half a value is none.
JSValue drop(JSContext* js, JSValue half) {
  JS_FreeValue(js, half);
  return JS_EXCEPTION;
}

JSValue new_bytes(JSContext* js, const std::string& data) {
  JSValue buffer =
      JS_NewArrayBufferCopy(js, reinterpret_cast<const uint8_t*>(data.data()), data.size());
  // Offset and length are read whatever argc says.
  JSValue arguments[] = {buffer, JS_UNDEFINED, JS_UNDEFINED};
  JSValue out = JS_NewTypedArray(js, 3, arguments, JS_TYPED_ARRAY_UINT8);
  JS_FreeValue(js, buffer);
  return out;
}

}  // namespace

bool from_js(JSContext* js, JSValueConst in, Value& out, int depth) {
  if (depth > kMaxDepth) {
    JS_ThrowTypeError(js, "arguments are nested too deeply");
    return false;
  }
  if (JS_IsUndefined(in) || JS_IsNull(in)) return out = Value(), true;
  if (JS_IsBool(in)) return out = Value(JS_ToBool(js, in) != 0), true;
  if (JS_IsNumber(in)) return number(js, in, out);
  if (JS_IsBigInt(js, in)) return bigint(js, in, out);
  if (JS_IsString(in)) return string(js, in, out);
  if (JS_IsArray(js, in)) return array(js, in, out, depth);
  if (JS_IsObject(in) && !JS_IsFunction(js, in)) {
    return bytes(js, in, out) || object(js, in, out, depth);
  }
  JS_ThrowTypeError(js, "an argument is not plain data");
  return false;
}

JSValue to_js(JSContext* js, const Value& value, std::string_view wide) {
  if (value.is_bool()) return JS_NewBool(js, value.as_bool());
  if (value.is_integer()) return integer(js, value, false);
  if (value.is_double()) return JS_NewFloat64(js, value.as_double());
  if (value.is_string()) {
    return JS_NewStringLen(js, value.as_string().data(), value.as_string().size());
  }
  if (value.is_bytes()) return new_bytes(js, value.as_string());
  if (value.is_array()) {
    JSValue out = JS_NewArray(js);
    uint32_t index = 0;
    for (const Value& item : value.as_array()) {
      if (JS_IsException(out)) break;
      JSValue element = to_js(js, item);
      bool set = !JS_IsException(element) && JS_SetPropertyUint32(js, out, index++, element) >= 0;
      if (!set) out = drop(js, out);
    }
    return out;
  }
  if (value.is_object()) {
    JSValue out = JS_NewObject(js);
    for (const auto& [name, item] : value.as_object()) {
      if (JS_IsException(out)) break;
      bool is_wide = item.is_integer() && contains_word(wide, name);
      JSValue member = is_wide ? integer(js, item, true) : to_js(js, item);
      JSAtom atom = JS_NewAtomLen(js, name.data(), name.size());
      bool set = !JS_IsException(member) && atom != JS_ATOM_NULL &&
                 JS_DefinePropertyValue(js, out, atom, member, JS_PROP_C_W_E) >= 0;
      JS_FreeAtom(js, atom);
      if (!set) out = drop(js, out);
    }
    return out;
  }
  return JS_NULL;
}

JSValue throw_native_error(JSContext* js, const Error& failure) {
  JSValue error = JS_NewError(js);
  if (JS_IsException(error)) return error;
  auto set = [&](const char* name, JSValue value) {
    JS_DefinePropertyValueStr(js, error, name, value, JS_PROP_C_W_E);
  };
  std::string message = describe(failure);
  set("message", JS_NewStringLen(js, message.data(), message.size()));
  set("name", JS_NewString(js, "NativeError"));
  set("syscall", JS_NewString(js, failure.syscall.c_str()));
  set("errno", JS_NewInt32(js, failure.errnum));
  set("code", JS_NewString(js, errno_name(failure.errnum)));
  set("path", JS_NewStringLen(js, failure.path.data(), failure.path.size()));
  return JS_Throw(js, error);
}

}  // namespace ocirt
