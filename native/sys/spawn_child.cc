#include "sys/spawn_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "sys/raw_syscall.h"
#include "sys/syscalls.h"

namespace ocirt {
namespace {

constexpr unsigned kCloseRangeCloexec = 4;
constexpr int kSignals = 64;

[[noreturn]] void leave(const ChildPlan& plan, ChildStage stage, long result) {
  ChildReport report{stage, static_cast<int>(-result)};
  raw(SYS_write, plan.report, &report, sizeof report);
  for (;;) raw(SYS_exit_group, 1);
}

// The parent has written the maps, or has gone.
void wait_for_gate(const ChildPlan& plan) {
  raw(SYS_close, plan.gate_write);
  char byte;
  long n;
  do {
    n = raw(SYS_read, plan.gate, &byte, 1);
  } while (n == -EINTR);
  if (n != 1) leave(plan, ChildStage::kGate, n < 0 ? n : -EPIPE);
}

// The capabilities that came with the namespace would end at the exec where who executes is not its
// root (capabilities(7)): ambient ones survive it.
void keep_capabilities(const ChildPlan& plan) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  long result = raw(SYS_capget, &header, &data[0]);
  if (result < 0) leave(plan, ChildStage::kCapabilities, result);
  for (auto& word : data) word.inheritable = word.permitted;
  result = raw(SYS_capset, &header, &data[0]);
  if (result < 0) leave(plan, ChildStage::kCapabilities, result);
  for (int cap = 0; cap < 64; cap++) {
    if ((data[cap / 32].permitted >> (cap % 32) & 1) == 0) continue;
    result = raw(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap);
    if (result < 0) leave(plan, ChildStage::kCapabilities, result);
  }
}

// Becomes the root of the new user namespace, or another of its users where it maps no 0: who is
// none of them can make no file. A map that is not there (EINVAL) leaves it who it is.
void take_identity(const ChildPlan& plan) {
  long result = raw(SYS_setresgid, plan.gid, plan.gid, plan.gid);
  if (result < 0 && result != -EINVAL) leave(plan, ChildStage::kIdentity, result);
  result = raw(SYS_setresuid, plan.uid, plan.uid, plan.uid);
  if (result < 0 && result != -EINVAL) leave(plan, ChildStage::kIdentity, result);
  if (result < 0 || plan.uid != 0) keep_capabilities(plan);
}

void place_stdio(const ChildPlan& plan) {
  // First all out of the way, so that [1, 0, 2] swaps in place of overwriting.
  long lifted[3] = {-1, -1, -1};
  for (int i = 0; i < 3; i++) {
    if (plan.stdio[i] < 0) continue;
    lifted[i] = raw(SYS_fcntl, plan.stdio[i], F_DUPFD_CLOEXEC, 3);
    if (lifted[i] < 0) leave(plan, ChildStage::kDescriptors, lifted[i]);
  }
  for (int i = 0; i < 3; i++) {
    if (lifted[i] < 0) {
      // Node.js marks its own 0, 1 and 2 close-on-exec. One that is not open stays so.
      raw(SYS_fcntl, i, F_SETFD, 0);
      continue;
    }
    long result = raw(SYS_dup3, lifted[i], i, 0);
    if (result < 0) leave(plan, ChildStage::kStdio, result);
  }
}

// All descriptors but 0, 1, 2 and those to keep go at the exec; also those that the caller was
// started with and never knew of.
void select_descriptors(const ChildPlan& plan) {
  if (raw(SYS_close_range, 3, ~0u, kCloseRangeCloexec) < 0) {
    for (unsigned fd = 3; fd < plan.max_fds; fd++) raw(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
  }
  for (size_t i = 0; i < plan.keep_count; i++) {
    long result = raw(SYS_fcntl, plan.keep[i], F_SETFD, 0);
    if (result < 0) leave(plan, ChildStage::kDescriptors, result);
  }
}

// Default dispositions first, while all signals are still blocked: a handler of the caller's must
// never run here. An ignored one would stay ignored across the exec.
void reset_signals(const ChildPlan& plan) {
  // The kernel's struct sigaction, all zero: SIG_DFL. Not the C library's.
  unsigned long action[4] = {};
  for (int signal = 1; signal <= kSignals; signal++) {
    raw(SYS_rt_sigaction, signal, &action[0], 0L, sizeof(uint64_t));
  }
  uint64_t none = 0;
  long result = raw(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0L, sizeof none);
  if (result < 0) leave(plan, ChildStage::kSignals, result);
}

}  // namespace

const char* stage_syscall(ChildStage stage) {
  switch (stage) {
    case ChildStage::kGate:
      return "read";
    case ChildStage::kIdentity:
      return "setresuid";
    case ChildStage::kCapabilities:
      return "capset";
    case ChildStage::kStdio:
      return "dup3";
    case ChildStage::kDescriptors:
      return "fcntl";
    case ChildStage::kSignals:
      return "rt_sigprocmask";
    case ChildStage::kExec:
      return "execveat";
  }
  return "";
}

void run_spawn_child(const ChildPlan& plan) {
  if (plan.gate >= 0) wait_for_gate(plan);
  if (plan.new_user_namespace) take_identity(plan);
  place_stdio(plan);
  select_descriptors(plan);
  reset_signals(plan);
  long result = raw(SYS_execveat, plan.init, "", plan.argv, plan.envp, AT_EMPTY_PATH);
  leave(plan, ChildStage::kExec, result);
}

}  // namespace ocirt
