// Running one hook to its end.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace ocirt {

struct HookRequest {
  std::string path;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string input;
  int timeout_seconds = 0;  // 0: none
};

struct HookOutcome {
  int exit_code = -1;  // -1 if a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::string error_output;  // what it wrote on stderr, the first 64 KiB
  bool succeeded() const { return exit_code == 0 && !timed_out; }
};

// Runs it in a process group of its own, which is killed when the time is over, with descriptors
// 0 to 2 only. The error is for a hook that could not be executed.
Result<HookOutcome> run_hook(const HookRequest& request);

}  // namespace ocirt
