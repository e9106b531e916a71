// Mounts by descriptor: open_tree(2), move_mount(2), mount_setattr(2), each with its older rung,
// mount(2) through /proc/self/fd. That is for the time before `pivot`, when the host's /proc is the
// one that is seen; in a running container another procfs must be named first (mount_through).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// MOUNT_ATTR_* bits.
struct MountAttributes {
  uint64_t set = 0;
  uint64_t clear = 0;
  bool empty() const { return set == 0 && clear == 0; }
};

// "/proc/self/fd/N": names what a descriptor holds, for calls that know paths only.
std::string descriptor_path(int fd);

// From here on descriptors are named by this procfs, not by /proc: in a running container that is
// what the container has made of it. It must stay open.
void mount_through(int procfs);

// mount(2) on what `target` holds.
Status mount_on(int target, const std::string& source, const std::string& type, unsigned long flags,
                const std::string& data, std::string_view path);

// Takes away what is mounted uppermost on what `place` holds, or `place` itself if it is the root
// of a mount; who uses it may go on. EINVAL: nothing is mounted there.
Status detach_mount(int place, std::string_view path);

// A detached copy (open_tree with OPEN_TREE_CLONE) of the mount at `path` relative to `directory`;
// "" for `directory` itself. ENOSYS before Linux 5.2.
Result<UniqueFd> clone_mount(int directory, const std::string& path, bool recursive);

// Puts a detached mount on what `target` holds. `tree` is then the attached mount. ENOSYS before
// Linux 5.2, or where a filter knows the one call and not the other: nothing is done then.
Status attach_mount(int tree, int target, std::string_view path);

// Binds what `source` (O_PATH will do) holds on what `target` holds; the older rung.
Status bind_by_path(int source, int target, bool recursive, std::string_view path);

// Binds what `source` holds on what `target` holds: by a detached copy, or by path.
Status bind_mount(int source, int target, bool recursive, std::string_view path);

// mount_setattr(2), on detached mounts too. ENOSYS before Linux 5.12.
Status set_mount_attributes(int mount, const MountAttributes& attributes, bool recursive,
                            std::string_view path);

// The same for a mount that is attached; its older rung is a remount of the one mount with its
// other flags kept. `recursive` has none: ENOSYS.
Status set_attached_attributes(int mount, const MountAttributes& attributes, bool recursive,
                               std::string_view path);

// MS_SHARED, MS_PRIVATE, MS_SLAVE or MS_UNBINDABLE, with MS_REC for the whole tree.
Status set_propagation(int mount, unsigned long flags, std::string_view path);

// Whether the descriptor is the root of a mount other than the one `below` lies on: that a path
// that has been mounted on and opened again is what has been mounted.
bool is_mounted_over(int fd, int below);

// Magic number of the file system (f_type of fstatfs), 0 if it can't be told.
uint64_t file_system_type(int fd);

// MS_* flags of the mount that `fd` lies on, from statfs, as a remount must repeat them.
Result<unsigned long> mount_flags(int fd, std::string_view path);

}  // namespace ocirt
