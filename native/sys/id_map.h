// Writes the id maps of a new user namespace, see user_namespaces(7).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/result.h"

namespace ocirt {

struct IdMapping {
  std::string uid_map;  // lines of "containerID hostID size"
  std::string gid_map;
  bool deny_setgroups = false;
  std::string newuidmap;  // path of newuidmap(1), "" to write directly
  std::string newgidmap;
  uid_t uid = 0;  // who the first process of the namespace becomes
  gid_t gid = 0;
};

// For the process `pid`, which is in its new user namespace and waits.
Status write_id_maps(pid_t pid, const IdMapping& mapping);

}  // namespace ocirt
