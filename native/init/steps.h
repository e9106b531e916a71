// Every step of a plan, by kernel area. The docstrings of src/plan/plan.ts say what each does.
#pragma once

#include <span>

#include "core/result.h"
#include "core/value.h"
#include "init/context.h"

namespace ocirt {

using StepFunction = Status (*)(Context& context, const Value& step);

struct StepEntry {
  std::string_view name;
  StepFunction run;
};

// The table, in the order of step_names.h.
std::span<const StepEntry> step_table();

// The function of that step, or null.
StepFunction find_step(std::string_view name);

namespace steps {

#define OCIRT_STEP(name) Status name(Context& context, const Value& step);

// Namespaces and the network (steps_namespaces.cc)
OCIRT_STEP(join)
OCIRT_STEP(unshare)
OCIRT_STEP(fork)
OCIRT_STEP(time_namespace)
OCIRT_STEP(loopback)
OCIRT_STEP(hostname)
OCIRT_STEP(domainname)

// The process (steps_process.cc)
OCIRT_STEP(session)
OCIRT_STEP(keyring)
OCIRT_STEP(scheduler)
OCIRT_STEP(io_priority)
OCIRT_STEP(affinity)
OCIRT_STEP(memory_policy)
OCIRT_STEP(personality)
OCIRT_STEP(umask)
OCIRT_STEP(no_new_privs)
OCIRT_STEP(seccomp)

// Users and capabilities (steps_credentials.cc)
OCIRT_STEP(identity)
OCIRT_STEP(bounding_caps)
OCIRT_STEP(user)
OCIRT_STEP(caps)

// Files of procfs (steps_procfs.cc)
OCIRT_STEP(open_proc)
OCIRT_STEP(lsm)
OCIRT_STEP(sysctl)

// Changing the root (steps_root.cc)
OCIRT_STEP(propagation)
OCIRT_STEP(overlay)
OCIRT_STEP(root)
OCIRT_STEP(root_readonly)
OCIRT_STEP(pivot)
OCIRT_STEP(move_root)
OCIRT_STEP(chroot)

// Mounts (steps_mount.cc, steps_bind.cc)
OCIRT_STEP(mount)
OCIRT_STEP(readonly_late)
OCIRT_STEP(bind)

// Paths hidden or made read-only (steps_protect.cc)
OCIRT_STEP(readonly_paths)
OCIRT_STEP(mask)

// Things made in the root (steps_nodes.cc, steps_console.cc)
OCIRT_STEP(directory)
OCIRT_STEP(symlink)
OCIRT_STEP(device)
OCIRT_STEP(console)

// What the program is and sees (steps_program.cc)
OCIRT_STEP(cwd)
OCIRT_STEP(environment)
OCIRT_STEP(find_executable)
OCIRT_STEP(exec)

// Talking to the host, and hooks (steps_talk.cc, steps_hook.cc)
OCIRT_STEP(sync)
OCIRT_STEP(hook)
OCIRT_STEP(ready)
OCIRT_STEP(wait_start)

// What outlives the host, and waits for the end of a process (steps_monitor.cc)
OCIRT_STEP(monitor)
OCIRT_STEP(watch)

// Plans that execute nothing (steps_running.cc)
OCIRT_STEP(unmount)
OCIRT_STEP(end)

#undef OCIRT_STEP

}  // namespace steps
}  // namespace ocirt
