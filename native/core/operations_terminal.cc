// Operations of a program that takes over its caller's terminal.
#include <cstring>

#include "core/operations_list.h"
#include "sys/signal_pipe.h"
#include "sys/terminal.h"

namespace ocirt::op {

Result<Value> signalDescriptor(const Args&) {
  int fd = SignalPipe::instance().fd();
  if (fd < 0) return make_error("pipe2", EBADF, {}, "no signal is caught");
  return Value(fd);
}

Result<Value> terminalKeys(const Args& args) {
  Result<termios> saved = read_keys(static_cast<int>(args[0].as_int(-1)));
  if (!saved) return saved.error();
  Bytes settings;
  settings.data.assign(reinterpret_cast<const char*>(&*saved), sizeof *saved);
  return Value(std::move(settings));
}

Result<Value> restoreTerminal(const Args& args) {
  const std::string& bytes = args[1].as_string();
  termios settings{};
  if (bytes.size() != sizeof settings) return make_error("tcsetattr", EINVAL, {}, "settings");
  std::memcpy(&settings, bytes.data(), sizeof settings);
  OCIRT_TRY(restore_terminal(static_cast<int>(args[0].as_int(-1)), settings));
  return Value();
}

}  // namespace ocirt::op
