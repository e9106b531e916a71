// Operations on network devices.
#include <net/if.h>

#include "core/operations_list.h"
#include "sys/netlink.h"

namespace ocirt::op {
namespace {

int space_of(const Value& value) {
  return static_cast<int>(value.as_int(-1));
}

int32_t index_of(const Value& value) {
  return static_cast<int32_t>(value.as_int());
}

Value bytes(std::string data) {
  return Value(Bytes{std::move(data)});
}

}  // namespace

Result<Value> networkLinks(const Args& args) {
  Result<std::vector<NetworkLink>> links = network_links(space_of(args[0]));
  if (!links) return links.error();
  Value::Array out;
  for (NetworkLink& link : *links) {
    out.push_back(Value::object({{"index", static_cast<int64_t>(link.index)},
                                 {"name", std::move(link.name)},
                                 {"up", (link.flags & IFF_UP) != 0},
                                 {"mtu", static_cast<int64_t>(link.mtu)},
                                 {"address", bytes(std::move(link.address))}}));
  }
  return Value(std::move(out));
}

Result<Value> networkAddresses(const Args& args) {
  auto addresses = network_addresses(space_of(args[0]), index_of(args[1]));
  if (!addresses) return addresses.error();
  Value::Array out;
  for (NetworkAddress& address : *addresses) {
    out.push_back(Value::object({{"family", static_cast<int64_t>(address.family)},
                                 {"prefix", static_cast<int64_t>(address.prefix)},
                                 {"scope", static_cast<int64_t>(address.scope)},
                                 {"flags", static_cast<int64_t>(address.flags)},
                                 {"address", bytes(std::move(address.address))},
                                 {"local", bytes(std::move(address.local))},
                                 {"broadcast", bytes(std::move(address.broadcast))}}));
  }
  return Value(std::move(out));
}

Result<Value> moveNetworkLink(const Args& args) {
  OCIRT_C_STRING(name, args[3], "RTM_NEWLINK");
  OCIRT_TRY(move_link(space_of(args[0]), index_of(args[1]), space_of(args[2]), name));
  return Value();
}

Result<Value> addNetworkAddress(const Args& args) {
  const Value& in = args[2];
  NetworkAddress address;
  address.index = static_cast<uint32_t>(index_of(args[1]));
  address.family = static_cast<uint8_t>(in["family"].as_uint());
  address.prefix = static_cast<uint8_t>(in["prefix"].as_uint());
  address.scope = static_cast<uint8_t>(in["scope"].as_uint());
  address.flags = static_cast<uint32_t>(in["flags"].as_uint());
  address.address = in["address"].as_string();
  address.local = in["local"].as_string();
  address.broadcast = in["broadcast"].as_string();
  OCIRT_TRY(add_address(space_of(args[0]), address));
  return Value();
}

Result<Value> raiseNetworkLink(const Args& args) {
  OCIRT_TRY(raise_link(space_of(args[0]), index_of(args[1])));
  return Value();
}

}  // namespace ocirt::op
