#include "sys/pty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "sys/device.h"
#include "sys/fd_message.h"
#include "sys/mounts.h"

namespace ocirt {
namespace {

constexpr unsigned kUnix98SlaveMajor = 136;  // first of eight, Documentation/admin-guide/devices
constexpr unsigned kUnix98SlaveMajors = 8;

bool is_slave(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0 || !S_ISCHR(status.st_mode)) return false;
  unsigned number = major(status.st_rdev);
  return number >= kUnix98SlaveMajor && number < kUnix98SlaveMajor + kUnix98SlaveMajors &&
         file_system_type(fd) == DEVPTS_SUPER_MAGIC;
}

// The slave straight from the master (Linux 4.13), else by its name in the same devpts.
UniqueFd open_slave(int devpts, int master, unsigned number) {
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  UniqueFd slave(ioctl(master, TIOCGPTPEER, kFlags));
  if (slave) return slave;
  return UniqueFd(openat(devpts, std::to_string(number).c_str(), kFlags | O_NOFOLLOW));
}

}  // namespace

Result<Pty> open_pty(int devpts) {
  if (file_system_type(devpts) != DEVPTS_SUPER_MAGIC) {
    return make_error("open", ENODEV, "/dev/pts", "it is not a devpts");
  }
  Pty pty;
  pty.master.reset(openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  if (!pty.master) return sys_error("openat", "/dev/pts/ptmx");
  if (!is_device(pty.master.get(), S_IFCHR, makedev(5, 2)) ||
      file_system_type(pty.master.get()) != DEVPTS_SUPER_MAGIC) {
    return make_error("openat", ENODEV, "/dev/pts/ptmx", "it is not a terminal multiplexer");
  }
  int unlock = 0;
  if (ioctl(pty.master.get(), TIOCSPTLCK, &unlock) < 0) return sys_error("ioctl(TIOCSPTLCK)");
  unsigned number = 0;
  if (ioctl(pty.master.get(), TIOCGPTN, &number) < 0) return sys_error("ioctl(TIOCGPTN)");
  pty.name = "/dev/pts/" + std::to_string(number);
  pty.slave = open_slave(devpts, pty.master.get(), number);
  if (!pty.slave) return sys_error("ioctl(TIOCGPTPEER)", pty.name);
  if (!is_slave(pty.slave.get())) {
    return make_error("open", ENODEV, pty.name, "it is not a terminal of this devpts");
  }

  termios settings;
  if (tcgetattr(pty.slave.get(), &settings) < 0) return sys_error("tcgetattr", pty.name);
  settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
  if (tcsetattr(pty.slave.get(), TCSANOW, &settings) < 0) return sys_error("tcsetattr", pty.name);
  return pty;
}

Status set_pty_size(int master, unsigned rows, unsigned columns) {
  if (rows == 0 && columns == 0) return {};
  winsize size{};
  size.ws_row = static_cast<unsigned short>(rows);
  size.ws_col = static_cast<unsigned short>(columns);
  if (ioctl(master, TIOCSWINSZ, &size) < 0) return sys_error("ioctl(TIOCSWINSZ)");
  return {};
}

Status send_descriptor(int socket, int fd, const std::string& data) {
  FdMessage message(fd, data.data(), data.size());
  ssize_t sent;
  do {
    sent = sendmsg(socket, message.get(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return sys_error("sendmsg", {}, "sending the terminal to the console socket");
  return {};
}

}  // namespace ocirt
