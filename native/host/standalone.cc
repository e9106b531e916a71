// The standalone host: one executable with QuickJS, the compiled TypeScript and the core. With
// node.cc and its neighbours here the only place that knows of an engine; no operation is its own.
#include <quickjs.h>

#include <cstdio>
#include <string>

#include "core/operations.h"
#include "host/arena.h"
#include "host/modules.h"
#include "host/quickjs_values.h"
#include "sys/standard_fds.h"

namespace ocirt {
namespace {

// A program of one verb makes little garbage and soon exits: collecting it would cost more than
// it gives back. Above this many bytes it is collected after all.
constexpr size_t kCollectAbove = size_t{256} << 20;

// `magic` is the operation's index in the table.
JSValue call(JSContext* js, JSValueConst, int argc, JSValueConst* argv, int magic) {
  const Operation& operation = operations()[static_cast<size_t>(magic)];
  Value::Array values(static_cast<size_t>(argc));
  for (int i = 0; i < argc; i++) {
    if (!from_js(js, argv[i], values[static_cast<size_t>(i)])) return JS_EXCEPTION;
  }
  Result<Value> result = operation.run(Args(std::move(values)));
  if (!result) return throw_native_error(js, result.error());
  return to_js(js, *result, operation.wide);
}

// load(name): what import() is for the bundled modules; a promise of the module's namespace.
JSValue load(JSContext* js, JSValueConst, int argc, JSValueConst* argv) {
  const char* name = argc > 0 ? JS_ToCString(js, argv[0]) : nullptr;
  if (!name) return JS_EXCEPTION;
  JSValue promise = JS_LoadModule(js, "", name);
  JS_FreeCString(js, name);
  return promise;
}

// globalThis.ocirtHost = { binding, args, load }: what src/native/standalone/entry.ts starts from.
void offer_host(JSContext* js, int argc, char** argv) {
  JSValue binding = JS_NewObject(js);
  int index = 0;
  for (const Operation& operation : operations()) {
    JSValue function =
        JS_NewCFunctionMagic(js, call, operation.name, 0, JS_CFUNC_generic_magic, index++);
    JS_DefinePropertyValueStr(js, binding, operation.name, function, JS_PROP_C_W_E);
  }
  JSValue args = JS_NewArray(js);
  for (int i = 1; i < argc; i++) {
    JS_SetPropertyUint32(js, args, static_cast<uint32_t>(i - 1), JS_NewString(js, argv[i]));
  }
  JSValue host = JS_NewObject(js);
  JS_DefinePropertyValueStr(js, host, "binding", binding, JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(js, host, "args", args, JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(js, host, "load", JS_NewCFunction(js, load, "load", 1), JS_PROP_C_W_E);
  JSValue global = JS_GetGlobalObject(js);
  JS_DefinePropertyValueStr(js, global, "ocirtHost", host, JS_PROP_C_W_E);
  JS_FreeValue(js, global);
}

// What only a bug brings here: main() reports its errors itself.
void report_exception(JSContext* js, JSValue error) {
  const char* text = JS_ToCString(js, error);
  JSValue stack = JS_GetPropertyStr(js, error, "stack");
  const char* trace = JS_IsString(stack) ? JS_ToCString(js, stack) : nullptr;
  std::fprintf(stderr, "ocirt: internal error: %s\n%s", text ? text : "?", trace ? trace : "");
}

int run(int argc, char** argv) {
  JSRuntime* runtime = JS_NewRuntime2(&arena_functions(), nullptr);
  if (!runtime) return 1;
  JS_SetGCThreshold(runtime, kCollectAbove);
  JSContext* js = JS_NewContext(runtime);
  if (!js) return 1;
  JS_SetModuleLoaderFunc(runtime, normalize_module, load_module, nullptr);
  offer_host(js, argc, argv);

  std::string_view code = find_module("entry.js");
  JSValue module = JS_ReadObject(js, reinterpret_cast<const uint8_t*>(code.data()), code.size(),
                                 JS_READ_OBJ_BYTECODE | JS_READ_OBJ_ROM_DATA);
  if (JS_IsException(module) || JS_ResolveModule(js, module) < 0) {
    report_exception(js, JS_GetException(js));
    return 1;
  }
  JSValue done = JS_EvalFunction(js, module);
  JSContext* job = nullptr;
  int pending;
  while ((pending = JS_ExecutePendingJob(runtime, &job)) > 0) continue;
  if (pending < 0) report_exception(job, JS_GetException(job));
  if (JS_IsException(done)) report_exception(js, JS_GetException(js));
  if (JS_PromiseState(js, done) == JS_PROMISE_REJECTED) {
    report_exception(js, JS_PromiseResult(js, done));
  }
  // The entry module ends through the operation `exit`. Nothing is freed: the kernel does that.
  return 1;
}

}  // namespace
}  // namespace ocirt

int main(int argc, char** argv) {
  // As Node.js does when it starts.
  ocirt::ensure_standard_fds();
  return ocirt::run(argc, argv);
}
