/**
 * The root file system of a sandbox that names none: busybox, made of the one that is installed, with
 * nothing fetched from anywhere.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { OcirtError } from '../errors.js';
import { findProgram } from './network/programs.js';

const FOLDERS =
  '. bin dev etc home mnt proc root run sbin sys tmp usr usr/bin usr/sbin var var/tmp'.split(' ');
const PT_INTERP = 3;

/**
 * Whether an executable needs no loader and no libraries: elf(5), none of its segments names a loader.
 * Only 64-bit ones, in the byte order of the machines that we run on.
 */
export function isStatic(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.byteLength < 64 || view.getUint32(0) !== 0x7f45_4c46 || head[4] !== 2) return false;
  const table = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + 4 > head.byteLength || view.getUint32(at, true) === PT_INTERP) return false;
  }
  return true;
}

function headOf(file: string): Uint8Array {
  const head = new Uint8Array(4096);
  const fd = openSync(file, 'r');
  try {
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

/** The busybox of this host. @throws OcirtError `busybox-missing` */
export function findBusybox(): string {
  const file = findProgram('busybox');
  const hint = 'apt install busybox-static, or name a root of your own with --rootfs';
  if (file === undefined) {
    throw new OcirtError('busybox-missing', 'busybox is not installed', { hint });
  }
  if (isStatic(headOf(file))) return file;
  throw new OcirtError('busybox-missing', `${file} needs libraries: it is not a static busybox`, {
    path: file,
    hint,
  });
}

/** Fills a folder: busybox, a link to it for each of its programs, and who root is. */
export function makeBusyboxRoot(root: string): void {
  const busybox = findBusybox();
  for (const folder of FOLDERS) {
    mkdirSync(path.join(root, folder), { recursive: true });
    // Whatever the caller's umask.
    chmodSync(path.join(root, folder), 0o755);
  }
  for (const folder of ['tmp', 'var/tmp']) chmodSync(path.join(root, folder), 0o1777);
  chmodSync(path.join(root, 'root'), 0o700);
  const own = path.join(root, 'bin/busybox');
  copyFileSync(busybox, own);
  chmodSync(own, 0o755);
  const made = new Set(FOLDERS.map((folder) => path.join(root, folder)));
  for (const link of execFileSync(busybox, ['--list-full'], { encoding: 'utf8' }).split('\n')) {
    const place = path.join(root, link);
    const folder = path.dirname(place);
    if (link === '' || link === 'bin/busybox' || !folder.startsWith(`${root}/`)) continue;
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    symlinkSync(path.relative(folder, own), place);
  }
  write(
    root,
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  );
  write(root, 'etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  // Where the runtime binds its own.
  for (const file of ['etc/hosts', 'etc/resolv.conf']) write(root, file, '');
}

function write(root: string, file: string, text: string): void {
  writeFileSync(path.join(root, file), text);
  chmodSync(path.join(root, file), 0o644);
}
