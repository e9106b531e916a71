// Steps of plans that change a running container and execute nothing (`mounts add` and `remove`).
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/steps.h"
#include "path/resolve.h"
#include "sys/procfs.h"

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
  Result<int> proc = procfs_of(context);
  if (!proc) return proc.error();
  const std::string& path = step["target"].as_string();
  Result<UniqueFd> target = open_mount_point(*root, path);
  if (!target) return target.error();
  // umount2(2) takes a path only: that of the descriptor, in a procfs that nobody has mounted on.
  UniqueFd before(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!before) return sys_error("open", ".");
  if (fchdir(*proc) < 0) return sys_error("fchdir", "/proc");
  std::string name = "self/fd/" + std::to_string(target->get());
  int result = umount2(name.c_str(), MNT_DETACH);
  int saved = errno;
  (void)!fchdir(before.get());
  if (result == 0) return {};
  if (saved == EINVAL) return make_error("umount2", saved, path, "nothing is mounted there");
  return make_error("umount2", saved, path);
}

Status end(Context&, const Value&) {
  _exit(0);
}

}  // namespace ocirt::steps
