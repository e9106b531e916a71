/** What a tar says of one entry, with the extended header (pax) on top of the old one. */
import { refuseEntry } from './errors.js';
import type { TarHeader } from './tar/parser.js';

export type Attribute = readonly [name: string, value: Uint8Array];

export interface Metadata {
  readonly uid: number;
  readonly gid: number;
  /** With the bits setuid, setgid and sticky. */
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly xattrs: readonly Attribute[];
  /** Keys of the extended header that nobody here knows. */
  readonly unknown: readonly string[];
}

export const XATTR = 'SCHILY.xattr.';
/** In the header already, or about the machine that packed it, or no matter. */
const KNOWN =
  /^(path|linkpath|size|uid|gid|uname|gname|mtime|atime|ctime|comment|charset|hdrcharset|SCHILY\.(dev|ino|nlink|devmajor|devminor)|LIBARCHIVE\.creationtime|GNU\.sparse\..*)$/;
/** libarchive writes attributes twice. */
const TWICE = 'LIBARCHIVE.xattr.';

const NONE: readonly never[] = [];

/** Reads it. @throws OcirtError `archive-refused` for a number that is none */
export function metadataOf(header: TarHeader): Metadata {
  const { name, records } = header;
  const mode = header.mode & 0o7777;
  if (records.size === 0) {
    return {
      uid: owner(header.uid, 'uid', name),
      gid: owner(header.gid, 'gid', name),
      mode,
      mtimeNs: seconds(header),
      xattrs: NONE,
      unknown: NONE,
    };
  }
  const xattrs: Attribute[] = [];
  const unknown: string[] = [];
  for (const [key, value] of records) {
    if (key.startsWith(XATTR)) xattrs.push([key.slice(XATTR.length), value as Uint8Array]);
    else if (key.startsWith(TWICE) && records.has(XATTR + key.slice(TWICE.length))) continue;
    else if (!KNOWN.test(key)) unknown.push(key);
  }
  const text = (key: string) => records.get(key)?.toString('latin1');
  const mtime = text('mtime');
  return {
    uid: owner(text('uid') ?? header.uid, 'uid', name),
    gid: owner(text('gid') ?? header.gid, 'gid', name),
    mode,
    mtimeNs: mtime === undefined ? seconds(header) : nanoseconds(mtime, name),
    xattrs,
    unknown,
  };
}

function owner(value: string | number, what: string, name: string): number {
  const id = Number(value);
  // The last one means "leave it" to chown.
  if (value !== '' && Number.isInteger(id) && id >= 0 && id < 0xffff_ffff) return id;
  throw refuseEntry(name, `its ${what} ${JSON.stringify(value)} is none`);
}

function seconds({ mtime, name }: TarHeader): bigint {
  if (!Number.isInteger(mtime)) throw refuseEntry(name, 'its time is none');
  return inRange(BigInt(mtime) * 1_000_000_000n, name);
}

/** `1700000000.123456789`; what is behind nine digits is cut off. */
function nanoseconds(text: string, name: string): bigint {
  const [, sign, whole = '', part = ''] = /^(-?)(\d{1,11})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === '') throw refuseEntry(name, `its time ${JSON.stringify(text)} is none`);
  const ns = BigInt(whole) * 1_000_000_000n + BigInt(part.slice(0, 9).padEnd(9, '0'));
  return inRange(sign === '-' ? -ns : ns, name);
}

/** What 64 bits hold of nanoseconds: the years 1677 to 2262. */
function inRange(ns: bigint, name: string): bigint {
  if (BigInt.asIntN(64, ns) === ns) return ns;
  throw refuseEntry(name, 'its time is too far from 1970');
}
