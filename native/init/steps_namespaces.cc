// Namespaces, and what is set in new ones.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/channel.h"
#include "init/interpreter.h"
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

// In a new user namespace /proc/self belongs to the host's root, as hide_from_namespaces
// (sys/sealed_init.h) has it: the host is asked.
Status write_offsets(Context& context, int proc, const std::string& offsets) {
  Status status = write_in_procfs(proc, "self/timens_offsets", offsets);
  if (status || status.error().errnum != EACCES) return status;
  auto index = static_cast<int64_t>(context.step);
  return ask(context, Value::object({{"type", "offsets"}, {"step", index}}), "continue");
}

constexpr size_t kGuard = 64 * 1024;  // the largest page size
constexpr size_t kStack = 256 * 1024;

// What `fork` hands on.
struct Child {
  Context& context;
  int hold_end;  // the parent's end of the pipe
  pid_t pid;     // written by the kernel
};

// The rest of the plan, in the child.
int go_on(void* given) {
  auto& child = *static_cast<Child*>(given);
  Context& context = child.context;
  close(child.hold_end);
  guard_process(context);
  // Before anything else: from now on this is the process that the host speaks of.
  Value message = Value::object({{"type", "pid"}, {"pid", static_cast<int64_t>(child.pid)}});
  if (channel_send(context.channel.get(), message)) {
    end_step(context);
    run_rest(context);
  }
  _exit(1);
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
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return sys_error("pipe2");
  UniqueFd wait_end(ends[0]), hold_end(ends[1]);
  void* stack =
      mmap(nullptr, kGuard + kStack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return sys_error("mmap");
  char* bottom = static_cast<char*>(stack) + kGuard;
  if (mprotect(bottom, kStack, PROT_READ | PROT_WRITE) < 0) return sys_error("mprotect");

  // A sibling (CLONE_PARENT), so that the host reaps it and it outlives this process. It takes the
  // memory over (CLONE_VM), which copying would cost more than all else here: this process does
  // nothing any more. The kernel tells both the child's pid as this process sees it.
  context.parent = std::move(wait_end);
  Child child{context, hold_end.get(), 0};
  constexpr int kFlags = CLONE_VM | CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD;
  if (clone(go_on, bottom + kStack, kFlags, &child, &child.pid) < 0) return sys_error("clone");
  _exit(0);
}

Status time_namespace(Context& context, const Value& step) {
  Result<int> proc = procfs_of(context);
  if (!proc) return proc.error();
  // setns(2): the caller must not share its memory.
  await_parent(context);
  if (::unshare(CLONE_NEWTIME) < 0) return sys_error("unshare", "time");
  // time_namespaces(7): offsets can be set until the first process is in it.
  const std::string& offsets = step["offsets"].as_string();
  if (!offsets.empty()) OCIRT_TRY(write_offsets(context, *proc, offsets));
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
