// Both ends of datagrams: who listens for them on the host, and sd_notify(3) from a container.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "payload.h"

namespace payload {
namespace {

bool addressOf(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

// Sends to its own queue until there is no room for more. What one socket may have on its way can
// be less than that: so there are more of them, until one that is new can send nothing.
bool fill(const sockaddr_un& address) {
  for (;;) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return false;
    int sent = 0;
    while (send(fd, "x", 1, 0) == 1) sent++;
    if (errno != EAGAIN) return false;
    if (sent == 0) return true;
  }
}

// PATH ["full"]: prints each as a line of JSON, for ever; or reads none, and its queue is full.
// Descriptors that come with one are closed.
int listenFor(const Args& args) {
  sockaddr_un address;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (!addressOf(args[0], address)) return 1;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return 1;
  bool full = args.size() > 1;
  if (full && !fill(address)) return 1;
  std::printf("\"listening\"\n");
  std::fflush(stdout);
  while (full) pause();
  for (;;) {
    char buffer[8192];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0) return 1;
    std::printf("%s\n", quote(std::string(buffer, static_cast<size_t>(n))).c_str());
    std::fflush(stdout);
  }
}

// Sends each argument to $NOTIFY_SOCKET, and waits for the end.
int notify(const Args& args) {
  sockaddr_un address;
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || !addressOf(path, address)) return 2;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (const auto& text : args) {
    if (sendto(fd, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&address),
               sizeof address) < 0) {
      return 3;
    }
  }
  std::printf("told\n");
  std::fflush(stdout);
  for (;;) pause();
}

}  // namespace

const std::vector<ActVerb>& datagramVerbs() {
  static const std::vector<ActVerb> verbs = {
      {"datagrams", 1, listenFor},
      {"notify", 1, notify},
  };
  return verbs;
}

}  // namespace payload
