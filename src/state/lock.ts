/**
 * One change of a container at a time: flock(2) on a file in its state directory.
 *
 * The lock dies with its holder, so a killed runtime leaves none behind. `kill` and `state` take
 * no lock: a hook may call them while its own `create` or `delete` holds it.
 */
import type { Binding, NativeError } from '../native/binding.js';
import { checkId } from './id.js';
import { notFound, type Store } from './store.js';

export interface Lock {
  release(): void;
}

const holding = (native: Binding, fd: number): Lock => {
  let held = true;
  return {
    release() {
      if (held) native.close([fd]);
      held = false;
    },
  };
};

/**
 * The lock of a directory that has just been claimed. The file is made with O_EXCL: should someone
 * have removed the claim and made another one in between, that one's lock is not ours.
 */
export function lockClaimed(native: Binding, store: Store, id: string): Lock {
  const fd = native.open(store.file(id, 'lock'), ['readwrite', 'create', 'exclusive'], 0o600);
  return orClosed(native, fd, () => {
    native.lock(fd, true, true);
    return holding(native, fd);
  });
}

/** What fails leaves no descriptor, which would hold the lock for as long as the process lives. */
function orClosed<T>(native: Binding, fd: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    native.close([fd]);
    throw error;
  }
}

function openLock(native: Binding, path: string, id: string): number {
  try {
    return native.open(path, ['readwrite']);
  } catch (error) {
    if ((error as NativeError).code === 'ENOENT') throw notFound(id);
    throw error;
  }
}

/** The lock of one container, opened once: who waits for it never gets that of a later one of the same ID. */
export interface LockFile {
  /** undefined: another holds it. Throws if the container is gone. To be called until it has been had. */
  take(): Lock | undefined;
  /** Whether the container is still there. */
  isCurrent(): boolean;
  /** Not the lock that was taken: that is its holder's to release. */
  close(): void;
}

/** undefined: there is none. */
export function openLockFile(native: Binding, store: Store, id: string): LockFile | undefined {
  const path = store.file(id, 'lock');
  let fd: number;
  try {
    fd = native.open(path, ['readwrite']);
  } catch (error) {
    if ((error as NativeError).code === 'ENOENT') return undefined;
    throw error;
  }
  let ours = true;
  const isCurrent = (): boolean => {
    const held = native.status(`/proc/self/fd/${fd}`, true);
    const now = native.status(path, false);
    return now !== null && now.ino === held?.ino && now.dev === held.dev;
  };
  return {
    take() {
      if (!native.lock(fd, true, false)) return undefined;
      // Whoever held it may have deleted the container, and another may have taken the ID since.
      if (!isCurrent()) throw notFound(id);
      ours = false;
      return holding(native, fd);
    },
    isCurrent,
    close() {
      if (ours) native.close([fd]);
      ours = false;
    },
  };
}

/**
 * Waits for the lock of a container, or (`wait` false) gives undefined where another holds it.
 * Throws if the container is gone, also when it went while we waited.
 */
export function lockContainer(
  native: Binding,
  store: Store,
  id: string,
  options: { readonly exclusive: boolean; readonly wait: true },
): Lock;
export function lockContainer(
  native: Binding,
  store: Store,
  id: string,
  options: { readonly exclusive: boolean; readonly wait: boolean },
): Lock | undefined;
export function lockContainer(
  native: Binding,
  store: Store,
  id: string,
  options: { readonly exclusive: boolean; readonly wait: boolean },
): Lock | undefined {
  checkId(id);
  const path = store.file(id, 'lock');
  for (;;) {
    const fd = openLock(native, path, id);
    const found = orClosed(native, fd, () => {
      if (!native.lock(fd, options.exclusive, options.wait)) return 'held';
      // Whoever held it may have deleted the container, and another may have taken the ID since.
      const ours = native.status(`/proc/self/fd/${fd}`, true);
      const now = native.status(path, false);
      if (now === null) return 'gone';
      return now.ino === ours?.ino && now.dev === ours.dev ? 'ours' : 'another';
    });
    if (found === 'ours') return holding(native, fd);
    native.close([fd]);
    if (found === 'held') return undefined;
    if (found === 'gone') throw notFound(id);
  }
}
