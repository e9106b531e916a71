#include "sys/await.h"

#include <sys/eventfd.h>
#include <time.h>

#include <algorithm>

namespace ocirt {
namespace {

int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Result<UniqueFd> make_eventfd() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC));
  if (!fd) return sys_error("eventfd");
  return fd;
}

Result<std::vector<size_t>> await_descriptors(std::vector<pollfd> entries, int64_t timeout_ms) {
  // An hour is as good as a longer time, and does not overflow.
  constexpr int64_t kLongest = 3'600'000;
  int64_t deadline = timeout_ms < 0 ? -1 : now_ns() + std::min(timeout_ms, kLongest) * 1'000'000;
  for (;;) {
    int left = -1;
    if (deadline >= 0) {
      left = static_cast<int>(std::max<int64_t>(0, (deadline - now_ns() + 999'999) / 1'000'000));
    }
    int ready = ::poll(entries.data(), entries.size(), left);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return sys_error("poll");
    std::vector<size_t> out;
    for (size_t index = 0; index < entries.size(); index++) {
      if (entries[index].revents & POLLNVAL) return make_error("poll", EBADF);
      if (entries[index].revents != 0) out.push_back(index);
    }
    return out;
  }
}

}  // namespace ocirt
