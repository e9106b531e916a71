// The terminal of the process.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/steps.h"
#include "path/resolve.h"
#include "sys/mounts.h"
#include "sys/pty.h"

namespace ocirt::steps {
namespace {

// /dev/console is the pty's slave. It is bound from the slave's own descriptor, and on a file that
// is opened without following a link: neither end can be another file (CVE-2025-52565).
Status mount_console(int root, int slave) {
  constexpr const char* kPath = "/dev/console";
  Result<Place> place = make_place_in_root(root, kPath);
  if (!place) return place.error();
  UniqueFd made(openat(place->directory.get(), place->name.c_str(),
                       O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!made && errno != EEXIST) return sys_error("openat", kPath);
  UniqueFd target(
      openat(place->directory.get(), place->name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!target) return sys_error("openat", kPath);
  struct stat status;
  if (fstat(target.get(), &status) < 0) return sys_error("fstat", kPath);
  if (S_ISLNK(status.st_mode) || S_ISDIR(status.st_mode)) {
    return make_error("openat", S_ISDIR(status.st_mode) ? EISDIR : ELOOP, kPath,
                      "it is not a file to mount the terminal on");
  }
  return bind_mount(slave, target.get(), false, kPath);
}

}  // namespace

Status console(Context& context, const Value& step) {
  Result<int> root = root_of(context);
  if (!root) return root.error();
  UniqueFd socket(static_cast<int>(step["resource"].as_int(-1)));
  Result<UniqueFd> devpts = resolve_in_root(*root, "/dev/pts", O_PATH | O_DIRECTORY);
  if (!devpts) return devpts.error();
  Result<Pty> pty = open_pty(devpts->get());
  if (!pty) return pty.error();
  int slave = pty->slave.get();

  OCIRT_TRY(set_pty_size(pty->master.get(), static_cast<unsigned>(step["rows"].as_uint()),
                         static_cast<unsigned>(step["columns"].as_uint())));
  // The group stays: it is the devpts's gid= option. EPERM, EINVAL: the owner can't be changed in
  // this user namespace.
  if (fchown(slave, static_cast<uid_t>(step["uid"].as_uint()), static_cast<gid_t>(-1)) < 0 &&
      errno != EPERM && errno != EINVAL) {
    return sys_error("fchown", pty->name);
  }
  if (step["mount"].as_bool()) OCIRT_TRY(mount_console(*root, slave));
  OCIRT_TRY(send_descriptor(socket.get(), pty->master.get(), pty->name));

  if (ioctl(slave, TIOCSCTTY, 0) < 0) return sys_error("ioctl(TIOCSCTTY)", pty->name);
  for (int fd = 0; fd <= 2; fd++) {
    if (dup2(slave, fd) < 0) return sys_error("dup2", pty->name);
  }
  return {};
}

}  // namespace ocirt::steps
