/** The folders of images and of CRIU's log, and places in a container's root. */

import type { ExternalMount } from '../criu/mounts.js';
import type { Folders, MountKey } from '../criu/options.js';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { absolutePath, directoryName, resolvePath } from './bundle.js';
import type { Runtime } from './context.js';
import { errnoOf, wrap } from './errors.js';

export interface FolderOptions {
  /** Absolute, or relative to the working directory; `checkpoint` in it if there is none. */
  readonly imagePath?: string | undefined;
  /** Absent: where the images are. */
  readonly workPath?: string | undefined;
}

export interface OpenFolders extends Folders {
  readonly images: string;
  /** Where the log of that name comes to be. */
  log(name: string): string;
  /**
   * The same as a process with a mount namespace of its own has them: in a folder of another one
   * CRIU could not mount anything, and it wants to.
   */
  within(pid: number): OpenFolders;
  close(): void;
}

/** @param make whether the folder of the images is made where it is missing */
export function openFolders(runtime: Runtime, options: FolderOptions, make: boolean): OpenFolders {
  const { native } = runtime;
  const images = absolutePath(native, options.imagePath ?? 'checkpoint');
  const work = options.workPath === undefined ? undefined : absolutePath(native, options.workPath);
  try {
    // What is in it is the memory of the container.
    if (make) native.makeDirectory(images, 0o700, true);
    if (work !== undefined) native.makeDirectory(work, 0o700, true);
    return openIn(native, '', images, work);
  } catch (error) {
    throw wrap(error, 'checkpoint-folder', 'the folder of the checkpoint');
  }
}

function openIn(
  native: Binding,
  root: string,
  images: string,
  work: string | undefined,
): OpenFolders {
  const imagesFd = native.open(root + images, ['read', 'directory']);
  const opened = [imagesFd];
  try {
    if (work !== undefined) opened.push(native.open(root + work, ['read', 'directory']));
  } catch (error) {
    native.close(opened);
    throw error;
  }
  return {
    images,
    imagesFd,
    workFd: opened[1],
    log: (name) => `${work ?? images}/${name}`,
    within: (pid) => openIn(native, `/proc/${pid}/root`, images, work),
    close: () => native.close(opened),
  };
}

/** Refuses a folder of earlier images that is not there. @param parent relative to the images */
export function checkParent(native: Binding, images: string, parent: string): void {
  if (parent.startsWith('/')) {
    throw new OcirtError('usage', '--parent-path must be relative', {
      hint: 'it is relative to the folder of the images',
    });
  }
  const path = resolvePath(images, parent);
  const status = native.status(path, true);
  if (status?.type === 'directory') return;
  const why = status === null ? 'no such file or directory' : 'not a directory';
  throw new OcirtError('usage', `invalid --parent-path: stat ${path}: ${why}`, { path });
}

/** As many links as the kernel follows: path_resolution(7). */
const MOST_LINKS = 40;

/**
 * A path in a root with its links followed as who is in that root follows them; what does not exist
 * is taken as it is. Only for names that are looked up in a list: whoever is in the root may change
 * it at any time.
 */
export function followInRoot(native: Binding, root: string, path: string): string {
  const left = path.split('/');
  let done = '';
  let links = 0;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done = done === '' ? '' : directoryName(done).replace(/^\/$/, '');
      continue;
    }
    const next = `${done}/${part}`;
    if (links < MOST_LINKS && native.status(root + next, false)?.type === 'symlink') {
      links++;
      const content = native.readLink(root + next);
      if (content.startsWith('/')) done = '';
      left.unshift(...content.split('/'));
    } else done = next;
  }
  return done === '' ? '/' : done;
}

/**
 * The list that CRIU looks mounts up in, by both names of a place that is reached through links: it
 * knows the one without.
 *
 * @param root of the container, in whose place the links are
 * @param sources whether the values are the sources; else the names again, as at a dump
 */
export function mountKeys(
  native: Binding,
  root: string,
  mounts: readonly ExternalMount[],
  sources: boolean,
): MountKey[] {
  const keys = new Map<string, string>();
  for (const { target, source } of mounts) {
    for (const key of new Set([target, followInRoot(native, root, target)])) {
      keys.set(key, sources ? source : key);
    }
  }
  return [...keys].map(([key, val]) => ({ key, val }));
}

/**
 * The type of a file in a root, by a path without links (`followInRoot`): one that is a link by now
 * leads nowhere, least of all to a file of the host. undefined where it can't be looked at.
 */
export function typeInRoot(native: Binding, root: string, path: string): string | undefined {
  try {
    return native.status(root + path, false)?.type;
  } catch (error) {
    if (['EACCES', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}
