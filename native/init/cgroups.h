// The helper moves itself into its cgroups of v1.
//
// A process that moves its only thread needs no lock of the kernel's (cgroup_threadgroup_rwsem),
// whose first taker waits for an RCU grace period, 5 to 15 ms: what a write of its pid to
// cgroup.procs by the host would do. It does so as its first act after the exec, and not before:
// what the exec brings into memory is charged to the host's cgroup then, and the smallest limit
// that a container can have is the lower for it.
#pragma once

#include "core/result.h"
#include "init/context.h"

namespace ocirt {

// Writes to each descriptor, an open `tasks` file given as a number in text, and closes it. The
// rights are those of who opened them. Returns whether all of them took it.
bool join_cgroups(char** numbers);

// The host moves the helper, by cgroup.procs: what that refuses is the error to report.
Status join_through_host(Context& context);

}  // namespace ocirt
