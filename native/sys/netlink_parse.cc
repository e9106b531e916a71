#include "sys/netlink_parse.h"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>

namespace ocirt {
namespace {

constexpr size_t kAlignment = 4;  // NLMSG_ALIGNTO, RTA_ALIGNTO

size_t aligned(size_t length) {
  return (length + kAlignment - 1) & ~(kAlignment - 1);
}

// Cuts a header off the front. Headers are copied: the bytes need not be aligned.
template <typename Header>
bool take(std::string_view& bytes, Header& out) {
  if (bytes.size() < sizeof out) return false;
  std::memcpy(&out, bytes.data(), sizeof out);
  bytes.remove_prefix(std::min(aligned(sizeof out), bytes.size()));
  return true;
}

// Calls found(type, data) for each attribute. False where one does not fit in what is left.
template <typename Found>
bool attributes(std::string_view bytes, Found found) {
  while (bytes.size() >= sizeof(rtattr)) {
    rtattr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > bytes.size()) return false;
    found(header.rta_type & NLA_TYPE_MASK,
          bytes.substr(sizeof header, header.rta_len - sizeof header));
    bytes.remove_prefix(std::min(aligned(header.rta_len), bytes.size()));
  }
  return true;
}

uint32_t number(std::string_view data, uint32_t otherwise) {
  if (data.size() != sizeof(uint32_t)) return otherwise;
  uint32_t value;
  std::memcpy(&value, data.data(), sizeof value);
  return value;
}

}  // namespace

bool split_messages(std::string_view bytes, std::vector<NetlinkMessage>& out) {
  while (!bytes.empty()) {
    nlmsghdr header;
    if (bytes.size() < sizeof header) return false;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) return false;
    out.push_back({header.nlmsg_type, header.nlmsg_flags, header.nlmsg_seq,
                   bytes.substr(sizeof header, header.nlmsg_len - sizeof header)});
    bytes.remove_prefix(std::min(aligned(header.nlmsg_len), bytes.size()));
  }
  return true;
}

bool parse_error(std::string_view payload, int32_t& error) {
  return take(payload, error);
}

bool parse_link(std::string_view payload, NetworkLink& out) {
  ifinfomsg header;
  if (!take(payload, header)) return false;
  out.index = header.ifi_index;
  out.flags = header.ifi_flags;
  return attributes(payload, [&](int type, std::string_view data) {
    if (type == IFLA_IFNAME) out.name = data.substr(0, data.find('\0'));
    if (type == IFLA_MTU) out.mtu = number(data, 0);
    if (type == IFLA_ADDRESS) out.address = data;
  });
}

bool parse_address(std::string_view payload, NetworkAddress& out) {
  ifaddrmsg header;
  if (!take(payload, header)) return false;
  out.family = header.ifa_family;
  out.prefix = header.ifa_prefixlen;
  out.scope = header.ifa_scope;
  out.index = header.ifa_index;
  out.flags = header.ifa_flags;
  return attributes(payload, [&](int type, std::string_view data) {
    if (type == IFA_ADDRESS) out.address = data;
    if (type == IFA_LOCAL) out.local = data;
    if (type == IFA_BROADCAST) out.broadcast = data;
    // All 32 of them; the header has room for eight.
    if (type == IFA_FLAGS) out.flags = number(data, out.flags);
  });
}

}  // namespace ocirt
