#include "sys/foreground.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "core/unique_fd.h"
#include "sys/signal_pipe.h"
#include "sys/terminal.h"
#include "sys/unix_socket.h"

namespace ocirt {
namespace {

int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// A descriptor in non-blocking mode for a while. The flag belongs to the open file, which a shell
// may share with us, so it is put back.
class NonBlocking {
 public:
  explicit NonBlocking(int fd) : fd_(fd), saved_(::fcntl(fd, F_GETFL)) {
    if (saved_ >= 0) ::fcntl(fd, F_SETFL, saved_ | O_NONBLOCK);
  }
  ~NonBlocking() {
    if (saved_ >= 0) ::fcntl(fd_, F_SETFL, saved_);
  }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  int fd_;
  int saved_;
};

// One direction of the relay, with what has been read and not yet written.
class Pipe {
 public:
  Pipe(int from, int to) : from_(from), to_(to) {}

  bool wants_input() const { return open_ && pending_.empty(); }
  bool wants_output() const { return !pending_.empty(); }
  bool open() const { return open_; }
  int from() const { return from_; }
  int to() const { return to_; }
  // What has no reader any more is dropped.
  void close() { open_ = false, pending_.clear(); }

  // Reads once; the end of the stream, and EIO (a pty whose other side is closed), close it.
  void read() {
    char buffer[16 * 1024];
    ssize_t n = ::read(from_, buffer, sizeof buffer);
    if (n > 0) {
      pending_.assign(buffer, static_cast<size_t>(n));
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      open_ = false;
    }
  }

  // Writes once, after a poll for it: no more than a blocking pipe takes without blocking
  // (PIPE_BUF). A reader that has gone (EPIPE, EIO) costs the data, not the container.
  void write() {
    ssize_t n = ::write(to_, pending_.data(), std::min<size_t>(pending_.size(), PIPE_BUF));
    if (n >= 0) {
      pending_.erase(0, static_cast<size_t>(n));
    } else if (errno != EAGAIN && errno != EINTR) {
      pending_.clear();
    }
  }

 private:
  int from_;
  int to_;
  bool open_ = true;
  std::string pending_;
};

class Supervisor {
 public:
  explicit Supervisor(const ForegroundRequest& request)
      : request_(request), input_(0, request.pty), output_(request.pty, 1) {}

  Result<ExitStatus> run() {
    std::vector<int> handled = request_.forward;
    handled.push_back(SIGCHLD);
    if (request_.pty >= 0) handled.push_back(SIGWINCH);
    OCIRT_TRY(signals_.arm(handled));
    Result<ExitStatus> status = relay();
    signals_.disarm();
    return status;
  }

 private:
  Result<ExitStatus> relay() {
    if (request_.pty < 0) return loop();
    // SIGPIPE: a write to a gone reader fails with EPIPE instead. SIGTTOU: a background job must
    // not be stopped while it restores the terminal. Both go to the thread that caused them.
    SignalMask mask({SIGPIPE, SIGTTOU});
    RawMode raw(0);
    NonBlocking pty(request_.pty);
    resize();
    Result<ExitStatus> status = loop();
    discard_pending_sigpipe();
    return status;
  }

  Result<ExitStatus> loop() {
    reap();  // what ended before its SIGCHLD was caught
    while (!finished()) {
      pollfd entries[5];
      nfds_t count = 0;
      auto add = [&](int fd, short events) { entries[count++] = {fd, events, 0}; };
      add(signals_.fd(), POLLIN);
      if (notify_ >= 0 && !status_) add(notify_, POLLIN);
      if (request_.pty >= 0) {
        if (input_.wants_input() && !status_) add(input_.from(), POLLIN);
        if (output_.wants_output()) add(output_.to(), POLLOUT);
        short pty_events = static_cast<short>((output_.wants_input() ? POLLIN : 0) |
                                              (input_.wants_output() ? POLLOUT : 0));
        if (pty_events != 0) add(request_.pty, pty_events);
      }
      if (::poll(entries, count, timeout()) < 0 && errno != EINTR) return sys_error("poll");
      for (nfds_t i = 0; i < count; i++) {
        if (entries[i].revents != 0) ready(entries[i]);
      }
    }
    return *status_;
  }

