/** The status of a container is not stored: it is read off the kernel each time. */
import type { Binding } from '../native/binding.js';
import { lockContainer } from './lock.js';
import { isAlive } from './process.js';
import type { ContainerRecord } from './record.js';
import type { Store } from './store.js';

export type Status = 'creating' | 'created' | 'running' | 'paused' | 'stopped';

/** What was seen. */
export interface Observation {
  readonly phase: ContainerRecord['phase'];
  /** The first process lives. */
  readonly alive: boolean;
  /** The process that creates it lives: it holds the lock. */
  readonly creatorAlive: boolean;
  readonly frozen: boolean;
  /** The helper waits to be started. */
  readonly waiting: boolean;
}

/** The rule. A create whose creator died has failed: its helper died with it. */
export function deriveStatus(seen: Observation): Status {
  if (seen.phase === 'creating') return seen.creatorAlive ? 'creating' : 'stopped';
  if (!seen.alive) return 'stopped';
  if (seen.frozen) return 'paused';
  return seen.waiting ? 'created' : 'running';
}

/**
 * Whether the helper still waits for `start`. While a start is under way, or when one was killed,
 * the socket has its second name: then it waits if something listens on it.
 */
export function isWaiting(native: Binding, store: Store, id: string): boolean {
  if (native.status(store.file(id, 'start'), false) !== null) return true;
  const starting = store.file(id, 'starting');
  if (native.status(starting, false) === null) return false;
  try {
    native.close([native.connectUnix(starting)]);
    return true;
  } catch {
    return false;
  }
}

function creatorAlive(native: Binding, store: Store, id: string): boolean {
  try {
    const lock = lockContainer(native, store, id, { exclusive: false, wait: false });
    lock?.release();
    return lock === undefined;
  } catch {
    return false;
  }
}

/** The status now. `isFrozen` is asked only where it matters. */
export function readStatus(
  native: Binding,
  store: Store,
  record: ContainerRecord,
  isFrozen: () => boolean,
): Status {
  if (record.phase === 'creating') {
    return deriveStatus({
      phase: 'creating',
      alive: false,
      creatorAlive: creatorAlive(native, store, record.id),
      frozen: false,
      waiting: false,
    });
  }
  const alive = isAlive(native, record.init);
  return deriveStatus({
    phase: 'created',
    alive,
    creatorAlive: false,
    frozen: alive && isFrozen(),
    waiting: alive && isWaiting(native, store, record.id),
  });
}
