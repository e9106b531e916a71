// Compiles a system call profile to a BPF program, through libseccomp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace ocirt {

struct SeccompAction {
  std::string kind;  // "kill_thread", "errno" ... see binding.ts
  uint32_t value = 0;
};

struct SeccompArgument {
  unsigned index = 0;
  std::string op;  // "eq", "masked_eq" ...
  uint64_t value = 0;
  uint64_t value_two = 0;
};

struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action;
  std::vector<SeccompArgument> args;
};

struct SeccompRequest {
  SeccompAction default_action;
  std::vector<std::string> architectures;  // libseccomp's names
  std::vector<SeccompRule> rules;
  bool enosys_for_newer = false;
};

struct SeccompBuild {
  std::string program;  // an array of struct sock_filter
  std::vector<std::string> unknown_syscalls;
};

// The error's path is the offending name: an action, an architecture, a system call.
Result<SeccompBuild> build_seccomp(const SeccompRequest& request);

}  // namespace ocirt
