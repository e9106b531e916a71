#include "sys/system_calls.h"

#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sys/syscalls.h"

namespace ocirt {
namespace {

// The numbers of all calls since Linux 5.0 are the same on every architecture.
constexpr long kMoveMount = 429;
constexpr long kFsopen = 430;
constexpr long kOpenat2 = 437;
constexpr long kPidfdGetfd = 438;
constexpr long kFaccessat2 = 439;
constexpr long kMountSetattr = 442;
constexpr unsigned long kNoFlags = 0xffffffffUL;  // all bits: none that is unknown may be set
constexpr unsigned kGetNotifSizes = 3;            // SECCOMP_GET_NOTIF_SIZES, Linux 5.0

int answer(long result) {
  return result < 0 ? errno : 0;
}

int try_memfd() {
  long fd = syscall(SYS_memfd_create, "ocirt-probe", 0x0001U | 0x0002U);  // CLOEXEC, sealing
  int error = answer(fd);
  if (fd >= 0) close(static_cast<int>(fd));
  return error;
}

int try_pidfd() {
  int fd = sys_pidfd_open(getpid());
  int error = answer(fd);
  if (fd >= 0) close(fd);
  return error;
}

int try_notify() {
  // struct seccomp_notif_sizes
  unsigned short sizes[3];
  return answer(syscall(SYS_seccomp, kGetNotifSizes, 0, sizes));
}

}  // namespace

std::vector<SystemCallAnswer> system_call_answers() {
  return {
      {"memfd_create", try_memfd()},
      {"execveat", answer(syscall(SYS_execveat, -1, "", nullptr, nullptr, kNoFlags))},
      {"clone3", answer(syscall(SYS_clone3, nullptr, 0))},
      {"pidfd_open", try_pidfd()},
      {"pidfd_send_signal", answer(sys_pidfd_send_signal(-1, 0))},
      {"pidfd_getfd", answer(syscall(kPidfdGetfd, -1, -1, kNoFlags))},
      {"openat2", answer(syscall(kOpenat2, -1, "", nullptr, 0))},
      {"close_range", answer(sys_close_range(~0U, 0, 0))},
      {"faccessat2", answer(syscall(kFaccessat2, -1, "", -1, kNoFlags))},
      {"open_tree", answer(syscall(SYS_open_tree, -1, "", kNoFlags))},
      {"move_mount", answer(syscall(kMoveMount, -1, "", -1, "", kNoFlags))},
      {"fsopen", answer(syscall(kFsopen, nullptr, kNoFlags))},
      {"mount_setattr", answer(syscall(kMountSetattr, -1, "", kNoFlags, nullptr, 0))},
      {"seccomp_notify", try_notify()},
      {"bpf", answer(syscall(SYS_bpf, -1, nullptr, 0))},
      // KEYCTL_GET_KEYRING_ID of the session keyring, not to be made.
      {"keyctl", answer(syscall(SYS_keyctl, 0, -3, 0))},
  };
}

}  // namespace ocirt
