// The mounts of the host that a chroot without pivot_root would leave visible.
#pragma once

#include <string>

#include "core/result.h"

namespace ocirt {

// Unmounts (or, where that is not allowed, covers with an empty tmpfs) every whole procfs and
// sysfs of this mount namespace that is not below `except`.
Status detach_kernel_mounts(const std::string& except);

}  // namespace ocirt
