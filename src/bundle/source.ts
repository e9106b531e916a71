/** What is given to unpack: a plain tar, a docker-archive, or an OCI image layout, in a folder or a tar. */
import { closeSync, createWriteStream, openSync, readSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Extent, openLayer } from './blob.js';
import { compressionOf, HEAD, refuseOthers } from './decompress.js';
import { badImage } from './errors.js';
import type { Budget } from './limits.js';

/** Files by name, wherever they are. */
export interface Files {
  /** undefined where there is none. */
  find(name: string): Extent | undefined;
}

export interface Source {
  readonly kind: 'tar' | 'docker-archive' | 'oci-layout';
  readonly files: Files;
  /** The archive itself, not compressed; undefined for a folder. */
  readonly archive?: Extent;
}

/** A regular file of the host. */
function extentOf(path: string): Extent | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true ? { path, start: 0, size: status.size } : undefined;
}

/**
 * Looks at what is given.
 *
 * @param scratch a file that a compressed archive is decompressed to
 * @throws OcirtError `image-invalid` where it is nothing of what can be read
 */
export async function openSource(path: string, scratch: string, budget: Budget): Promise<Source> {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw badImage(`${path}: no such file or directory`, path);
  if (status.isDirectory()) {
    const files: Files = { find: (name) => extentOf(`${path}/${name}`) };
    if (files.find('oci-layout') === undefined) {
      throw badImage(`${path} is a folder, but no image layout: it has no oci-layout`, path);
    }
    return { kind: 'oci-layout', files };
  }
  const given = extentOf(path);
  if (given === undefined) throw badImage(`${path} is not a file or folder`, path);
  const archive = await decompressed(given, scratch, budget);
  const files = await indexOf(archive, budget);
  const kind =
    files.find('oci-layout') !== undefined && files.find('index.json') !== undefined
      ? 'oci-layout'
      : files.find('manifest.json') !== undefined
        ? 'docker-archive'
        : 'tar';
  return { kind, files, archive };
}

async function decompressed(given: Extent, scratch: string, budget: Budget): Promise<Extent> {
  const head = headOf(given.path);
  const compression = compressionOf(head);
  if (compression === 'none') {
    refuseOthers(head, given.path);
    return given;
  }
  const { stream } = openLayer(given, compression, {}, budget);
  try {
    await pipeline(stream, createWriteStream(scratch, { flags: 'wx', mode: 0o600 }));
  } catch (cause) {
    if ((cause as { name?: string }).name === 'OcirtError') throw cause;
    throw badImage(
      `${given.path} can't be decompressed: ${(cause as Error).message}`,
      given.path,
      cause,
    );
  }
  return { path: scratch, start: 0, size: statSync(scratch).size };
}

function headOf(path: string): Uint8Array {
  const head = new Uint8Array(HEAD);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, head);
  } finally {
    closeSync(fd);
  }
  return head;
}

/** Where each file of a tar is: read in place, never written anywhere. */
async function indexOf(archive: Extent, budget: Budget): Promise<Files> {
  const extents = new Map<string, Extent>();
  const links = new Map<string, string>();
  // Not before it is needed: a layout in a folder is read without that library.
  const { entriesOf } = await import('./tar/entries.js');
  for await (const { name: given, type, linkname, size, dataOffset } of entriesOf(archive)) {
    budget.entry();
    const name = normal(given);
    if (type === 'file') {
      extents.set(name, { path: archive.path, start: archive.start + dataOffset, size });
    } else if (type === 'symlink') {
      // Docker had the same layer once, and links to it.
      links.set(name, normal(`${name}/../${linkname}`));
    } else if (type === 'link') {
      links.set(name, normal(linkname));
    }
  }
  return {
    find(name) {
      let at = normal(name);
      for (let hops = 0; hops < 8; hops++) {
        const extent = extents.get(at);
        if (extent !== undefined) return extent;
        const next = links.get(at);
        if (next === undefined) return undefined;
        at = next;
      }
      return undefined;
    },
  };
}

/** A name without `.` and `..`: only a key, no path of the host. */
function normal(name: string): string {
  const out: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return out.join('/');
}
