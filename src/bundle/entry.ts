/** What a tar says of one entry, with the extended header (pax) on top of the old one. */
import type { Header as TarHeader } from 'tar-stream';
import { refuseEntry } from './errors.js';

export interface Metadata {
  readonly uid: number;
  readonly gid: number;
  /** With the bits setuid, setgid and sticky. */
  readonly mode: number;
  readonly mtimeNs: bigint;
  /** Values by name; null where the bytes were no UTF-8 and are lost. */
  readonly xattrs: readonly (readonly [name: string, value: string | null])[];
  /** Keys of the extended header that nobody here knows. */
  readonly unknown: readonly string[];
}

/** As tar-stream gives it; the type is null where it knows none, and its own types tell less. */
export type Header = Omit<TarHeader, 'pax' | 'type' | 'linkname'> & {
  readonly type: TarHeader['type'] | null;
  readonly linkname: string | null;
  readonly pax: Readonly<Record<string, string>> | null;
  /** Where its data begins in the archive. */
  readonly byteOffset: number;
};

const XATTR = 'SCHILY.xattr.';
/** In the header already, or about the machine that packed it, or no matter. */
const KNOWN =
  /^(path|linkpath|size|uid|gid|uname|gname|mtime|atime|ctime|comment|charset|hdrcharset|SCHILY\.(dev|ino|nlink|devmajor|devminor)|LIBARCHIVE\.creationtime)$/;

/** Reads it. @throws OcirtError `archive-refused` for a number that is none, and sparse files */
export function metadataOf(header: Header): Metadata {
  const pax = header.pax ?? {};
  const { name } = header;
  const sparse = Object.keys(pax).find((key) => key.startsWith('GNU.sparse'));
  if (sparse !== undefined) {
    throw refuseEntry(
      name,
      'a sparse file of GNU tar, which is not supported: pack without --sparse',
    );
  }
  const xattrs = Object.entries(pax)
    .filter(([key]) => key.startsWith(XATTR))
    .map(
      ([key, value]) => [key.slice(XATTR.length), value.includes('\ufffd') ? null : value] as const,
    );
  return {
    uid: owner(pax.uid ?? header.uid, 'uid', name),
    gid: owner(pax.gid ?? header.gid, 'gid', name),
    mode: (header.mode ?? 0) & 0o7777,
    mtimeNs: pax.mtime === undefined ? seconds(header) : nanoseconds(pax.mtime, name),
    xattrs,
    unknown: Object.keys(pax).filter((key) => !key.startsWith(XATTR) && !KNOWN.test(key)),
  };
}

function owner(value: string | number | undefined, what: string, name: string): number {
  const id = Number(value ?? 0);
  // The last one means "leave it" to chown.
  if (Number.isInteger(id) && id >= 0 && id < 0xffff_ffff) return id;
  throw refuseEntry(name, `its ${what} ${JSON.stringify(value)} is none`);
}

function seconds({ mtime, name }: Header): bigint {
  const ms = mtime?.getTime() ?? 0;
  if (!Number.isFinite(ms)) throw refuseEntry(name, 'its time is none');
  return BigInt(ms) * 1_000_000n;
}

/** `1700000000.123456789`; what is behind nine digits is cut off. */
function nanoseconds(text: string, name: string): bigint {
  const [, sign, whole = '', part = ''] = /^(-?)(\d{1,11})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === '') throw refuseEntry(name, `its time ${JSON.stringify(text)} is none`);
  const ns = BigInt(whole) * 1_000_000_000n + BigInt(part.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -ns : ns;
}
