#include "sys/unix_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <vector>

#include "sys/fd_message.h"

namespace ocirt {
namespace {

// sun_path holds 107 bytes and a NUL, and container roots are often deeper. The directory is
// opened, and the address goes through its entry in /proc/self/fd; changing the working directory
// instead would show in every other thread of the host.
struct Address {
  sockaddr_un name{};
  UniqueFd directory;
  socklen_t size = sizeof(sockaddr_un);
};

Result<Address> address(const std::string& path) {
  Address out;
  out.name.sun_family = AF_UNIX;
  std::string text = path;
  if (path.starts_with('@')) {
    if (path.size() > sizeof out.name.sun_path) return make_error("socket", ENAMETOOLONG, path);
    std::memcpy(out.name.sun_path + 1, path.data() + 1, path.size() - 1);
    out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return out;
  }
  if (path.size() >= sizeof out.name.sun_path) {
    size_t slash = path.rfind('/');
    std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    out.directory.reset(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!out.directory) return sys_error("open", parent);
    std::string leaf = slash == std::string::npos ? path : path.substr(slash + 1);
    text = "/proc/self/fd/" + std::to_string(out.directory.get()) + "/" + leaf;
    if (text.size() >= sizeof out.name.sun_path) return make_error("socket", ENAMETOOLONG, path);
  }
  std::memcpy(out.name.sun_path, text.c_str(), text.size() + 1);
  return out;
}

Status await_readable(int socket, int timeout_ms) {
  pollfd entry{socket, POLLIN, 0};
  int ready;
  do {
    ready = ::poll(&entry, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return sys_error("poll");
  if (ready == 0) return make_error("poll", ETIMEDOUT);
  return {};
}

Result<UniqueFd> make_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return sys_error("socket");
  return fd;
}

Result<std::pair<UniqueFd, UniqueFd>> pair_of(int type) {
  int fds[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0) return sys_error("socketpair");
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

// Every descriptor that came with a message, owned at once: a peer that sends more than is wanted
// leaks none here.
std::vector<UniqueFd> received_descriptors(msghdr& message) {
  std::vector<UniqueFd> received;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      received.emplace_back(fd);
    }
  }
  return received;
}

}  // namespace

Result<UniqueFd> listen_unix(const std::string& path, int backlog) {
  Result<Address> where = address(path);
  if (!where) return where.error();
  Result<UniqueFd> fd = make_socket();
  if (!fd) return fd;
  // bind(2) makes the file with the mode of the socket's inode and the umask: set before it,
  // the file is never open to others, and the process's umask is left alone.
  if (::fchmod(fd->get(), 0600) != 0) return sys_error("fchmod", path);
  if (::bind(fd->get(), reinterpret_cast<sockaddr*>(&where->name), where->size) != 0) {
    return sys_error("bind", path);
  }
  if (::listen(fd->get(), backlog) != 0) {
    Error error = sys_error("listen", path);
    ::unlink(path.c_str());
    return error;
  }
  return fd;
}

Result<UniqueFd> connect_unix(const std::string& path) {
  Result<Address> where = address(path);
  if (!where) return where.error();
  Result<UniqueFd> fd = make_socket();
  if (!fd) return fd;
  while (::connect(fd->get(), reinterpret_cast<sockaddr*>(&where->name), where->size) != 0) {
    if (errno != EINTR) return sys_error("connect", path);
  }
  return fd;
}

Result<std::pair<UniqueFd, UniqueFd>> socket_pair() {
  return pair_of(SOCK_STREAM);
}

Result<std::pair<UniqueFd, UniqueFd>> packet_pair() {
  return pair_of(SOCK_SEQPACKET);
}

Status send_fd(int socket, int fd, const std::string& data) {
  if (data.empty()) return make_error("sendmsg", EINVAL, {}, "a descriptor goes with some data");
  FdMessage message(fd, data.data(), data.size());
  ssize_t n;
  do {
    n = ::sendmsg(socket, message.get(), MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("sendmsg");
  if (static_cast<size_t>(n) != data.size()) return make_error("sendmsg", EMSGSIZE);
  return {};
}

Status send_bytes(int socket, std::string_view data) {
  while (!data.empty()) {
    ssize_t n = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      return sys_error("send");
    }
    data.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Status send_datagram(const std::string& path, std::string_view data, int fd, bool wait) {
  Result<Address> where = address(path);
  if (!where) return where.error();
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0));
  if (!socket) return sys_error("socket");
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&where->name), where->size) != 0) {
    return sys_error("connect", path);
  }
  return fd < 0 ? send_bytes(socket.get(), data) : send_fd(socket.get(), fd, std::string(data));
}

Result<UniqueFd> listen_datagrams(const std::string& path) {
  Result<Address> where = address(path);
  if (!where) return where.error();
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return sys_error("socket");
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&where->name), where->size) != 0) {
    return sys_error("bind", path);
  }
  if (::chmod(path.c_str(), 0777) != 0) return sys_error("chmod", path);
  return fd;
}

Result<std::string> receive_bytes(int socket, size_t max, int timeout_ms) {
  OCIRT_TRY(await_readable(socket, timeout_ms));
  std::string out(max, '\0');
  ssize_t n;
  do {
    n = ::recv(socket, out.data(), out.size(), 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("recv");
  out.resize(static_cast<size_t>(n));
  return out;
}

Result<ReceivedFd> receive_fd(int socket, int timeout_ms) {
  OCIRT_TRY(await_readable(socket, timeout_ms));
  ReceivedFd out;
  out.data.resize(4096);
  iovec part{out.data.data(), out.data.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do {
    n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("recvmsg");

  std::vector<UniqueFd> received = received_descriptors(message);
  if (n == 0) return make_error("recvmsg", ECONNRESET);
  if (received.size() != 1) return make_error("recvmsg", EBADMSG, {}, "expected one descriptor");
  out.fd = std::move(received.front());
  out.data.resize(static_cast<size_t>(n));
  return out;
}

Result<Packet> receive_packet(int socket, size_t max, int timeout_ms) {
  OCIRT_TRY(await_readable(socket, timeout_ms));
  Packet out;
  out.data.resize(max);
  iovec part{out.data.data(), out.data.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do {
    n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("recvmsg");
  std::vector<UniqueFd> received = received_descriptors(message);
  if (message.msg_flags & MSG_TRUNC) return make_error("recvmsg", EMSGSIZE);
  if (received.size() > 1) return make_error("recvmsg", EBADMSG, {}, "more than one descriptor");
  if (!received.empty()) out.fd = std::move(received.front());
  out.data.resize(static_cast<size_t>(n));
  return out;
}

}  // namespace ocirt
