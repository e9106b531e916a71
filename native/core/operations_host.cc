// Operations on the calling process and its host.
#include <dlfcn.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/operations_list.h"

extern char** environ;

namespace ocirt::op {
namespace {

uint64_t mask(uint32_t low, uint32_t high) {
  return uint64_t{high} << 32 | low;
}

int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Result<Value> identity(const Args&) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, data) != 0) return sys_error("capget");
  // PR_CAPBSET_READ of a number the kernel doesn't know is EINVAL: that also finds the last one.
  uint64_t bounding = 0;
  int last = -1;
  for (int cap = 0; cap < 64; cap++) {
    int held = ::prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
    if (held < 0) break;
    last = cap;
    if (held == 1) bounding |= uint64_t{1} << cap;
  }
  return Value::object({
      {"pid", static_cast<int64_t>(::getpid())},
      {"uid", static_cast<int64_t>(::getuid())},
      {"euid", static_cast<int64_t>(::geteuid())},
      {"gid", static_cast<int64_t>(::getgid())},
      {"egid", static_cast<int64_t>(::getegid())},
      {"effectiveCaps", mask(data[0].effective, data[1].effective)},
      {"permittedCaps", mask(data[0].permitted, data[1].permitted)},
      {"boundingCaps", bounding},
      {"lastCap", last},
  });
}

Result<Value> environment(const Args& args) {
  const Value::Array& names = args[0].as_array();
  Value::Object out;
  for (char** entry = environ; entry && *entry; entry++) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    auto same = [&](const Value& name) { return name.as_string() == text.substr(0, equals); };
    if (!names.empty() && std::none_of(names.begin(), names.end(), same)) continue;
    out.emplace_back(text.substr(0, equals), Value(text.substr(equals + 1)));
  }
  return Value(std::move(out));
}

Result<Value> workingDirectory(const Args&) {
  std::unique_ptr<char, decltype(&std::free)> out(::getcwd(nullptr, 0), std::free);
  if (!out) return sys_error("getcwd");
  return Value(out.get());
}

Result<Value> clock(const Args&) {
  return Value::object(
      {{"realtimeNs", nanoseconds(CLOCK_REALTIME)}, {"monotonicNs", nanoseconds(CLOCK_MONOTONIC)}});
}

Result<Value> system(const Args&) {
  utsname uts{};
  if (::uname(&uts) != 0) return sys_error("uname");
  return Value::object({{"clockTicks", static_cast<int64_t>(::sysconf(_SC_CLK_TCK))},
                        {"pageSize", static_cast<int64_t>(::sysconf(_SC_PAGESIZE))},
                        {"release", uts.release},
                        {"machine", uts.machine}});
}

Result<Value> installDirectory(const Args&) {
  // The file that this function was loaded from: the addon, or (static) the executable.
  Dl_info info{};
  std::string path = "/proc/self/exe";
  if (::dladdr(reinterpret_cast<void*>(&installDirectory), &info) != 0 && info.dli_fname &&
      info.dli_fname[0] == '/') {
    path = info.dli_fname;
  }
  std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return sys_error("realpath", path);
  std::string_view text = real.get();
  return Value(text.substr(0, text.rfind('/')));
}

Result<Value> setSubreaper(const Args& args) {
  if (::prctl(PR_SET_CHILD_SUBREAPER, args[0].as_bool() ? 1 : 0, 0, 0, 0) != 0) {
    return sys_error("prctl");
  }
  return Value();
}

Result<Value> become(const Args& args) {
  OCIRT_C_STRING(path, args[0], "execve");
  std::vector<char*> words;
  for (const Value& word : args[1].as_array()) {
    words.push_back(const_cast<char*>(word.as_string().c_str()));
  }
  words.push_back(nullptr);
  ::execve(path.c_str(), words.data(), environ);
  return sys_error("execve", path);
}

Result<Value> exit(const Args& args) {
  // _exit: nothing of the engine's own tear-down is wanted, and nothing of ours is buffered.
  ::_exit(static_cast<int>(args[0].as_int()));
}

}  // namespace ocirt::op
