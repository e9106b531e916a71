/** The lock of a container, for verbs that a hook may call. */
import { type Lock, lockClaimed, lockContainer } from '../state/lock.js';
import type { Status } from '../state/status.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { errnoOf, type wrap } from './errors.js';

/**
 * Claims an ID for a new container, with its lock. What fails leaves nothing, and removes nothing of who may have
 * taken the ID since.
 *
 * @param wrapped gives a failure its context
 */
export function claimLocked(
  runtime: Runtime,
  id: string,
  wrapped: (error: unknown) => ReturnType<typeof wrap>,
): Lock {
  const { native, store } = runtime;
  store.claim(id);
  try {
    return lockClaimed(native, store, id);
  } catch (error) {
    const failure = wrapped(error);
    // EEXIST, ENOENT: a delete has met a claim without a lock, and has taken it for what a killed create left.
    if (['EEXIST', 'ENOENT'].includes(errnoOf(error))) throw failure;
    const removals = [
      () => native.removeFile(store.file(id, 'lock')),
      () => native.removeDirectory(store.directory(id)),
    ];
    for (const removal of removals) {
      try {
        removal();
      } catch (problem) {
        if (errnoOf(problem) !== 'ENOENT') failure.cleanup = [...failure.cleanup, problem];
      }
    }
    throw failure;
  }
}

/** Statuses in which whoever holds the lock may be waiting for a hook that waits for us. */
const IN_HOOKS: readonly Status[] = ['creating', 'stopped'];

/**
 * Waits for the lock of a container, unless it is being created or has stopped: then its `create`, or its
 * `delete` in a poststop hook, may be who holds the lock and waits for us, and `check` has its say.
 *
 * @param check throws what the verb says to those two statuses; it is asked only where it would wait
 */
export function lockLive(
  runtime: Runtime,
  id: string,
  exclusive: boolean,
  check: (status: Status) => void,
): Lock {
  const { native, store } = runtime;
  const lock = lockContainer(native, store, id, { exclusive, wait: false });
  if (lock !== undefined) return lock;
  const status = statusOf(runtime, store.read(id));
  if (IN_HOOKS.includes(status)) check(status);
  return lockContainer(native, store, id, { exclusive, wait: true });
}

/**
 * One change at a time to a container that goes on: for `update`, which shares the lock with an exec that waits
 * in a paused container until that is resumed.
 *
 * @param check as of {@link lockLive}
 */
export function inTurn<T>(
  runtime: Runtime,
  id: string,
  check: (status: Status) => void,
  act: () => T,
): T {
  const { native, store } = runtime;
  const lock = lockLive(runtime, id, false, check);
  let turn = -1;
  try {
    turn = native.open(store.directory(id), ['read', 'directory']);
    native.lock(turn, true, true);
    return act();
  } finally {
    if (turn >= 0) native.close([turn]);
    lock.release();
  }
}

/** How long an exec that is under way may take to be through. */
const PATIENCE_MS = 2_000;

/**
 * The lock for freezing a container. Alone if that can be had soon: an exec should not be frozen half-way.
 * Then together with it: who is in the container can stop an exec's helper (SIGSTOP), and must not
 * so be able to forbid that it is frozen itself.
 */
export function lockToFreeze(runtime: Runtime, id: string, check: (status: Status) => void): Lock {
  const { native, store } = runtime;
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    const lock = lockContainer(native, store, id, { exclusive: true, wait: false });
    if (lock !== undefined) return lock;
    native.sleep(20);
  }
  return lockLive(runtime, id, false, check);
}
