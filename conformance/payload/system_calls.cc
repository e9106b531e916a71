// The verb that makes one system call, to see what a filter or a missing capability answers.
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "payload.h"

namespace payload {
namespace {

struct Call {
  const char* name;
  long number;
};

const Call kCalls[] = {
    {"getpid", SYS_getpid},
    {"getppid", SYS_getppid},
    {"getcwd", SYS_getcwd},
    {"chmod", SYS_fchmodat},
    {"mkdirat", SYS_mkdirat},
    {"unshare", SYS_unshare},
    {"setns", SYS_setns},
    {"keyctl", SYS_keyctl},
    {"add_key", SYS_add_key},
    {"bpf", SYS_bpf},
    {"ptrace", SYS_ptrace},
    {"reboot", SYS_reboot},
    {"swapon", SYS_swapon},
    {"personality", SYS_personality},
    {"setdomainname", SYS_setdomainname},
    {"sethostname", SYS_sethostname},
    {"socket", SYS_socket},
    {"getpriority", SYS_getpriority},
    {"setpriority", SYS_setpriority},
    {"umask", SYS_umask},
    {"sysinfo", SYS_sysinfo},
    {"syncfs", SYS_syncfs},
    {"clone3", SYS_clone3},
    {"kill", SYS_kill},
    {"chroot", SYS_chroot},
    {"mount", SYS_mount},
    {"settimeofday", SYS_settimeofday},
    {"init_module", SYS_init_module},
};

// NAME|NUMBER [ARG...]: numbers in any base, or @TEXT for a pointer to text.
std::string call(const Args& args) {
  char* end = nullptr;
  long number = std::strtol(args[0].c_str(), &end, 0);
  if (*end != '\0') {
    number = -1;
    for (const auto& known : kCalls) {
      if (args[0] == known.name) number = known.number;
    }
    if (number < 0) return quote("unknown");
  }
  long values[6] = {};
  for (size_t i = 1; i < args.size() && i <= 6; i++) {
    values[i - 1] = args[i][0] == '@' ? reinterpret_cast<long>(args[i].c_str() + 1)
                                      : std::strtol(args[i].c_str(), nullptr, 0);
  }
  long result = syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
  if (result < 0) return failure(errno);
  return object({{"result", payload::number(result)}});
}

}  // namespace

const std::vector<ReportVerb>& systemCallVerbs() {
  static const std::vector<ReportVerb> verbs = {{"syscall", 1, call}};
  return verbs;
}

}  // namespace payload