  void ready(const pollfd& entry) {
    if (entry.fd == signals_.fd()) return read_signals();
    if (entry.fd == notify_) return pass_on_ready();
    if (entry.fd == request_.pty) {
      if (input_.wants_output() && (entry.revents & ~POLLIN)) input_.write();
      if (output_.wants_input() && (entry.revents & ~POLLOUT)) output_.read();
      // Nobody has the other side open: input has no reader.
      if (!output_.open()) input_.close();
      return;
    }
    if (entry.fd == input_.from()) {
      // The end of our input is not the container's: the pty stays as it is.
      input_.read();
    } else {
      output_.write();
    }
  }

  // Only that it is ready, and that the process to watch is this one: the container's own pids mean
  // nothing outside, and all else is for the container to keep.
  void pass_on_ready() {
    char buffer[4096];
    ssize_t length = ::recv(notify_, buffer, sizeof buffer, MSG_DONTWAIT);
    std::string_view rest(buffer, length < 0 ? 0 : static_cast<size_t>(length));
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (!line.starts_with("READY=")) continue;
      (void)send_datagram(request_.notify_host,
                          std::string(line) + "\nMAINPID=" + std::to_string(::getpid()));
      notify_ = -1;
      return;
    }
  }

  bool finished() const {
    if (!status_) return false;
    if (request_.pty < 0 || (!output_.open() && !output_.wants_output())) return true;
    return now_ms() >= drain_until_;
  }

  int timeout() const {
    if (!status_) return -1;
    int64_t left = drain_until_ - now_ms();
    return left < 0 ? 0 : static_cast<int>(left);
  }

  void read_signals() {
    for (int signal; (signal = signals_.next()) != 0;) {
      if (signal == SIGCHLD) {
        reap();
      } else if (signal == SIGWINCH && request_.pty >= 0) {
        resize();
      } else if (!status_) {
        ::kill(request_.pid, signal);
      }
    }
  }

  void reap() {
    int status = 0;
    bool childless = false;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) != 0;) {
      if (pid < 0) {
        if (errno == EINTR) continue;
        childless = true;
        break;
      }
      if (pid != request_.pid) continue;
      status_ = exit_status(pid, status);
      drain_until_ = now_ms() + request_.drain_ms;
    }
    // No child is left and it was not seen to end: somebody else has reaped it.
    if (!status_ && childless && ::kill(request_.pid, 0) != 0) {
      status_ = ExitStatus{request_.pid, -1, 0};
      drain_until_ = now_ms();
    }
  }

  void resize() {
    Result<WindowSize> size = window_size(0);
    if (size) (void)!set_window_size(request_.pty, *size);
  }

  // A SIGPIPE of ours that is still pending would end the host once it is unblocked.
  static void discard_pending_sigpipe() {
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    timespec none{};
    while (::sigtimedwait(&pipe, nullptr, &none) == SIGPIPE) continue;
  }

  const ForegroundRequest& request_;
  int notify_ = request_.notify_socket;
  SignalPipe& signals_ = SignalPipe::instance();
  Pipe input_;
  Pipe output_;
  std::optional<ExitStatus> status_;
  int64_t drain_until_ = 0;
};

}  // namespace

ExitStatus exit_status(pid_t pid, int status) {
  if (WIFSIGNALED(status)) return {pid, -1, WTERMSIG(status)};
  return {pid, WEXITSTATUS(status), 0};
}

Result<ExitStatus> supervise_foreground(const ForegroundRequest& request) {
  return Supervisor(request).run();
}

Status block_signals(const std::vector<int>& signals) {
  return SignalPipe::instance().arm(signals);
}

}  // namespace ocirt
