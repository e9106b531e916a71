// What the kernel and the library know of seccomp.
#pragma once

#include <string>
#include <vector>

namespace ocirt {

// "2.5.4"
std::string seccomp_library_version();

// Names as config.json has them: SCMP_ACT_*, SECCOMP_FILTER_FLAG_*; empty without seccomp.
std::vector<std::string> seccomp_kernel_actions();
std::vector<std::string> seccomp_kernel_flags();

}  // namespace ocirt
