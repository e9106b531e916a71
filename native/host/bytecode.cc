// Build tool: compiles ES modules to the table that the standalone executable embeds.
//   ocirt-bytecode OUT FILE.js...
// The engine that compiles must be the one that runs: bytecode has no stable format.
#include <quickjs.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

bool read_file(const char* path, std::string& out) {
  FILE* file = std::fopen(path, "rb");
  if (!file) return false;
  char buffer[65536];
  size_t n;
  while ((n = std::fread(buffer, 1, sizeof buffer, file)) > 0) out.append(buffer, n);
  bool whole = std::ferror(file) == 0;
  std::fclose(file);
  return whole;
}

void put(std::string& table, const void* data, size_t size) {
  uint32_t length = static_cast<uint32_t>(size);
  table.append(reinterpret_cast<const char*>(&length), sizeof length);
  table.append(static_cast<const char*>(data), size);
}

// Modules are compiled one by one: those that they import are not looked for here.
JSModuleDef* placeholder(JSContext* js, const char* name, void*) {
  return JS_NewCModule(js, name, [](JSContext*, JSModuleDef*) { return 0; });
}

bool compile(JSContext* js, const char* path, std::string& table) {
  std::string source;
  if (!read_file(path, source)) {
    std::perror(path);
    return false;
  }
  const char* slash = std::strrchr(path, '/');
  const char* name = slash ? slash + 1 : path;
  JSValue module = JS_Eval(js, source.c_str(), source.size(), name,
                           JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(module)) {
    JSValue error = JS_GetException(js);
    const char* text = JS_ToCString(js, error);
    std::fprintf(stderr, "%s: %s\n", path, text ? text : "?");
    JS_FreeCString(js, text);
    JS_FreeValue(js, error);
    return false;
  }
  size_t size = 0;
  uint8_t* code = JS_WriteObject(js, &size, module, JS_WRITE_OBJ_BYTECODE);
  JS_FreeValue(js, module);
  if (!code) return false;
  put(table, name, std::strlen(name));
  put(table, code, size);
  js_free(js, code);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: ocirt-bytecode OUT FILE.js...\n");
    return 2;
  }
  JSRuntime* runtime = JS_NewRuntime();
  JSContext* js = JS_NewContext(runtime);
  // Names and lines stay for the stacks of internal errors; the source itself goes.
  JS_SetStripInfo(runtime, JS_STRIP_SOURCE | JS_STRIP_DEBUG);
  JS_SetModuleLoaderFunc(runtime, nullptr, placeholder, nullptr);
  std::string table;
  for (int i = 2; i < argc; i++) {
    if (!compile(js, argv[i], table)) return 1;
  }
  FILE* out = std::fopen(argv[1], "wb");
  if (!out || std::fwrite(table.data(), 1, table.size(), out) != table.size() ||
      std::fclose(out) != 0) {
    std::perror(argv[1]);
    return 1;
  }
  return 0;
}
