// Operations on processes.
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/operations_list.h"
#include "sys/exit_info.h"
#include "sys/foreground.h"
#include "sys/program.h"
#include "sys/spawn.h"
#include "sys/syscalls.h"

namespace ocirt::op {
namespace {

pid_t pid_of(const Value& value) {
  return static_cast<pid_t>(value.as_int());
}

int integer(const Value& value, int fallback = -1) {
  return static_cast<int>(value.as_int(fallback));
}

int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The strings of a list, without NULs; see c_string.
Result<std::vector<std::string>> strings(const Value& list, const char* syscall) {
  std::vector<std::string> out;
  for (const Value& item : list.as_array()) {
    OCIRT_C_STRING(text, item, syscall);
    out.push_back(text);
  }
  return out;
}

Result<IdMapping> mapping_of(const Value& in) {
  OCIRT_C_STRING(newuidmap, in["newuidmap"], "execve");
  OCIRT_C_STRING(newgidmap, in["newgidmap"], "execve");
  return IdMapping{in["uidMap"].as_string(),
                   in["gidMap"].as_string(),
                   in["denySetgroups"].as_bool(),
                   newuidmap,
                   newgidmap,
                   static_cast<uid_t>(in["uid"].as_uint()),
                   static_cast<gid_t>(in["gid"].as_uint())};
}

// kill(2) with a pid that is no process's: 0, -1 and below are groups, or everybody.
Status check_pid(pid_t pid, const char* syscall) {
  if (pid > 0) return {};
  return make_error(syscall, EINVAL, {}, "pid " + std::to_string(pid));
}

Value status_value(const ExitStatus& status) {
  return Value::object({{"pid", static_cast<int64_t>(status.pid)},
                        {"exitCode", status.exit_code},
                        {"signal", status.signal}});
}

}  // namespace

Result<Value> spawn(const Args& args) {
  const Value& in = args[0];
  SpawnRequest request;
  request.clone_flags = in["cloneFlags"].as_uint();
  request.cgroup = integer(in["cgroupFd"]);
  Result<std::vector<std::string>> tasks = strings(in["cgroupTasks"], "open");
  if (!tasks) return tasks.error();
  request.tasks = std::move(*tasks);
  request.seen_by_others = in.has("pidNamespaceFd");
  if (request.seen_by_others) request.born_in.push_back(integer(in["pidNamespaceFd"]));
  for (const Value& fd : in["joinedFds"].as_array()) request.born_in.push_back(integer(fd));
  for (const Value& cpu : in["affinity"].as_array()) request.affinity.push_back(integer(cpu));
  if (in.has("mapping")) {
    Result<IdMapping> mapping = mapping_of(in["mapping"]);
    if (!mapping) return mapping.error();
    request.mapping = std::move(*mapping);
  }
  for (const Value& fd : in["keepFds"].as_array()) request.keep.push_back(integer(fd));
  if (in.has("stdio")) {
    const Value& stdio = in["stdio"];
    request.stdio = std::array{integer(stdio.at(0)), integer(stdio.at(1)), integer(stdio.at(2))};
  }
  Result<Spawned> spawned = spawn_init(request);
  if (!spawned) return spawned.error();
  return Value::object({{"pid", static_cast<int64_t>(spawned->pid)},
                        {"pidfd", spawned->pidfd.release()},
                        {"channel", spawned->channel.release()},
                        {"inCgroups", spawned->in_cgroups}});
}

Result<Value> runProgram(const Args& args) {
  const Value& in = args[0];
  OCIRT_C_STRING(path, in["path"], "execve");
  OCIRT_C_STRING(cwd, in["cwd"], "chdir");
  ProgramRequest request;
  request.path = path;
  request.cwd = cwd;
  Result<std::vector<std::string>> argv = strings(in["args"], "execve");
  if (!argv) return argv.error();
  request.args = std::move(*argv);
  Result<std::vector<std::string>> env = strings(in["env"], "execve");
  if (!env) return env.error();
  request.env = std::move(*env);
  request.stdin_data = in["stdin"].as_string();
  request.timeout_ms = in["timeoutMs"].as_int();
  if (in.has("captureLimit")) request.capture_limit = in["captureLimit"].as_uint();
  request.inherit_output = in["inheritOutput"].as_bool();
  request.pass_signals = in["passSignals"].as_bool();
  Result<ProgramResult> result = run_program(request);
  if (!result) return result.error();
  return Value::object({{"exitCode", result->exit_code},
                        {"signal", result->signal},
                        {"timedOut", result->timed_out},
                        {"stdout", Bytes{std::move(result->out)}},
                        {"stderr", Bytes{std::move(result->err)}}});
}

Result<Value> kill(const Args& args) {
  pid_t pid = pid_of(args[0]);
  OCIRT_TRY(check_pid(pid, "kill"));
  if (::kill(pid, integer(args[1])) == 0) return Value(true);
  if (errno == ESRCH) return Value(false);
  return sys_error("kill");
}

Result<Value> openPidfd(const Args& args) {
  int fd = sys_pidfd_open(pid_of(args[0]));
  if (fd >= 0) return Value(fd);
  // EPERM: a seccomp filter of an outer container that does not know the call. EINVAL: before Linux
  // 6.16, a number that is no process's any more, but still that of a process group or session.
  for (int none : {ESRCH, EINVAL, ENOSYS, EPERM}) {
    if (errno == none) return Value(-1);
  }
  return sys_error("pidfd_open");
}

Result<Value> foreignNamespaces(const Args& args) {
  pid_t pid = pid_of(args[0]);
  OCIRT_TRY(check_pid(pid, "readlink"));
  Value::Array foreign;
  for (const char* name : {"user", "ipc", "uts", "net", "pid", "mnt", "cgroup", "time"}) {
    // "TYPE:[INODE]"
    char ours[64], theirs[64];
    std::string own = std::string("/proc/self/ns/") + name;
    ssize_t own_size = ::readlink(own.c_str(), ours, sizeof ours);
    // A kernel without this kind of namespace.
    if (own_size < 0 && errno == ENOENT) continue;
    if (own_size < 0) return sys_error("readlink", own);
    std::string path = "/proc/" + std::to_string(pid) + "/ns/" + name;
    ssize_t size = ::readlink(path.c_str(), theirs, sizeof theirs);
    if (size < 0) return sys_error("readlink", path);
    if (size != own_size || std::memcmp(ours, theirs, static_cast<size_t>(size)) != 0) {
      foreign.emplace_back(name);
    }
  }
  return Value(std::move(foreign));
}

Result<Value> signalPidfd(const Args& args) {
  if (sys_pidfd_send_signal(integer(args[0]), integer(args[1])) == 0) return Value(true);
  if (errno == ESRCH) return Value(false);
  return sys_error("pidfd_send_signal");
}

Result<Value> awaitPidfd(const Args& args) {
  int64_t timeout = args[1].as_int(-1);
  int64_t deadline = timeout < 0 ? -1 : now_ns() + timeout * 1'000'000;
  for (;;) {
    int left = -1;
    if (deadline >= 0) {
      int64_t rest = (deadline - now_ns() + 999'999) / 1'000'000;
      left = rest < 0 ? 0 : static_cast<int>(rest < 60'000 ? rest : 60'000);
    }
    pollfd entry{integer(args[0]), POLLIN, 0};
    int ready = ::poll(&entry, 1, left);
    if (ready > 0) {
      if (entry.revents & POLLNVAL) return make_error("poll", EBADF);
      return Value(true);
    }
    if (ready < 0 && errno != EINTR) return sys_error("poll");
    if (deadline >= 0 && now_ns() >= deadline) return Value(false);
  }
}

Result<Value> waitChild(const Args& args) {
  int status = 0;
  pid_t pid;
  do {
    pid = ::waitpid(pid_of(args[0]), &status, args[1].as_bool() ? 0 : WNOHANG);
  } while (pid < 0 && errno == EINTR);
  if (pid == 0 || (pid < 0 && errno == ECHILD)) return Value();
  if (pid < 0) return sys_error("waitpid");
  return status_value(exit_status(pid, status));
}

Result<Value> awaitExit(const Args& args) {
  pid_t pid = pid_of(args[1]);
  Result<std::optional<int>> status = await_exit(integer(args[0]), pid, args[2].as_int(-1));
  if (!status) return status.error();
  if (!*status) return Value();
  return status_value(exit_status(pid, **status));
}

Result<Value> setLimits(const Args& args) {
  pid_t pid = pid_of(args[0]);
  for (const Value& item : args[1].as_array()) {
    rlimit limit{item["soft"].as_uint(), item["hard"].as_uint()};
    int resource = integer(item["resource"]);
    // By number: the C libraries do not agree on the parameter's type.
    if (::syscall(SYS_prlimit64, pid, resource, &limit, nullptr) != 0) {
      return sys_error("prlimit", {}, "resource " + std::to_string(resource));
    }
  }
  return Value();
}

Result<Value> killAll(const Args& args) {
  int64_t existed = 0;
  for (const Value& item : args[0].as_array()) {
    pid_t pid = pid_of(item);
    OCIRT_TRY(check_pid(pid, "kill"));
    if (::kill(pid, integer(args[1])) == 0) {
      existed++;
    } else if (errno != ESRCH) {
      return sys_error("kill");
    }
  }
  return Value(existed);
}

Result<Value> sleep(const Args& args) {
  int64_t ms = args[0].as_int();
  timespec left{static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000 * 1'000'000)};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) continue;
  return Value();
}

}  // namespace ocirt::op
