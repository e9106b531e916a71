#include "sys/netlink.h"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>

#include "core/unique_fd.h"
#include "sys/thread_namespaces.h"

namespace ocirt {
namespace {

constexpr size_t kDatagram = 64 * 1024;  // the kernel's dumps come in pieces of at most 32 KB

// A request in the making: the header, what it is about, then attributes.
class Request {
 public:
  template <typename Body>
  Request(uint16_t type, uint16_t flags, const Body& body) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = flags | NLM_F_REQUEST;
    header.nlmsg_seq = 1;
    put(&header, sizeof header);
    put(&body, sizeof body);
  }

  void attribute(unsigned short type, std::string_view data) {
    rtattr header{static_cast<unsigned short>(sizeof(rtattr) + data.size()), type};
    put(&header, sizeof header);
    put(data.data(), data.size());
  }
  void attribute(unsigned short type, uint32_t value) {
    attribute(type, std::string_view(reinterpret_cast<const char*>(&value), sizeof value));
  }

  const std::string& finish() {
    auto length = static_cast<uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &length, sizeof length);  // nlmsg_len
    return bytes_;
  }

 private:
  void put(const void* data, size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    bytes_.resize((bytes_.size() + 3) & ~size_t{3});
  }
  std::string bytes_;
};

// A socket belongs to the namespace that its thread was in when it was made.
Result<UniqueFd> open_socket(int space) {
  ThreadNamespaces there;
  if (space >= 0) OCIRT_TRY(there.enter(space));
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  int error = errno;
  OCIRT_TRY(there.leave());
  if (!fd) return make_error("socket", error, {}, "netlink");
  return fd;
}

Result<size_t> receive(int fd, std::string& buffer) {
  ssize_t n;
  do {
    n = ::recv(fd, buffer.data(), buffer.size(), MSG_TRUNC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("recv", {}, "netlink");
  if (static_cast<size_t>(n) > buffer.size()) return make_error("recv", EMSGSIZE, {}, "netlink");
  return static_cast<size_t>(n);
}

// Sends the request and gives each message of the answer to `take` until its end: NLMSG_DONE, or
// the acknowledgement. `what` names the request in an error.
template <typename Take>
Status converse(int space, Request& request, const char* what, Take take) {
  Result<UniqueFd> fd = open_socket(space);
  if (!fd) return fd.error();
  const std::string& bytes = request.finish();
  if (::send(fd->get(), bytes.data(), bytes.size(), 0) < 0) return sys_error("send", {}, what);
  std::string buffer(kDatagram, '\0');
  for (;;) {
    Result<size_t> size = receive(fd->get(), buffer);
    if (!size) return size.error();
    std::vector<NetlinkMessage> messages;
    if (!split_messages(std::string_view(buffer).substr(0, *size), messages) || *size == 0) {
      return make_error("recv", EBADMSG, {}, what);
    }
    for (const NetlinkMessage& message : messages) {
      if (message.type == NLMSG_DONE) return {};
      if (message.type == NLMSG_ERROR) {
        int32_t error = 0;
        if (!parse_error(message.payload, error)) return make_error("recv", EBADMSG, {}, what);
        return error == 0 ? Status() : Status(make_error(what, -error));
      }
      if (!take(message)) return make_error("recv", EBADMSG, {}, what);
    }
  }
}

Status command(int space, Request& request, const char* what) {
  return converse(space, request, what, [](const NetlinkMessage&) { return true; });
}

}  // namespace

Result<std::vector<NetworkLink>> network_links(int space) {
  Request request(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
  std::vector<NetworkLink> out;
  OCIRT_TRY(converse(space, request, "RTM_GETLINK", [&](const NetlinkMessage& message) {
    return message.type != RTM_NEWLINK || parse_link(message.payload, out.emplace_back());
  }));
  return out;
}

Result<std::vector<NetworkAddress>> network_addresses(int space, int32_t index) {
  Request request(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  std::vector<NetworkAddress> out;
  OCIRT_TRY(converse(space, request, "RTM_GETADDR", [&](const NetlinkMessage& message) {
    NetworkAddress address;
    if (message.type != RTM_NEWADDR) return true;
    if (!parse_address(message.payload, address)) return false;
    if (address.index == static_cast<uint32_t>(index)) out.push_back(std::move(address));
    return true;
  }));
  return out;
}

Status move_link(int space, int32_t index, int target, const std::string& name) {
  ifinfomsg body{};
  body.ifi_index = index;
  Request request(RTM_NEWLINK, NLM_F_ACK, body);
  request.attribute(IFLA_NET_NS_FD, static_cast<uint32_t>(target));
  request.attribute(IFLA_IFNAME, std::string_view(name.c_str(), name.size() + 1));
  return command(space, request, "RTM_NEWLINK");
}

Status add_address(int space, const NetworkAddress& address) {
  ifaddrmsg body{};
  body.ifa_family = address.family;
  body.ifa_prefixlen = address.prefix;
  body.ifa_scope = address.scope;
  body.ifa_index = address.index;
  Request request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, body);
  if (!address.local.empty()) request.attribute(IFA_LOCAL, address.local);
  if (!address.address.empty()) request.attribute(IFA_ADDRESS, address.address);
  if (!address.broadcast.empty()) request.attribute(IFA_BROADCAST, address.broadcast);
  request.attribute(IFA_FLAGS, address.flags);
  return command(space, request, "RTM_NEWADDR");
}

Status raise_link(int space, int32_t index) {
  ifinfomsg body{};
  body.ifi_index = index;
  body.ifi_flags = IFF_UP;
  body.ifi_change = IFF_UP;
  Request request(RTM_NEWLINK, NLM_F_ACK, body);
  return command(space, request, "RTM_NEWLINK");
}

}  // namespace ocirt
