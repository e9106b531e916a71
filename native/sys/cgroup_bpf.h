// The device controller of cgroup v2, which is an eBPF program.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace ocirt {

// Loads `program` (an array of struct bpf_insn) and attaches it to the cgroup, in place of those
// that were attached there before. There is no moment without one: the new program is in force
// before an old one goes.
Status attach_device_program(const std::string& cgroup, std::string_view program);

}  // namespace ocirt
