/** Removes a container and all that create made for it (runtime.md, "Delete"). */
import { OcirtError } from '../errors.js';
import type { NativeError } from '../native/binding.js';
import { checkId } from '../state/id.js';
import { type Lock, lockClaimed, lockContainer } from '../state/lock.js';
import type { ContainerRecord } from '../state/record.js';
import { notFound } from '../state/store.js';
import { killCgroup, listPids, removeCgroup, removeIfEmpty, setFrozen } from './cgroup.js';
import { awaitInit, configOf, type Known, signalInit, statusOf } from './container.js';
import { type Runtime, requireDriver, SystemdNeeded, stopUnit } from './context.js';
import { messageOf } from './errors.js';
import { runPoststop } from './hooks.js';
import { removeRdt } from './intel-rdt.js';
import { endMonitor } from './monitor.js';

const SIGKILL = 9;
/** How long a killed process may take to end, and another operation to give up the lock. */
const PATIENCE_MS = 10_000;

export interface DeleteOptions {
  readonly id: string;
  /** Kill it first; and nothing is said if there is no such container. */
  readonly force?: boolean | undefined;
  readonly known?: Known;
}

/** Deletes a stopped container, or with `force` any. */
export function remove(runtime: Runtime, options: DeleteOptions): void {
  const { store } = runtime;
  checkId(options.id);
  const force = options.force === true;
  if (!store.exists(options.id)) {
    if (force) return;
    throw notFound(options.id);
  }
  // Free as a rule. Else whoever holds it gives it up soon after the first process has ended.
  let lock = lockIfFree(runtime, options.id);
  try {
    let record = store.tryRead(options.id);
    if (record === undefined) {
      lock?.release();
      removeRemains(runtime, options.id, force);
      return;
    }
    lock ??= lockIfLost(runtime, options.id);
    runtime.trace?.phase('end the processes');
    requireDriver(runtime, record);
    endOrRefuse(runtime, record, force);
    if (lock === undefined) {
      lock = waitForLock(runtime, options.id, force, record);
      if (lock === undefined) return;
      // What another one did while we waited counts.
      record = store.tryRead(options.id) ?? record;
      endOrRefuse(runtime, record, force);
    }
    if (!awaitInit(runtime, record, PATIENCE_MS)) {
      throw new OcirtError('container-unkillable', 'container init still running');
    }
    destroy(runtime, record, options.known);
  } finally {
    lock?.release();
  }
}

/** undefined: another one holds it, or there is none. */
function lockIfFree(runtime: Runtime, id: string): Lock | undefined {
  try {
    return lockContainer(runtime.native, runtime.store, id, { exclusive: true, wait: false });
  } catch (error) {
    if (error instanceof OcirtError && error.code === 'container-not-found') return undefined;
    throw error;
  }
}

/** The lock of a record that has none any more, as earlier versions left where a delete was killed. */
function lockIfLost(runtime: Runtime, id: string): Lock | undefined {
  try {
    return lockClaimed(runtime.native, runtime.store, id);
  } catch (error) {
    // It is there, and held; or all has gone meanwhile.
    if (['EEXIST', 'ENOENT'].includes((error as NativeError).code)) return undefined;
    throw error;
  }
}

function endOrRefuse(runtime: Runtime, record: ContainerRecord, force: boolean): void {
  if (force) end(runtime, record);
  else checkStopped(runtime, record);
}

/** Removes cgroup and state of a container whose first process has ended; runs poststop hooks. */
export function destroy(runtime: Runtime, record: ContainerRecord, known?: Known): void {
  const { native, store, log } = runtime;
  runtime.trace?.phase('remove cgroup and state');
  // Most often nothing is left in the cgroup, which the kernel tells best.
  if (record.cgroup.systemd !== undefined || !removeIfEmpty(native, record.cgroup.paths)) {
    clearCgroup(runtime, record);
  }
  removeRdt(native, record.intelRdt);
  const config = configOf(runtime, record, known);
  if (config !== undefined && record.init !== undefined) runPoststop(runtime, config, record);
  endMonitor(runtime, record);
  store.remove(record.id);
  log.debug(`container ${record.id} deleted`);
}

/** Kills what is left in the cgroup, and removes it with all below it. */
function clearCgroup(runtime: Runtime, record: ContainerRecord): void {
  const { native, log } = runtime;
  // Before the first process was spawned nothing of ours can be in the cgroup.
  if (record.init !== undefined && !killCgroup(native, record.cgroup.paths)) {
    throw new OcirtError('container-unkillable', 'processes of the container are still running');
  }
  try {
    stopUnit(runtime, record);
  } catch (error) {
    if (error instanceof SystemdNeeded) throw error;
    // What is left of the unit is its name: the cgroup is removed all the same.
    log.warn(messageOf(error));
  }
  removeCgroup(native, record.cgroup.paths);
}

function checkStopped(runtime: Runtime, record: ContainerRecord): void {
  const status = statusOf(runtime, record);
  if (status === 'stopped') return;
  throw new OcirtError(
    'container-not-stopped',
    `cannot delete container ${record.id} that is not stopped: ${status}`,
    { hint: 'stop it with kill, or use delete --force' },
  );
}

/** Kills the first process; thawed, so that it can die. */
function end(runtime: Runtime, record: ContainerRecord): void {
  const paused = statusOf(runtime, record) === 'paused';
  signalInit(runtime, record, SIGKILL);
  if (paused) setFrozen(runtime.native, record.cgroup.paths, false);
}

/**
 * undefined: another delete was faster, which is what --force asked for.
 *
 * @param record of the container whose processes need not be spared (`force`)
 */
function waitForLock(
  runtime: Runtime,
  id: string,
  force: boolean,
  record?: ContainerRecord,
): Lock | undefined {
  const { native, store } = runtime;
  try {
    for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
      const lock = lockContainer(native, store, id, { exclusive: true, wait: false });
      if (lock !== undefined) return lock;
      native.sleep(20);
      // Without a pid namespace the end of the first process is not that of an exec's helper; who is in
      // the container can stop that one, and its runtime waits for it with the lock held.
      if (force && record?.init !== undefined && waited % 500 === 480) {
        native.killAll(listPids(native, record.cgroup.paths), SIGKILL);
      }
    }
  } catch (error) {
    if (force && error instanceof OcirtError && error.code === 'container-not-found') {
      return undefined;
    }
    throw error;
  }
  throw new OcirtError('container-busy', `another operation on container ${id} is under way`);
}

/** A directory without a readable record: a create that was killed before it had made anything. */
function removeRemains(runtime: Runtime, id: string, force: boolean): void {
  const { native, store } = runtime;
  let lock: Lock | undefined;
  if (native.status(store.file(id, 'lock'), false) !== null) {
    lock = waitForLock(runtime, id, force);
    // A create that was under way may have come to its record meanwhile.
    if (lock !== undefined && store.tryRead(id) !== undefined) {
      lock.release();
      remove(runtime, { id, force });
      return;
    }
  }
  try {
    store.remove(id);
  } catch (error) {
    runtime.log.warn(`remove ${store.directory(id)}: ${messageOf(error)}`);
  } finally {
    lock?.release();
  }
  if (!force) throw notFound(id);
}
