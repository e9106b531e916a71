// The root: made a mount of its own, and entered.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/steps.h"
#include "sys/host_mounts.h"
#include "sys/mount_api.h"
#include "sys/mounts.h"

namespace ocirt::steps {
namespace {

// The mount that `path` lies on. pivot_root(2) refuses a root whose parent mount is shared, and a
// mount made on a shared one would show up on the host. Upwards until something is a mount point:
// EINVAL says that it is none.
Status separate_parent(std::string path, unsigned long propagation) {
  for (;;) {
    if (::mount(nullptr, path.c_str(), nullptr, propagation, nullptr) == 0) return {};
    if (errno != EINVAL || path == "/") {
      return sys_error("mount", path, "setting the propagation of the root's parent mount");
    }
    size_t slash = path.rfind('/');
    path = slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
  }
}

Status set_new_root_propagation(const Value& step) {
  auto flags = static_cast<unsigned long>(step["propagation"].as_uint());
  if (flags != 0 && ::mount(nullptr, "/", nullptr, flags, nullptr) < 0) {
    return sys_error("mount", "/", "setting the propagation of the root");
  }
  return {};
}

Status enter_root(Context& context) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  if (fchdir(*root) < 0) return sys_error("fchdir", context.root_path);
  return {};
}

Status chroot_here() {
  if (::chroot(".") < 0) return sys_error("chroot", ".");
  if (chdir("/") < 0) return sys_error("chdir", "/");
  return {};
}

}  // namespace

Status propagation(Context&, const Value& step) {
  const std::string& path = step["path"].as_string();
  if (::mount(nullptr, path.c_str(), nullptr, step["flags"].as_uint(), nullptr) < 0) {
    return sys_error("mount", path);
  }
  return {};
}

Status overlay(Context&, const Value& step) {
  const std::string& path = step["path"].as_string();
  const std::string& data = step["data"].as_string();
  if (::mount("overlay", path.c_str(), "overlay", step["flags"].as_uint(), data.c_str()) < 0) {
    return sys_error("mount", path, "laying an overlay on the root");
  }
  return {};
}

Status root(Context& context, const Value& step) {
  const std::string& path = step["path"].as_string();
  context.root_path = path;
  if (step["bind"].as_bool()) {
    auto propagation = static_cast<unsigned long>(step["parentPropagation"].as_uint(MS_PRIVATE));
    OCIRT_TRY(separate_parent(path, propagation));
    if (::mount(path.c_str(), path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) < 0) {
      return sys_error("mount", path, "binding the root on itself");
    }
  }
  context.root.reset(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!context.root) return sys_error("open", path);
  return {};
}

Status root_readonly(Context& context, const Value&) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  return set_attached_attributes(*root, {MOUNT_ATTR_RDONLY, 0}, false, "/");
}

Status pivot(Context& context, const Value& step) {
  UniqueFd old_root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!old_root) return sys_error("open", "/");
  OCIRT_TRY(enter_root(context));
  // Both in one place: the old root comes to lie over the new one, and no directory has to be
  // made for it. pivot_root(2), NOTES.
  if (syscall(SYS_pivot_root, ".", ".") < 0) return sys_error("pivot_root", context.root_path);
  if (fchdir(old_root.get()) < 0) return sys_error("fchdir", "/");
  // So that the unmount doesn't reach the host. Not private: mounts that the host removes
  // meanwhile must go from here, too, or they stay busy.
  if (::mount(nullptr, ".", nullptr, MS_SLAVE | MS_REC, nullptr) < 0)
    return sys_error("mount", ".");
  if (umount2(".", MNT_DETACH) < 0) return sys_error("umount2", ".");
  if (chdir("/") < 0) return sys_error("chdir", "/");
  return set_new_root_propagation(step);
}

Status move_root(Context& context, const Value& step) {
  // chroot(2) leaves the host's mounts reachable for the kernel's question whether a full procfs
  // is visible, which decides if a container may mount its own unmasked one in a user namespace.
  OCIRT_TRY(detach_kernel_mounts(context.root_path));
  OCIRT_TRY(enter_root(context));
  if (::mount(".", "/", nullptr, MS_MOVE, nullptr) < 0)
    return sys_error("mount", "/", "moving the root");
  OCIRT_TRY(chroot_here());
  return set_new_root_propagation(step);
}

Status chroot(Context& context, const Value&) {
  OCIRT_TRY(enter_root(context));
  return chroot_here();
}

}  // namespace ocirt::steps
