// Device nodes inside a root.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/result.h"
#include "path/resolve.h"

namespace ocirt {

struct DeviceNode {
  mode_t type = 0;  // S_IFCHR, S_IFBLK or S_IFIFO
  dev_t number = 0;
  mode_t permissions = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

// Makes the node. One that is there and is the same device is kept and gets the permissions and
// owner; anything else that is there is EEXIST.
Status make_device(const Place& place, const DeviceNode& node, const std::string& path);

// Whether `fd` is that device.
bool is_device(int fd, mode_t type, dev_t number);

// chmod of what `fd` (O_PATH) holds, without following anything.
Status change_mode(int fd, mode_t mode, const std::string& path);

}  // namespace ocirt
