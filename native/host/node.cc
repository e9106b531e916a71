// The Node.js host: offers the operations table to JavaScript through Node-API. The only file that
// knows of this engine; it has no operation of its own.
#include <napi.h>

#include <cmath>
#include <string>

#include "core/operations.h"
#include "sys/errno_names.h"

namespace ocirt {
namespace {

constexpr int64_t kMaxSafeInteger = int64_t{1} << 53;
// As deep as the wire format goes: an argument that contains itself must not exhaust the stack.
constexpr int kMaxDepth = 64;

// JavaScript to plain data. False, with a JavaScript exception pending, for what is not plain data.
class Reader {
 public:
  explicit Reader(Napi::Env env) : env_(env) {}

  bool read(Napi::Value in, Value& out, int depth = 0) {
    if (depth > kMaxDepth) return refuse("arguments are nested too deeply");
    switch (in.Type()) {
      case napi_undefined:
      case napi_null:
        out = Value();
        return true;
      case napi_boolean:
        out = Value(in.As<Napi::Boolean>().Value());
        return true;
      case napi_number:
        out = number(in.As<Napi::Number>().DoubleValue());
        return true;
      case napi_bigint:
        return bigint(in.As<Napi::BigInt>(), out);
      case napi_string:
        out = Value(in.As<Napi::String>().Utf8Value());
        return true;
      case napi_object:
        return object(in, out, depth);
      default:
        return refuse("an argument is not plain data");
    }
  }

 private:
  static Value number(double v) {
    if (std::trunc(v) == v && std::fabs(v) <= static_cast<double>(kMaxSafeInteger)) {
      return Value(static_cast<int64_t>(v));
    }
    return Value(v);
  }

  bool bigint(Napi::BigInt in, Value& out) {
    bool lossless = false;
    int64_t signed_value = in.Int64Value(&lossless);
    if (lossless) return out = Value(signed_value), true;
    uint64_t unsigned_value = in.Uint64Value(&lossless);
    if (lossless) return out = Value(unsigned_value), true;
    return refuse("a bigint has more than 64 bits");
  }

  bool object(Napi::Value in, Value& out, int depth) {
    if (in.IsTypedArray()) {
      auto bytes = in.As<Napi::TypedArray>();
      if (bytes.TypedArrayType() != napi_uint8_array) return refuse("bytes must be a Uint8Array");
      auto view = in.As<Napi::Uint8Array>();
      out =
          Value(Bytes{std::string(reinterpret_cast<const char*>(view.Data()), view.ByteLength())});
      return true;
    }
    if (in.IsArray()) {
      auto array = in.As<Napi::Array>();
      Value::Array items(array.Length());
      for (uint32_t i = 0; i < items.size(); i++) {
        if (!read(array.Get(i), items[i], depth + 1)) return false;
      }
      out = Value(std::move(items));
      return true;
    }
    auto source = in.As<Napi::Object>();
    Napi::Array names = source.GetPropertyNames();
    Value::Object members;
    members.reserve(names.Length());
    for (uint32_t i = 0; i < names.Length(); i++) {
      Napi::Value name = names.Get(i);
      Napi::Value member = source.Get(name);
      if (member.IsUndefined()) continue;
      Value value;
      if (!read(member, value, depth + 1)) return false;
      members.emplace_back(name.As<Napi::String>().Utf8Value(), std::move(value));
    }
    out = Value(std::move(members));
    return true;
  }

  bool refuse(const char* message) {
    // One that a getter of the caller's has thrown stays the first.
    if (!env_.IsExceptionPending())
      Napi::TypeError::New(env_, message).ThrowAsJavaScriptException();
    return false;
  }

  Napi::Env env_;
};

bool contains_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    size_t end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    if (end == std::string_view::npos) break;
    words.remove_prefix(end + 1);
  }
  return false;
}

Napi::Value integer(Napi::Env env, const Value& v, bool wide) {
  bool above_int64 = v.as_int() < 0 && v == Value(v.as_uint());
  if (above_int64) return Napi::BigInt::New(env, v.as_uint());
  int64_t number = v.as_int();
  if (wide || number > kMaxSafeInteger || number < -kMaxSafeInteger) {
    return Napi::BigInt::New(env, number);
  }
  return Napi::Number::New(env, static_cast<double>(number));
}

Napi::Value to_js(Napi::Env env, const Value& v, std::string_view wide) {
  if (v.is_bool()) return Napi::Boolean::New(env, v.as_bool());
  if (v.is_integer()) return integer(env, v, false);
  if (v.is_double()) return Napi::Number::New(env, v.as_double());
  if (v.is_string()) return Napi::String::New(env, v.as_string());
  if (v.is_bytes()) {
    const std::string& data = v.as_string();
    auto out = Napi::Uint8Array::New(env, data.size());
    data.copy(reinterpret_cast<char*>(out.Data()), data.size());
    return out;
  }
  if (v.is_array()) {
    const Value::Array& items = v.as_array();
    auto out = Napi::Array::New(env, items.size());
    for (uint32_t i = 0; i < items.size(); i++) out.Set(i, to_js(env, items[i], {}));
    return out;
  }
  if (v.is_object()) {
    auto out = Napi::Object::New(env);
    for (const Value::Member& member : v.as_object()) {
      const Value& item = member.second;
      bool is_wide = item.is_integer() && contains_word(wide, member.first);
      out.Set(member.first, is_wide ? integer(env, item, true) : to_js(env, item, {}));
    }
    return out;
  }
  return env.Null();
}

void throw_native_error(Napi::Env env, const Error& failure) {
  Napi::Error error = Napi::Error::New(env, describe(failure));
  Napi::Object object = error.Value();
  object.Set("name", Napi::String::New(env, "NativeError"));
  object.Set("syscall", Napi::String::New(env, failure.syscall));
  object.Set("errno", Napi::Number::New(env, failure.errnum));
  object.Set("code", Napi::String::New(env, errno_name(failure.errnum)));
  object.Set("path", Napi::String::New(env, failure.path));
  error.ThrowAsJavaScriptException();
}

Napi::Value call(const Napi::CallbackInfo& info) {
  auto* operation = static_cast<const Operation*>(info.Data());
  Value::Array values(info.Length());
  Reader reader(info.Env());
  for (size_t i = 0; i < values.size(); i++) {
    if (!reader.read(info[i], values[i])) return Napi::Value();
  }
  Result<Value> result = operation->run(Args(std::move(values)));
  if (!result) {
    throw_native_error(info.Env(), result.error());
    return Napi::Value();
  }
  return to_js(info.Env(), *result, operation->wide);
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  for (const Operation& operation : operations()) {
    exports.Set(operation.name,
                Napi::Function::New(env, call, operation.name, const_cast<Operation*>(&operation)));
  }
  return exports;
}

}  // namespace
}  // namespace ocirt

static Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  return ocirt::initialize(env, exports);
}
NODE_API_MODULE(ocirt, Initialize)
