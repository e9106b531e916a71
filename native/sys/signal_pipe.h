// Signals as bytes in a pipe.
#pragma once

#include <signal.h>

#include <vector>

#include "core/result.h"

namespace ocirt {

// Catches signals for the whole process and keeps them in a pipe until they are read.
//
// A blocked mask with signalfd(2) would not do: a signal to the process goes to any thread that
// doesn't block it, and Node.js has threads of its own, in which the default action would end it.
class SignalPipe {
 public:
  // The one of this process: there is one disposition for each signal, so there is one of these.
  static SignalPipe& instance();

  // Catches these signals from now on; those that are caught already stay so.
  Status arm(const std::vector<int>& signals);

  // Gives every caught signal its former disposition back.
  void disarm();

  // To poll for reading; -1 before the first arm().
  int fd() const { return fds_[0]; }

  // The next caught signal, 0 if there is none.
  int next();

  // Makes one that next() has given the last in the row again.
  void put_back(int signal);

 private:
  SignalPipe() = default;
  int fds_[2] = {-1, -1};
  struct Saved {
    int signal;
    struct sigaction action;
  };
  std::vector<Saved> saved_;
};

// The signal mask of this thread for the lifetime of the object.
class SignalMask {
 public:
  explicit SignalMask(const std::vector<int>& block);
  // Blocks every signal.
  SignalMask();
  ~SignalMask();
  SignalMask(const SignalMask&) = delete;
  SignalMask& operator=(const SignalMask&) = delete;
  const sigset_t& before() const { return saved_; }

 private:
  sigset_t saved_{};
};

}  // namespace ocirt
