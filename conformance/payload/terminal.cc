// The verb that looks at the terminal.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <cerrno>
#include <climits>

#include "payload.h"

namespace payload {
namespace {

std::string terminalOf(int fd) {
  winsize size = {};
  termios modes = {};
  if (tcgetattr(fd, &modes) < 0) return object({{"tty", boolean(false)}});
  ioctl(fd, TIOCGWINSZ, &size);
  struct stat st = {};
  fstat(fd, &st);
  char name[PATH_MAX] = {};
  int failed = ttyname_r(fd, name, sizeof name);
  return object({{"tty", boolean(true)},
                 {"name", failed == 0 ? quote(name) : failure(failed)},
                 {"rows", number(size.ws_row)},
                 {"columns", number(size.ws_col)},
                 {"uid", number(st.st_uid)},
                 {"gid", number(st.st_gid)},
                 {"onlcr", boolean((modes.c_oflag & ONLCR) != 0)}});
}

// Standard input, output and error, and whether there is a controlling terminal.
std::string terminal(const Args&) {
  int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
  bool controlling = fd >= 0;
  bool foreground = controlling && tcgetpgrp(fd) == getpgrp();
  if (controlling) close(fd);
  return object({{"stdin", terminalOf(0)},
                 {"stdout", terminalOf(1)},
                 {"stderr", terminalOf(2)},
                 {"controlling", boolean(controlling)},
                 {"foreground", boolean(foreground)}});
}

}  // namespace

const std::vector<ReportVerb>& terminalVerbs() {
  static const std::vector<ReportVerb> verbs = {{"tty", 0, terminal}};
  return verbs;
}

}  // namespace payload
