// The names of all steps, in the order of STEP_OPS in src/plan/plan.ts: the interpreter's table is
// made in this order, and the operation `stepNames` gives them to the test that compares both.
#pragma once

#include <string_view>

namespace ocirt {

// clang-format off: it would lay the columns out anew with each name that is added
inline constexpr std::string_view kStepNames[] = {
    "open_proc", "session",       "keyring",       "join",
    "unshare",   "fork",          "identity",      "time_namespace",
    "loopback",  "hostname",      "domainname",    "propagation",
    "overlay",   "root",          "mount",         "bind",
    "directory", "symlink",       "device",        "console",
    "sync",      "hook",          "readonly_late", "readonly_paths",
    "mask",      "root_readonly", "pivot",         "move_root",
    "chroot",    "sysctl",        "scheduler",     "io_priority",
    "affinity",  "memory_policy", "personality",   "lsm",
    "umask",     "no_new_privs",  "bounding_caps", "user",
    "caps",      "cwd",           "environment",   "find_executable",
    "ready",     "wait_start",    "seccomp",       "exec",
    "monitor",   "watch",         "unmount",       "end",
};
// clang-format on

}  // namespace ocirt
