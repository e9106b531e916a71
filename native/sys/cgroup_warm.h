// Hides the wait that the first move of a process between v1 cgroups takes.
#pragma once

#include <string>

#include "core/result.h"

namespace ocirt {

// A write to cgroup.procs takes a lock of the kernel's (cgroup_threadgroup_rwsem) whose first
// writer waits for an RCU grace period, 5 to 15 ms; those that follow soon do not. This makes a
// thread that takes the lock with a pid that cannot exist (above PID_MAX_LIMIT), so that nothing
// moves, and returns at once: the grace period passes while the caller prepares its container.
// What goes wrong is of no consequence but time, and not reported.
Status warm_cgroup_lock(const std::string& procs_file);

}  // namespace ocirt
