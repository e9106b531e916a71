// What the helper knows while it runs a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"
#include "core/value.h"

namespace ocirt {

// A mount whose read-only flag comes later, held by descriptor: nobody can put another in its
// place meanwhile.
struct LateReadonly {
  UniqueFd mount;
  std::string target;
};

// A procfs or sysfs that has been mounted. Its masks are found through it, wherever its directory
// may have been moved to meanwhile.
struct HeldMount {
  std::string path;  // clean
  UniqueFd root;
};

// How a hook ended, for the error message.
struct HookFailure {
  int exit_code = -1;
  int signal = 0;
  bool timed_out = false;
  std::string stderr_text;
};

struct Context {
  UniqueFd channel;     // to the host; closed by wait_start
  UniqueFd connection;  // the one who said `go`
  UniqueFd proc;        // root of a procfs; see open_proc
  UniqueFd root;        // the container's root (O_PATH)
  std::string root_path;
  std::vector<std::string> env;
  std::string executable;  // what find_executable found
  std::vector<LateReadonly> late;
  std::vector<HeldMount> held;
  // Numbers below 3 + preserveFds that the caller left unused: kept occupied so that no descriptor
  // of the helper is given on to the container in their place (CVE-2024-21626's kind).
  std::vector<UniqueFd> placeholders;
  bool in_cwd = false;     // the working directory has been entered
  bool committed = false;  // from then on the helper outlives the host
  bool trace = false;
  std::vector<int64_t> timings;  // of each step its index, begin and end in ns
  const Value* steps = nullptr;  // of the plan
  size_t step = 0;               // index of the running step
  int64_t step_began = 0;        // ns, with `trace`
  UniqueFd parent;               // after `fork`: at its end once the parent has ended
  std::optional<HookFailure> hook_failure;

  // Where errors go: the host, or later the one who started.
  int reporter() const { return connection ? connection.get() : channel.get(); }
};

// The root of a procfs, opened if `open_proc` has not run.
Result<int> procfs_of(Context& context);

// The root that targets are resolved in; "/" where no step `root` came (exec: the namespaces have
// been joined).
Result<int> root_of(Context& context);

// Tells the host of something that could not be had and is not an error.
void warn(Context& context, std::string_view message);

// The times taken so far, as they are sent; forgets them.
Value take_timings(Context& context);

// Sends a message to the host and waits for the answer of that type. Ends the helper where there is
// no host any more: what has been set up goes with it.
Status ask(Context& context, const Value& message, std::string_view answer);

// Returns when the process that `fork` left behind is gone, and with it its share of the memory.
void await_parent(Context& context);

// Dies with the host and is not dumpable. Changes of credentials undo both (prctl(2),
// PR_SET_PDEATHSIG and PR_SET_DUMPABLE), so the steps that make them call it again.
void guard_process(const Context& context);

}  // namespace ocirt
