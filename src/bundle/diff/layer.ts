/** Writes what has changed in a tree as a layer (image-spec, layer.md): entries, and whiteouts of what is gone. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { encodeEntry, ending, filling, type NewEntry } from '../tar/writer.js';
import { parentOf } from '../tree.js';
import { WHITEOUT } from '../whiteout.js';
import { type Changes, firstNames, type Nodes } from './changes.js';
import { type Node, openFile } from './node.js';
import { walk } from './walk.js';

export interface LayerInput {
  readonly native: Binding;
  readonly root: string;
  /** As they were when the changes were looked for. */
  readonly upper: Nodes;
  readonly changes: Changes;
  /** Whose files are root's in the layer: an ordinary user's own; undefined for root, whose owners are told as they are. */
  readonly owner: number | undefined;
  warn(text: string): void;
}

/**
 * @param write is given the layer in pieces
 * @throws OcirtError `tree-changed` where the tree changes while it is read; `tree-unreadable`
 */
export function writeLayer(input: LayerInput, write: (data: Uint8Array) => void): void {
  const { native, root, upper, changes, owner, warn } = input;
  const changed = new Set(changes.changed);
  const first = firstNames(upper);
  const gone = new Map<string, string[]>();
  for (const path of changes.gone) {
    gone.set(parentOf(path), [...(gone.get(parentOf(path)) ?? []), path]);
  }
  const entry = (of: NewEntry) => write(encodeEntry(of) as unknown as Uint8Array);
  const visit = (path: string, node: Node, place: string) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (changed.delete(path)) {
      if (name.startsWith(WHITEOUT)) {
        throw new OcirtError(
          'tree-unreadable',
          `${JSON.stringify(path)}: in a layer this name would take another file away`,
          { path },
        );
      }
      put({ path, node, place, linkname: first(path), owner, entry, write });
    }
    for (const old of node.type === 'directory' ? (gone.get(path) ?? []) : []) {
      const at = old.lastIndexOf('/') + 1;
      entry({
        name: `${old.slice(0, at)}${WHITEOUT}${old.slice(at)}`,
        ...{ type: 'file', mode: 0o600, uid: 0, gid: 0, size: 0, mtimeNs: 0n },
      });
    }
  };
  walk(native, root, visit, warn);
  const [missing] = changed;
  if (missing !== undefined) throw moved(missing);
  write(ending());
}

interface Put {
  readonly path: string;
  readonly node: Node;
  readonly place: string;
  readonly linkname: string | undefined;
  readonly owner: number | undefined;
  entry(of: NewEntry): void;
  write(data: Uint8Array): void;
}

function put({ path, node, place, linkname, owner, entry, write }: Put): void {
  const { type, mode, mtimeNs, xattrs, target, device } = node;
  const own = owner !== undefined && node.uid === owner;
  const common = {
    name: type === 'directory' ? `${path === '' ? '.' : path}/` : path,
    mode,
    uid: own ? 0 : node.uid,
    gid: own ? 0 : node.gid,
    mtimeNs,
  };
  if (linkname !== undefined) {
    entry({ ...common, type: 'link', linkname, size: 0 });
    return;
  }
  if (type !== 'file') {
    const links = target === undefined ? {} : { linkname: target };
    const numbers = device === undefined ? {} : { major: device[0], minor: device[1] };
    entry({ ...common, ...links, ...numbers, type, size: 0, xattrs });
    return;
  }
  const fd = openFile(place);
  try {
    const status = fstatSync(fd);
    if (!status.isFile() || status.size !== node.size) throw moved(path);
    entry({ ...common, type, size: node.size, xattrs });
    const buffer = new Uint8Array(1 << 18);
    for (let left = node.size; left > 0; ) {
      const read = readSync(fd, buffer, 0, Math.min(buffer.length, left), null);
      if (read === 0) throw moved(path);
      write(buffer.subarray(0, read));
      left -= read;
    }
    write(filling(node.size));
  } finally {
    closeSync(fd);
  }
}

const moved = (path: string) =>
  new OcirtError('tree-changed', `${JSON.stringify(path)} changed while it was read`, {
    path,
    hint: 'stop or pause the container first',
  });
