// Steps of plans that change a running container and execute nothing (`mounts add` and `remove`).
#include <fcntl.h>
#include <unistd.h>

#include "init/steps.h"
#include "path/resolve.h"
#include "sys/mounts.h"

namespace ocirt::steps {
namespace {

// A mount point cannot be moved or replaced by who is in the container, but a folder above it can,
// by a link to another mount point: a mask of /proc, say. So no link is followed here.
Result<UniqueFd> open_mount_point(int root, const std::string& path) {
  Result<UniqueFd> fd =
      resolve_in_root(root, path, O_PATH | O_NOFOLLOW, Resolver::automatic, Links::refused);
  if (!fd && fd.error().errnum == ELOOP) {
    return make_error(fd.error().syscall, ELOOP, path,
                      "a mount is not removed through a symbolic link");
  }
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
