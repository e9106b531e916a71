// Which system calls of newer kernels answer.
#pragma once

#include <string>
#include <vector>

namespace ocirt {

struct SystemCallAnswer {
  const char* name;
  int errnum;  // 0: it worked
};

// Makes each call in a way that changes nothing: with arguments that a kernel that has it refuses
// (EINVAL, EBADF, EFAULT ...). ENOSYS: the kernel lacks it, or a filter says so; EPERM: a filter or
// a missing privilege.
std::vector<SystemCallAnswer> system_call_answers();

}  // namespace ocirt
