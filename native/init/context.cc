#include "init/context.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "core/channel.h"
#include "sys/procfs.h"

namespace ocirt {

Result<int> procfs_of(Context& context) {
  if (!context.proc) {
    Result<UniqueFd> proc = open_procfs();
    if (!proc) return proc.error();
    context.proc = std::move(*proc);
  }
  return context.proc.get();
}

Result<int> root_of(Context& context) {
  if (!context.root) {
    context.root.reset(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!context.root) return sys_error("open", "/");
  }
  return context.root.get();
}

void warn(Context& context, std::string_view message) {
  if (!context.channel) return;
  // A lost warning must not fail what works; a lost host is noticed at the next answer.
  (void)channel_send(context.channel.get(),
                     Value::object({{"type", "warning"},
                                    {"step", static_cast<int64_t>(context.step)},
                                    {"message", message}}));
}

void await_parent(Context& context) {
  char nothing;
  while (context.parent && read(context.parent.get(), &nothing, 1) < 0 && errno == EINTR) {
  }
  context.parent.reset();
}

Value take_timings(Context& context) {
  Value::Array out(context.timings.begin(), context.timings.end());
  context.timings.clear();
  return Value(std::move(out));
}

void guard_process(const Context& context) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!context.committed) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

}  // namespace ocirt
