// A pseudo terminal of a given devpts instance, checked to be one (CVE-2025-52565).
#pragma once

#include <string>

#include "core/result.h"
#include "core/unique_fd.h"

namespace ocirt {

struct Pty {
  UniqueFd master;
  UniqueFd slave;
  std::string name;  // "/dev/pts/N"
};

// Opens a new pty of the devpts whose root directory is `devpts` (O_PATH), unlocked, without
// ONLCR: what a program writes comes out as it was, with no carriage return put in.
Result<Pty> open_pty(int devpts);

// TIOCSWINSZ; 0 leaves it as it is.
Status set_pty_size(int master, unsigned rows, unsigned columns);

// Sends `fd` with `data` (one message with at least one byte) over a stream socket (SCM_RIGHTS).
Status send_descriptor(int socket, int fd, const std::string& data);

}  // namespace ocirt
