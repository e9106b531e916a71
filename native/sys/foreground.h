// Waits for a container that runs in the foreground.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/result.h"

namespace ocirt {

// How a process ended: an exit code, or (exit_code -1) a signal.
struct ExitStatus {
  pid_t pid = 0;
  int exit_code = -1;
  int signal = 0;
};

// From a status of waitpid(2).
ExitStatus exit_status(pid_t pid, int status);

struct ForegroundRequest {
  pid_t pid = 0;
  int pty = -1;              // master of the container's pty, or -1
  std::vector<int> forward;  // signals passed on to `pid`
  int notify_socket = -1;    // where the container says that it is ready, or -1
  std::string notify_host;   // who is told then, as sd_notify(3) does
  int drain_ms = 0;          // how long to wait for the pty's last output once `pid` has ended
};

// Reaps every child that ends (the caller may be a subreaper), passes signals on, relays the pty to
// and from descriptors 0 and 1 with the caller's terminal in raw mode. Returns when `pid` has
// ended.
Result<ExitStatus> supervise_foreground(const ForegroundRequest& request);

// Keeps these signals, from now on, for supervise_foreground: none of them takes its default
// action.
Status block_signals(const std::vector<int>& signals);

}  // namespace ocirt
