/**
 * What is kept of a sandbox, so that it is cleaned up however it ends: `<root>/@sandbox/NAME` with a
 * record of all that was made, and a lock.
 *
 * Whoever looks after the sandbox holds the lock (flock(2)), and a killed process holds none: a record
 * whose lock is free is one that nobody looks after. `@sandbox/lock` is held while a folder is made,
 * looked at or removed.
 */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import type { Runtime } from '../runtime/context.js';
import { errnoOf } from '../runtime/errors.js';
import { checkId } from '../state/id.js';
import { rootRefused, SANDBOXES } from '../state/store.js';
import type { IdMaps } from './ids.js';
import type { NetworkRecord } from './network/index.js';

export interface SandboxRecord {
  readonly format: 1;
  readonly name: string;
  /** The folder with bundle, root and what was written; removed at the end. */
  readonly work: string;
  /** It lasts as long as its container, and no process of ours looks after it. */
  readonly detached: boolean;
  readonly network?: NetworkRecord;
  /** Where fuse-overlayfs is mounted. */
  readonly fuse?: string;
  /** The ids of its user namespace: files in `work` may belong to them. */
  readonly ids?: IdMaps;
}

/** A sandbox that this process looks after. */
export interface Held {
  readonly record: SandboxRecord;
  readonly directory: string;
  /** Writes the record with these changes. */
  update(change: Partial<SandboxRecord>): void;
  /** Somebody else may look after it. */
  release(): void;
  /** Removes the record. */
  remove(): void;
}

const directoryOf = (runtime: Runtime): string => `${runtime.store.root}/${SANDBOXES}`;

function withLock<T>(runtime: Runtime, action: () => T): T {
  const { native, store } = runtime;
  let lock: number;
  try {
    native.makeDirectory(store.root, 0o711, true);
    native.makeDirectory(directoryOf(runtime), 0o700, true);
    lock = native.open(`${directoryOf(runtime)}/lock`, ['readwrite', 'create'], 0o600);
  } catch (error) {
    throw rootRefused(store.root, error);
  }
  try {
    native.lock(lock, true, true);
    return action();
  } finally {
    native.close([lock]);
  }
}

function held(runtime: Runtime, first: SandboxRecord, lock: number): Held {
  const { native } = runtime;
  const directory = `${directoryOf(runtime)}/${first.name}`;
  let record = first;
  let open = true;
  const release = (): void => {
    if (open) native.close([lock]);
    open = false;
  };
  return {
    get record() {
      return record;
    },
    directory,
    update(change) {
      record = { ...record, ...change };
      native.replaceFile(`${directory}/record.json`, `${JSON.stringify(record)}\n`, 0o600);
    },
    release,
    remove() {
      withLock(runtime, () => native.removeTree(directory));
      release();
    },
  };
}

/**
 * Takes a name.
 *
 * @throws OcirtError `container-exists`, `invalid-id`, `root-not-writable`
 */
export function claim(runtime: Runtime, record: SandboxRecord): Held {
  const { native, store } = runtime;
  checkId(record.name);
  return withLock(runtime, () => {
    const directory = `${directoryOf(runtime)}/${record.name}`;
    if (store.exists(record.name) || !made(native, directory)) {
      throw new OcirtError('container-exists', `there is a container "${record.name}" already`, {
        hint: 'take another --name, or none',
      });
    }
    const lock = native.open(`${directory}/lock`, ['readwrite', 'create'], 0o600);
    native.lock(lock, true, true);
    const sandbox = held(runtime, record, lock);
    sandbox.update({});
    return sandbox;
  });
}

function made(native: Binding, directory: string): boolean {
  try {
    return native.makeDirectory(directory, 0o700, false);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Names of all sandboxes. */
export function names(runtime: Runtime): string[] {
  try {
    const found = runtime.native.readDirectory(directoryOf(runtime)) ?? [];
    return found.filter((one) => one !== 'lock');
  } catch (error) {
    throw rootRefused(runtime.store.root, error);
  }
}

/** Takes over what nobody looks after; undefined where somebody does, or it is gone. */
export function adopt(runtime: Runtime, name: string): Held | undefined {
  const { native } = runtime;
  return withLock(runtime, () => {
    const directory = `${directoryOf(runtime)}/${name}`;
    if (native.status(directory, false)?.type !== 'directory') return undefined;
    const lock = native.open(`${directory}/lock`, ['readwrite', 'create'], 0o600);
    const record = native.lock(lock, true, false) ? readRecord(native, directory) : undefined;
    if (record !== undefined) return held(runtime, record, lock);
    native.close([lock]);
    return undefined;
  });
}

/** undefined: it is none of ours, or was killed before it had made anything. */
function readRecord(native: Binding, directory: string): SandboxRecord | undefined {
  const [text] = native.readFiles([`${directory}/record.json`]);
  if (text === null || text === undefined) {
    native.removeTree(directory);
    return undefined;
  }
  const record = JSON.parse(text) as SandboxRecord;
  return record.format === 1 ? record : undefined;
}
