/** A container that exists: its record, its status, the configuration it was created with. */
import type { Config } from '../spec/config.gen.js';
import { isAlive } from '../state/process.js';
import type { ContainerRecord } from '../state/record.js';
import { readStatus, type Status } from '../state/status.js';
import { isFrozen } from './cgroup.js';
import type { Runtime } from './context.js';

/** The status of a container now. */
export function statusOf(runtime: Runtime, record: ContainerRecord): Status {
  return readStatus(runtime.native, runtime.store, record, () =>
    isFrozen(runtime.native, record.cgroup.paths),
  );
}

/** The configuration as it was at create; it was validated then. */
export function configOf(runtime: Runtime, id: string): Config | undefined {
  const [text] = runtime.native.readFiles([runtime.store.file(id, 'config')]);
  return text === null || text === undefined ? undefined : (JSON.parse(text) as Config);
}

/**
 * Signals the container's first process, and never another one that has got its pid: the pidfd
 * is taken first, then the start time compared. False if it has ended.
 */
export function signalInit(runtime: Runtime, record: ContainerRecord, signal: number): boolean {
  const { native } = runtime;
  const { init } = record;
  if (init === undefined) return false;
  const pidfd = native.openPidfd(init.pid);
  try {
    if (!isAlive(native, init)) return false;
    return pidfd >= 0 ? native.signalPidfd(pidfd, signal) : native.kill(init.pid, signal);
  } finally {
    if (pidfd >= 0) native.close([pidfd]);
  }
}

/** Waits until the first process has ended, as a zombie or altogether. False when time is over. */
export function awaitInit(runtime: Runtime, record: ContainerRecord, timeoutMs: number): boolean {
  const { native } = runtime;
  const { init } = record;
  if (init === undefined || !isAlive(native, init)) return true;
  const pidfd = native.openPidfd(init.pid);
  if (pidfd >= 0) {
    try {
      return !isAlive(native, init) || native.awaitPidfd(pidfd, timeoutMs);
    } finally {
      native.close([pidfd]);
    }
  }
  for (let waited = 0; waited < timeoutMs; waited += 10) {
    if (!isAlive(native, init)) return true;
    native.sleep(10);
  }
  return !isAlive(native, init);
}
