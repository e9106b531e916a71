#include "host/modules.h"

#include <cstring>

// embedded_modules.S
extern "C" const char ocirt_modules_begin[];
extern "C" const char ocirt_modules_end[];

namespace ocirt {
namespace {

std::string_view take(std::string_view& rest) {
  uint32_t length = 0;
  std::memcpy(&length, rest.data(), sizeof length);
  std::string_view out = rest.substr(sizeof length, length);
  rest.remove_prefix(sizeof length + length);
  return out;
}

}  // namespace

std::string_view find_module(std::string_view name) {
  std::string_view rest(ocirt_modules_begin, ocirt_modules_end - ocirt_modules_begin);
  while (!rest.empty()) {
    std::string_view found = take(rest);
    std::string_view code = take(rest);
    if (found == name) return code;
  }
  return {};
}

char* normalize_module(JSContext* js, const char*, const char* name, void*) {
  const char* slash = std::strrchr(name, '/');
  return js_strdup(js, slash ? slash + 1 : name);
}

JSModuleDef* load_module(JSContext* js, const char* name, void*) {
  std::string_view code = find_module(name);
  if (code.empty()) {
    JS_ThrowReferenceError(js, "no module %s in this executable", name);
    return nullptr;
  }
  // ROM_DATA: the executable's own pages are used where the engine can, not copied.
  JSValue module = JS_ReadObject(js, reinterpret_cast<const uint8_t*>(code.data()), code.size(),
                                 JS_READ_OBJ_BYTECODE | JS_READ_OBJ_ROM_DATA);
  if (JS_IsException(module)) return nullptr;
  // The runtime keeps the module; the value was only a handle to it.
  auto* definition = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(module));
  JS_FreeValue(js, module);
  return definition;
}

}  // namespace ocirt
