/** Where faults are injected: the system calls that a verb makes, and how each may fail. */
import type { Fault } from './strace.js';

/**
 * The errors that a call may give (its manual page), the likeliest first; KILL is tried on all. Not
 * close(2): a close that fails has closed all the same, and strace's does not. Which of open and openat,
 * stat and newfstatat it is, is the C library's choice.
 */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  open: ['EMFILE', 'EIO', 'EACCES'],
  openat: ['EMFILE', 'EIO', 'EACCES'],
  read: ['EIO'],
  write: ['ENOSPC', 'EIO'],
  stat: ['EACCES', 'EIO'],
  lstat: ['EACCES', 'EIO'],
  newfstatat: ['EACCES', 'EIO'],
  readlink: ['EACCES', 'EIO'],
  getcwd: ['ENOENT'],
  mkdir: ['ENOSPC', 'EROFS'],
  rmdir: ['EBUSY', 'EIO'],
  rename: ['EROFS', 'ENOSPC'],
  renameat2: ['ENOSYS', 'EROFS'],
  unlink: ['EROFS', 'EIO'],
  unlinkat: ['EROFS', 'EIO'],
  fchmod: ['EPERM', 'EROFS'],
  getdents64: ['EIO'],
  flock: ['ENOLCK'],
  memfd_create: ['EMFILE', 'ENOSYS'],
  pipe2: ['EMFILE', 'ENFILE'],
  socketpair: ['EMFILE', 'ENOBUFS'],
  socket: ['EMFILE', 'EAFNOSUPPORT'],
  bind: ['EADDRINUSE', 'EROFS'],
  listen: ['EADDRINUSE'],
  connect: ['ECONNREFUSED'],
  sendto: ['EPIPE', 'ENOBUFS'],
  recvfrom: ['ECONNRESET', 'ENOMEM'],
  clone3: ['EAGAIN', 'ENOMEM', 'ENOSYS'],
  mmap: ['ENOMEM'],
  prctl: ['EINVAL'],
  prlimit64: ['EPERM'],
  pidfd_open: ['ENOSYS', 'EMFILE'],
  pidfd_send_signal: ['EPERM', 'ENOSYS'],
  kill: ['EPERM'],
  wait4: ['ECHILD'],
  poll: ['ENOMEM'],
  getrandom: ['ENOSYS'],
  rt_sigaction: ['EINVAL'],
  capget: ['EPERM'],
};

export const CALLS = Object.keys(ERRORS);

/** `count` numbers of 1 to `last`, evenly spread, the last among them. */
function spread(last: number, count: number): number[] {
  const numbers = Math.min(last, count);
  return Array.from({ length: numbers }, (_, index) => Math.round(((index + 1) * last) / numbers));
}

/**
 * The faults for a verb.
 *
 * @param counts how often it makes each call
 * @param most of one kind of call; Infinity: each one
 * @param spared calls that can't fail so
 */
export function faultsOf(
  counts: ReadonlyMap<string, number>,
  most: number,
  spared: readonly string[] = [],
): Fault[] {
  const faults: Fault[] = [];
  for (const [call, errors] of Object.entries(ERRORS)) {
    if (spared.includes(call)) continue;
    for (const [index, nth] of spread(counts.get(call) ?? 0, most).entries()) {
      // Few points: the errors take turns. Every point: each has all of them.
      const hows = most === Infinity ? errors : [errors[index % errors.length] as string];
      faults.push(...hows.map((how) => ({ call, nth, how })));
      if (most === Infinity || index % 2 === 0) faults.push({ call, nth, how: 'KILL' });
    }
  }
  return faults;
}
