/** Applies one archive to a tree: its entries in order, and what it says is gone (image-spec, layer.md). */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import type { Binding } from '../native/binding.js';
import { type Attribute, type Metadata, metadataOf } from './entry.js';
import { refuseEntry, unsupported } from './errors.js';
import type { Budget } from './limits.js';
import type { EntrySink, TarHeader } from './tar/parser.js';
import { readTar } from './tar/read.js';
import { componentsOf, look, parentOf, type Tree } from './tree.js';
import { applyWhiteout, isWhiteout } from './whiteout.js';
import { keptAttributes } from './xattrs.js';

const MAX_LINK = 4096;
/** What the kernel's device numbers have room for. */
const MAX_MAJOR = 0xfff;
const MAX_MINOR = 0xfffff;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const NOTHING = new Uint8Array();

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

export class Layer {
  readonly #options: LayerOptions;
  /** What this archive has brought, and the folders above: a whiteout is only of what was below it. */
  readonly #brought = new Set<string>();
  /** The file that is being written. */
  #open: number | undefined;

  constructor(options: LayerOptions) {
    this.#options = options;
  }

  /** Reads it to its end. */
  async apply(stream: AsyncIterable<Buffer>): Promise<void> {
    try {
      await readTar(stream, (header) => {
        this.#options.budget.entry();
        return this.#entry(header);
      });
    } finally {
      if (this.#open !== undefined) closeSync(this.#open);
    }
    this.#finish();
  }

  #entry(header: TarHeader): EntrySink | undefined {
    const parts = componentsOf(header.name);
    const { tree, whiteouts, warn } = this.#options;
    if (whiteouts && isWhiteout(parts)) {
      applyWhiteout(tree, parts, header.name, this.#brought, warn);
      return undefined;
    }
    const metadata = metadataOf(header);
    this.#warnOf(metadata, header.name);
    const last = parts.pop();
    if (last === undefined) {
      if (header.type !== 'directory') throw refuseEntry(header.name, 'the root is a folder');
      this.#directory('', metadata, header.name);
      return undefined;
    }
    const folder = tree.folder(parts, header.name, true) ?? '';
    const path = folder === '' ? last : `${folder}/${last}`;
    tree.touch(folder);
    this.#bring(path);
    if (header.type === 'directory') this.#directory(path, metadata, header.name);
    else if (header.type === 'link') this.#link(header, path);
    else if (header.type === 'file') return this.#file(header, path, metadata);
    else this.#special(header, path, metadata);
    return undefined;
  }

  /** Makes something new; what is in its place goes first. Most often nothing is: that costs no look. */
  #make<T>(path: string, how: (place: string) => T): T {
    const place = this.#options.tree.at(path);
    try {
      return how(place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.#options.tree.remove(path);
      return how(place);
    }
  }

  /**
   * A file whose bytes come in one piece is made in one call: most do, being small. Any other is opened for its
   * first piece.
   */
  #file(header: TarHeader, path: string, metadata: Metadata): EntrySink {
    const { tree, budget } = this.#options;
    const { sparse, size } = header;
    // Holes take no room here, but in whatever copies the file.
    if (sparse !== undefined) budget.bytes(size);
    // That of a file with holes is of more than what comes here.
    const record = sparse === undefined ? tree.record : undefined;
    tree.record?.forget(path);
    const hash = record === undefined ? undefined : createHash('sha256');
    const whole = (data: Uint8Array) => this.#whole(data, path, metadata, header.name);
    const open = () => {
      this.#open ??= this.#make(path, (place) => openSync(place, CREATE, 0o600));
      return this.#open;
    };
    let made = false;
    return {
      write(data, offset) {
        const bytes = data as unknown as Uint8Array;
        hash?.update(bytes);
        if (sparse === undefined && data.length === size) {
          made = true;
          whole(bytes);
          return;
        }
        const fd = open();
        for (let at = 0; at < data.length; ) {
          const place = sparse === undefined ? null : offset + at;
          at += writeSync(fd, bytes, at, data.length - at, place);
        }
      },
      end: () => {
        if (sparse === undefined && size === 0) whole(NOTHING);
        else if (!made) {
          const fd = open();
          if (sparse !== undefined) ftruncateSync(fd, size);
          this.#attributes(path, fd, metadata, header.name);
          closeSync(fd);
          this.#open = undefined;
        }
        if (hash !== undefined) record?.file(path, hash.digest('hex'));
      },
    };
  }

