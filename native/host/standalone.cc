// The standalone host: one executable with QuickJS, the compiled TypeScript and the core. With
// node.cc and its neighbours here the only place that knows of an engine; no operation is its own.
#include <quickjs.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "core/operations.h"
#include "host/arena.h"
#include "host/heap_image.h"
#include "host/modules.h"
#include "host/quickjs_values.h"
#include "musl/out_of_memory.h"
#include "musl/relro.h"
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

// globalThis.ocirtHost = { binding, load }: what src/native/standalone/entry.ts starts from.
void offer_host(JSContext* js) {
  JSValue binding = JS_NewObject(js);
  int index = 0;
  for (const Operation& operation : operations()) {
    JSValue function =
        JS_NewCFunctionMagic(js, call, operation.name, 0, JS_CFUNC_generic_magic, index++);
    JS_DefinePropertyValueStr(js, binding, operation.name, function, JS_PROP_C_W_E);
  }
  JSValue host = JS_NewObject(js);
  JS_DefinePropertyValueStr(js, host, "binding", binding, JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(js, host, "load", JS_NewCFunction(js, load, "load", 1), JS_PROP_C_W_E);
  JSValue global = JS_GetGlobalObject(js);
  JS_DefinePropertyValueStr(js, global, "ocirtHost", host, JS_PROP_C_W_E);
  JS_FreeValue(js, global);
}

// What only a bug brings here, or memory that is out: main() reports its errors itself.
void report_exception(JSContext* js, JSValue error) {
  // What the engine throws where it has no memory for an error.
  if (!JS_IsObject(error)) end_out_of_memory();
  const char* text = JS_ToCString(js, error);
  JSValue stack = JS_GetPropertyStr(js, error, "stack");
  const char* trace = JS_IsString(stack) ? JS_ToCString(js, stack) : nullptr;
  std::fprintf(stderr, "ocirt: internal error: %s\n%s", text ? text : "?", trace ? trace : "");
}

// Runs what promises have put off. False where it, or the promise `done`, has failed. Takes `done`.
bool settle(JSContext* js, JSValue done) {
  JSContext* job = nullptr;
  int pending;
  while ((pending = JS_ExecutePendingJob(JS_GetRuntime(js), &job)) > 0) continue;
  if (pending < 0) return report_exception(job, JS_GetException(job)), false;
  if (JS_IsException(done)) return report_exception(js, JS_GetException(js)), false;
  if (JS_PromiseState(js, done) == JS_PROMISE_REJECTED) {
    return report_exception(js, JS_PromiseResult(js, done)), false;
  }
  JS_FreeValue(js, done);
  return true;
}

// An engine with the entry module evaluated.
bool make_engine(Engine& out) {
  out.runtime = JS_NewRuntime2(&arena_functions(), nullptr);
  if (!out.runtime) return false;
  JS_SetGCThreshold(out.runtime, kCollectAbove);
  JSContext* js = out.context = JS_NewContext(out.runtime);
  if (!js) return false;
  JS_SetModuleLoaderFunc(out.runtime, normalize_module, load_module, nullptr);
  offer_host(js);
  std::string_view code = find_module("entry.js");
  JSValue module = JS_ReadObject(js, reinterpret_cast<const uint8_t*>(code.data()), code.size(),
                                 JS_READ_OBJ_BYTECODE | JS_READ_OBJ_ROM_DATA);
  if (JS_IsException(module) || JS_ResolveModule(js, module) < 0) {
    report_exception(js, JS_GetException(js));
    return false;
  }
  return settle(js, JS_EvalFunction(js, module));
}

// Calls a function that the entry module has put into globalThis.ocirtHost.
bool call_entry(JSContext* js, const char* name, int argc, char** argv) {
  JSValue global = JS_GetGlobalObject(js);
  JSValue host = JS_GetPropertyStr(js, global, "ocirtHost");
  JSValue function = JS_GetPropertyStr(js, host, name);
  JSValue args = JS_NewArray(js);
  for (int i = 0; i < argc; i++) {
    JS_SetPropertyUint32(js, args, static_cast<uint32_t>(i), JS_NewString(js, argv[i]));
  }
  JSValue done = JS_Call(js, function, host, 1, &args);
  for (JSValue value : {args, function, host, global}) JS_FreeValue(js, value);
  return settle(js, done);
}

// The build's: `ocirt --save-heap FILE`, known only to an executable that has no heap yet.
int save(const char* file) {
  Engine engine;
  if (!make_engine(engine) || !call_entry(engine.context, "prepare", 0, nullptr)) return 1;
  return save_heap(engine, file);
}

int run(int argc, char** argv) {
  Engine engine;
  if (restore_heap(engine)) {
    JS_UpdateStackTop(engine.runtime);
  } else {
    bool saving = argc == 3 && std::string_view(argv[1]) == "--save-heap" && begin_saved_heap();
    if (saving) return save(argv[2]);
    if (!make_engine(engine)) {
      // With bytecode of its own it lacks nothing else.
      end_out_of_memory();
    }
  }
  // It ends through the operation `exit`. Nothing is freed: the kernel does that. What comes back
  // and has not failed waits for a promise that there was no memory to settle.
  if (call_entry(engine.context, "run", argc - 1, argv + 1)) end_out_of_memory();
  return 1;
}

}  // namespace
}  // namespace ocirt

int main(int argc, char** argv) {
  // As Node.js does when it starts.
  ocirt::ensure_standard_fds();
  ocirt::protect_relocations();
  return ocirt::run(argc, argv);
}
