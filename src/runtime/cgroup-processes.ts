/**
 * The processes in a cgroup: who they are, freezing, signalling and killing them.
 */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';

/** Directories by controller name; '' is the v2 hierarchy. */
export type CgroupPathMap = Readonly<Record<string, string>>;

const SIGKILL = 9;
/** A cgroup that is gone. */
const GONE: readonly string[] = ['ENOENT', 'ENODEV', 'ESRCH'];

/** The errno name of a failed operation; '' if it is none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** A file of a cgroup; null where that is gone, also between the open(2) and the read(2) (ENODEV). */
function readIfThere(native: Binding, path: string): string | null {
  try {
    return native.readFiles([path])[0] ?? null;
  } catch (error) {
    if (GONE.includes(codeOf(error))) return null;
    throw error;
  }
}

/**
 * One directory that stands for the whole container: all its processes are in every one. The v2
 * part of a hybrid host comes last: a process may have been moved out of it by its manager.
 */
export function leading(paths: CgroupPathMap): string | undefined {
  for (const name of ['devices', 'freezer', 'pids', 'memory', 'cpu', '']) {
    if (paths[name] !== undefined) return paths[name];
  }
  return Object.values(paths)[0];
}

/** The pids in a cgroup and in those below it, sorted, each once; none if it is gone. */
function pidsBelow(native: Binding, directory: string): number[] {
  const pids = new Set<number>();
  const visit = (path: string): void => {
    let text: string | null;
    try {
      [text = null] = native.readFiles([`${path}/cgroup.procs`]);
    } catch (error) {
      if (GONE.includes(codeOf(error))) return;
      // cgroups(7): a threaded cgroup has no list of processes.
      if (codeOf(error) !== 'EOPNOTSUPP' && codeOf(error) !== 'ENOTSUP') throw error;
      [text = null] = native.readFiles([`${path}/cgroup.threads`]);
    }
    if (text === null) return;
    for (const line of text.split('\n')) {
      const pid = Number(line);
      if (line !== '' && pid > 0) pids.add(pid);
    }
    for (const child of subdirectories(native, path)) visit(child);
  };
  visit(directory);
  return [...pids].sort((a, b) => a - b);
}

/** The cgroups right below one. */
export function subdirectories(native: Binding, path: string): string[] {
  const names = native.readDirectory(path) ?? [];
  return names
    .map((name) => `${path}/${name}`)
    .filter((child) => native.status(child, false)?.type === 'directory');
}

/** All processes of the container, those in cgroups below its own included. */
export function listPids(native: Binding, paths: CgroupPathMap): number[] {
  const directory = leading(paths);
  return directory === undefined ? [] : pidsBelow(native, directory);
}

/**
 * Freezes or thaws. Returns when the whole cgroup is in that state; one that is gone needs no thaw:
 * systemd removes it with its last process.
 */
export function setFrozen(native: Binding, paths: CgroupPathMap, frozen: boolean): void {
  try {
    freezeOrThaw(native, paths, frozen);
  } catch (error) {
    if (frozen || !(error instanceof OcirtError && GONE.includes(error.errno ?? ''))) throw error;
  }
}

function freezeOrThaw(native: Binding, paths: CgroupPathMap, frozen: boolean): void {
  if (paths.freezer !== undefined) setFrozenV1(native, paths.freezer, frozen);
  else if (paths[''] !== undefined) setFrozenV2(native, paths[''], frozen);
  else {
    throw new OcirtError(
      'no-freezer',
      'cannot toggle freezer: cgroups not configured for container',
    );
  }
}

function writeState(native: Binding, path: string, data: string): void {
  const [failure] = native.writeFiles([{ path, data }]);
  if (failure !== undefined) {
    throw new OcirtError('freezer', `cannot write "${data}" to ${path}: ${failure.code}`, {
      syscall: failure.syscall,
      errno: failure.code,
      path,
    });
  }
}

/**
 * v1: while processes fork, FROZEN may not be reached; writing it again, and now and then thawing
 * and starting over, is what the kernel's freezer-subsystem.rst advises.
 */
