// Id-mapped mounts: mount_setattr(2), MOUNT_ATTR_IDMAP.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "sys/id_map.h"

namespace ocirt {

// A user namespace that nobody is in, for its maps alone. The maps are written directly: the
// caller has the right to.
Result<UniqueFd> make_user_namespace(const IdMapping& mapping);

// Maps the ids of a detached mount (open_tree(2)), or of its whole tree, by the maps of a user
// namespace. EINVAL: the file system has no support for it, or is mapped already; EPERM: the
// caller does not own the file system. ENOSYS before Linux 5.12.
Status map_tree(int tree, int user_namespace, bool recursive);

}  // namespace ocirt
