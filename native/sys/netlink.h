// Network devices and their addresses, by rtnetlink(7), in any network namespace.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "sys/netlink_parse.h"

namespace ocirt {

// `space` is a descriptor of a network namespace, -1 for the caller's own.

Result<std::vector<NetworkLink>> network_links(int space);

// The addresses of every family of one device.
Result<std::vector<NetworkAddress>> network_addresses(int space, int32_t index);

// Moves a device to another network namespace (`target`, a descriptor) under a name, which may be
// a template such as "eth%d" where the device's own name is not free there or has to change. The
// kernel takes it down and its addresses away.
Status move_link(int space, int32_t index, int target, const std::string& name);

// The `index` of the address counts.
Status add_address(int space, const NetworkAddress& address);

Status raise_link(int space, int32_t index);

}  // namespace ocirt
