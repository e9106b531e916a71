#include "init/mounting.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>

#include "path/resolve.h"
#include "sys/errno_names.h"

namespace ocirt {
namespace {

constexpr ino_t kProcRootInode = 1;  // PROC_ROOT_INO, <linux/proc_ns.h>

// Files of /proc that lxcfs and its like stand in for; everything else in a procfs must be the
// kernel's own, since later steps and programs trust it (CVE-2019-19921, CVE-2023-27561).
constexpr std::string_view kReplaceable[] = {
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/slabinfo",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/crypto/fips_enabled",
};

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

MountAttributes attributes_of(const Value& value) {
  return {value["set"].as_uint(), value["clear"].as_uint()};
}

Status apply_propagation(int mount, const Value& step) {
  for (const Value& flags : step["propagation"].as_array()) {
    OCIRT_TRY(set_propagation(mount, flags.as_uint(), step["target"].as_string()));
  }
  return {};
}

bool is_top_directory(const std::string& path, std::string_view name) {
  std::string cleaned = clean_path(path);
  return std::string_view(cleaned).substr(1) == name;
}

Status check_target(int root, int target, const std::string& path) {
  struct stat status, top;
  if (fstat(target, &status) < 0 || fstat(root, &top) < 0) return sys_error("fstat", path);
  if (status.st_dev == top.st_dev && status.st_ino == top.st_ino &&
      !is_mounted_over(target, root)) {
    return make_error("mount", EINVAL, path, "mountpoint " + quoted(path) + " is the root itself");
  }
  if (file_system_type(target) != PROC_SUPER_MAGIC || status.st_ino == kProcRootInode) return {};
  std::string cleaned = clean_path(path);
  for (std::string_view allowed : kReplaceable) {
    if (cleaned == allowed) return {};
  }
  return make_error("mount", EPERM, path,
                    quoted(path) + " cannot be mounted because it is inside /proc");
}

Error mount_error(Error error, const std::string& source, const std::string& target) {
  std::string detail = "error mounting " + quoted(source) + " to rootfs at " + quoted(target);
  if (!error.detail.empty()) {
    detail += ": " + error.detail;
  } else {
    detail += ": " + error.syscall + ": " + errno_text(error.errnum);
  }
  error.detail = std::move(detail);
  if (error.path.empty()) error.path = target;
  return error;
}

Status or_detached(Status status, int place, const std::string& path) {
  // It is the first error that tells what is wrong.
  if (!status) (void)detach_mount(place, path);
  return status;
}

Result<UniqueFd> reopen_mounted(int root, const std::string& path, int target) {
  Result<UniqueFd> mounted = resolve_in_root(root, path, O_PATH);
  if (!mounted) return mounted;
  if (!is_mounted_over(mounted->get(), target)) {
    return make_error("openat2", ESTALE, path, "the mount was moved while it was made");
  }
  return mounted;
}

namespace {

bool lies_in(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path.compare(0, directory.size(), directory) == 0 &&
         path[directory.size()] == '/';
}

bool same_file(int one, int other) {
  struct stat a, b;
  return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

}  // namespace

Status hold_mount(Context& context, const std::string& path, int mount) {
  UniqueFd root(fcntl(mount, F_DUPFD_CLOEXEC, 0));
  if (!root) return sys_error("dup", path);
  context.held.push_back({clean_path(path), std::move(root)});
  return {};
}

void forget_covered(Context& context, const std::string& path, int target) {
  std::string cleaned = clean_path(path);
  std::erase_if(context.held, [&](const HeldMount& held) {
    return lies_in(held.path, cleaned) || same_file(held.root.get(), target);
  });
}

Start start_of(const Context& context, int root, const std::string& path) {
  std::string cleaned = clean_path(path);
  for (auto held = context.held.rbegin(); held != context.held.rend(); ++held) {
    if (lies_in(cleaned, held->path)) {
      return {held->root.get(), cleaned.substr(held->path.size())};
    }
  }
  return {root, path};
}

}  // namespace ocirt
