#include "sys/seccomp_support.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace ocirt {
namespace {

struct Named {
  const char* name;
  unsigned long value;
};

constexpr Named kActions[] = {
    {"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
    {"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO},
    {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
    {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
    {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
    {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
    {"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
    {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE},
    {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
};

// Each with what it is only taken together with.
constexpr Named kFlags[] = {
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    {"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV | SECCOMP_FILTER_FLAG_NEW_LISTENER},
};

}  // namespace

std::string seccomp_library_version() {
  const scmp_version* version = ::seccomp_version();
  if (!version) return "";
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->micro);
}

std::vector<std::string> seccomp_kernel_actions() {
  std::vector<std::string> out;
  for (const Named& entry : kActions) {
    auto action = static_cast<uint32_t>(entry.value);
    if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
      out.push_back(entry.name);
  }
  return out;
}

std::vector<std::string> seccomp_kernel_flags() {
  std::vector<std::string> out;
  for (const Named& entry : kFlags) {
    // No program (EFAULT) is only found out once the flags have been accepted (EINVAL): see
    // seccomp(2). Nothing is ever installed by it.
    long result = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, entry.value, nullptr);
    if (result < 0 && errno == EFAULT) out.push_back(entry.name);
  }
  return out;
}

}  // namespace ocirt
