/**
 * A root file system while it is unpacked: finds the place of a name in it, and lets none lead out.
 *
 * The folder is new, below one that only we may enter: nobody else changes it meanwhile, so that
 * looking at each component and then acting on the path is safe (a link can't be put in between).
 */
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { refuseEntry } from './errors.js';

/** As the kernel's MAXSYMLINKS. */
const MAX_LINKS = 40;
const NAME_MAX = 255;
const PATH_MAX = 4096;
/** Of one UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

/** The status of a path itself; undefined where there is nothing. */
export function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/**
 * The components of a name in an archive; none for the root itself (`./`).
 *
 * @throws OcirtError `archive-refused`: absolute, with `..`, not UTF-8, too long, or with a NUL
 */
export function componentsOf(name: string, what = 'its name'): string[] {
  if (name === '') throw refuseEntry(name, `${what} is empty`);
  if (name.startsWith('/')) throw refuseEntry(name, `${what} is absolute`);
  if (name.includes('\0')) throw refuseEntry(name, `${what} has a NUL in it`);
  // What the decoder puts in place of bytes that are no UTF-8: two names could become one.
  if (name.includes('\ufffd')) throw refuseEntry(name, `${what} is not UTF-8`);
  if (name.length * MOST_BYTES >= PATH_MAX && Buffer.byteLength(name) >= PATH_MAX)
    throw refuseEntry(name, `${what} is too long`);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  for (const part of parts) {
    if (part === '..') throw refuseEntry(name, `${what} has ".." in it`);
    if (part.length * MOST_BYTES > NAME_MAX && Buffer.byteLength(part) > NAME_MAX)
      throw refuseEntry(name, `${what} is too long`);
  }
  return parts;
}

/** What is kept of a folder whose times are to be set when no more is written into it. */
export interface FolderState {
  readonly mtimeNs: bigint;
  /** Absent: stays as it is. */
  readonly mode?: number;
}

/** The folder that a path is in; '' for the root. */
export const parentOf = (inside: string): string =>
  inside.slice(0, Math.max(0, inside.lastIndexOf('/')));

/** Who is told of the files' digests while they are known anyway. */
export interface Recorder {
  file(path: string, sha256: string): void;
  /** It is the same file as another. */
  link(path: string, target: string): void;
  /** What was told of it holds no more. */
  forget(path: string): void;
}

export class Tree {
  readonly root: string;
  readonly record: Recorder | undefined;
  /** Folders that were looked at: real ones, reached through no link. By path below the root. */
  readonly #folders = new Set<string>(['']);
  /** What is written into changes a folder's times: those to put back, by path below the root. */
  readonly pending = new Map<string, FolderState>();
  readonly #own: boolean;

  /** @param root the folder, made already @param own whether what is made belongs to user 0 */
  constructor(root: string, own: boolean, record?: Recorder) {
    this.root = root;
    this.#own = own;
    this.record = record;
  }

  /** Whether it is a folder that was looked at before. */
  isKnown(inside: string): boolean {
    return this.#folders.has(inside);
  }

  /** The path on the host of one below the root. */
  at(inside: string): string {
    return inside === '' ? this.root : `${this.root}/${inside}`;
  }

  /**
   * The folder that these components lead to, below the root, as a path without links. Links are
   * followed inside the root as a process in the container would.
   *
   * @param make whether folders that are missing are made; undefined is answered otherwise
   * @throws OcirtError `archive-refused`: a link leads out, to nothing, or around; no folder
   */
  folder(parts: readonly string[], name: string, make: boolean): string | undefined {
    const plain = parts.join('/');
    if (this.#folders.has(plain)) return plain;
    let links = 0;
    let inside = '';
    const rest = parts.map((part) => ({ part, linked: false })).reverse();
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const { part, linked } = next;
      if (part === '..') {
        if (inside === '') throw refuseEntry(name, 'a symbolic link leads out of the root');
        inside = parentOf(inside);
        continue;
      }
      const path = inside === '' ? part : `${inside}/${part}`;
      if (this.#folders.has(path)) {
        inside = path;
        continue;
      }
      const status = look(this.at(path));
      if (status === undefined) {
        if (!make) return undefined;
        if (linked) throw refuseEntry(name, 'a symbolic link on the way leads to nothing');
        this.touch(inside);
        mkdirSync(this.at(path), 0o755);
        if (this.#own) chownSync(this.at(path), 0, 0);
        this.pending.set(path, { mtimeNs: 0n, mode: 0o755 });
      } else if (status.isSymbolicLink()) {
        if (++links > MAX_LINKS) throw refuseEntry(name, 'too many symbolic links on the way');
        const target = readlinkSync(this.at(path));
        if (target.startsWith('/')) inside = '';
        const steps = target.split('/').filter((step) => step !== '' && step !== '.');
        rest.push(...steps.reverse().map((step) => ({ part: step, linked: true })));
        continue;
      } else if (!status.isDirectory()) {
        if (!make) return undefined;
        throw refuseEntry(name, `${JSON.stringify(path)} on the way is not a folder`);
      }
      this.#folders.add(path);
      inside = path;
    }
    return inside;
  }

  /** Remembers the times of a folder that is about to be written into. */
  touch(inside: string): void {
    if (this.pending.has(inside)) return;
    const status = look(this.at(inside));
    if (status === undefined) return;
    const mode = Number(status.mode & 0o7777n);
    const closed = !this.#own && (mode & 0o700) !== 0o700;
    if (closed) chmodSync(this.at(inside), mode | 0o700);
    this.pending.set(inside, { mtimeNs: status.mtimeNs, ...(closed ? { mode } : {}) });
  }

  /** Removes what is at a path, with all below it. */
  remove(inside: string): void {
    if (look(this.at(inside))?.isDirectory() !== true) {
      rmSync(this.at(inside), { force: true });
      return;
    }
    rmSync(this.at(inside), { recursive: true, force: true });
    const below = `${inside}/`;
    for (const known of [this.#folders, this.pending]) {
      for (const path of known.keys()) {
        if (path === inside || path.startsWith(below)) known.delete(path);
      }
    }
  }

  /** What is below a path and not of `kept` (which has every folder above what it has) is removed. */
  removeOthers(inside: string, kept: ReadonlySet<string>): void {
    if (!kept.has(inside)) {
      if (look(this.at(inside)) === undefined) return;
      this.touch(parentOf(inside));
      this.remove(inside);
      return;
    }
    this.emptyOthers(inside, kept);
  }

  /** As `removeOthers`, but the folder itself stays. */
  emptyOthers(inside: string, kept: ReadonlySet<string>): void {
    if (look(this.at(inside))?.isDirectory() !== true) return;
    for (const child of readdirSync(this.at(inside))) {
      this.removeOthers(inside === '' ? child : `${inside}/${child}`, kept);
    }
  }
}
