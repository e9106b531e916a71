/** Writes entries of a tar (pax, POSIX.1-2001): the old header where it has room, records where it has none. */
import { BLOCK, type EntryType } from './header.js';
import { encodeRecord } from './pax.js';

export interface NewEntry {
  /** Below the root, without a leading slash; that of a folder ends in one. */
  readonly name: string;
  readonly type: EntryType;
  /** Of a link. */
  readonly linkname?: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a file's data, in bytes. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly major?: number;
  readonly minor?: number;
  /** Those without a value can't be said: an empty record takes one away. */
  readonly xattrs?: readonly (readonly [name: string, value: Uint8Array])[];
}

const FLAGS: Readonly<Record<EntryType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

const NS = 1_000_000_000n;
const ASCII = /^[\x20-\x7e]*$/;

/** The blocks in front of an entry's data. */
export function encodeEntry(entry: NewEntry): Buffer {
  const { name, linkname = '', uid, gid, size, mtimeNs } = entry;
  const records: Buffer[] = [];
  const say = (key: string, value: string | Uint8Array) => {
    records.push(encodeRecord(key, new Uint8Array(Buffer.from(value as string))));
  };
  if (name.length > 100 || !ASCII.test(name)) say('path', name);
  if (linkname.length > 100 || !ASCII.test(linkname)) say('linkpath', linkname);
  if (uid > 0o7777777) say('uid', String(uid));
  if (gid > 0o7777777) say('gid', String(gid));
  if (size > 0o77777777777) say('size', String(size));
  const seconds = mtimeNs / NS;
  if (mtimeNs < 0n || mtimeNs % NS !== 0n || seconds > 0o77777777777n) {
    say('mtime', timeOf(mtimeNs));
  }
  for (const [key, value] of entry.xattrs ?? []) say(`SCHILY.xattr.${key}`, value);
  const before =
    records.length === 0 ? [] : extended(Buffer.concat(records as unknown as Uint8Array[]));
  return Buffer.concat([...before, header(entry)] as unknown as Uint8Array[]);
}

/** What fills the last block of so much data. */
export const filling = (size: number): Uint8Array =>
  new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** What ends an archive. */
export const ending = (): Uint8Array => new Uint8Array(2 * BLOCK);

/** Seconds and nine digits; `-1.5` is one and a half before 1970. */
function timeOf(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const part = String(size % NS).padStart(9, '0');
  return `${ns < 0n ? '-' : ''}${size / NS}${part === '000000000' ? '' : `.${part}`}`;
}

function extended(records: Buffer): Buffer[] {
  const name = 'PaxHeaders/next';
  const own = { name, mode: 0o644, uid: 0, gid: 0, size: records.length, mtimeNs: 0n } as const;
  return [header({ ...own, type: 'file' }, 'x'), records, Buffer.from(filling(records.length))];
}

function header(entry: NewEntry, flag = FLAGS[entry.type]): Buffer {
  const block = Buffer.alloc(BLOCK);
  // What has no room is in a record; here is a number that no reader stumbles over.
  const octal = (value: number, at: number, digits: number) => {
    const text = value.toString(8);
    block.write((text.length > digits ? '' : text).padStart(digits, '0'), at);
  };
  block.write(ASCII.test(entry.name) ? entry.name : 'next', 0, 100);
  octal(entry.mode, 100, 7);
  octal(entry.uid, 108, 7);
  octal(entry.gid, 116, 7);
  octal(entry.size, 124, 11);
  octal(entry.mtimeNs < 0n ? 0 : Number(entry.mtimeNs / NS), 136, 11);
  block.write('        ', 148);
  block.write(flag, 156);
  block.write(ASCII.test(entry.linkname ?? '') ? (entry.linkname ?? '') : 'next', 157, 100);
  block.write('ustar\x0000', 257);
  octal(entry.major ?? 0, 329, 7);
  octal(entry.minor ?? 0, 337, 7);
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += block[at] ?? 0;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
