/** Applies one archive to a tree: its entries in order, and what it says is gone (image-spec, layer.md). */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { type Header, type Metadata, metadataOf } from './entry.js';
import { badImage, refuseEntry, unsupported } from './errors.js';
import type { Budget } from './limits.js';
import { componentsOf, look, type Tree } from './tree.js';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** What AUFS keeps for itself: `.wh..wh.plnk` and others. */
const AUFS = '.wh..wh.';
const MAX_LINK = 4096;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The bytes of an entry. */
type Entry = AsyncIterable<Uint8Array>;

export interface LayerOptions {
  readonly native: Binding;
  readonly tree: Tree;
  readonly budget: Budget;
  /** Whether `.wh.` in a name means what it does in a layer; in a plain tar it is a name. */
  readonly whiteouts: boolean;
  /** Whether owners and devices can be made: by root. */
  readonly privileged: boolean;
  /** Each text comes once. */
  warn(text: string): void;
}

/**
 * Calls back with each entry of a tar, in order.
 *
 * @throws OcirtError `image-invalid` where it is no tar, or cut off
 */
export async function readTar(
  stream: Readable,
  each: (entry: Entry, header: Header) => void | Promise<void>,
): Promise<void> {
  // Archives from before POSIX, too: the checksum tells whether it is one.
  const archive = extract({ allowUnknownFormat: true } as object);
  stream.on('error', (error) => archive.destroy(error));
  stream.pipe(archive as unknown as NodeJS.WritableStream);
  try {
    for await (const entry of archive) {
      const header = entry.header as unknown as Header;
      if (!Number.isSafeInteger(header.size)) throw refuseEntry(header.name, 'its size is none');
      await each(entry as unknown as Entry, header);
      // Only what has data is to be read to its end before the next comes.
      if (header.type !== 'directory' && header.size !== 0) entry.resume();
    }
  } catch (error) {
    if (error instanceof OcirtError) throw error;
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw badImage(
      `the archive can't be read: ${why}`,
      undefined,
      code === undefined ? error : code,
    );
  }
}

export class Layer {
  readonly #options: LayerOptions;
  /** What this archive has brought, and the folders above: a whiteout is only of what was below it. */
  readonly #brought = new Set<string>();

  constructor(options: LayerOptions) {
    this.#options = options;
  }

  /** Reads it to its end. */
  async apply(stream: Readable): Promise<void> {
    await readTar(stream, async (entry, header) => {
      this.#options.budget.entry();
      await this.#entry(entry, header);
    });
    this.#finish();
  }

