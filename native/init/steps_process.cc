// Attributes of the process that are neither credentials nor files.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/channel.h"
#include "init/steps.h"
#include "sys/keyring.h"
#include "sys/procfs.h"
#include "sys/scheduling.h"
#include "sys/seccomp_listener.h"

namespace ocirt::steps {
namespace {

constexpr ino_t kInitialUserNamespace = 0xEFFFFFFDU;  // PROC_USER_INIT_INO, <linux/proc_ns.h>

std::vector<int> numbers(const Value& list) {
  std::vector<int> out;
  for (const Value& item : list.as_array()) out.push_back(static_cast<int>(item.as_int(-1)));
  return out;
}

// Not knowing counts as the initial one: the narrower permission.
bool in_user_namespace(Context& context) {
  Result<int> proc = procfs_of(context);
  if (!proc) return false;
  Result<UniqueFd> directory = open_in_procfs(*proc, "self/ns", O_PATH | O_DIRECTORY);
  struct stat status;
  if (!directory || fstatat(directory->get(), "user", &status, 0) < 0) return false;
  return status.st_ino != kInitialUserNamespace;
}

}  // namespace

Status session(Context&, const Value&) {
  if (setsid() >= 0) return {};
  // EPERM: it leads a process group. As the leader of its session that is what was asked for.
  if (errno == EPERM && getsid(0) == getpid()) return {};
  errno = EPERM;
  return sys_error("setsid");
}

Status keyring(Context& context, const Value& step) {
  Status status = join_session_keyring(step["name"].as_string(), in_user_namespace(context));
  if (status || status.error().errnum != ENOSYS) return status;
  // Keyrings are a second line of defence only, and a kernel without them has nothing to leak.
  warn(context, "the kernel has no keyrings: the session keyring stays the caller's");
  return {};
}

Status scheduler(Context&, const Value& step) {
  Scheduling request;
  request.policy = static_cast<uint32_t>(step["policy"].as_uint());
  request.flags = step["flags"].as_uint();
  request.nice = static_cast<int32_t>(step["nice"].as_int());
  request.priority = static_cast<uint32_t>(step["priority"].as_uint());
  request.runtime = step["runtime"].as_uint();
  request.deadline = step["deadline"].as_uint();
  request.period = step["period"].as_uint();
  return set_scheduling(request);
}

Status io_priority(Context&, const Value& step) {
  return set_io_priority(static_cast<int>(step["value"].as_int()));
}

Status affinity(Context&, const Value& step) {
  return set_affinity(numbers(step["cpus"]));
}

Status memory_policy(Context&, const Value& step) {
  return set_memory_policy(static_cast<int>(step["mode"].as_int()), numbers(step["nodes"]));
}

Status personality(Context&, const Value& step) {
  if (::personality(static_cast<unsigned long>(step["persona"].as_uint())) < 0) {
    return sys_error("personality");
  }
  return {};
}

Status umask(Context&, const Value& step) {
  ::umask(static_cast<mode_t>(step["mask"].as_uint()));
  return {};
}

Status no_new_privs(Context&, const Value&) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return sys_error("prctl(PR_SET_NO_NEW_PRIVS)");
  return {};
}

Status seccomp(Context& context, const Value& step) {
  const std::string& program = step["program"].as_string();
  if (program.empty() || program.size() % sizeof(sock_filter) != 0 ||
      program.size() / sizeof(sock_filter) > BPF_MAXINSNS) {
    return make_error("seccomp", EINVAL, {}, "the filter is not a program of socket filters");
  }
  // A copy: the bytes of a message need not be aligned.
  std::vector<sock_filter> filter(program.size() / sizeof(sock_filter));
  program.copy(reinterpret_cast<char*>(filter.data()), program.size());
  sock_fprog request{};
  request.len = static_cast<unsigned short>(filter.size());
  request.filter = filter.data();
  uint64_t flags = step["flags"].as_uint();
  if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
    std::string announcement = channel_frame(Value::object({{"type", "seccomp"}}));
    return install_with_listener(request, flags, context.reporter(), announcement);
  }
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &request) < 0) {
    return sys_error("seccomp");
  }
  return {};
}

}  // namespace ocirt::steps
