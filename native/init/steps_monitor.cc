// Processes that outlive the host and wait for the end of another one. `watch` then goes on with
// its plan. The monitor of a detached container is a process that does nothing but wait for the end
// of the container's first one, and then writes down how it ended. It is not its parent, so that
// engines still reap what they expect to reap; see sys/exit_info.h for how it knows all the same.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/channel.h"
#include "init/steps.h"
#include "sys/exit_info.h"

namespace ocirt::steps {
namespace {

// memory.events of v2 and memory.oom_control of v1 both have a line "oom_kill N". The file was
// opened while the cgroup was there.
bool oom_killed(int file) {
  char text[1024];
  ssize_t length = file < 0 ? -1 : pread(file, text, sizeof text - 1, 0);
  if (length <= 0) return false;
  text[length] = '\0';
  constexpr char kKey[] = "oom_kill ";
  for (const char* line = text; line; line = std::strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (std::strncmp(line, kKey, sizeof kKey - 1) == 0) return line[sizeof kKey - 1] != '0';
  }
  return false;
}

// Under its own name only when it is whole. A container that has been deleted has no folder that a
// file could be made in any more: then nobody asks.
void write_end(int directory, std::optional<int> status, bool oom) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  char code[16] = "null";
  int signal = status ? *status & 0x7f : 0;
  if (status) std::snprintf(code, sizeof code, "%d", signal ? -1 : (*status >> 8) & 0xff);
  char text[160];
  int length = std::snprintf(
      text, sizeof text, R"({"exitCode":%s,"signal":%d,"oomKilled":%s,"finishedNs":"%lld%09ld"})",
      code, signal, oom ? "true" : "false", static_cast<long long>(now.tv_sec), now.tv_nsec);
  UniqueFd file(openat(directory, "exit.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || write(file.get(), text, static_cast<size_t>(length)) != length) return;
  (void)renameat(directory, "exit.new", directory, "exit.json");
}

void write_down_end(const Value& step) {
  auto descriptor = [&](const char* name) { return static_cast<int>(step[name].as_int(-1)); };
  Result<std::optional<int>> status =
      await_exit(descriptor("pidfd"), static_cast<pid_t>(step["pid"].as_int()), -1);
  // Right away: the cgroup is soon removed.
  bool oom = oom_killed(descriptor("oom"));
  write_end(descriptor("directory"), status ? *status : std::nullopt, oom);
}

// The process that runs the plan ends, and its child goes on, of which nobody but the caller of the
// runtime knows: whether the host was told of it.
Status outlive(Context& context, const char* name) {
  pid_t pid = ::fork();
  if (pid < 0) return sys_error("fork");
  if (pid > 0) _exit(0);
  setsid();
  (void)!chdir("/");
  prctl(PR_SET_NAME, name, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  Status sent =
      channel_send(context.channel.get(),
                   Value::object({{"type", "pid"}, {"pid", static_cast<int64_t>(getpid())}}));
  // Its end tells the host that nothing of it is held any more.
  context.channel.reset();
  if (!sent) _exit(1);
  return {};
}

}  // namespace

// Never returns but for an error.
Status monitor(Context& context, const Value& step) {
  OCIRT_TRY(outlive(context, "ocirt-monitor"));
  write_down_end(step);
  _exit(0);
}

Status watch(Context& context, const Value& step) {
  OCIRT_TRY(outlive(context, "ocirt-keeper"));
  pollfd process{static_cast<int>(step["pidfd"].as_int(-1)), POLLIN, 0};
  while (poll(&process, 1, -1) < 0) {
    if (errno != EINTR) _exit(1);
  }
  return {};
}

}  // namespace ocirt::steps
