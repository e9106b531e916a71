// Verbs about the process: who it is, what it was given, what it may do.
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>

#include <algorithm>

#include "payload.h"

extern char** environ;

namespace payload {
namespace {

std::string identity(const Args&) {
  uid_t uid, euid, suid;
  gid_t gid, egid, sgid;
  getresuid(&uid, &euid, &suid);
  getresgid(&gid, &egid, &sgid);
  std::vector<gid_t> list(static_cast<size_t>(std::max(getgroups(0, nullptr), 0)));
  if (getgroups(static_cast<int>(list.size()), list.data()) < 0) return failure(errno);
  std::vector<std::string> groups;
  for (gid_t group : list) groups.push_back(number(group));
  return object({{"uid", number(uid)},
                 {"euid", number(euid)},
                 {"suid", number(suid)},
                 {"gid", number(gid)},
                 {"egid", number(egid)},
                 {"sgid", number(sgid)},
                 {"groups", array(groups)}});
}

std::string hex(unsigned long long mask) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", mask);
  return quote(text);
}

// The five sets as 16 hexadecimal digits each, from capget(2) and prctl(2).
std::string capabilities(const Args&) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) < 0) return failure(errno);
  auto join = [](__u32 low, __u32 high) {
    return (static_cast<unsigned long long>(high) << 32) | low;
  };
  unsigned long long bounding = 0, ambient = 0;
  for (int cap = 0; cap < 64; cap++) {
    if (prctl(PR_CAPBSET_READ, cap) == 1) bounding |= 1ULL << cap;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1) ambient |= 1ULL << cap;
  }
  return object({{"effective", hex(join(data[0].effective, data[1].effective))},
                 {"permitted", hex(join(data[0].permitted, data[1].permitted))},
                 {"inheritable", hex(join(data[0].inheritable, data[1].inheritable))},
                 {"bounding", hex(bounding)},
                 {"ambient", hex(ambient)},
                 {"securebits", number(prctl(PR_GET_SECUREBITS))}});
}

std::string flags(const Args&) {
  int deathSignal = -1, subreaper = -1;
  prctl(PR_GET_PDEATHSIG, &deathSignal);
  prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
  return object({{"noNewPrivileges", number(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))},
                 {"seccomp", number(prctl(PR_GET_SECCOMP))},
                 {"dumpable", number(prctl(PR_GET_DUMPABLE))},
                 {"keepCaps", number(prctl(PR_GET_KEEPCAPS))},
                 {"deathSignal", number(deathSignal)},
                 {"subreaper", number(subreaper)}});
}

std::string environment(const Args&) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; entry++) all.push_back(*entry);
  return strings(all);
}

std::string workingDirectory(const Args&) {
  char path[PATH_MAX];
  return getcwd(path, sizeof path) == nullptr ? failure(errno) : quote(path);
}

std::string ids(const Args&) {
  return object({{"pid", number(getpid())},
                 {"parent", number(getppid())},
                 {"group", number(getpgrp())},
                 {"session", number(getsid(0))}});
}

std::string fileMask(const Args&) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", umask(0));
  return quote(text);
}

// Open descriptors: by number, with what /proc says of each, '' without /proc.
std::string descriptors(const Args&) {
  std::vector<std::string> all;
  for (int fd = 0; fd < 1024; fd++) {
    if (fcntl(fd, F_GETFD) < 0) continue;
    all.push_back(object(
        {{"fd", number(fd)}, {"link", quote(readLink("/proc/self/fd/" + std::to_string(fd)))}}));
  }
  return array(all);
}

// Signals that are blocked or ignored: a container's process begins with none.
std::string signals(const Args&) {
  std::vector<std::string> blocked, ignored;
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  for (int signal = 1; signal < 32; signal++) {
    struct sigaction action;
    if (sigismember(&mask, signal) == 1) blocked.push_back(number(signal));
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      ignored.push_back(number(signal));
    }
  }
  return object({{"blocked", array(blocked)}, {"ignored", array(ignored)}});
}

// A field of /proc/self/status, such as Seccomp_filters.
std::string statusField(const Args& args) {
  std::string content;
  if (!readFile("/proc/self/status", content)) return failure(errno);
  size_t at = content.find("\n" + args[0] + ":");
  if (at == std::string::npos) return "null";
  at = content.find_first_not_of(" \t", at + args[0].size() + 2);
  return quote(content.substr(at, content.find('\n', at) - at));
}

}  // namespace

const std::vector<ReportVerb>& processVerbs() {
  static const std::vector<ReportVerb> verbs = {
      {"id", 0, identity},        {"caps", 0, capabilities},    {"flags", 0, flags},
      {"env", 0, environment},    {"cwd", 0, workingDirectory}, {"pid", 0, ids},
      {"umask", 0, fileMask},     {"fds", 0, descriptors},      {"signals", 0, signals},
      {"status", 1, statusField},
  };
  return verbs;
}

}  // namespace payload
