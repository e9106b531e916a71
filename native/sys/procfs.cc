#include "sys/procfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "sys/mount_api.h"
#include "sys/mounts.h"
#include "sys/syscalls.h"

namespace ocirt {
namespace {

constexpr ino_t kRootInode = 1;  // PROC_ROOT_INO, <linux/proc_ns.h>

UniqueFd open_private() {
  UniqueFd context(sys_fsopen("proc", FSOPEN_CLOEXEC));
  if (!context) return {};
  if (sys_fsconfig(context.get(), kFsconfigCmdCreate, nullptr, nullptr, 0) < 0) return {};
  return UniqueFd(sys_fsmount(context.get(), FSMOUNT_CLOEXEC,
                              MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
}

// The rung below openat2: what was opened must lie on the very mount it started from.
bool on_mount_of(int fd, int proc) {
  if (file_system_type(fd) != PROC_SUPER_MAGIC) return false;
  struct statx file {
  }, root{};
  constexpr unsigned kMountId = 0x1000;  // STATX_MNT_ID, Linux 5.8
  if (sys_statx(fd, "", AT_EMPTY_PATH, kMountId, &file) < 0) return errno == ENOSYS;
  if (sys_statx(proc, "", AT_EMPTY_PATH, kMountId, &root) < 0) return errno == ENOSYS;
  return !(file.stx_mask & root.stx_mask & kMountId) || file.stx_mnt_id == root.stx_mnt_id;
}

}  // namespace

Result<UniqueFd> open_procfs() {
  UniqueFd proc = open_private();
  if (!proc) {
    proc.reset(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!proc) return sys_error("open", "/proc");
  }
  struct stat status;
  if (fstat(proc.get(), &status) < 0) return sys_error("fstat", "/proc");
  if (file_system_type(proc.get()) != PROC_SUPER_MAGIC || status.st_ino != kRootInode) {
    return make_error("open", ENODEV, "/proc", "it is not a procfs");
  }
  return proc;
}

Result<UniqueFd> open_in_procfs(int proc, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(syscall(SYS_openat2, proc, path.c_str(), &how, sizeof how)));
  if (fd) return fd;
  if (errno != ENOSYS && errno != EPERM) return sys_error("openat2", "/proc/" + path);
  fd.reset(openat(proc, path.c_str(), flags | O_CLOEXEC));
  if (!fd) return sys_error("openat", "/proc/" + path);
  if (!on_mount_of(fd.get(), proc)) {
    return make_error("openat", EXDEV, "/proc/" + path, "something is mounted over it");
  }
  return fd;
}

Status write_in_procfs(int proc, const std::string& path, std::string_view data) {
  Result<UniqueFd> fd = open_in_procfs(proc, path, O_WRONLY);
  if (!fd) return fd.error();
  ssize_t written;
  do {
    written = write(fd->get(), data.data(), data.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return sys_error("write", "/proc/" + path);
  if (static_cast<size_t>(written) != data.size()) return make_error("write", EIO, "/proc/" + path);
  return {};
}

}  // namespace ocirt
