// Verbs that keep something that a checkpoint has to keep: an open file, a connection.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
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

sockaddr_in address(const std::string& host, int port) {
  sockaddr_in out = {};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &out.sin_addr);
  return out;
}

sockaddr* plain(sockaddr_in& at) {
  return reinterpret_cast<sockaddr*>(&at);
}

int give_up(const char* what) {
  std::printf("%s: %s\n", what, errnoName(errno).c_str());
  std::fflush(stdout);
  return 3;
}

// Sends back what comes, until the end of the connection.
[[noreturn]] void serve(int listener) {
  int peer = accept(listener, nullptr, nullptr);
  char buffer[256];
  ssize_t n;
  while ((n = read(peer, buffer, sizeof buffer)) > 0) {
    if (write(peer, buffer, static_cast<size_t>(n)) != n) _exit(1);
  }
  _exit(0);
}

// Listens on the loopback device; returns the port, -1 with errno set where it cannot.
int listen_somewhere(int& listener) {
  listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = address("127.0.0.1", 0);
  socklen_t size = sizeof at;
  if (bind(listener, plain(at), size) != 0 || listen(listener, 1) != 0) return -1;
  getsockname(listener, plain(at), &size);
  return ntohs(at.sin_port);
}

// A child that does; returns its port.
int start_server() {
  int listener;
  int port = listen_somewhere(listener);
  if (port >= 0 && fork() == 0) serve(listener);
  close(listener);
  return port;
}

// Brings up the loopback device of a new network namespace, and answers one connection there.
int talk_server(const Args&) {
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (ioctl(any, SIOCSIFFLAGS, &request) != 0) return give_up("ioctl");
  int listener;
  int port = listen_somewhere(listener);
  if (port < 0) return give_up("listen");
  std::printf("port %d\n", port);
  std::fflush(stdout);
  serve(listener);
}

// FILE: holds a lock on the file, and counts in it.
int lock_and_count(const Args& args) {
  int file = open(args[0].c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  if (fcntl(file, F_SETLK, &whole) != 0) return give_up("lock");
  for (unsigned long n = 1;; n++) {
    std::string text = std::to_string(n) + "\n";
    if (pwrite(file, text.data(), text.size(), 0) < 0) return give_up("write");
    if (n == 1) {
      std::printf("ready\n");
      std::fflush(stdout);
    }
    usleep(5000);
  }
}

// SOCKET FILE: sends the numbers from 1 on as datagrams to somebody outside, over a socket that is
// connected once, and writes each to the file.
int tell(const Args& args) {
  sockaddr_un at = {};
  at.sun_family = AF_UNIX;
  if (args[0].size() >= sizeof at.sun_path) return 2;
  std::memcpy(at.sun_path, args[0].c_str(), args[0].size() + 1);
  int peer = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (connect(peer, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) return give_up("connect");
  int file = open(args[1].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  for (unsigned long n = 1;; n++) {
    std::string text = std::to_string(n);
    if (send(peer, text.data(), text.size(), MSG_NOSIGNAL) < 0) return give_up("send");
    text += '\n';
    if (pwrite(file, text.data(), text.size(), 0) < 0) return give_up("write");
    if (n == 1) {
      std::printf("ready\n");
      std::fflush(stdout);
    }
    usleep(5000);
  }
}

// FILE...: makes and holds them open, the first as standard input.
int hold(const Args& args) {
  for (const auto& name : args) {
    int file = open(name.c_str(), O_RDWR | O_CREAT, 0644);
    if (file < 0) return give_up("open");
    if (&name == &args.front() && dup2(file, 0) == 0) close(file);
  }
  std::printf("ready\n");
  std::fflush(stdout);
  for (;;) pause();
}

// FILE [ADDRESS PORT]: sends the numbers from 1 on over one TCP connection, to a child if to nobody
// else, and writes each to the file, which stays open, when it has come back.
int talk(const Args& args) {
  int file = open(args[0].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return give_up("open");
  int port = args.size() > 2 ? std::atoi(args[2].c_str()) : start_server();
  if (port < 0) return give_up("listen");
  sockaddr_in at = address(args.size() > 2 ? args[1] : "127.0.0.1", port);
  int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(peer, plain(at), sizeof at) != 0) return give_up("connect");
  for (unsigned long n = 1;; n++) {
    std::string text = std::to_string(n) + "\n";
    if (send(peer, text.data(), text.size(), MSG_NOSIGNAL) < 0) return give_up("send");
    std::string answer;
    while (answer.empty() || answer.back() != '\n') {
      char buffer[256];
      ssize_t got = recv(peer, buffer, sizeof buffer, 0);
      if (got <= 0) return give_up("recv");
      answer.append(buffer, static_cast<size_t>(got));
    }
    if (answer != text) return give_up("another answer");
    if (pwrite(file, text.data(), text.size(), 0) < 0) return give_up("write");
    if (n == 1) {
      std::printf("ready\n");
      std::fflush(stdout);
    }
    usleep(5000);
  }
}

}  // namespace

const std::vector<ActVerb>& talkVerbs() {
  static const std::vector<ActVerb> verbs = {{"talk", 1, talk},
                                             {"talk-server", 0, talk_server},
                                             {"lock", 1, lock_and_count},
                                             {"hold", 1, hold},
                                             {"tell", 2, tell}};
  return verbs;
}

}  // namespace payload
