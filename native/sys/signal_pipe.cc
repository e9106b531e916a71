#include "sys/signal_pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace ocirt {
namespace {

// A signal handler has no argument to take it from.
constinit std::atomic<int> handler_fd{-1};

extern "C" void on_signal(int signal) {
  int saved = errno;
  auto byte = static_cast<unsigned char>(signal);
  // A full pipe (64 KB of signals unread) drops it, as the kernel does with a pending one.
  (void)!::write(handler_fd.load(std::memory_order_relaxed), &byte, 1);
  errno = saved;
}

}  // namespace

SignalPipe& SignalPipe::instance() {
  static SignalPipe pipe;
  return pipe;
}

Status SignalPipe::arm(const std::vector<int>& signals) {
  if (fds_[0] < 0) {
    if (::pipe2(fds_, O_CLOEXEC | O_NONBLOCK) != 0) return sys_error("pipe2");
    handler_fd = fds_[1];
  }
  for (int signal : signals) {
    bool armed = std::any_of(saved_.begin(), saved_.end(),
                             [&](const Saved& entry) { return entry.signal == signal; });
    if (armed) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigfillset(&action.sa_mask);
    Saved entry{signal, {}};
    if (::sigaction(signal, &action, &entry.action) != 0) return sys_error("sigaction");
    saved_.push_back(entry);
  }
  return {};
}

void SignalPipe::disarm() {
  for (const Saved& entry : saved_) ::sigaction(entry.signal, &entry.action, nullptr);
  saved_.clear();
  while (next() != 0) continue;
}

int SignalPipe::next() {
  unsigned char byte = 0;
  ssize_t n;
  do {
    n = ::read(fds_[0], &byte, 1);
  } while (n < 0 && errno == EINTR);
  return n == 1 ? byte : 0;
}

void SignalPipe::put_back(int signal) {
  auto byte = static_cast<unsigned char>(signal);
  // Not full: it has just been read from.
  (void)!::write(fds_[1], &byte, 1);
}

SignalMask::SignalMask(const std::vector<int>& block) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : block) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, &saved_);
}

SignalMask::SignalMask() {
  sigset_t set;
  ::sigfillset(&set);
  ::pthread_sigmask(SIG_BLOCK, &set, &saved_);
}

SignalMask::~SignalMask() {
  ::pthread_sigmask(SIG_SETMASK, &saved_, nullptr);
}

}  // namespace ocirt
