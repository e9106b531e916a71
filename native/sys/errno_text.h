// What errno means, in the words that engines match on: the C library's, beginning in lower case,
// as in "no such file or directory".
#pragma once

#include <string>

namespace ocirt {

std::string errno_text(int errnum);

}  // namespace ocirt
