// New file systems.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>

#include "init/mounting.h"
#include "init/steps.h"
#include "path/resolve.h"
#include "sys/copy_tree.h"
#include "sys/errno_names.h"
#include "sys/mount_api.h"

namespace ocirt::steps {
namespace {

struct Target {
  UniqueFd fd;
  bool existed = false;
};

// procfs and sysfs go on an ordinary directory only: through a link they would land elsewhere and
// leave the real /proc to the container's files (CVE-2019-19921, CVE-2023-27561).
Result<Target> ordinary_directory(int root, const std::string& path, const std::string& type) {
  Result<UniqueFd> there = resolve_in_root(root, path, O_PATH | O_NOFOLLOW);
  if (there) {
    struct stat status;
    if (fstat(there->get(), &status) < 0) return sys_error("fstat", path);
    if (!S_ISDIR(status.st_mode)) {
      return make_error("mount", ENOTDIR, path,
                        "filesystem \"" + type + "\" must be mounted on ordinary directory");
    }
    return Target{std::move(*there), true};
  }
  if (there.error().errnum != ENOENT) return there.error();
  Result<UniqueFd> made = make_directories_in_root(root, path, 0755);
  if (!made) return made.error();
  return Target{std::move(*made), false};
}

Result<Target> any_target(int root, const std::string& path) {
  Result<UniqueFd> there = resolve_in_root(root, path, O_PATH);
  if (there) return Target{std::move(*there), true};
  if (there.error().errnum != ENOENT) return there.error();
  Result<UniqueFd> made = make_directories_in_root(root, path, 0755);
  if (!made) return made.error();
  return Target{std::move(*made), false};
}

// Data with the mode of the directory in front.
Result<std::string> data_with_mode(const std::string& data, int target, const std::string& path) {
  struct stat status;
  if (fstat(target, &status) < 0) return sys_error("fstat", path);
  std::string mode = "mode=";
  for (int shift = 9; shift >= 0; shift -= 3) {
    mode += static_cast<char>('0' + (status.st_mode >> shift & 7));
  }
  return data.empty() ? mode : mode + "," + data;
}

bool has_option(const std::string& data, std::string_view name) {
  return ("," + data).find("," + std::string(name) + "=") != std::string::npos;
}

bool is_remount(const Value& step) {
  return (step["flags"].as_uint() & MS_REMOUNT) != 0;
}

uint64_t magic_of(const std::string& type) {
  if (type == "proc") return PROC_SUPER_MAGIC;
  if (type == "sysfs") return SYSFS_MAGIC;
  return 0;
}

// tmpcopyup: `covered` is the directory below the new tmpfs, opened before it was covered.
Status copy_up(int covered, int mounted, const Value& step) {
  const std::string& path = step["target"].as_string();
  const std::string& data = step["data"].as_string();
  UniqueFd to(openat(mounted, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!to) return sys_error("openat", path);
  OCIRT_TRY(copy_tree(covered, to.get(), path));
  if (has_option(data, "uid") || has_option(data, "gid")) return {};
  return copy_metadata(covered, to.get(), !has_option(data, "mode"), path);
}

// What is to be done once it is mounted. `covered`: as in copy_up. `mounted`: what is there now.
Status finish_mount(Context& context, const Value& step, int covered, UniqueFd mounted) {
  const std::string& path = step["target"].as_string();
  uint64_t magic = magic_of(step["fsType"].as_string());
  if (magic && file_system_type(mounted.get()) != magic) {
    return make_error("mount", EINVAL, path, "another file system is there than was mounted");
  }
  if (magic && !is_remount(step)) OCIRT_TRY(hold_mount(context, path, mounted.get()));
  if (covered >= 0) OCIRT_TRY(copy_up(covered, mounted.get(), step));
  OCIRT_TRY(apply_propagation(mounted.get(), step));
  if (step.has("recursive")) {
    OCIRT_TRY(set_mount_attributes(mounted.get(), attributes_of(step["recursive"]), true, path));
  }
  if (step["readonlyLate"].as_bool()) context.late.push_back({std::move(mounted), path});
  return {};
}

Status mount_step(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  const std::string& path = step["target"].as_string();
  const std::string& type = step["fsType"].as_string();
  std::string data = step["data"].as_string();
  uint64_t magic = magic_of(type);

  // What is there changes, and nothing new covers it.
  bool remount = is_remount(step);
  if (!remount && type != "proc" && is_top_directory(path, "proc")) {
    return make_error("mount", EPERM, path,
                      "\"" + path + "\" cannot be mounted because it is not of type proc");
  }
  Result<Target> target = magic ? ordinary_directory(*root, path, type) : any_target(*root, path);
  if (!target) return target.error();
  OCIRT_TRY(check_target(*root, target->fd.get(), path));
  if (step["keepMode"].as_bool() && target->existed) {
    Result<std::string> more = data_with_mode(data, target->fd.get(), path);
    if (!more) return more.error();
    data = std::move(*more);
  }
  UniqueFd covered;
  if (step["copyUp"].as_bool()) {
    covered.reset(openat(target->fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!covered) return sys_error("openat", path);
  }

  if (!remount) forget_covered(context, path, target->fd.get());
  OCIRT_TRY(mount_on(target->fd.get(), step["source"].as_string(), type, step["flags"].as_uint(),
                     data, path));

  bool more = covered || magic || step["readonlyLate"].as_bool() || step.has("recursive") ||
              !step["propagation"].as_array().empty();
  if (!more) return {};
  if (remount) return finish_mount(context, step, covered.get(), std::move(target->fd));
  Result<UniqueFd> mounted = reopen_mounted(*root, path, target->fd.get());
  Status finished = mounted ? finish_mount(context, step, covered.get(), std::move(*mounted))
                            : Status(mounted.error());
  return or_detached(std::move(finished), target->fd.get(), path);
}

}  // namespace

Status mount(Context& context, const Value& step) {
  Status status = mount_step(context, step);
  if (status) return status;
  const Value& otherwise = step["otherwise"];
  for (const Value& errnum : otherwise["errnos"].as_array()) {
    if (errnum.as_int() != status.error().errnum) continue;
    if (otherwise.has("warning")) warn(context, otherwise["warning"].as_string());
    return steps::bind(context, otherwise["bind"]);
  }
  for (const Value& tolerated : step["optional"].as_array()) {
    if (tolerated.as_int() != status.error().errnum) continue;
    warn(context, "not mounted: " + step["target"].as_string() + ": " + status.error().syscall +
                      ": " + errno_text(status.error().errnum));
    return {};
  }
  return mount_error(status.error(), step["source"].as_string(), step["target"].as_string());
}

Status readonly_late(Context& context, const Value&) {
  for (const LateReadonly& late : context.late) {
    Status status =
        set_attached_attributes(late.mount.get(), {MOUNT_ATTR_RDONLY, 0}, false, late.target);
    status = or_detached(std::move(status), late.mount.get(), late.target);
    if (!status) return mount_error(status.error(), late.target, late.target);
  }
  context.late.clear();
  return {};
}

}  // namespace ocirt::steps
