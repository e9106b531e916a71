// Steps of plans that change a running container and execute nothing (`mounts add` and `remove`).
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/steps.h"
#include "path/resolve.h"
#include "sys/mounts.h"

namespace ocirt::steps {
namespace {

// A mount point cannot be moved or replaced by who is in the container, but a folder above it can,
// by a link to another mount point: a mask of /proc, say. So no link is followed here.
Result<UniqueFd> open_mount_point(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  if (!fd && errno == ELOOP) {
    return make_error("openat2", ELOOP, path, "a mount is not removed through a symbolic link");
  }
  if (!fd) return sys_error("openat2", path);
  return fd;
}

}  // namespace

Status unmount(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  const std::string& path = step["target"].as_string();
  Result<UniqueFd> target = open_mount_point(*root, path);
  if (!target) return target.error();
  Status detached = detach_mount(target->get(), path);
  if (detached || detached.error().errnum != EINVAL) return detached;
  return make_error("umount2", EINVAL, path, "nothing is mounted there");
}

Status end(Context&, const Value&) {
  _exit(0);
}

}  // namespace ocirt::steps
