#include "sys/id_mapped_tree.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "sys/mount_api.h"
#include "sys/pipe.h"
#include "sys/raw_syscall.h"
#include "sys/undumpable.h"

namespace ocirt {
namespace {

constexpr size_t kStackSize = 16 * 1024;

struct Gate {
  int read;
  int write;
};

// In the memory of the caller, like the child of a spawn: raw calls only. Lives until the caller
// has closed its end.
void hold_namespace(void* argument) {
  const Gate& gate = *static_cast<const Gate*>(argument);
  raw(SYS_close, gate.write);
  char byte;
  while (raw(SYS_read, gate.read, &byte, 1) == -EINTR) continue;
  for (;;) raw(SYS_exit, 0);
}

}  // namespace

Result<UniqueFd> make_user_namespace(const IdMapping& mapping) {
  Result<Pipe> pipe = make_pipe();
  if (!pipe) return pipe.error();
  Gate gate{pipe->read.get(), pipe->write.get()};
  auto stack = std::make_unique<std::byte[]>(kStackSize);
  auto top = (reinterpret_cast<uintptr_t>(stack.get()) + kStackSize) & ~uintptr_t{63};
  Undumpable undumpable;
  // No signal at its end: a host may have a handler for those of its own children.
  long pid = raw_clone(SYS_clone, CLONE_NEWUSER | CLONE_VM, static_cast<long>(top), 0,
                       hold_namespace, &gate);
  if (pid < 0) return make_error("clone", static_cast<int>(-pid), {}, "a user namespace");

  Status written = write_id_maps(static_cast<pid_t>(pid), mapping);
  std::string path = "/proc/" + std::to_string(pid) + "/ns/user";
  UniqueFd fd(written ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1);
  Status opened = !written || fd ? Status() : Status(sys_error("open", path));
  pipe->write.reset();
  // Its stack is ours: gone only when it is.
  while (::waitpid(static_cast<pid_t>(pid), nullptr, __WALL) < 0 && errno == EINTR) continue;
  if (!written) return written.error();
  if (!opened) return opened.error();
  return fd;
}

Status map_tree(int tree, int user_namespace, bool recursive) {
  MountAttr request;
  request.attr_set = MOUNT_ATTR_IDMAP;
  request.userns_fd = static_cast<uint64_t>(user_namespace);
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (sys_mount_setattr(tree, "", flags, request) < 0) {
    return sys_error("mount_setattr", {}, "MOUNT_ATTR_IDMAP");
  }
  return {};
}

}  // namespace ocirt
