/** Freezes and thaws all processes of a container. */
import { OcirtError } from '../errors.js';
import { NAME } from '../version.js';
import { setFrozen } from './cgroup.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { lockLive, lockToFreeze } from './locked.js';

function withStatus(
  runtime: Runtime,
  id: string,
  allowed: readonly string[],
  refusal: OcirtError,
  frozen: boolean,
): void {
  const { native, store } = runtime;
  const before = store.read(id);
  if (before.phase === 'creating') throw refusal;
  const refuse = (): never => {
    throw refusal;
  };
  const lock = frozen ? lockToFreeze(runtime, id, refuse) : lockLive(runtime, id, false, refuse);
  try {
    const record = store.read(id);
    if (!allowed.includes(statusOf(runtime, record))) throw refusal;
    setFrozen(native, record.cgroup.paths, frozen);
  } finally {
    lock.release();
  }
}

/** Pauses a created or running container. */
export function pause(runtime: Runtime, id: string): void {
  const refusal = new OcirtError('container-not-running', 'container not running', {
    hint: 'only a created or running container can be paused',
  });
  withStatus(runtime, id, ['running', 'created'], refusal, true);
}

/**
 * Resumes a paused container. Shares the lock with exec: one that waits in a paused container
 * holds it until it is resumed.
 */
export function resume(runtime: Runtime, id: string): void {
  const refusal = new OcirtError('container-not-paused', 'container not paused', {
    hint: `"${NAME} state" says what it is`,
  });
  withStatus(runtime, id, ['paused'], refusal, false);
}
