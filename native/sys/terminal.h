// Terminals: window size and raw mode.
#pragma once

#include <termios.h>

#include "core/result.h"

namespace ocirt {

// Puts a terminal into raw mode, and back at its end. Nothing happens where `fd` is no terminal.
class RawMode {
 public:
  explicit RawMode(int fd);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;
  bool active() const { return active_; }

 private:
  int fd_;
  bool active_ = false;
  termios saved_{};
};

// Has the terminal give each key at once, without showing it. ISIG and the output's treatment stay
// as they are. Returns the settings as they were.
Result<termios> read_keys(int fd);

// Gives a terminal settings that it had. A background job is not stopped by that (SIGTTOU).
Status restore_terminal(int fd, const termios& settings);

struct WindowSize {
  int rows = 0;
  int columns = 0;
};

Result<WindowSize> window_size(int fd);
Status set_window_size(int fd, WindowSize size);

}  // namespace ocirt
