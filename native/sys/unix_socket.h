// AF_UNIX stream sockets, and descriptors passed over them.
#pragma once

#include <string>
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

}  // namespace ocirt
