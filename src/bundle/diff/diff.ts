/** `ocirt bundle diff`: what has changed, as a layer. */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { OcirtError } from '../../errors.js';
import type { Binding } from '../../native/binding.js';
import { absolutePath } from '../../runtime/bundle.js';
import type { Runtime } from '../../runtime/context.js';
import { temporaryName } from '../leftovers.js';
import { changesOf, type Nodes } from './changes.js';
import { writeLayer } from './layer.js';
import { digestOf, type Node } from './node.js';
import { type Digests, decodeRecord, encodeNode, encodeRecord, RECORD } from './record.js';
import { walk } from './walk.js';

export interface DiffOptions {
  /** A bundle that `unpack` made; with `upper`, a bundle or a folder. */
  readonly lower: string;
  /** Another bundle or folder; absent: what the bundle was when it was unpacked is the lower one. */
  readonly upper?: string | undefined;
  /** A file; absent: standard output. */
  readonly output?: string | undefined;
}

type Warn = (text: string) => void;

/** What was unpacked, as text for the bundle. @param digests of the files that were written */
export function recordTree(native: Binding, root: string, digests: Digests, warn: Warn): string {
  const lines: string[] = [];
  walk(
    native,
    root,
    (inside, node, place) => {
      const sha256 = node.type === 'file' ? (digests.of(inside) ?? digestOf(place)) : undefined;
      lines.push(encodeNode(inside, { ...node, sha256 }));
    },
    warn,
  );
  return encodeRecord(lines);
}

/**
 * Writes the layer that makes the upper tree of the lower one. Nothing is changed in either.
 *
 * @throws OcirtError `record-missing`, `record-invalid`, `tree-unreadable`, `tree-changed`, `usage`
 */
export function diff(runtime: Runtime, options: DiffOptions): void {
  const { native, log } = runtime;
  const said = new Set<string>();
  const warn = (text: string) => {
    if (!said.has(text)) log.warn(text);
    said.add(text);
  };
  const lower = absolutePath(native, options.lower);
  const root = rootOf(options.upper === undefined ? lower : absolutePath(native, options.upper));
  const before =
    options.upper === undefined ? recorded(lower) : treeOf(native, rootOf(lower), warn);
  const digests = new Map<string, string>();
  const upper = treeOf(native, root, warn, (inside, node, place) => {
    // Its bytes are read only where nothing else tells that it has changed.
    const old = before.get(inside);
    if (old?.sha256 !== undefined && old.size === node.size && old.mtimeNs === node.mtimeNs) {
      digests.set(inside, digestOf(place));
    }
  });
  const changes = changesOf(
    before,
    upper,
    (inside) => digests.get(inside) === before.get(inside)?.sha256,
  );
  const { euid } = native.identity();
  const input = { native, root, upper, changes, owner: euid === 0 ? undefined : euid, warn };
  intoFile(native, options.output, (write) => writeLayer(input, write));
}

/** The rootfs of a bundle; a folder that is none is itself the tree. */
function rootOf(folder: string): string {
  const rootfs = `${folder}/rootfs`;
  return existsSync(`${folder}/config.json`) && existsSync(rootfs) ? rootfs : folder;
}

function recorded(bundle: string): Nodes {
  const file = `${bundle}/${RECORD}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OcirtError(
      'record-missing',
      `${file}: not there, so nothing tells what has changed`,
      {
        path: file,
        cause,
        hint: '`ocirt bundle unpack` makes it; or compare with another tree: `bundle diff LOWER UPPER`',
      },
    );
  }
  try {
    return decodeRecord(text);
  } catch (cause) {
    throw new OcirtError('record-invalid', `${file}: ${(cause as Error).message}`, { path: file });
  }
}

/** All of a tree, as it is now. @param also what is done at each file; absent: its digest is taken */
function treeOf(
  native: Binding,
  root: string,
  warn: Warn,
  also?: (inside: string, node: Node, place: string) => void,
): Map<string, Node> {
  const nodes = new Map<string, Node>();
  walk(
    native,
    root,
    (inside, node, place) => {
      const file = node.type === 'file';
      if (file) also?.(inside, node, place);
      nodes.set(inside, file && also === undefined ? { ...node, sha256: digestOf(place) } : node);
    },
    warn,
  );
  return nodes;
}

type Write = (data: Uint8Array) => void;

/** Into a file that has its name when it is whole, or to standard output. */
function intoFile(native: Binding, output: string | undefined, how: (write: Write) => void): void {
  if (output === undefined) {
    if (native.isTerminal(1)) {
      throw new OcirtError('usage', 'a layer is not for a terminal', {
        hint: 'name a file with --output, or send it into a pipe',
      });
    }
    how((data) => native.write(1, data));
    return;
  }
  const target = path.resolve(absolutePath(native, output));
  const scratch = temporaryName(target, 'diff');
  const fd = openSync(scratch, 'wx', 0o644);
  try {
    native.lock(fd, true, true);
    how((data) => {
      for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
    });
    renameSync(scratch, target);
  } catch (error) {
    rmSync(scratch, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
