/** How a container's first process ended, and waiting for that (docs/exit-status.md). */
import { OcirtError } from '../errors.js';
import type { ExitStatus } from '../native/binding.js';
import { isAlive, readStat } from '../state/process.js';
import { type ContainerRecord, FILES, type ProcessMark } from '../state/record.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { exitCodeOf } from './foreground.js';
import { oomKills } from './oom.js';
import { formatTime } from './time.js';

/** How long what must come soon is waited for: the parent that reaps, the monitor that writes. */
const PATIENCE_MS = 5_000;

/** How often it is looked where the kernel has no pidfds. */
const GLANCE_MS = 50;

/** The end of a container, as `wait` and `state` print it; null: nobody knows. */
export interface ContainerEnd {
  /** As `run` ends: 128 + the signal's number where one ended it. */
  readonly exitCode: number | null;
  /** 0 where it exited. */
  readonly signal: number | null;
  /** Whether the kernel ran out of the container's memory and killed something. */
  readonly oomKilled: boolean | null;
  /** RFC 3339; the monitor's time. */
  readonly finished: string | null;
}

/** What the monitor wrote; undefined where it is none of that. */
export function parseEnd(text: string): ContainerEnd | undefined {
  try {
    const { exitCode, signal, oomKilled, finishedNs } = JSON.parse(text);
    const known = typeof exitCode === 'number' && typeof signal === 'number';
    return {
      exitCode: known ? exitCodeOf({ pid: 0, exitCode, signal }) : null,
      signal: known ? signal : null,
      oomKilled: oomKilled === true,
      finished: formatTime(BigInt(finishedNs)),
    };
  } catch {
    return undefined;
  }
}

/** What is kept of the end of a container that had a monitor. */
export function keptEnd(runtime: Runtime, record: ContainerRecord): ContainerEnd | undefined {
  if (record.monitor === undefined) return undefined;
  return readEnd(runtime, runtime.store.file(record.id, 'end'));
}

function readEnd(runtime: Runtime, file: string): ContainerEnd | undefined {
  const [text] = runtime.native.readFiles([file]);
  return text === null || text === undefined ? undefined : parseEnd(text);
}

/**
 * Waits until a container's first process has ended.
 *
 * Who knows how it ended: the monitor, where there is one; else, on Linux 6.15 and newer, this
 * process, if it waited already when that happened. A container that is deleted meanwhile ends the wait
 * as well.
 *
 * @throws OcirtError `container-not-found`; `container-state` while it is being created
 */
export function wait(runtime: Runtime, id: string): ContainerEnd {
  const { native, store } = runtime;
  const record = store.read(id);
  if (record.phase === 'creating' && statusOf(runtime, record) === 'creating') {
    throw new OcirtError('container-state', 'cannot wait for a container that is being created');
  }
  // By descriptor: another container may have got the ID when we look again.
  const directory = native.open(store.directory(id), ['path', 'directory']);
  try {
    const own = record.init === undefined ? null : ownEnd(runtime, record.init);
    if (record.monitor !== undefined) awaitMonitor(runtime, record.monitor);
    const kept =
      record.monitor === undefined
        ? undefined
        : readEnd(runtime, `/proc/self/fd/${directory}/${FILES.end}`);
    if (kept !== undefined && kept.exitCode !== null) return kept;
    return {
      exitCode: own === null ? null : exitCodeOf(own),
      signal: own?.signal ?? null,
      oomKilled: kept?.oomKilled ?? oomKilled(runtime, record),
      finished: kept?.finished ?? null,
    };
  } finally {
    native.close([directory]);
  }
}

/** Waits for the process; null where its status is nothing that we can know. */
function ownEnd(runtime: Runtime, init: ProcessMark): ExitStatus | null {
  const { native } = runtime;
  const pidfd = native.openPidfd(init.pid);
  if (pidfd < 0) {
    // A kernel without them, or there is no such process.
    while (isAlive(native, init)) native.sleep(GLANCE_MS);
    return null;
  }
  try {
    if (!isAlive(native, init) && !isZombie(runtime, init)) return null;
    native.awaitPidfd(pidfd, -1);
    // Where a program uses the library, we are the parent, and nobody else reaps.
    const reaped = native.waitChild(init.pid, false);
    return reaped ?? native.awaitExit(pidfd, init.pid, PATIENCE_MS);
  } finally {
    native.close([pidfd]);
  }
}

/** Ended, and not reaped: the number is still its own. */
function isZombie(runtime: Runtime, init: ProcessMark): boolean {
  const stat = readStat(runtime.native, init.pid);
  return stat?.startTime === init.startTime && stat.state === 'Z';
}

/** The monitor ends as soon as it has written. */
function awaitMonitor(runtime: Runtime, monitor: ProcessMark): void {
  const { native } = runtime;
  const pidfd = native.openPidfd(monitor.pid);
  if (pidfd < 0) {
    for (let waited = 0; waited < PATIENCE_MS && isAlive(native, monitor); waited += GLANCE_MS) {
      native.sleep(GLANCE_MS);
    }
    return;
  }
  try {
    if (isAlive(native, monitor)) native.awaitPidfd(pidfd, PATIENCE_MS);
  } finally {
    native.close([pidfd]);
  }
}

function oomKilled(runtime: Runtime, record: ContainerRecord): boolean | null {
  const kills = oomKills(runtime, record.cgroup);
  return kills === undefined ? null : kills > 0;
}
