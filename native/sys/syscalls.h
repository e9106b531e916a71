// System calls that the C library may lack, with the numbers that are the same on every
// architecture (all calls since Linux 5.0). Each answers as a C library wrapper does: -1 and errno.
#pragma once

#include <fcntl.h>
#include <linux/stat.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ocirt {

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// statx(2), with the kernel's own struct statx.
inline int sys_statx(int fd, const char* path, int flags, unsigned mask, struct statx* out) {
  return static_cast<int>(::syscall(SYS_statx, fd, path, flags, mask, out));
}

// open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount at `path`.
inline int sys_open_tree(int dirfd, const char* path, bool recursive) {
  constexpr unsigned kOpenTreeClone = 1;
  constexpr unsigned kAtRecursive = 0x8000;
  unsigned flags = kOpenTreeClone | O_CLOEXEC | (recursive ? kAtRecursive : 0);
  return static_cast<int>(::syscall(SYS_open_tree, dirfd, path, flags));
}

inline int sys_pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

inline int sys_pidfd_send_signal(int pidfd, int signal) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

// renameat2(2) with RENAME_EXCHANGE: the two change their places.
inline int sys_exchange(const char* one, const char* other) {
  constexpr unsigned kRenameExchange = 2;
  return static_cast<int>(
      ::syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, kRenameExchange));
}

inline int sys_close_range(unsigned first, unsigned last, unsigned flags) {
  return static_cast<int>(::syscall(SYS_close_range, first, last, flags));
}

}  // namespace ocirt
