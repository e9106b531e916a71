// A JavaScript heap that was made when the executable was built, with all modules evaluated.
//
// Making QuickJS's built-in objects, reading the bytecode and evaluating the modules takes several
// times as long as what `state` or `kill` then do. The build does it once (`save`, then
// scripts/heap-image.mjs), and puts the heap into a section of the executable; a start maps it,
// copy on write, at the address that it was made for. docs/standalone.md tells the whole of it.
#pragma once

#include <quickjs.h>

namespace ocirt {

struct Engine {
  JSRuntime* runtime = nullptr;
  JSContext* context = nullptr;
};

// The heap of this executable, mapped and ready. False where it has none or the address is taken:
// the caller then makes an engine from nothing, which only takes longer.
bool restore_heap(Engine& out);

// Before an engine is made whose heap is to be saved. False where the address is taken, or this
// executable has a heap already.
bool begin_saved_heap();

// Writes the heap as it is to a file, for scripts/heap-image.mjs. Returns an exit code.
int save_heap(const Engine& engine, const char* file);

}  // namespace ocirt
