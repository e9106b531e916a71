/**
 * The monitor of a detached container, only where it is asked for: a process of a few hundred KB that
 * outlives the runtime, waits for the end of the container's first process, writes down how it
 * ended, and ends with it. docs/exit-status.md.
 *
 * It is the helper with a plan of one step. It holds nothing of the caller's: its standard
 * descriptors are /dev/null, and all others but those it needs were closed by the spawn. It is in the
 * caller's namespaces and cgroup and not in the container's, so that nothing in there sees, freezes or
 * kills it, and it is not dumpable. It is not the parent of the container's process either: engines go
 * on reaping what they expect to reap.
 */
import { OcirtError } from '../errors.js';
import type { HelperMessage } from '../plan/messages.js';
import { isAlive, markProcess } from '../state/process.js';
import type { ContainerRecord, ProcessMark } from '../state/record.js';
import type { Runtime } from './context.js';
import { helperError, wrap } from './errors.js';
import { hear } from './launch.js';
import { oomFiles } from './oom.js';

const SIGKILL = 9;

/** What config.json asks for a monitor with, where nobody can pass `--monitor`: "true". */
export const MONITOR_ANNOTATION = 'io.github.ocirt.monitor';

/** Whether a container is to have a monitor. */
export function wantsMonitor(
  asked: boolean | undefined,
  annotations: Readonly<Record<string, string>> | undefined,
): boolean {
  return asked ?? annotations?.[MONITOR_ANNOTATION] === 'true';
}

/** How long a monitor has for its last words. */
const PATIENCE_MS = 1_000;

/**
 * Waits for the end of a monitor whose container has ended: it must not write any more to a folder that
 * is about to be removed.
 */
export function endMonitor(runtime: Runtime, record: ContainerRecord): void {
  const { native } = runtime;
  const { monitor } = record;
  if (monitor === undefined) return;
  const pidfd = native.openPidfd(monitor.pid);
  if (pidfd < 0) return;
  try {
    if (!isAlive(native, monitor) || native.awaitPidfd(pidfd, PATIENCE_MS)) return;
    // It waits for a parent that does not reap.
    native.signalPidfd(pidfd, SIGKILL);
    native.awaitPidfd(pidfd, PATIENCE_MS);
  } finally {
    native.close([pidfd]);
  }
}

/**
 * Starts the monitor of a container whose first process is there and has not been started.
 *
 * @param pidfd of the process; taken before it can have ended
 * @throws OcirtError `monitor-failed`
 */
export function startMonitor(
  runtime: Runtime,
  record: ContainerRecord,
  pid: number,
  pidfd: number,
): ProcessMark {
  const { native, store } = runtime;
  if (pidfd < 0) {
    throw new OcirtError('monitor-failed', 'a monitor needs pidfds, which Linux has since 5.3');
  }
  const opened: number[] = [];
  const open = (...args: Parameters<typeof native.open>): number => {
    const fd = native.open(...args);
    opened.push(fd);
    return fd;
  };
  let first: number | undefined;
  try {
    const nothing = open('/dev/null', ['readwrite']);
    const directory = open(store.directory(record.id), ['path', 'directory']);
    const [file] = oomFiles(record.cgroup).filter((path) => native.status(path, false) !== null);
    const oom = file === undefined ? -1 : open(file, ['read']);
    const spawned = native.spawn({
      cloneFlags: 0,
      keepFds: [pidfd, directory, ...(oom < 0 ? [] : [oom])],
      stdio: [nothing, nothing, nothing],
    });
    first = spawned.pid;
    opened.push(spawned.channel);
    if (spawned.pidfd >= 0) opened.push(spawned.pidfd);
    const step = { op: 'monitor', at: '', pidfd, pid, directory, oom } as const;
    native.channelSend(spawned.channel, { type: 'plan', steps: [step], trace: false });
    const message: HelperMessage | null = hear(native, spawned.channel);
    if (message?.type === 'error') throw helperError(message, [step]);
    if (message?.type !== 'pid') throw new OcirtError('monitor-failed', 'the monitor was killed');
    // Once it has let go of the channel, it is on its own.
    hear(native, spawned.channel);
    return markProcess(native, message.pid);
  } catch (error) {
    throw wrap(error, 'monitor-failed', 'unable to start the monitor');
  } finally {
    native.close(opened);
    // Its child is the monitor; this one has ended, or ends with the channel.
    if (first !== undefined) native.waitChild(first, true);
  }
}
