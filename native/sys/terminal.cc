#include "sys/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "sys/signal_pipe.h"

namespace ocirt {

RawMode::RawMode(int fd) : fd_(fd) {
  if (::tcgetattr(fd, &saved_) != 0) return;
  termios raw = saved_;
  ::cfmakeraw(&raw);
  // TCSANOW: what has been typed ahead is for the container.
  active_ = ::tcsetattr(fd, TCSANOW, &raw) == 0;
}

RawMode::~RawMode() {
  // TCSADRAIN: the container's last output goes out as it was meant.
  if (active_) ::tcsetattr(fd_, TCSADRAIN, &saved_);
}

Result<termios> read_keys(int fd) {
  termios saved{};
  if (::tcgetattr(fd, &saved) != 0) return sys_error("tcgetattr");
  termios keys = saved;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  if (::tcsetattr(fd, TCSANOW, &keys) != 0) return sys_error("tcsetattr");
  return saved;
}

Status restore_terminal(int fd, const termios& settings) {
  SignalMask mask({SIGTTOU});
  // TCSAFLUSH: keys that nobody has read are not for the shell.
  if (::tcsetattr(fd, TCSAFLUSH, &settings) != 0) return sys_error("tcsetattr");
  return {};
}

Result<WindowSize> window_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return sys_error("ioctl TIOCGWINSZ");
  return WindowSize{size.ws_row, size.ws_col};
}

Status set_window_size(int fd, WindowSize wanted) {
  winsize size{};
  size.ws_row = static_cast<unsigned short>(wanted.rows);
  size.ws_col = static_cast<unsigned short>(wanted.columns);
  if (::ioctl(fd, TIOCSWINSZ, &size) != 0) return sys_error("ioctl TIOCSWINSZ");
  return {};
}

}  // namespace ocirt
