// Names and texts of errno values. The texts are those of Go's syscall package, which engines match
// on; the C library's differ in their capitals.
#pragma once

#include <string>

#include "core/result.h"

namespace ocirt {

// "ENOENT"; "" for a number that Linux does not define.
const char* errno_name(int number);

// "no such file or directory".
std::string errno_text(int number);

// One line: "openat2 /x: no such file or directory".
std::string describe(const Error& error);

}  // namespace ocirt
