// What the steps `mount` and `bind` share.
#pragma once

#include <string>

#include "core/result.h"
#include "core/value.h"
#include "init/context.h"
#include "sys/mounts.h"

namespace ocirt {

MountAttributes attributes_of(const Value& value);

// Each of a step's `propagation`, in order.
Status apply_propagation(int mount, const Value& step);

// Whether `path` names the directory `name` right below the root.
bool is_top_directory(const std::string& path, std::string_view name);

// Refuses what would hide parts of a procfs or the root itself: see the error's detail.
Status check_target(int root, int target, const std::string& path);

// The error of a mount step, in the words that engines know.
Error mount_error(Error error, const std::string& source, const std::string& target);

// Opens what has just been mounted on `target`, and checks that it is that.
Result<UniqueFd> reopen_mounted(int root, const std::string& path, int target);

// Where the step has failed after it had mounted something on `place`: takes that away again. In a
// new container it would be gone anyway, but a running one would keep it.
Status or_detached(Status status, int place, const std::string& path);

// Keeps hold of what is mounted at `path` (see HeldMount).
Status hold_mount(Context& context, const std::string& path, int mount);

// Lets go of what a mount on `target`, which is at `path`, covers.
void forget_covered(Context& context, const std::string& path, int target);

// Where a path to protect is looked up: in the held mount that it lies in, else in the root.
struct Start {
  int root;
  std::string path;
};
Start start_of(const Context& context, int root, const std::string& path);

}  // namespace ocirt
