// A seccomp agent (seccomp_unotify(2)): the other end of linux.seccomp.listenerPath.
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

#include "payload.h"

namespace payload {
namespace {

int listenAt(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return -1;
  return listen(fd, 4) < 0 ? -1 : fd;
}

// Whether it is a JSON object to its last brace.
bool whole(const std::string& text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') i++;
    if (!quoted && text[i] == '{') depth++;
    if (!quoted && text[i] == '}' && --depth == 0) return true;
  }
  return false;
}

// Reads one state, or to the end of the connection; the descriptors come with the first message.
int takeState(int connection, bool to_end, std::string& text, int& fds) {
  int first = -1;
  fds = 0;
  while (to_end || !whole(text)) {
    char data[4096];
    alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
    iovec part = {data, sizeof data};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    if (n <= 0) return first;
    text.append(data, static_cast<size_t>(n));
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    if (c == nullptr || c->cmsg_type != SCM_RIGHTS) continue;
    fds += static_cast<int>((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(&first, CMSG_DATA(c), sizeof first);
  }
  return first;
}

// Answers one call: EXDEV for mkdirat(2), "go on" for all else.
void answer(int listener, std::set<int>& seen) {
  seccomp_notif request = {};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0) return;
  seccomp_notif_resp response = {};
  response.id = request.id;
  if (request.data.nr == SYS_mkdirat) {
    response.error = -EXDEV;
  } else {
    response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  }
  // Once each: a test that waits for the runtime reads nothing meanwhile.
  if (seen.insert(request.data.nr).second) {
    std::printf("%s\n", object({{"call", number(request.data.nr)}}).c_str());
    std::fflush(stdout);
  }
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

// What comes after the state: its end, or more than it should.
bool ended(int connection) {
  char data[4096];
  ssize_t n = recv(connection, data, sizeof data, 0);
  std::printf("%s\n", object({{"after", number(n < 0 ? 0 : n)}}).c_str());
  std::fflush(stdout);
  return n <= 0;
}

// SOCKET WHEN: answers once it has the state, or, with "end", not before the connection has ended;
// prints "listening", then for each filter {"state": TEXT, "fds": N, "link": NAME}, for the end of
// each connection {"after": 0}, and {"call": NUMBER} for each kind of call; all go on but
// mkdirat(2), which gets EXDEV.
int seccompAgent(const Args& args) {
  int listener = listenAt(args[0]);
  if (listener < 0) return 3;
  bool to_end = args[1] == "end";
  std::printf("listening\n");
  std::fflush(stdout);
  std::set<int> seen;
  std::set<int> connections;
  std::vector<pollfd> entries = {{listener, POLLIN, 0}};
  for (;;) {
    if (poll(entries.data(), entries.size(), -1) < 0) return 4;
    if (entries[0].revents != 0) {
      int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      std::string text;
      int count = 0;
      int fd = takeState(connection, to_end, text, count);
      connections.insert(connection);
      entries.push_back({connection, POLLIN, 0});
      std::string link = fd < 0 ? "" : readLink("/proc/self/fd/" + std::to_string(fd));
      Members members = {{"state", quote(text)}, {"fds", number(count)}, {"link", quote(link)}};
      std::printf("%s\n", object(members).c_str());
      std::fflush(stdout);
      if (fd >= 0) entries.push_back({fd, POLLIN, 0});
      continue;
    }
    for (size_t i = 1; i < entries.size(); i++) {
      if (entries[i].revents == 0) continue;
      bool gone = (entries[i].revents & POLLIN) == 0;
      if (connections.count(entries[i].fd) != 0) {
        gone = ended(entries[i].fd);
      } else if (!gone) {
        answer(entries[i].fd, seen);
      }
      if (gone) {
        connections.erase(entries[i].fd);
        close(entries[i].fd);
        entries.erase(entries.begin() + static_cast<long>(i));
        break;
      }
    }
  }
}

}  // namespace

const std::vector<ActVerb>& agentVerbs() {
  static const std::vector<ActVerb> verbs = {{"seccomp-agent", 2, seccompAgent}};
  return verbs;
}

}  // namespace payload
