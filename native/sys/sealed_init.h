// The helper's executable in a sealed memfd.
#pragma once

#include "core/result.h"

namespace ocirt {

// A descriptor of a memfd that holds ocirt-init, sealed against every change: a container that
// gets at it through /proc/PID/exe can't write to what the next container runs (CVE-2019-5736).
// Made once and kept for the life of the process: filling it costs more than all the rest of a
// spawn, and nothing can change it. Owned by the callee.
Result<int> sealed_init();

}  // namespace ocirt
