// How a process ended that is not our child.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "core/result.h"

namespace ocirt {

// Waits until the process behind `pidfd` has ended, at most `timeout_ms` (-1: for ever), and finds
// its status, in the form of waitpid(2). Nothing where it has not ended, or where nobody can tell.
//
// From Linux 6.15 on a pidfd that was held at the end knows it as soon as the parent has reaped the
// process; before that, and on older kernels, the zombie's /proc/PID/stat does, to those who may
// trace it. `pid` is for that. Where only the parent is waited for, `timeout_ms` counts anew.
Result<std::optional<int>> await_exit(int pidfd, pid_t pid, int64_t timeout_ms);

}  // namespace ocirt
