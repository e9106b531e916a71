// The compiled JavaScript of the standalone executable: a table of named QuickJS modules.
#pragma once

#include <quickjs.h>

#include <string_view>

namespace ocirt {

// Bytecode of the module of that name, or an empty view.
// The table, made by bytecode.cc: (u32 length, name, u32 length, bytecode), little-endian.
std::string_view find_module(std::string_view name);

// JSModuleNormalizeFunc and JSModuleLoaderFunc over the table. Names are flat: "./x.js" is "x.js".
char* normalize_module(JSContext* js, const char* base, const char* name, void* opaque);
JSModuleDef* load_module(JSContext* js, const char* name, void* opaque);

}  // namespace ocirt
