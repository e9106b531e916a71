/**
 * Who holds a lock (flock(2)) by a descriptor that was handed down: a plugin that does not come to an end is found
 * by it, with all that it has started, be it in sessions of their own or long without a parent.
 */
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binding } from '../../../native/binding.js';
import { GRACE_MS } from '../run.js';

const SIGTERM = 15;
const SIGKILL = 9;
/** For the kernel, once all of them are killed. */
const ENDED_MS = 5000;
const RETRY_MS = 50;

interface Held {
  /** The last part of its path. */
  readonly name: string;
  readonly status: Stats;
}

/** What asks for something that may be gone meanwhile. */
function there<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function holds(pid: number, { name, status }: Held): boolean {
  const fds = there(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return fds.some((fd) => {
    const link = `/proc/${pid}/fd/${fd}`;
    // Only what has the name is looked at: a file of a network file system may let nobody look for long.
    if (there(() => readlinkSync(link))?.includes(name) !== true) return false;
    const found = there(() => statSync(link));
    if (found?.ino !== status.ino || found.dev !== status.dev) return false;
    // Who only looks whether it is held has it open as well: proc_pid_fdinfo(5).
    return (
      there(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.includes('FLOCK') === true
    );
  });
}

/** All but us. */
function holdersOf(lock: Held): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && holds(pid, lock));
}

/** Through a descriptor of the process, so that no other one with its number is hit. */
function send(native: Binding, pid: number, lock: Held, signal: number): void {
  const pidfd = native.openPidfd(pid);
  // Ended just now; or before Linux 5.3, where the sandbox itself is refused.
  if (pidfd < 0) return;
  try {
    if (holds(pid, lock)) native.signalPidfd(pidfd, signal);
  } finally {
    native.close([pidfd]);
  }
}

function heldAt(path: string): Held | undefined {
  return there(() => ({ name: basename(realpathSync(path)), status: statSync(path) }));
}

/**
 * Ends all that hold a lock, but for the caller: asked first, and killed after a moment. What they start
 * meanwhile holds it, too, and is found again.
 *
 * @param path of the lock's file; that of a descriptor in /proc/self/fd is right, too
 * @param working another lock: where one of them holds it as well, it looks after the others, and nothing is done
 */
export async function endHolders(native: Binding, path: string, working?: string): Promise<void> {
  const lock = heldAt(path);
  if (lock === undefined) return;
  const other = working === undefined ? undefined : heldAt(working);
  const asked = new Set<number>();
  const start = Date.now();
  for (;;) {
    const pids = holdersOf(lock);
    if (pids.length === 0 || Date.now() - start > GRACE_MS + ENDED_MS) return;
    if (other !== undefined && pids.some((pid) => holds(pid, other))) return;
    for (const pid of pids) {
      if (Date.now() - start > GRACE_MS) send(native, pid, lock, SIGKILL);
      else if (!asked.has(pid)) send(native, pid, lock, SIGTERM);
      asked.add(pid);
    }
    await sleep(RETRY_MS);
  }
}