function setFrozenV1(native: Binding, directory: string, frozen: boolean): void {
  const file = `${directory}/freezer.state`;
  if (!frozen) {
    writeState(native, file, 'THAWED');
    return;
  }
  for (let attempt = 1; attempt <= 1000; attempt++) {
    if (attempt % 50 === 0) {
      writeState(native, file, 'THAWED');
      native.sleep(10);
    }
    writeState(native, file, 'FROZEN');
    const [state] = native.readFiles([file]);
    if (state?.trim() === 'FROZEN') return;
    if (state === null || state === undefined) break;
    if (attempt % 25 === 0) native.sleep(1);
  }
  native.writeFiles([{ path: file, data: 'THAWED' }]);
  throw new OcirtError('freezer', 'unable to freeze', { path: file });
}

/** v2: the state is asked for, and reached when cgroup.events says so. */
function setFrozenV2(native: Binding, directory: string, frozen: boolean): void {
  writeState(native, `${directory}/cgroup.freeze`, frozen ? '1' : '0');
  const wanted = `frozen ${frozen ? 1 : 0}`;
  // 10 s: under load, a process in an uninterruptible sleep takes its time.
  for (let waited = 0; waited < 10_000; waited += waited < 20 ? 1 : 10) {
    const events = readIfThere(native, `${directory}/cgroup.events`);
    if (events === null) return;
    if (events.split('\n').includes(wanted)) return;
    native.sleep(waited < 20 ? 1 : 10);
  }
  if (frozen) native.writeFiles([{ path: `${directory}/cgroup.freeze`, data: '0' }]);
  throw new OcirtError(
    'freezer',
    `timeout of 10s reached waiting for the cgroup to ${frozen ? 'freeze' : 'thaw'}`,
    {
      path: directory,
    },
  );
}

/** Whether the container's own cgroup is frozen (not only one above it). */
export function isFrozen(native: Binding, paths: CgroupPathMap): boolean {
  const { freezer } = paths;
  if (freezer !== undefined) {
    for (let attempt = 0; attempt < 1000; attempt++) {
      const [state, self] = native.readFiles([
        `${freezer}/freezer.state`,
        `${freezer}/freezer.self_freezing`,
      ]);
      if (state === null || state === undefined) return false;
      if (state.trim() === 'FREEZING') {
        native.sleep(1);
        continue;
      }
      return state.trim() === 'FROZEN' && self?.trim() !== '0';
    }
    return true;
  }
  if (paths[''] === undefined) return false;
  return readIfThere(native, `${paths['']}/cgroup.freeze`)?.trim() === '1';
}

/** Signals every process. Frozen meanwhile, so that none is born behind the back. */
export function signalCgroup(native: Binding, paths: CgroupPathMap, signal: number): void {
  const wasFrozen = isFrozen(native, paths);
  try {
    setFrozen(native, paths, true);
  } catch {
    // Without a freezer, or where it does not get through: the signal is what counts.
  }
  try {
    native.killAll(listPids(native, paths), signal);
  } finally {
    // A paused container stays paused, but SIGKILL only works on a thawed v1 cgroup.
    if (!wasFrozen || signal === SIGKILL) thaw(native, paths);
  }
}

function thaw(native: Binding, paths: CgroupPathMap): void {
  try {
    setFrozen(native, paths, false);
  } catch {
    // Gone, or never there.
  }
}

/**
 * Kills every process, and waits until none is left.
 *
 * @param timeoutMs no longer than this.
 * @returns whether it is empty.
 */
export function killCgroup(native: Binding, paths: CgroupPathMap, timeoutMs = 10_000): boolean {
  const unified = paths[''];
  // cgroup.kill (Linux 5.14) is atomic, also against forks.
  const atomic =
    unified !== undefined &&
    native.writeFiles([{ path: `${unified}/cgroup.kill`, data: '1' }]).length === 0;
  // A frozen v1 cgroup holds even SIGKILL back.
  if (paths.freezer !== undefined && isFrozen(native, paths)) thaw(native, paths);
  let waited = 0;
  for (let delay = 1; ; delay = Math.min(delay * 2, 50)) {
    const pids = listPids(native, paths);
    if (pids.length === 0) return true;
    if (waited >= timeoutMs) return false;
    // On a hybrid host a process may be in the v1 cgroups alone.
    if (!atomic || waited > 0) signalCgroup(native, paths, SIGKILL);
    native.sleep(delay);
    waited += delay;
  }
}
