/** Removes a container and all that create made for it (runtime.md, "Delete"). */
import { OcirtError } from '../errors.js';
import type { NativeError } from '../native/binding.js';
import { checkId } from '../state/id.js';
import { type Lock, type LockFile, lockClaimed, openLockFile } from '../state/lock.js';
import { type ContainerRecord, isSameContainer } from '../state/record.js';
import { notFound } from '../state/store.js';
import { killCgroup, listPids, removeCgroup, removeIfEmpty, setFrozen } from './cgroup.js';
import { awaitInit, configOf, type Known, signalInit, statusOf } from './container.js';
import { type Runtime, requireDriver, SystemdNeeded, stopUnit } from './context.js';
import { messageOf } from './errors.js';
import { runPoststop } from './hooks.js';
import { removeRdt, undoRdt } from './intel-rdt.js';
import { endMonitor } from './monitor.js';

const SIGKILL = 9;
/** How long a killed process may take to end, and another operation to give up the lock. */
const PATIENCE_MS = 10_000;

export interface DeleteOptions {
  readonly id: string;
  /** Kill it first; and nothing is said if there is no such container. */
  readonly force?: boolean | undefined;
  readonly known?: Known | undefined;
  /** Only this very container: nothing is done to one that has its ID now. */
  readonly only?: ContainerRecord | undefined;
}

/** Deletes a stopped container, or with `force` any. */
export function remove(runtime: Runtime, options: DeleteOptions): void {
  const { native, store } = runtime;
  checkId(options.id);
  const force = options.force === true;
  if (!store.exists(options.id)) {
    if (force) return;
    throw notFound(options.id);
  }
  const file = openLockFile(native, store, options.id);
  let lock: Lock | undefined;
  try {
    if (file === undefined) {
      lock = lockIfLost(runtime, options.id);
      // There was none, and now there is: a create is under way, or another delete.
      if (lock === undefined) {
        remove(runtime, options);
        return;
      }
    }
    removeLocked(runtime, options, file, (taken) => {
      lock = taken;
      return taken;
    });
  } catch (error) {
    // Another delete was faster, which is what --force asked for.
    if (force && error instanceof OcirtError && error.code === 'container-not-found') return;
    throw error;
  } finally {
    lock?.release();
    file?.close();
  }
}

/**
 * @param file of the container that this is about: undefined where its lock is held
 * @param hold is given the lock when it is taken
 */
function removeLocked(
  runtime: Runtime,
  { id, force = false, known, only }: DeleteOptions,
  file: LockFile | undefined,
  hold: (lock: Lock | undefined) => Lock | undefined,
): void {
  const { store } = runtime;
  // Free as a rule. Else whoever holds it gives it up soon after the first process has ended.
  let locked = file === undefined || hold(file.take()) !== undefined;
  let record = store.tryRead(id);
  // Who does not hold it may have read the next one's record.
  if (!locked && file?.isCurrent() === false) throw notFound(id);
  // Remains without a record, and a lock that is free, are of nobody: its own, perhaps, at a second try.
  const remains = record === undefined && locked;
  if (only !== undefined && !remains && !isSameContainer(record, only)) return;
  const wait = (seen?: ContainerRecord): void => {
    if (locked || file === undefined) return;
    hold(waitForLock(runtime, id, file, force ? seen : undefined));
    locked = true;
    // What another one did while we waited counts.
    record = store.tryRead(id) ?? seen;
  };
  // A create that is under way may come to its record meanwhile.
  if (record === undefined) wait();
  if (record === undefined) {
    removeRemains(runtime, id, force);
    return;
  }
  runtime.trace?.phase('end the processes');
  requireDriver(runtime, record);
  endOrRefuse(runtime, record, force);
  if (!locked) {
    wait(record);
    endOrRefuse(runtime, record, force);
  }
  if (!awaitInit(runtime, record, PATIENCE_MS)) {
    throw new OcirtError('container-unkillable', 'container init still running');
  }
  destroy(runtime, record, known);
}

/** Of a directory that has no lock, as a create that was killed leaves it; undefined: it has one now, or is gone. */
function lockIfLost(runtime: Runtime, id: string): Lock | undefined {
  try {
    return lockClaimed(runtime.native, runtime.store, id);
  } catch (error) {
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
  // Without its second phase the create was killed: nothing that it has made stays.
  if (record.phase === 'creating') undoRdt(native, record.intelRdt, record.init?.pid);
  else removeRdt(native, record.intelRdt);
  const config = configOf(runtime, record, known);
  if (config !== undefined && record.init !== undefined) runPoststop(runtime, config, record);
  endMonitor(runtime, record);
  store.remove(record.id);
  log.debug(`container ${record.id} deleted`);
}

/** Kills what may be left of the container in its cgroup, and removes that with all below it. */
function clearCgroup(runtime: Runtime, record: ContainerRecord): void {
  const { native, log } = runtime;
  // The end of the first process of a pid namespace is that of all in it. (A unit of systemd is nobody else's.)
  const ended = record.ownPidNamespace && record.phase === 'created';
  if (ended && record.cgroup.systemd === undefined) {
    if (!awaitEmpty(runtime, record)) {
      log.warn(
        `the cgroup of container ${record.id} stays: there are processes in it that are not the container's`,
      );
      return;
    }
  } else if (record.init !== undefined && !killCgroup(native, record.cgroup.paths)) {
    // Before the first process was spawned nothing of ours can be in the cgroup.
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

/** An exec that was killed may have a helper that is on its way out. */
function awaitEmpty({ native }: Runtime, record: ContainerRecord): boolean {
  for (let waited = 0; listPids(native, record.cgroup.paths).length > 0; waited += 10) {
    if (waited >= 1_000) return false;
    native.sleep(10);
  }
  return true;
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
 * Waits for the lock of this container. Throws where it is gone.
 *
 * @param doomed of the container whose processes need not be spared
 */
function waitForLock(runtime: Runtime, id: string, file: LockFile, doomed?: ContainerRecord): Lock {
  const { native } = runtime;
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    const lock = file.take();
    if (lock !== undefined) return lock;
    native.sleep(20);
    // Without a pid namespace the end of the first process is not that of an exec's helper; who is in
    // the container can stop that one, and its runtime waits for it with the lock held.
    if (doomed?.init !== undefined && waited % 500 === 480) {
      const pids = listPids(native, doomed.cgroup.paths);
      // Asked afterwards: they were its own.
      if (file.isCurrent()) native.killAll(pids, SIGKILL);
    }
  }
  throw new OcirtError('container-busy', `another operation on container ${id} is under way`);
}

/** A directory without a readable record: a create that was killed before it had made anything. Its lock is held. */
function removeRemains(runtime: Runtime, id: string, force: boolean): void {
  const { native, store } = runtime;
  if (native.status(store.file(id, 'record'), false) !== null) {
    runtime.log.warn(
      `the record of container ${id} is damaged: if it has processes and a cgroup, they are still there`,
    );
  }
  try {
    store.remove(id);
  } catch (error) {
    runtime.log.warn(`remove ${store.directory(id)}: ${messageOf(error)}`);
  }
  if (!force) throw notFound(id);
}
