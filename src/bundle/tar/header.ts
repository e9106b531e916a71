/** The 512 bytes before each entry of a tar: ustar, GNU and what was before both (tar(5)). */
import { badImage } from '../errors.js';

export const BLOCK = 512;

export type EntryType =
  | 'file'
  | 'link'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo';

/** What a header block says, as it says it: records of the extended header are not in it yet. */
export interface Block {
  /** The letter of the type. */
  readonly flag: string;
  readonly name: string;
  readonly linkname: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds; negative before 1970. */
  readonly mtime: number;
  readonly devmajor: number;
  readonly devminor: number;
}

const FLAGS: Readonly<Record<string, EntryType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  // Contiguous on disks that had that.
  '7': 'file',
  // GNU's sparse file.
  S: 'file',
};

/** undefined for a type that is not known. Before POSIX a folder was a file whose name ends in a slash. */
export function typeOf(flag: string, name: string): EntryType | undefined {
  const type = FLAGS[flag];
  return type === 'file' && flag !== 'S' && name.endsWith('/') ? 'directory' : type;
}

/** Text as UTF-8. What is none keeps a U+FFFD, which whoever takes it for a name refuses: two names could become one. */
export function textOf(bytes: Buffer): string {
  return bytes.toString('utf8');
}

/** Up to the first NUL. */
export function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** A run of bytes that has only zeros. */
export function isZero(block: Buffer): boolean {
  for (let at = 0; at < BLOCK; at++) if (block[at] !== 0) return false;
  return true;
}

/**
 * A number: octal digits between blanks and NULs, or big-endian in two's complement where the first bit is set.
 *
 * @returns NaN where it is none, or too large to be exact
 */
export function numberOf(bytes: Buffer, start = 0, end = bytes.length): number {
  const first = bytes[start] ?? 0;
  if (first >= 0x80) {
    // The second highest bit is the sign.
    let value = first & 0x40 ? (first & 0x7f) - 0x80 : first & 0x7f;
    for (let at = start + 1; at < end; at++) value = value * 256 + (bytes[at] ?? 0);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }
  let value = 0;
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0)) at++;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x20 || byte === 0) break;
    if (byte < 0x30 || byte > 0x37) return Number.NaN;
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at++) sum += block[at] ?? 0;
  for (let at = 156; at < BLOCK; at++) sum += block[at] ?? 0;
  return sum;
}

/** @throws OcirtError `image-invalid` where the checksum is not right, or the size is none */
export function decodeBlock(block: Buffer): Block {
  // By places and not by views: there are ten fields in each of many thousand blocks.
  const number = (start: number, length: number) => numberOf(block, start, start + length);
  const text = (start: number, length: number) => {
    let end = start;
    while (end < start + length && block[end] !== 0) end++;
    return end === start ? '' : block.toString('utf8', start, end);
  };
  if (number(148, 8) !== checksumOf(block)) {
    throw unreadable('not the header of a tar where one should be');
  }
  let name = text(0, 100);
  // Only in ustar; GNU has other things there.
  if (block[345] !== 0 && block.toString('latin1', 257, 263) === 'ustar\0') {
    // star keeps times at the end of it.
    const length = block.toString('latin1', 508, 512) === 'tar\0' ? 131 : 155;
    name = `${text(345, length)}/${name}`;
  }
  return {
    flag: String.fromCharCode(block[156] ?? 0),
    name,
    linkname: text(157, 100),
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    mtime: number(136, 12),
    devmajor: number(329, 8),
    devminor: number(337, 8),
  };
}

export const unreadable = (why: string) => badImage(`the archive can't be read: ${why}`);
