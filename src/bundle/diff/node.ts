/** What is told of one name of a tree, and whether two are the same. */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import type { ExtendedAttribute, FolderAttributes } from '../../native/binding.js';
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

/** Numbers of each name in {@link FolderAttributes}. */
const NUMBERS = 11;
const NS = 1_000_000_000n;

/** What has one name in an open folder. */
export interface Found {
  readonly name: string;
  /** undefined for a socket, which no archive can have. */
  readonly node: Node | undefined;
}

/** All that is in a folder; the first is the folder itself, as `.`. @param place what leads to it */
export function nodesOf({ names, numbers, xattrs }: FolderAttributes, place: string): Found[] {
  const attributes = new Map<number, ExtendedAttribute[]>();
  for (let at = 0; at < xattrs.length; at += 2) {
    const index = xattrs[at] as number;
    const attribute = xattrs[at + 1] as ExtendedAttribute;
    // An empty record takes an attribute away: an archive can't have such.
    if (!isKept(attribute[0]) || attribute[1].length === 0) continue;
    const others = attributes.get(index);
    if (others === undefined) attributes.set(index, [attribute]);
    else others.push(attribute);
  }
  return names.map((name, index) => {
    const own = numbers.slice(index * NUMBERS, (index + 1) * NUMBERS);
    return { name, node: nodeOf(`${place}/${name}`, own, attributes.get(index) ?? NONE) };
  });
}

const NONE: readonly never[] = [];

function nodeOf(
  place: string,
  numbers: readonly (number | bigint)[],
  xattrs: readonly ExtendedAttribute[],
): Node | undefined {
  const [bits, uid, gid, size, links, major, minor, seconds, rest] = numbers as number[];
  const type = TYPES.get((bits ?? 0) & constants.S_IFMT);
  if (type === undefined) return undefined;
  const device = type === 'character-device' || type === 'block-device';
  return {
    type,
    mode: type === 'symlink' ? 0o777 : (bits ?? 0) & 0o7777,
    uid: uid ?? 0,
    gid: gid ?? 0,
    mtimeNs: BigInt(seconds ?? 0) * NS + BigInt(rest ?? 0),
    xattrs,
    size: type === 'file' ? (size ?? 0) : 0,
    ...(type === 'symlink' ? { target: readlinkSync(place) } : {}),
    ...(device ? { device: [major ?? 0, minor ?? 0] as const } : {}),
    ...(type !== 'directory' && (links ?? 0) > 1 ? { group: `${numbers[9]}:${numbers[10]}` } : {}),
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
