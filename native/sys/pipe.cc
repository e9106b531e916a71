#include "sys/pipe.h"

#include <fcntl.h>

namespace ocirt {

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return sys_error("pipe2");
  Pipe out{UniqueFd(fds[0]), UniqueFd(fds[1])};
  OCIRT_TRY(lift(out.read));
  OCIRT_TRY(lift(out.write));
  return out;
}

Status lift(UniqueFd& fd) {
  if (fd.get() > 2) return {};
  int moved = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3);
  if (moved < 0) return sys_error("fcntl");
  fd.reset(moved);
  return {};
}

}  // namespace ocirt
