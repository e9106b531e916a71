#include "init/steps.h"

#include <iterator>

#include "init/step_names.h"

namespace ocirt {
namespace {

#define OCIRT_ROW(name) \
  { #name, steps::name }

// clang-format off: one a line
constexpr StepEntry kTable[] = {
    OCIRT_ROW(open_proc),     OCIRT_ROW(session),
    OCIRT_ROW(keyring),       OCIRT_ROW(join),
    OCIRT_ROW(unshare),       OCIRT_ROW(fork),
    OCIRT_ROW(identity),      OCIRT_ROW(time_namespace),
    OCIRT_ROW(loopback),      OCIRT_ROW(hostname),
    OCIRT_ROW(domainname),    OCIRT_ROW(propagation),
    OCIRT_ROW(overlay),       OCIRT_ROW(root),
    OCIRT_ROW(mount),         OCIRT_ROW(bind),
    OCIRT_ROW(directory),     OCIRT_ROW(symlink),
    OCIRT_ROW(device),        OCIRT_ROW(console),
    OCIRT_ROW(sync),          OCIRT_ROW(hook),
    OCIRT_ROW(readonly_late), OCIRT_ROW(readonly_paths),
    OCIRT_ROW(mask),          OCIRT_ROW(root_readonly),
    OCIRT_ROW(pivot),         OCIRT_ROW(move_root),
    OCIRT_ROW(chroot),        OCIRT_ROW(sysctl),
    OCIRT_ROW(scheduler),     OCIRT_ROW(io_priority),
    OCIRT_ROW(affinity),      OCIRT_ROW(memory_policy),
    OCIRT_ROW(personality),   OCIRT_ROW(lsm),
    OCIRT_ROW(umask),         OCIRT_ROW(no_new_privs),
    OCIRT_ROW(bounding_caps), OCIRT_ROW(user),
    OCIRT_ROW(caps),          OCIRT_ROW(cwd),
    OCIRT_ROW(environment),   OCIRT_ROW(find_executable),
    OCIRT_ROW(ready),         OCIRT_ROW(wait_start),
    OCIRT_ROW(seccomp),       OCIRT_ROW(exec),
    OCIRT_ROW(monitor),       OCIRT_ROW(watch),
    OCIRT_ROW(unmount),       OCIRT_ROW(end),
};
// clang-format on

#undef OCIRT_ROW

// The table and the list that the hosts know are the same, checked when this is compiled.
constexpr bool matches_names() {
  if (std::size(kTable) != std::size(kStepNames)) return false;
  for (size_t i = 0; i < std::size(kTable); i++) {
    if (kTable[i].name != kStepNames[i]) return false;
  }
  return true;
}
static_assert(matches_names());

}  // namespace

std::span<const StepEntry> step_table() {
  return kTable;
}

StepFunction find_step(std::string_view name) {
  for (const StepEntry& entry : kTable) {
    if (entry.name == name) return entry.run;
  }
  return nullptr;
}

}  // namespace ocirt
