#include "sys/thread_namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <string>

namespace ocirt {
namespace {

struct Kind {
  int type;
  const char* file;
  const char* words;
};

constexpr Kind kKinds[] = {
    {CLONE_NEWPID, "pid_for_children", "pid namespace"},
    {CLONE_NEWNET, "net", "network namespace"},
    {CLONE_NEWIPC, "ipc", "ipc namespace"},
    {CLONE_NEWUTS, "uts", "uts namespace"},
    {CLONE_NEWCGROUP, "cgroup", "cgroup namespace"},
};

}  // namespace

Status ThreadNamespaces::enter(int fd) {
  int type = ::ioctl(fd, NS_GET_NSTYPE);
  if (type < 0) return sys_error("ioctl", {}, "not a namespace");
  for (const Kind& kind : kKinds) {
    if (kind.type != type) continue;
    std::string path = std::string("/proc/thread-self/ns/") + kind.file;
    UniqueFd own(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!own) return sys_error("open", path);
    if (::setns(fd, type) != 0) return sys_error("setns", {}, kind.words);
    entered_.push_back({std::move(own), type});
    return {};
  }
  return make_error("setns", EINVAL, {}, "a namespace of this kind is not for one thread");
}

Status ThreadNamespaces::leave() {
  Status first;
  while (!entered_.empty()) {
    Entered last = std::move(entered_.back());
    entered_.pop_back();
    if (::setns(last.own.get(), last.type) != 0 && first) {
      first = Status(sys_error("setns", {}, "back to the own namespace"));
    }
  }
  return first;
}

}  // namespace ocirt