  async #entry(entry: Entry, header: Header): Promise<void> {
    const parts = componentsOf(header.name);
    const { tree, whiteouts } = this.#options;
    if (whiteouts && parts.some((part) => part.startsWith(WHITEOUT))) {
      this.#whiteout(parts, header.name);
      return;
    }
    const metadata = metadataOf(header);
    this.#warnOf(metadata, header.name);
    const last = parts.pop();
    if (last === undefined) {
      if (header.type !== 'directory') throw refuseEntry(header.name, 'the root is a folder');
      this.#directory('', metadata);
      return;
    }
    const folder = tree.folder(parts, header.name, true) ?? '';
    const path = folder === '' ? last : `${folder}/${last}`;
    tree.touch(folder);
    this.#bring(path);
    if (header.type === 'directory') {
      this.#directory(path, metadata);
      return;
    }
    const target = header.type === 'link' ? this.#linkTarget(header) : undefined;
    // A hard link to itself would be removed before it is made.
    if (target === path) return;
    if (look(tree.at(path)) !== undefined) tree.remove(path);
    if (target !== undefined) {
      if (look(tree.at(target)) === undefined)
        throw refuseEntry(header.name, 'a hard link into itself');
      linkSync(tree.at(target), tree.at(path));
      return;
    }
    await this.#make(entry, header, path, metadata);
  }

  async #make(entry: Entry, header: Header, path: string, metadata: Metadata): Promise<void> {
    const { native, tree, privileged } = this.#options;
    const place = tree.at(path);
    switch (header.type) {
      case 'file':
      case 'contiguous-file':
        await this.#file(entry, place, metadata);
        break;
      case 'symlink': {
        const target = header.linkname ?? '';
        if (target === '' || target.includes('\ufffd') || Buffer.byteLength(target) >= MAX_LINK) {
          throw refuseEntry(
            header.name,
            "a symbolic link's target is empty, too long or not UTF-8",
          );
        }
        symlinkSync(target, place);
        if (privileged) lchownSync(place, metadata.uid, metadata.gid);
        break;
      }
      case 'fifo':
      case 'character-device':
      case 'block-device':
        if (!privileged && header.type !== 'fifo') {
          throw unsupported(
            `archive entry ${JSON.stringify(header.name)}: a device, which only root can make`,
            'unpack as root, or from an image without devices: a container has its own in /dev',
          );
        }
        native.makeNode(place, header.type, header.devmajor ?? 0, header.devminor ?? 0);
        if (privileged) lchownSync(place, metadata.uid, metadata.gid);
        chmodSync(place, metadata.mode);
        break;
      default:
        throw refuseEntry(
          header.name,
          'of a type that is not supported (sparse files are none, too)',
        );
    }
    this.#attributes(place, metadata, header.name);
    native.setFileTime(place, metadata.mtimeNs);
  }

  async #file(entry: Entry, place: string, { uid, gid, mode }: Metadata): Promise<void> {
    const fd = openSync(place, CREATE, 0o600);
    try {
      for await (const chunk of entry) {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
      }
      // chown takes setuid away: the mode comes behind it.
      if (this.#options.privileged) fchownSync(fd, uid, gid);
      fchmodSync(fd, mode);
    } finally {
      closeSync(fd);
    }
  }

  #directory(path: string, metadata: Metadata): void {
    const { tree, privileged } = this.#options;
    const place = tree.at(path);
    const there = look(place);
    if (there !== undefined && !there.isDirectory()) tree.remove(path);
    if (there?.isDirectory() !== true) mkdirSync(place, 0o700);
    else if (!privileged) chmodSync(place, 0o700);
    if (privileged) lchownSync(place, metadata.uid, metadata.gid);
    this.#attributes(place, metadata, path);
    tree.pending.set(path, { mtimeNs: metadata.mtimeNs, mode: metadata.mode });
  }

  /** What a hard link leads to, below the root: something that is there, and no folder. */
  #linkTarget(header: Header): string {
    const { tree } = this.#options;
    const parts = componentsOf(
      header.linkname ?? '',
      `the hard link target of ${JSON.stringify(header.name)}`,
    );
    const last = parts.pop();
    const folder = tree.folder(parts, header.name, false);
    const path =
      folder === undefined || last === undefined
        ? undefined
        : folder === ''
          ? last
          : `${folder}/${last}`;
    const status = path === undefined ? undefined : look(tree.at(path));
    if (path === undefined || status === undefined) {
      throw refuseEntry(
        header.name,
        `a hard link to ${JSON.stringify(header.linkname)}, which is not there`,
      );
    }
    if (status.isDirectory()) throw refuseEntry(header.name, 'a hard link to a folder');
    return path;
  }

  #whiteout(parts: string[], name: string): void {
    const { tree, warn } = this.#options;
    const last = parts.pop() ?? '';
    if (parts.concat(last).some((part) => part.startsWith(AUFS) && part !== OPAQUE)) {
      warn(`${JSON.stringify(name)} is left out: AUFS kept it for itself`);
      return;
    }
    if (!last.startsWith(WHITEOUT) || parts.some((part) => part.startsWith(WHITEOUT))) {
      throw refuseEntry(name, 'a whiteout is not the last part of its name');
    }
    const gone = last.slice(WHITEOUT.length);
    if (gone === '' || gone === '.' || gone === '..')
      throw refuseEntry(name, 'a whiteout of no name');
    const folder = tree.folder(parts, name, false);
    if (folder === undefined) return;
    if (last === OPAQUE) tree.emptyOthers(folder, this.#brought);
    else tree.removeOthers(folder === '' ? gone : `${folder}/${gone}`, this.#brought);
  }

  #attributes(place: string, { xattrs }: Metadata, name: string): void {
    const { native, privileged, warn } = this.#options;
    for (const [key, value] of xattrs) {
      const kept = key.startsWith('user.') || (key === 'security.capability' && privileged);
      const where = `the extended attribute ${key} of ${JSON.stringify(name)} is left out`;
      if (!kept) warn(`extended attributes ${key} are left out`);
      else if (value === null) warn(`${where}: its value is not text`);
      else {
        try {
          native.setExtendedAttribute(place, key, value);
        } catch (error) {
          if (!['ENOTSUP', 'EPERM'].includes((error as { code?: string }).code ?? '')) throw error;
          warn(`${where}: the file system does not take it`);
        }
      }
    }
  }

  #warnOf({ unknown, uid, gid }: Metadata, name: string): void {
    const { warn, privileged } = this.#options;
    for (const key of unknown)
      warn(`${key} of the extended header is left out (first of ${JSON.stringify(name)})`);
    if (!privileged && (uid !== process.geteuid?.() || gid !== process.getegid?.())) {
      warn('owners are left out: only root can give files away');
    }
  }

  #bring(path: string): void {
    for (
      let up = path;
      !this.#brought.has(up);
      up = up.slice(0, Math.max(0, up.lastIndexOf('/')))
    ) {
      this.#brought.add(up);
      if (up === '') break;
    }
  }

  /** Modes and times of folders: when nothing is written into them any more, the deepest first. */
  #finish(): void {
    const { native, tree } = this.#options;
    for (const [path, { mode, mtimeNs }] of [...tree.pending].reverse()) {
      const place = tree.at(path);
      if (mode !== undefined) chmodSync(place, mode);
      native.setFileTime(place, mtimeNs);
    }
    tree.pending.clear();
  }
}
