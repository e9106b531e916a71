/** What is told of one name of a tree, and whether two are the same. */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import type { FileAttributes } from '../../native/binding.js';
import type { EntryType } from '../tar/header.js';
import { isKept } from '../xattrs.js';

export interface Node {
  readonly type: Exclude<EntryType, 'link'>;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** Sorted by name; only those that a layer can have. */
  readonly xattrs: readonly (readonly [name: string, value: Uint8Array])[];
  /** Of a file. */
  readonly size: number;
  /** Of a file, where it is known. */
  readonly sha256?: string | undefined;
  /** Of a symbolic link. */
  readonly target?: string | undefined;
  /** Of a device. */
  readonly device?: readonly [major: number, minor: number];
  /** The same for all names of one file; absent where it has but one. */
  readonly group?: string | undefined;
}

const TYPES = new Map<number, Node['type']>([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFLNK, 'symlink'],
  [constants.S_IFCHR, 'character-device'],
  [constants.S_IFBLK, 'block-device'],
  [constants.S_IFIFO, 'fifo'],
]);

/**
 * What is at a place.
 *
 * @returns undefined for a socket, which no archive can have
 */
export function nodeOf(place: string, found: FileAttributes): Node | undefined {
  const type = TYPES.get(found.kind);
  if (type === undefined) return undefined;
  const { mode, uid, gid, mtimeNs, size, links, dev, ino, major, minor } = found;
  const device = type === 'character-device' || type === 'block-device';
  return {
    type,
    mode: type === 'symlink' ? 0o777 : mode,
    uid,
    gid,
    mtimeNs,
    // An empty record takes an attribute away: an archive can't have such.
    xattrs: found.xattrs.filter(([name, value]) => isKept(name) && value.length > 0),
    size: type === 'file' ? size : 0,
    ...(type === 'symlink' ? { target: readlinkSync(place) } : {}),
    ...(device ? { device: [major, minor] as const } : {}),
    ...(type !== 'directory' && links > 1 ? { group: `${dev}:${ino}` } : {}),
  };
}

/** Whether all but the bytes of files is the same. */
export function sameOutside(a: Node, b: Node): boolean {
  return (
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.mtimeNs === b.mtimeNs &&
    a.size === b.size &&
    a.target === b.target &&
    a.device?.join() === b.device?.join() &&
    a.xattrs.length === b.xattrs.length &&
    a.xattrs.every(([name, value], at) => {
      const [other, bytes] = b.xattrs[at] ?? [];
      return name === other && Buffer.from(value).equals(bytes as Uint8Array);
    })
  );
}

/** A file for reading; a link in its place is not followed, and a fifo does not hold us up. */
export const openFile = (place: string): number =>
  openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);

/** Of a file's bytes. */
export function digestOf(place: string): string {
  const hash = createHash('sha256');
  const fd = openFile(place);
  try {
    const buffer = new Uint8Array(1 << 18);
    for (;;) {
      const read = readSync(fd, buffer);
      if (read === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}
