/**
 * The seccomp filters that engines hand on by default, as Podman 4.3 and containerd 1.6 write them on
 * x86-64. Their size is what matters here: some 350 names, a few rules with arguments.
 */

/** Allowed by both. */
const COMMON = words(`
  _llseek _newselect accept accept4 access adjtimex alarm bind brk capget capset chdir chmod
  chown chown32 clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
  clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect
  copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
  epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit
  exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod
  fchmodat fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork
  fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64
  futex futex_time64 futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64
  getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32
  getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday
  getuid getuid32 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
  io_cancel io_destroy io_getevents io_setup io_submit ioctl ioprio_get ioprio_set ipc kill
  landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr
  link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat lstat64 madvise
  membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall
  mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64
  mq_timedsend mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock
  munlockall munmap nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal
  pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv
  preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read
  readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg
  remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction
  rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile
  sendfile64 sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid
  setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid
  setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
  setreuid32 setrlimit setsid setsockopt setuid setuid32 setxattr shmat shmctl shmdt shmget
  shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice
  stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs sysinfo tee
  tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
  timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
  timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime
  utimensat utimensat_time64 utimes vfork wait4 waitid waitpid write writev
`);

const PODMAN_ONLY = words(`
  clone clone3 fsconfig fsmount fsopen fspick get_mempolicy keyctl mbind mount mount_setattr
  move_mount name_to_handle_at open_tree pidfd_getfd pivot_root process_vm_readv
  process_vm_writev ptrace readdir reboot set_mempolicy setns sigaction signal sigpending
  sigsuspend syscall syslog timerfd umount umount2 unshare
`);

const CONTAINERD_ONLY = words(`
  futex_waitv io_pgetevents io_pgetevents_time64 io_uring_enter io_uring_register io_uring_setup
  socket vmsplice
`);

/** Refused with EPERM by Podman, where what is unknown gets ENOSYS. */
const PODMAN_REFUSED = words(`
  acct bdflush bpf clock_settime clock_settime64 delete_module fanotify_init finit_module
  init_module io_pgetevents ioperm iopl kcmp kexec_file_load kexec_load lookup_dcookie
  migrate_pages move_pages nfsservctl nice oldfstat oldlstat oldolduname oldstat olduname
  open_by_handle_at pciconfig_iobase pciconfig_read pciconfig_write perf_event_open
  process_madvise query_module quotactl setdomainname sethostname setns settimeofday sgetmask
  ssetmask stime swapcontext swapoff swapon sysfs uselib userfaultfd ustat vhangup vm86 vm86old
  vmsplice
`);

const EPERM = 1;
const EINVAL = 22;
const ENOSYS = 38;
const AF_NETLINK = 16;
const NETLINK_AUDIT = 9;
/** The flags of clone that make namespaces. */
const CLONE_NAMESPACES = 0x7e020000;

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function argument(index: number, value: number, op = 'SCMP_CMP_EQ'): object {
  return { index, value, op };
}

function allow(names: string[], ...args: object[]): object {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length > 0 && { args }) };
}

function refuse(names: string[], errnoRet: number, ...args: object[]): object {
  return { names, action: 'SCMP_ACT_ERRNO', errnoRet, ...(args.length > 0 && { args }) };
}

/** Linux, Linux of 32 bits, with and without addresses as on old kernels; and the question itself. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff].map((value) =>
  allow(['personality'], argument(0, value)),
);

function filter(syscalls: object[], rest: object): object {
  const architectures = ARCHITECTURES[process.arch];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    ...rest,
    ...(architectures !== undefined && { architectures }),
    syscalls,
  };
}

export function podmanSeccomp(): object {
  return filter(
    [
      refuse(PODMAN_REFUSED, EPERM),
      allow([...COMMON, ...PODMAN_ONLY]),
      ...personalities,
      allow(['arch_prctl', 'modify_ldt']),
      allow(['chroot']),
      refuse(['socket'], EINVAL, argument(0, AF_NETLINK), argument(2, NETLINK_AUDIT)),
      allow(['socket'], argument(2, NETLINK_AUDIT, 'SCMP_CMP_NE')),
      allow(['socket'], argument(0, AF_NETLINK, 'SCMP_CMP_NE')),
    ],
    { defaultErrnoRet: ENOSYS },
  );
}

export function containerdSeccomp(): object {
  const withoutNamespaces = { ...argument(0, CLONE_NAMESPACES, 'SCMP_CMP_MASKED_EQ'), valueTwo: 0 };
  return filter(
    [
      allow([...COMMON, ...CONTAINERD_ONLY]),
      ...personalities,
      allow(['ptrace']),
      allow(['arch_prctl', 'modify_ldt']),
      allow(['chroot']),
      allow(['clone'], withoutNamespaces),
      refuse(['clone3'], ENOSYS),
    ],
    {},
  );
}
