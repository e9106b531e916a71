// The operations table: everything that a host offers to its JavaScript, bound once.
//
// src/native/binding.ts says what each operation takes and returns. A host (native/host) loops over
// the table; nothing here knows of an engine.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace ocirt {

// The positional arguments of one call; those left out are null.
class Args {
 public:
  explicit Args(Value::Array values) : values_(std::move(values)) {}
  const Value& operator[](size_t index) const { return values_.at(index); }

 private:
  Value values_;
};

using OperationFn = Result<Value> (*)(const Args&);

struct Operation {
  const char* name;
  OperationFn run;
  // Members of the result that are always 64-bit integers to JavaScript (bigint), whatever their
  // value; space-separated. Other integers are numbers where a double holds them exactly.
  std::string_view wide = {};
};

// All operations, grouped as in binding.ts.
std::span<const Operation> operations();

// A string for the kernel: one with a NUL inside would name another file than was meant, and is
// refused (EINVAL).
Result<std::string> c_string(const Value& value, std::string_view syscall);

}  // namespace ocirt

// Declares `var` as that string, or returns the error from the enclosing operation.
#define OCIRT_C_STRING(var, value, syscall)               \
  auto var##_checked = ::ocirt::c_string(value, syscall); \
  if (!var##_checked) return var##_checked.error();       \
  const std::string& var = *var##_checked
