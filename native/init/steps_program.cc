// What the process is: where it starts, what it sees, what it executes.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "init/environment.h"
#include "init/find_executable.h"
#include "init/steps.h"
#include "path/resolve.h"
#include "sys/errno_names.h"
#include "sys/syscalls.h"

namespace ocirt::steps {
namespace {

// A working directory that came in from outside (through a leaked descriptor, say) would give the
// container the host's files; the kernel then puts "(unreachable)" in front (CVE-2024-21626).
Status check_inside() {
  char buffer[PATH_MAX];
  long length = syscall(SYS_getcwd, buffer, sizeof buffer);
  if (length < 0) {
    return sys_error("getcwd", {}, "failed to verify if current working directory is safe");
  }
  if (buffer[0] != '/') {
    return make_error("getcwd", ENOENT, {},
                      "current working directory is outside of container mount namespace root -- "
                      "possible container breakout detected");
  }
  return {};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

void set_close_on_exec(int fd, bool on) {
  int flags = fcntl(fd, F_GETFD);
  if (flags < 0) return;
  fcntl(fd, F_SETFD, on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC);
}

// Older kernels (before 5.11), and filters that deny the call: one by one.
void close_on_exec_from(unsigned first) {
  constexpr unsigned kCloseRangeCloexec = 4;
  if (sys_close_range(first, ~0U, kCloseRangeCloexec) == 0) return;
  rlimit limit{};
  unsigned last = 65536;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < last) {
    last = static_cast<unsigned>(limit.rlim_cur);
  }
  // A lowered limit leaves higher descriptors open; the first sweep (prepare_descriptors) had them.
  for (unsigned fd = first; fd < last; fd++) set_close_on_exec(static_cast<int>(fd), true);
}

}  // namespace

Status cwd(Context& context, const Value& step) {
  const std::string& path = step["path"].as_string();
  if (context.in_cwd) return check_inside();
  if (chdir(path.c_str()) < 0 && errno == ENOENT && step["create"].as_bool()) {
    // In the container's root already, so this is the same as mkdir -p there.
    UniqueFd top(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!top) return sys_error("open", "/");
    Result<UniqueFd> made = make_directories_in_root(top.get(), path, 0755);
    if (!made) return made.error();
  }
  if (chdir(path.c_str()) < 0) {
    if ((errno == EACCES || errno == EPERM) && step["tolerateDenied"].as_bool()) return {};
    int saved = errno;
    return make_error(
        "chdir", saved, path,
        "chdir to cwd (" + quote(path) + ") set in config.json failed: " + errno_text(saved));
  }
  context.in_cwd = true;
  return check_inside();
}

Status environment(Context& context, const Value& step) {
  std::vector<std::string> env;
  for (const Value& entry : step["env"].as_array()) env.push_back(entry.as_string());
  Result<std::vector<std::string>> cleaned = clean_environment(env);
  if (!cleaned) return cleaned.error();
  context.env = std::move(*cleaned);
  if (!find_entry(context.env, "HOME")) {
    context.env.push_back("HOME=" + home_of(step["homeOf"].as_uint()));
  }
  return {};
}

Status find_executable(Context& context, const Value& step) {
  const std::string* path = find_entry(context.env, "PATH");
  std::string_view search;
  if (path) search = std::string_view(*path).substr(sizeof "PATH=" - 1);
  Result<std::string> found = find_executable_path(step["name"].as_string(), search);
  if (!found) return found.error();
  context.executable = std::move(*found);
  return {};
}

Status exec(Context& context, const Value& step) {
  std::vector<std::string> args;
  for (const Value& arg : step["args"].as_array()) args.push_back(arg.as_string());
  if (args.empty()) return make_error("execve", EINVAL, {}, "there are no arguments");
  const std::string& path = context.executable.empty() ? args[0] : context.executable;
  std::vector<char*> argv = pointers(args);
  std::vector<char*> envp = pointers(context.env);

  auto preserved = static_cast<int>(step["preserveFds"].as_int());
  close_on_exec_from(3U + static_cast<unsigned>(preserved));
  context.placeholders.clear();
  for (int fd = 3; fd < 3 + preserved; fd++) set_close_on_exec(fd, false);
  for (const Value& fd : step["keep"].as_array()) {
    set_close_on_exec(static_cast<int>(fd.as_int()), false);
  }

  execve(path.c_str(), argv.data(), envp.data());
  int saved = errno;
  return make_error("execve", saved, path, "exec " + path + ": " + errno_text(saved));
}

}  // namespace ocirt::steps
