// Where a program is, as execvp(3) looks for it, with errors in the words that engines match on.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace ocirt {

// The path to execute. A name with a slash is taken as it is, relative to the working directory;
// another is looked for in `search`, the value of PATH. Directories in it that are relative are not
// used: what lies in the working directory must be named.
Result<std::string> find_executable_path(const std::string& name, std::string_view search);

// Text in double quotes, with quotes, backslashes and control characters escaped.
std::string quote(std::string_view text);

}  // namespace ocirt
