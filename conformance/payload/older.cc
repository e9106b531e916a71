// The verb that runs a program as on an older kernel, which has not got certain system calls.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <sstream>

#include "payload.h"

namespace payload {
namespace {

struct Call {
  const char* name;
  unsigned number;
};

// What the runtime has fallbacks for. Since 5.6 the numbers are the same for every processor.
const Call kCalls[] = {
    {"open_tree", 428},   {"move_mount", 429},     {"pidfd_open", 434},    {"clone3", 435},
    {"close_range", 436}, {"openat2", 437},        {"mount_setattr", 442}, {"faccessat2", 439},
    {"fchmodat2", 452},   {"open_tree_attr", 467}, {"statx", SYS_statx},
};

const Call* find(const std::string& name) {
  for (const auto& call : kCalls) {
    if (name == call.name) return &call;
  }
  return nullptr;
}

// CALL[,CALL...] CMD...: each of the calls answers ENOSYS to CMD and to all that it starts. By
// root, who needs no no_new_privs for it, which would be inherited as well.
int without(const Args& args) {
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  std::istringstream names(args[0]);
  for (std::string name; std::getline(names, name, ',');) {
    const Call* call = find(name);
    if (call == nullptr) {
      std::fprintf(stderr, "ocirt-payload: without: no call %s\n", name.c_str());
      return 125;
    }
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->number, 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog program = {static_cast<unsigned short>(code.size()), code.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
    std::fprintf(stderr, "ocirt-payload: without: %s\n", std::strerror(errno));
    return 125;
  }
  execute({args.begin() + 1, args.end()});
}

}  // namespace

const std::vector<ActVerb>& olderVerbs() {
  static const std::vector<ActVerb> verbs = {{"without", 2, without}};
  return verbs;
}

}  // namespace payload