  #whole(data: Uint8Array, path: string, metadata: Metadata, name: string): void {
    const { uid, gid, mode, mtimeNs } = metadata;
    const { native, privileged } = this.#options;
    const kept = this.#kept(metadata);
    const owner = privileged ? uid : -1;
    const make = (place: string) => native.makeFile(place, data, owner, gid, mode, mtimeNs, kept);
    this.#warnOfLost(this.#make(path, make), name);
  }

  #special(header: TarHeader, path: string, metadata: Metadata): void {
    const { native, privileged } = this.#options;
    const { type, name } = header;
    let own = metadata;
    if (type === 'symlink') {
      const target = header.linkname;
      if (
        target === '' ||
        target.includes('\0') ||
        target.includes('\ufffd') ||
        Buffer.byteLength(target) >= MAX_LINK
      ) {
        throw refuseEntry(name, "a symbolic link's target is empty, too long or not UTF-8");
      }
      this.#make(path, (place) => symlinkSync(target, place));
      // A link has no mode of its own.
      own = { ...metadata, mode: -1 };
    } else if (type === 'fifo' || type === 'character-device' || type === 'block-device') {
      const { devmajor, devminor } = header;
      if (type !== 'fifo') {
        if (!(devmajor >= 0 && devmajor <= MAX_MAJOR && devminor >= 0 && devminor <= MAX_MINOR)) {
          throw refuseEntry(name, `a device ${devmajor}:${devminor}, which is none`);
        }
        if (!privileged) {
          throw unsupported(
            `archive entry ${JSON.stringify(name)}: a device, which only root can make`,
            'unpack as root, or from an image without devices: a container has its own in /dev',
          );
        }
      }
      const numbers = type === 'fifo' ? [0, 0] : [devmajor, devminor];
      this.#make(path, (place) => native.makeNode(place, type, numbers[0] ?? 0, numbers[1] ?? 0));
    } else throw refuseEntry(name, 'of a type that is not supported');
    this.#attributes(path, -1, own, name);
  }

  #link(header: TarHeader, path: string): void {
    const { tree } = this.#options;
    const target = this.#linkTarget(header);
    // A hard link to itself would be removed before it is made.
    if (target === path) return;
    if (target.startsWith(`${path}/`)) throw refuseEntry(header.name, 'a hard link into itself');
    this.#make(path, (place) => linkSync(tree.at(target), place));
    tree.record?.link(path, target);
  }

  #directory(path: string, metadata: Metadata, name: string): void {
    const { native, tree, privileged } = this.#options;
    const place = tree.at(path);
    const there = path === '' || tree.isKnown(path) || !madeDirectory(place);
    if (there) {
      if (look(place)?.isDirectory() !== true) {
        tree.remove(path);
        mkdirSync(place, 0o700);
      } else {
        if (!privileged) chmodSync(place, 0o700);
        native.clearExtendedAttributes(place);
      }
    }
    // Its mode and time are set when no more is written into it.
    this.#attributes(path, -1, { ...metadata, mode: -1 }, name);
    tree.pending.set(path, { mtimeNs: metadata.mtimeNs, mode: metadata.mode });
  }

  /** What a hard link leads to, below the root: something that is there, and no folder. */
  #linkTarget({ linkname, name }: TarHeader): string {
    const { tree } = this.#options;
    const parts = componentsOf(linkname, `the hard link target of ${JSON.stringify(name)}`);
    const last = parts.pop();
    const folder = tree.folder(parts, name, false);
    const path =
      folder === undefined || last === undefined
        ? undefined
        : folder === ''
          ? last
          : `${folder}/${last}`;
    const status = path === undefined ? undefined : look(tree.at(path));
    if (path === undefined || status === undefined) {
      throw refuseEntry(name, `a hard link to ${JSON.stringify(linkname)}, which is not there`);
    }
    if (status.isDirectory()) throw refuseEntry(name, 'a hard link to a folder');
    return path;
  }

  #attributes(path: string, fd: number, metadata: Metadata, name: string): void {
    const { uid, gid, mode, mtimeNs } = metadata;
    const { native, tree, privileged } = this.#options;
    const kept = this.#kept(metadata);
    const owner = privileged ? uid : -1;
    const lost = native.setAttributes(tree.at(path), fd, owner, gid, mode, mtimeNs, kept);
    this.#warnOfLost(lost, name);
  }

  #kept({ xattrs }: Metadata): readonly Attribute[] {
    const { privileged, warn } = this.#options;
    return xattrs.length === 0 ? xattrs : keptAttributes(xattrs, privileged, warn);
  }

  #warnOfLost(lost: readonly string[], name: string): void {
    for (const key of lost) {
      const what = `the extended attribute ${key} of ${JSON.stringify(name)}`;
      this.#options.warn(`${what} is left out: the file system does not take it`);
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
    for (let up = path; !this.#brought.has(up); up = parentOf(up)) {
      this.#brought.add(up);
      if (up === '') break;
    }
  }

  /** Modes and times of folders: when nothing is written into them any more, the deepest first. */
  #finish(): void {
    const { native, tree } = this.#options;
    for (const [path, { mode, mtimeNs }] of [...tree.pending].reverse()) {
      native.setAttributes(tree.at(path), -1, -1, -1, mode ?? -1, mtimeNs, []);
    }
    tree.pending.clear();
  }
}

/** false: something is there. */
function madeDirectory(place: string): boolean {
  try {
    mkdirSync(place, 0o700);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
