// What happens between clone and exec, in the memory of the caller.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ocirt {

// Where the child failed, for the report.
enum class ChildStage : int {
  kGate,
  kIdentity,
  kCapabilities,
  kStdio,
  kDescriptors,
  kSignals,
  kExec
};

// The name of the system call that fails at a stage.
const char* stage_syscall(ChildStage stage);

struct ChildReport {
  ChildStage stage;
  int errnum;
};

// Everything that the child needs, made before the clone.
struct ChildPlan {
  int init = -1;        // the sealed helper
  int gate = -1;        // one byte comes when the child may go on; -1: at once
  int gate_write = -1;  // closed first: the end of the caller must end the wait
  int report = -1;      // a ChildReport goes here on failure; its end without one is success
  bool new_user_namespace = false;
  unsigned uid = 0;  // whom it becomes in that
  unsigned gid = 0;
  int stdio[3] = {-1, -1, -1};  // -1: the caller's own
  const int* keep = nullptr;    // descriptors to pass on
  size_t keep_count = 0;
  unsigned max_fds = 0;  // where close_range(2) is missing
  const char* const* argv = nullptr;
  const char* const* envp = nullptr;
};

// Runs in the child and never returns. Touches nothing but its own stack, and makes raw
// system calls only: the rest of the process's threads go on in the same memory, and
// errno is the caller's.
[[noreturn]] void run_spawn_child(const ChildPlan& plan);

}  // namespace ocirt
