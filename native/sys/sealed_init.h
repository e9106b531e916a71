// The helper's executable in a sealed memfd.
#pragma once

#include "core/result.h"

namespace ocirt {

// A descriptor of a memfd that holds ocirt-init, sealed against every change: a container that
// gets at it through /proc/PID/exe can't write to what the next container runs (CVE-2019-5736).
// Made once and kept for the life of the process: filling it costs more than all the rest of a
// spawn, and nothing can change it. Owned by the callee.
Result<int> sealed_init();

// Makes the memfd such that whoever executes it in a new user namespace cannot read it: it is
// executable only, and its owner is nobody there. For the kernel the process then has memory of the
// outer namespace, which the owner of the new one cannot look into (execve(2), ptrace(2),
// "dumpable"). Nothing is lost where it can't be done: who has no such owner to give is not root of
// a host.
void hide_from_namespaces(int init);

}  // namespace ocirt
