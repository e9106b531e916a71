// ocirt-init: the helper that becomes the container's process. It reads one plan from its channel,
// runs it, and ends by executing the program, or by reporting what failed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include "core/channel.h"
#include "init/cgroups.h"
#include "init/interpreter.h"
#include "musl/relro.h"
#include "sys/leave.h"
#include "sys/standard_fds.h"

namespace {

using namespace ocirt;

int run(int channel, char** tasks) {
  Context context;
  context.channel.reset(channel);
  fcntl(channel, F_SETFD, FD_CLOEXEC);
  guard_process(context);
  bool joined = join_cgroups(tasks);
  // Signals are as they should be: the spawn has reset their dispositions and the mask.
  ensure_standard_fds();
  umask(022);

  Result<std::optional<Value>> message = channel_receive(channel, -1);
  // No plan: the host has given up, or is no host.
  if (!message || !*message) return 1;
  if ((**message)["type"].as_string() != "plan") return 1;
  if (!joined && !join_through_host(context)) return 1;
  run_plan(context, **message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  protect_relocations();
  int channel = -1;
  if (argc >= 2) {
    const char* end = argv[1] + std::strlen(argv[1]);
    auto parsed = std::from_chars(argv[1], end, channel);
    if (parsed.ec != std::errc() || parsed.ptr != end) channel = -1;
  }
  if (channel < 3) {
    constexpr char kUsage[] =
        "ocirt-init is started by ocirt, with the numbers of its channel and of files\n";
    (void)!write(2, kUsage, sizeof kUsage - 1);
    return 1;
  }
  // Not through exit(): nothing here has handlers to run, and the channel's end says it all.
  leave(run(channel, argv + 2));
}
