// Runs a program of the host (a hook, newuidmap) to its end.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace ocirt {

struct ProgramRequest {
  std::string path;
  std::vector<std::string> args;  // all of argv
  std::vector<std::string> env;
  std::string cwd;  // "": the caller's
  std::string stdin_data;
  int64_t timeout_ms = 0;  // 0: none
  size_t capture_limit = 64 * 1024;
  bool inherit_output = false;
  bool pass_signals = false;  // see PassedSignals in program.cc
};

struct ProgramResult {
  int exit_code = -1;
  int signal = 0;
  bool timed_out = false;
  std::string out;
  std::string err;
};

// The program has a process group of its own, the default signal dispositions, nothing of the
// caller's descriptors above 2, and reads `stdin_data` from a pipe. When the time is over, its
// whole group is killed. A failure to execute it is an Error with execve's errno.
Result<ProgramResult> run_program(const ProgramRequest& request);

}  // namespace ocirt
