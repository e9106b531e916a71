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

/** What who has created a container knows of it without reading it again. */
export interface Known {
  readonly record: ContainerRecord;
  readonly bundle: { readonly config: Config };
}

/**
 * The configuration as it was at create; it was validated then.
 *
 * @param known counts if it is of this very container, and not of one that had its ID before
 */
export function configOf(
  runtime: Runtime,
  record: ContainerRecord,
  known?: Known,
): Config | undefined {
  const mark = known?.record.init;
  if (
    mark !== undefined &&
    mark.pid === record.init?.pid &&
    mark.startTime === record.init.startTime
  ) {
    return known?.bundle.config;
  }
  const [text] = runtime.native.readFiles([runtime.store.file(record.id, 'config')]);
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
