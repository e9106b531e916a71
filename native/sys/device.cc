#include "sys/device.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/mounts.h"
#include "sys/umask.h"

namespace ocirt {
namespace {

bool same_device(const struct stat& status, mode_t type, dev_t number) {
  if ((status.st_mode & S_IFMT) != type) return false;
  return type == S_IFIFO || status.st_rdev == number;
}

}  // namespace

bool is_device(int fd, mode_t type, dev_t number) {
  struct stat status;
  return fstat(fd, &status) == 0 && same_device(status, type, number);
}

Status change_mode(int fd, mode_t mode, const std::string& path) {
  constexpr long kFchmodat2 = 452;  // the same on every architecture; Linux 6.6
  if (syscall(kFchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0) return {};
  if (errno != ENOSYS && errno != EPERM) return sys_error("fchmodat2", path);
  if (chmod(descriptor_path(fd).c_str(), mode) < 0) return sys_error("chmod", path);
  return {};
}

Status make_device(const Place& place, const DeviceNode& node, const std::string& path) {
  {
    ScopedUmask umask(0);
    if (mknodat(place.directory.get(), place.name.c_str(), node.type | node.permissions,
                node.number) < 0 &&
        errno != EEXIST) {
      return sys_error("mknodat", path);
    }
  }
  UniqueFd fd(openat(place.directory.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return sys_error("openat", path);
  struct stat status;
  if (fstat(fd.get(), &status) < 0) return sys_error("fstat", path);
  if (!same_device(status, node.type, node.number)) {
    return make_error("mknodat", EEXIST, path, "something else is there already");
  }
  // The owner first: chown(2) may clear mode bits.
  if (status.st_uid != node.uid || status.st_gid != node.gid) {
    if (fchownat(fd.get(), "", node.uid, node.gid, AT_EMPTY_PATH) < 0) {
      return sys_error("fchownat", path);
    }
  }
  if ((status.st_mode & 07777) != node.permissions) {
    OCIRT_TRY(change_mode(fd.get(), node.permissions, path));
  }
  return {};
}

}  // namespace ocirt
