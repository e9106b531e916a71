// Verbs about namespaces and what lives in them.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include <cstring>

#include "payload.h"

namespace payload {
namespace {

// The links of /proc/self/ns; the argument is where procfs lies.
std::string links(const Args& args) {
  std::string proc = args.empty() ? "/proc" : args[0];
  Members members;
  for (const char* type : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
    members.push_back({type, quote(readLink(proc + "/self/ns/" + type))});
  }
  return object(members);
}

std::string hostName(const Args&) {
  utsname name;
  if (uname(&name) < 0) return failure(errno);
  return object({{"hostname", quote(name.nodename)},
                 {"domainname", quote(name.domainname)},
                 {"machine", quote(name.machine)}});
}

std::string clocks(const Args&) {
  Members members;
  const std::pair<const char*, clockid_t> all[] = {
      {"monotonic", CLOCK_MONOTONIC}, {"boottime", CLOCK_BOOTTIME}, {"realtime", CLOCK_REALTIME}};
  for (const auto& [name, id] : all) {
    timespec time = {};
    clock_gettime(id, &time);
    members.push_back({name, number(time.tv_sec)});
  }
  return object(members);
}

// Network interfaces by name, with whether they are up.
std::string interfaces(const Args&) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(errno);
  Members members;
  if (struct if_nameindex* all = if_nameindex()) {
    for (struct if_nameindex* at = all; at->if_index != 0; at++) {
      ifreq request = {};
      std::strncpy(request.ifr_name, at->if_name, IFNAMSIZ - 1);
      bool up = ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
      members.push_back({at->if_name, object({{"up", boolean(up)}})});
    }
    if_freenameindex(all);
  }
  close(fd);
  return object(members);
}

std::string addressText(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(address);
    inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
  }
  return text;
}

// Network interfaces by name: up, mtu, hardware address, addresses.
std::string devices(const Args&) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifaddrs* all = nullptr;
  if (fd < 0 || getifaddrs(&all) < 0) return failure(errno);
  Members members;
  for (ifaddrs* at = all; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_PACKET) continue;
    std::vector<std::string> addresses;
    for (ifaddrs* other = all; other != nullptr; other = other->ifa_next) {
      if (other->ifa_addr == nullptr || std::strcmp(other->ifa_name, at->ifa_name) != 0) continue;
      std::string text = addressText(other->ifa_addr);
      if (!text.empty()) addresses.push_back(text);
    }
    ifreq request = {};
    std::strncpy(request.ifr_name, at->ifa_name, IFNAMSIZ - 1);
    long long mtu = ioctl(fd, SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : -1;
    std::string mac;
    const auto* hardware = reinterpret_cast<const sockaddr_ll*>(at->ifa_addr);
    for (int i = 0; i < hardware->sll_halen; i++) {
      char part[4];
      std::snprintf(part, sizeof part, "%s%02x", i == 0 ? "" : ":", hardware->sll_addr[i]);
      mac += part;
    }
    members.push_back({at->ifa_name, object({{"up", boolean((at->ifa_flags & IFF_UP) != 0)},
                                             {"mtu", number(mtu)},
                                             {"mac", quote(mac)},
                                             {"addresses", strings(addresses)}})});
  }
  freeifaddrs(all);
  close(fd);
  return object(members);
}

// keyctl(2), KEYCTL_DESCRIBE of the session keyring: "keyring;uid;gid;perm;description".
std::string sessionKeyring(const Args&) {
  constexpr int kGetId = 0, kDescribe = 6, kSession = -3;
  char text[512] = {};
  long id = syscall(SYS_keyctl, kGetId, kSession, 0);
  if (id < 0) return failure(errno);
  if (syscall(SYS_keyctl, kDescribe, id, text, sizeof text) < 0) return failure(errno);
  return object({{"id", number(id)}, {"description", quote(text)}});
}

}  // namespace

const std::vector<ReportVerb>& namespaceVerbs() {
  static const std::vector<ReportVerb> verbs = {
      {"ns", 0, links},         {"uname", 0, hostName},         {"clocks", 0, clocks},
      {"links", 0, interfaces}, {"keyring", 0, sessionKeyring}, {"devices", 0, devices},
  };
  return verbs;
}

}  // namespace payload
