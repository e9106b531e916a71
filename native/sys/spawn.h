// Starts the helper in new namespaces. docs/architecture.md, "Spawn", says how and why.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "sys/id_map.h"

namespace ocirt {

struct SpawnRequest {
  uint64_t clone_flags = 0;        // CLONE_NEW*
  int cgroup = -1;                 // directory of a v2 cgroup to be born in
  std::vector<std::string> tasks;  // `tasks` files of v1 cgroups that the helper moves itself to
  std::vector<int> born_in;        // namespaces to be born in, see ThreadNamespaces
  // One of them is a pid namespace: who is in it sees the child, which gets a copy of our memory
  // then, and no cgroup.
  bool seen_by_others = false;
  std::vector<int> affinity;  // CPUs that it is born on; empty: the caller's
  std::optional<IdMapping> mapping;
  std::vector<int> keep;  // descriptors the helper gets under their numbers
  std::optional<std::array<int, 3>> stdio;
};

struct Spawned {
  pid_t pid = -1;
  UniqueFd pidfd;  // none where the kernel has no pidfds
  UniqueFd channel;
  // In `cgroup`, and about to move to all of `tasks` (it asks for it where one is refused, see
  // native/init/cgroups.h). Otherwise the caller is to move it.
  bool in_cgroups = false;
};

// Returns when the helper has been executed. On failure nothing is left of it: the child is killed
// and reaped.
Result<Spawned> spawn_init(const SpawnRequest& request);

}  // namespace ocirt
