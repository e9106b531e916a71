/**
 * What an unpacking, or a diff, that was killed has left: folders and files beside its target, whose
 * names say so. One that is at work holds a lock on its own.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import type { Binding } from '../native/binding.js';

type Work = 'unpack' | 'diff';

const NAME = /^\..+\.(unpack|diff)-[0-9a-f]{12}$/;
const LOCK = 'lock';

/** A name beside the target that nobody has. */
export function temporaryName(target: string, work: Work): string {
  const end = randomBytes(6).toString('hex');
  return path.join(path.dirname(target), `.${path.basename(target)}.${work}-${end}`);
}

export interface WorkFolder {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/** A folder beside the target that only we may enter, and that says so while we live. */
export function workFolder(native: Binding, target: string): WorkFolder {
  const folder = temporaryName(target, 'unpack');
  mkdirSync(folder, { mode: 0o700 });
  // Nobody finds it under this name before it is locked.
  const fd = openSync(`${folder}/${LOCK}.new`, 'wx', 0o600);
  native.lock(fd, true, true);
  renameSync(`${folder}/${LOCK}.new`, `${folder}/${LOCK}`);
  let there = true;
  return {
    path: folder,
    remove() {
      if (!there) return;
      there = false;
      removeAll(folder);
      closeSync(fd);
    },
  };
}

/** Removes a tree; an ordinary user's own folders, too, that he may not write into. */
export function removeAll(place: string): void {
  try {
    rmSync(place, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw error;
    }
    openUp(place);
    rmSync(place, { recursive: true, force: true });
  }
}

function openUp(place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  chmodSync(place, 0o700);
  for (const name of readdirSync(place)) openUp(`${place}/${name}`);
}

/**
 * Finds what is left in a folder, and removes it.
 *
 * @param dryRun only finds it
 * @returns paths, in order
 */
export function collect(native: Binding, folder: string, dryRun: boolean): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    const place = path.join(folder, name);
    const [, work] = NAME.exec(name) ?? [];
    const status = work === undefined ? undefined : lstatSync(place, { throwIfNoEntry: false });
    if (status === undefined || status.uid !== native.identity().euid) continue;
    if (work === 'unpack' ? !status.isDirectory() : !status.isFile()) continue;
    if (removed(native, work === 'unpack' ? `${place}/${LOCK}` : place, place, dryRun)) {
      found.push(place);
    }
  }
  return found;
}

/** false: somebody is at work there. */
function removed(native: Binding, lock: string, place: string, dryRun: boolean): boolean {
  let fd: number;
  try {
    fd = native.open(lock, ['read', 'nofollow', 'nonblock']);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return removedEmpty(place, dryRun);
  }
  try {
    if (!native.lock(fd, true, false)) return false;
    if (!dryRun) removeAll(place);
    return true;
  } finally {
    native.close([fd]);
  }
}

/** Killed before it had a lock, or about to have one: it has nothing else in it. */
function removedEmpty(place: string, dryRun: boolean): boolean {
  const status = lstatSync(place, { throwIfNoEntry: false });
  if (status === undefined || Date.now() - status.mtimeMs < 60_000) return false;
  const names = readdirSync(place);
  if (names.some((name) => name !== `${LOCK}.new`)) return false;
  if (!dryRun) {
    for (const name of names) rmSync(`${place}/${name}`, { force: true });
    rmdirSync(place);
  }
  return true;
}
