// Standard input, output and error of a process of ours.
#pragma once

#include <fcntl.h>

namespace ocirt {

// Opens /dev/null in place of those that are closed. A program without 0, 1 or 2 would take the
// next file that it opens for one of them, and give it on as such.
inline void ensure_standard_fds() {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one.
    (void)!open("/dev/null", O_RDWR);
  }
}

}  // namespace ocirt
