#include "sys/exit_info.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/unique_fd.h"

namespace ocirt {
namespace {

// struct pidfd_info of linux/pidfd.h as of Linux 6.15, which most headers are older than.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr uint64_t kInfoExit = 1 << 3;

// Known once it has been reaped.
std::optional<int> from_pidfd(int pidfd) {
  PidfdInfo info{};
  info.mask = kInfoExit;
  if (ioctl(pidfd, _IOWR(0xFF, 11, PidfdInfo), &info) != 0) return {};
  if (!(info.mask & kInfoExit)) return {};
  return info.exit_code;
}

// All ids, each as itself: the user namespace that the machine began with.
bool in_first_user_namespace() {
  UniqueFd file(open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC));
  unsigned inside = 1, outside = 1, count = 0;
  char text[64];
  ssize_t length = file ? read(file.get(), text, sizeof text - 1) : -1;
  if (length <= 0) return false;
  text[length] = '\0';
  return std::sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
         outside == 0 && count == UINT32_MAX;
}

// Whether we may see what proc_pid_stat(5) shows only to those who may trace the process. Of one
// that has ended newer kernels show it to the root of a user namespace only now and then, whose
// process it was.
bool may_trace() {
  struct {
    uint32_t version;
    int pid;
  } header{0x20080522, 0};
  struct {
    uint32_t effective, permitted, inheritable;
  } data[2]{};
  constexpr uint32_t kSysPtrace = 1U << 19;
  if (syscall(SYS_capget, &header, data) != 0 || !(data[0].effective & kSysPtrace)) return false;
  return in_first_user_namespace();
}

struct Zombie {
  bool there = false;
  std::optional<int> status;
};

// The number may be another process's by now: the caller asks the pidfd afterwards.
Zombie from_stat(pid_t pid) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  char text[2048];
  ssize_t length = file ? read(file.get(), text, sizeof text - 1) : -1;
  if (length <= 0) return {};
  text[length] = '\0';
  // The name may hold anything: the last parenthesis ends it. The state is field 3.
  const char* field = std::strrchr(text, ')');
  if (!field || (field += 2, *field != 'Z')) return {};
  for (int number = 3; number < 52 && field; number++) {
    field = std::strchr(field, ' ');
    if (field) field++;
  }
  if (!field) return {};
  int status = std::atoi(field);
  // Who may not see it is shown a 0.
  if (status == 0 && !may_trace()) return {true, {}};
  return {true, status};
}

int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Waits for that event; POLLHUP, which comes in any case, is that the process has been reaped.
Result<short> wait_for(int pidfd, short events, int64_t timeout_ms) {
  int64_t deadline = now_ms() + timeout_ms;
  for (;;) {
    pollfd entry{pidfd, events, 0};
    int64_t left = timeout_ms < 0 ? 3'600'000 : deadline - now_ms();
    int ready =
        poll(&entry, 1, left < 0 ? 0 : static_cast<int>(left < 3'600'000 ? left : 3'600'000));
    if (ready > 0 && (entry.revents & POLLNVAL)) return make_error("poll", EBADF);
    if (ready > 0) return entry.revents;
    if (ready < 0 && errno != EINTR) return sys_error("poll");
    if (timeout_ms >= 0 && now_ms() >= deadline) return short{0};
  }
}

}  // namespace

Result<std::optional<int>> await_exit(int pidfd, pid_t pid, int64_t timeout_ms) {
  Result<short> ended = wait_for(pidfd, POLLIN, timeout_ms);
  if (!ended) return ended.error();
  if (*ended == 0) return std::optional<int>();
  if (auto status = from_pidfd(pidfd)) return status;
  Zombie zombie = from_stat(pid);
  // Reaped while we looked: then what was seen may have been another's.
  if (auto status = from_pidfd(pidfd)) return status;
  if (!zombie.there || zombie.status) return zombie.status;
  // A zombie that says nothing to us.
  Result<short> reaped = wait_for(pidfd, 0, timeout_ms);
  if (!reaped) return reaped.error();
  return from_pidfd(pidfd);
}

}  // namespace ocirt
