// Namespaces, and what is set in new ones.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/channel.h"
#include "init/steps.h"
#include "sys/loopback.h"
#include "sys/procfs.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace ocirt::steps {
namespace {

const char* namespace_name(int64_t type) {
  switch (type) {
    case CLONE_NEWNS:
      return "mnt";
    case CLONE_NEWCGROUP:
      return "cgroup";
    case CLONE_NEWUTS:
      return "uts";
    case CLONE_NEWIPC:
      return "ipc";
    case CLONE_NEWUSER:
      return "user";
    case CLONE_NEWPID:
      return "pid";
    case CLONE_NEWNET:
      return "net";
    case CLONE_NEWTIME:
      return "time";
    default:
      return "";
  }
}

Status enter(const Value& entry) {
  int type = static_cast<int>(entry["type"].as_int());
  if (setns(static_cast<int>(entry["resource"].as_int(-1)), type) < 0) {
    return sys_error("setns", namespace_name(type));
  }
  return {};
}

}  // namespace

Status join(Context& context, const Value& step) {
  // Before the user namespace is entered the helper has the caller's rights, which a container's
  // namespaces owned by another user namespace need; after it those of the container's root,
  // which an unprivileged caller needs for all of them.
  std::vector<const Value*> refused;
  const Value* user = nullptr;
  for (const Value& entry : step["namespaces"].as_array()) {
    if (entry["type"].as_int() == CLONE_NEWUSER) {
      user = &entry;
      continue;
    }
    Status status = enter(entry);
    if (status) continue;
    if (status.error().errnum != EPERM) return status;
    refused.push_back(&entry);
  }
  if (user) {
    OCIRT_TRY(enter(*user));
    guard_process(context);
  }
  for (const Value* entry : refused) OCIRT_TRY(enter(*entry));
  return {};
}

Status unshare(Context& context, const Value& step) {
  if (::unshare(static_cast<int>(step["flags"].as_int())) < 0) return sys_error("unshare");
  guard_process(context);
  return {};
}

Status fork(Context& context, const Value&) {
  // The child must say nothing before the host knows its pid: it waits for the end of this pipe.
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return sys_error("pipe2");
  UniqueFd wait_end(ends[0]), hold_end(ends[1]);

  // A sibling, so that the host reaps it and it outlives this process. The raw call: the C
  // library's fork has no such flag, and this process has one thread.
  long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid < 0) return sys_error("clone");
  if (pid > 0) {
    Status sent =
        channel_send(context.channel.get(),
                     Value::object({{"type", "pid"}, {"pid", static_cast<int64_t>(pid)}}));
    _exit(sent ? 0 : 1);
  }
  hold_end.reset();
  guard_process(context);
  char nothing;
  while (read(wait_end.get(), &nothing, 1) < 0 && errno == EINTR) {
  }
  return {};
}

Status time_namespace(Context& context, const Value& step) {
  Result<int> proc = procfs_of(context);
  if (!proc) return proc.error();
  if (::unshare(CLONE_NEWTIME) < 0) return sys_error("unshare", "time");
  // time_namespaces(7): offsets can be set until the first process is in it.
  const std::string& offsets = step["offsets"].as_string();
  if (!offsets.empty()) OCIRT_TRY(write_in_procfs(*proc, "self/timens_offsets", offsets));
  // A magic link, which open_in_procfs refuses; the directory is checked instead.
  Result<UniqueFd> directory = open_in_procfs(*proc, "self/ns", O_PATH | O_DIRECTORY);
  if (!directory) return directory.error();
  UniqueFd fd(openat(directory->get(), "time_for_children", O_RDONLY | O_CLOEXEC));
  if (!fd) return sys_error("openat", "/proc/self/ns/time_for_children");
  if (setns(fd.get(), CLONE_NEWTIME) < 0) return sys_error("setns", "time");
  return {};
}

Status loopback(Context&, const Value&) {
  return raise_loopback();
}

Status hostname(Context&, const Value& step) {
  const std::string& name = step["name"].as_string();
  if (sethostname(name.data(), name.size()) < 0) return sys_error("sethostname");
  return {};
}

Status domainname(Context&, const Value& step) {
  const std::string& name = step["name"].as_string();
  if (setdomainname(name.data(), name.size()) < 0) return sys_error("setdomainname");
  return {};
}

}  // namespace ocirt::steps
