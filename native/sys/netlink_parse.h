// Reads rtnetlink(7) messages. Nothing here makes a system call: bytes in, plain data out, whatever
// the bytes are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ocirt {

struct NetlinkMessage {
  uint16_t type = 0;
  uint16_t flags = 0;
  uint32_t sequence = 0;
  std::string_view payload;  // into the bytes that were split
};

// The messages of one datagram. False where one does not fit in what is left; those before it are
// in `out`.
bool split_messages(std::string_view bytes, std::vector<NetlinkMessage>& out);

// The number in an NLMSG_ERROR: 0 for an acknowledgement, else a negative errno.
bool parse_error(std::string_view payload, int32_t& error);

// A network device, of RTM_NEWLINK.
struct NetworkLink {
  int32_t index = 0;
  uint32_t flags = 0;  // IFF_*
  uint32_t mtu = 0;
  std::string name;
  std::string address;  // of its hardware, raw bytes
};
bool parse_link(std::string_view payload, NetworkLink& out);

// An address of a device, of RTM_NEWADDR. Addresses are raw bytes, "" where there is none.
struct NetworkAddress {
  uint8_t family = 0;
  uint8_t prefix = 0;
  uint8_t scope = 0;
  uint32_t index = 0;
  uint32_t flags = 0;  // IFA_F_*
  std::string address;
  std::string local;
  std::string broadcast;
};
bool parse_address(std::string_view payload, NetworkAddress& out);

}  // namespace ocirt
