#include "sys/mounts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "sys/mount_api.h"
#include "sys/syscalls.h"

namespace ocirt {
namespace {

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

// Of mount_through; -1: what is at /proc.
int trusted_procfs = -1;

// What a descriptor holds, as a path for mount(2).
std::string place_of(int fd) {
  return trusted_procfs < 0 ? descriptor_path(fd) : "self/fd/" + std::to_string(fd);
}

// The working directory that such paths are relative to, for as long as it lives.
class AmongDescriptors {
 public:
  AmongDescriptors() {
    if (trusted_procfs < 0) return;
    before_.reset(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    entered_ = before_ && fchdir(trusted_procfs) == 0;
  }
  ~AmongDescriptors() {
    int saved = errno;
    if (entered_) (void)!fchdir(before_.get());
    errno = saved;
  }
  AmongDescriptors(const AmongDescriptors&) = delete;
  AmongDescriptors& operator=(const AmongDescriptors&) = delete;
  explicit operator bool() const { return trusted_procfs < 0 || entered_; }

 private:
  UniqueFd before_;
  bool entered_ = false;
};

constexpr unsigned long kStNoSymFollow = 0x2000;  // ST_NOSYMFOLLOW, <linux/statfs.h>
constexpr unsigned long kMsNoSymFollow = 256;     // MS_NOSYMFOLLOW, <linux/mount.h>

// The same flag in three notations: statfs, mount(2), mount_setattr(2) (0: it has none).
struct Flag {
  unsigned long st;
  unsigned long ms;
  uint64_t attribute;
};
constexpr Flag kFlags[] = {
    {ST_RDONLY, MS_RDONLY, MOUNT_ATTR_RDONLY},
    {ST_NOSUID, MS_NOSUID, MOUNT_ATTR_NOSUID},
    {ST_NODEV, MS_NODEV, MOUNT_ATTR_NODEV},
    {ST_NOEXEC, MS_NOEXEC, MOUNT_ATTR_NOEXEC},
    {ST_NODIRATIME, MS_NODIRATIME, MOUNT_ATTR_NODIRATIME},
    {kStNoSymFollow, kMsNoSymFollow, MOUNT_ATTR_NOSYMFOLLOW},
    // The atime mode is one field of three values: strictatime is the absence of both others.
    {ST_NOATIME, MS_NOATIME, 0},
    {ST_RELATIME, MS_RELATIME, 0},
};
constexpr unsigned long kAtimeModes = MS_NOATIME | MS_RELATIME | MS_STRICTATIME;

unsigned long apply(unsigned long flags, const MountAttributes& attributes) {
  for (const Flag& flag : kFlags) {
    if (attributes.clear & flag.attribute) flags &= ~flag.ms;
    if (attributes.set & flag.attribute) flags |= flag.ms;
  }
  if (attributes.clear & MOUNT_ATTR__ATIME) {
    flags &= ~kAtimeModes;
    uint64_t mode = attributes.set & MOUNT_ATTR__ATIME;
    flags |= mode == MOUNT_ATTR_NOATIME       ? MS_NOATIME
             : mode == MOUNT_ATTR_STRICTATIME ? MS_STRICTATIME
                                              : MS_RELATIME;
  }
  return flags;
}

Status set_attributes(int mount, const MountAttr& request, bool recursive, std::string_view path) {
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (sys_mount_setattr(mount, "", flags, request) < 0) {
    return sys_error("mount_setattr", path);
  }
  return {};
}

}  // namespace

std::string descriptor_path(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

void mount_through(int procfs) {
  trusted_procfs = procfs;
}

Status mount_on(int target, const std::string& source, const std::string& type, unsigned long flags,
                const std::string& data, std::string_view path) {
  const char* options = data.empty() ? nullptr : data.c_str();
  AmongDescriptors there;
  if (!there) return sys_error("fchdir", "/proc");
  if (::mount(source.empty() ? nullptr : source.c_str(), place_of(target).c_str(),
              type.empty() ? nullptr : type.c_str(), flags, options) < 0) {
    return sys_error("mount", path);
  }
  return {};
}

Status detach_mount(int place, std::string_view path) {
  AmongDescriptors there;
  if (!there) return sys_error("fchdir", "/proc");
  if (umount2(place_of(place).c_str(), MNT_DETACH) < 0) return sys_error("umount2", path);
  return {};
}

Result<UniqueFd> clone_mount(int directory, const std::string& path, bool recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0) |
                   (path.empty() ? AT_EMPTY_PATH : 0);
  UniqueFd tree(static_cast<int>(::syscall(SYS_open_tree, directory, path.c_str(), flags)));
  if (!tree) return sys_error("open_tree", path);
  return tree;
}

Status attach_mount(int tree, int target, std::string_view path) {
  if (sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
    return sys_error("move_mount", path);
  }
  return {};
}

Status bind_by_path(int source, int target, bool recursive, std::string_view path) {
  return mount_on(target, place_of(source), "", MS_BIND | (recursive ? MS_REC : 0), "", path);
}

Status bind_mount(int source, int target, bool recursive, std::string_view path) {
  Result<UniqueFd> tree = clone_mount(source, "", recursive);
  Status status = tree ? attach_mount(tree->get(), target, path) : Status(tree.error());
  if (status || status.error().errnum != ENOSYS) return status;
  return bind_by_path(source, target, recursive, path);
}

Status set_mount_attributes(int mount, const MountAttributes& attributes, bool recursive,
                            std::string_view path) {
  MountAttr request;
  request.attr_set = attributes.set;
  request.attr_clr = attributes.clear;
  return set_attributes(mount, request, recursive, path);
}

Status set_attached_attributes(int mount, const MountAttributes& attributes, bool recursive,
                               std::string_view path) {
  Status status = set_mount_attributes(mount, attributes, recursive, path);
  if (status || status.error().errnum != ENOSYS || recursive) return status;
  Result<unsigned long> flags = mount_flags(mount, path);
  if (!flags) return flags.error();
  return mount_on(mount, "", "", MS_REMOUNT | MS_BIND | apply(*flags, attributes), "", path);
}

Status set_propagation(int mount, unsigned long flags, std::string_view path) {
  MountAttr request;
  request.propagation = flags & ~static_cast<unsigned long>(MS_REC);
  Status status = set_attributes(mount, request, (flags & MS_REC) != 0, path);
  if (status || status.error().errnum != ENOSYS) return status;
  return mount_on(mount, "", "", flags, "", path);
}

bool is_mounted_over(int fd, int below) {
  struct statx over {
  }, under{};
  constexpr unsigned kWanted = STATX_INO | STATX_MNT_ID;
  if (sys_statx(fd, "", AT_EMPTY_PATH, kWanted, &over) < 0) return errno == ENOSYS;
  if (sys_statx(below, "", AT_EMPTY_PATH, kWanted, &under) < 0) return errno == ENOSYS;
  if (over.stx_mask & under.stx_mask & STATX_MNT_ID) {
    bool root = !(over.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) ||
                (over.stx_attributes & STATX_ATTR_MOUNT_ROOT);
    return root && over.stx_mnt_id != under.stx_mnt_id;
  }
  // Before Linux 5.8: only a bind of a directory on itself looks like nothing has happened.
  return true;
}

uint64_t file_system_type(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) < 0 ? 0 : static_cast<uint64_t>(status.f_type);
}

Result<unsigned long> mount_flags(int fd, std::string_view path) {
  struct statfs status;
  if (fstatfs(fd, &status) < 0) return sys_error("fstatfs", path);
  unsigned long flags = 0;
  for (const Flag& flag : kFlags) {
    if (static_cast<unsigned long>(status.f_flags) & flag.st) flags |= flag.ms;
  }
  if (!(flags & kAtimeModes)) flags |= MS_STRICTATIME;
  return flags;
}

}  // namespace ocirt
