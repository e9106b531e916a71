// What is written through procfs.
#include "init/steps.h"
#include "sys/mounts.h"
#include "sys/procfs.h"

namespace ocirt::steps {

Status open_proc(Context& context, const Value& step) {
  Result<UniqueFd> proc = open_procfs();
  if (!proc) return proc.error();
  context.proc = std::move(*proc);
  if (step["mounts"].as_bool()) mount_through(context.proc.get());
  return {};
}

Status lsm(Context& context, const Value& step) {
  Result<int> proc = procfs_of(context);
  if (!proc) return proc.error();
  const std::string& attribute = step["attribute"].as_string();
  const std::string& value = step["value"].as_string();
  // The helper has one thread, so both are the same; thread-self is what the kernel means.
  Status status = write_in_procfs(*proc, "thread-self/attr/" + attribute, value);
  if (!status && status.error().errnum == ENOENT) {
    return write_in_procfs(*proc, "self/attr/" + attribute, value);
  }
  return status;
}

Status sysctl(Context& context, const Value& step) {
  Result<int> proc = procfs_of(context);
  if (!proc) return proc.error();
  return write_in_procfs(*proc, "sys/" + step["key"].as_string(), step["value"].as_string());
}

}  // namespace ocirt::steps
