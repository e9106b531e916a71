// Where, when and with which memory the calling process runs.
#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"

namespace ocirt {

// The fields of sched_setattr(2); times in nanoseconds.
struct Scheduling {
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;
  uint64_t deadline = 0;
  uint64_t period = 0;
};

Status set_scheduling(const Scheduling& request);

// ioprio_set(2) of the process group, as runc does: class << 13 | level.
Status set_io_priority(int value);

// sched_setaffinity(2). CPUs that are not there are left out by the kernel; none at all is EINVAL.
Status set_affinity(const std::vector<int>& cpus);

// The calling thread runs on other CPUs, and where it was before when this goes.
class ScopedAffinity {
 public:
  ScopedAffinity() = default;
  ~ScopedAffinity();
  ScopedAffinity(const ScopedAffinity&) = delete;
  ScopedAffinity& operator=(const ScopedAffinity&) = delete;
  // Once; as set_affinity.
  Status enter(const std::vector<int>& cpus);

 private:
  std::vector<unsigned long> before_;  // empty: nothing was changed
};

// set_mempolicy(2): mode with its flags, NUMA node numbers.
Status set_memory_policy(int mode, const std::vector<int>& nodes);

}  // namespace ocirt
