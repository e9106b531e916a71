// The environment that the process will have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace ocirt {

// Each name once, with its last value, in the order of those; HOME only if it is not empty.
Result<std::vector<std::string>> clean_environment(const std::vector<std::string>& env);

// Value of a variable; null if it isn't there.
const std::string* find_entry(const std::vector<std::string>& env, std::string_view name);

// The home directory of the first entry for `uid` in the text of a passwd(5) file; "" if none.
std::string home_in_passwd(std::string_view text, uint64_t uid);

// The same from /etc/passwd as it is seen here (in the container); "/" where there is none.
std::string home_of(uint64_t uid);

}  // namespace ocirt
