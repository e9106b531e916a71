// AF_UNIX sockets, and descriptors passed over them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

// A listening socket at `path`, mode 0600. Paths longer than sun_path (108 bytes) are reached
// through a descriptor of their directory.
Result<UniqueFd> listen_unix(const std::string& path, int backlog);

// A connected socket; ECONNREFUSED where nobody listens any more.
Result<UniqueFd> connect_unix(const std::string& path);

Result<std::pair<UniqueFd, UniqueFd>> socket_pair();

// Sends one descriptor (SCM_RIGHTS) with `data`, which is not empty: a stream carries no ancillary
// data alone.
Status send_fd(int socket, int fd, const std::string& data);

struct ReceivedFd {
  UniqueFd fd;
  std::string data;
};

// The next descriptor and up to 4096 bytes of data with it. ETIMEDOUT; ECONNRESET at the end of the
// stream; EBADMSG where data came without a descriptor. `timeout_ms` -1: no limit.
Result<ReceivedFd> receive_fd(int socket, int timeout_ms);

// Writes all of it; a peer that is gone is EPIPE, and no signal.
Status send_bytes(int socket, std::string_view data);

// One datagram to the socket at `path` (with '@' before it: an abstract one), and a descriptor with
// it unless it is -1. EAGAIN where there is no room for it and `wait` is false.
Status send_datagram(const std::string& path, std::string_view data, int fd = -1, bool wait = true);

// A datagram socket at `path`, which everybody may send to who can reach it.
Result<UniqueFd> listen_datagrams(const std::string& path);

// What has come, at most `max` bytes; nothing at the end of the stream. ETIMEDOUT, -1: no limit.
Result<std::string> receive_bytes(int socket, size_t max, int timeout_ms);

// Connected sockets that keep the bounds of messages (SOCK_SEQPACKET).
Result<std::pair<UniqueFd, UniqueFd>> packet_pair();

struct Packet {
  std::string data;
  UniqueFd fd;  // none where none came with it
};

// The next packet, no data at the end; EMSGSIZE where it is longer than `max`. ETIMEDOUT, -1: no
// limit.
Result<Packet> receive_packet(int socket, size_t max, int timeout_ms);

}  // namespace ocirt
