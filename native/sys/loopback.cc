#include "sys/loopback.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "core/unique_fd.h"

namespace ocirt {

Status raise_loopback() {
  // The ioctls of netdevice(7) work on sockets of every family; AF_UNIX is in kernels without
  // IPv4, too.
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return sys_error("socket");
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  if (ioctl(socket.get(), SIOCGIFFLAGS, &request) < 0)
    return sys_error("ioctl(SIOCGIFFLAGS)", "lo");
  if (request.ifr_flags & IFF_UP) return {};
  request.ifr_flags |= IFF_UP;
  if (ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0)
    return sys_error("ioctl(SIOCSIFFLAGS)", "lo");
  return {};
}

}  // namespace ocirt
