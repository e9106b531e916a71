/** Reading a bundle: its config.json and the place of its root file system. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import type { Config } from '../spec/config.gen.js';
import { MAX_JSON_LENGTH } from '../spec/json.js';
import { loadConfig } from '../spec/load.js';
import type { Log } from './context.js';
import { errnoOf, wrap } from './errors.js';

export interface Bundle {
  /** Absolute. */
  readonly path: string;
  readonly config: Config;
  /** The text of config.json, kept with the container. */
  readonly text: string;
  /** Absolute and canonical. */
  readonly rootfs: string;
  /** The places in the config that the validation has warned of. */
  readonly warned: ReadonlySet<string>;
}

/** A path made absolute and free of `.` and `..`, without looking at the disk. */
export function resolvePath(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A path made absolute; the working directory is asked for only where it counts: it may be gone. */
export function absolutePath(native: Binding, path: string): string {
  return path.startsWith('/')
    ? resolvePath('/', path)
    : resolvePath(native.workingDirectory(), path);
}

/** The last component of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory of a path, `/` for those right below it. */
export function directoryName(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** The text of a bundle's config.json, and its path. @param configFile another file in its place */
export function readBundle(
  native: Binding,
  path: string,
  configFile?: string,
): { file: string; text: string } {
  if (native.status(path, true) === null) {
    throw new OcirtError('bundle-missing', `chdir ${path}: no such file or directory`, {
      path,
      hint: 'name the folder that config.json is in with --bundle',
    });
  }
  const file = configFile === undefined ? `${path}/config.json` : absolutePath(native, configFile);
  checkReadable(native, file);
  const [text] = native.readFiles([file]);
  if (text === null || text === undefined) {
    throw new OcirtError(
      'config-missing',
      `JSON specification file ${configFile ?? 'config.json'} not found`,
      {
        path: file,
        hint: '"ocirt spec" writes one to start from',
      },
    );
  }
  return { file, text };
}

/** Loads and validates. Warnings of the validation go to the log. */
export function loadBundle(native: Binding, log: Log, path: string, configFile?: string): Bundle {
  const { file, text } = readBundle(native, path, configFile);
  const { config, warnings } = loadConfig(text, file);
  for (const { pointer, message, advice } of warnings) {
    log.warn(`config.json ${pointer}: ${message}`, advice && { ...advice, pointer });
  }
  const warned = new Set(warnings.map(({ pointer }) => pointer));
  return { path, config, text, rootfs: findRootfs(native, path, config), warned };
}

/** Reading a FIFO or a device would not end, and a huge file fill the memory. */
function checkReadable(native: Binding, file: string): void {
  const status = native.status(file, true);
  if (status === null) return;
  if (status.type !== 'file') {
    throw new OcirtError('config-missing', `${file} is a ${status.type}, not a file`, {
      path: file,
    });
  }
  if (status.size > MAX_JSON_LENGTH * 4) {
    throw new OcirtError('json-too-large', `${file}: ${status.size} bytes are too many`, {
      path: file,
    });
  }
}

const ROOTFS_HINT =
  'root.path is a folder, relative to the bundle: unpack an image there, or correct the path';

/** The place of the root file system, canonical. @throws OcirtError `root-missing`, `rootfs-missing` */
export function findRootfs(native: Binding, bundle: string, config: Config): string {
  const given = config.root?.path;
  if (given === undefined) {
    throw new OcirtError('root-missing', 'root must be specified', { pointer: '/root' });
  }
  const path = resolvePath(bundle, given);
  let rootfs: string;
  try {
    rootfs = native.realPath(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      throw new OcirtError(
        'rootfs-missing',
        `invalid rootfs: stat ${path}: no such file or directory`,
        { pointer: '/root/path', path, hint: ROOTFS_HINT, cause: error },
      );
    }
    throw wrap(error, 'rootfs-missing', 'invalid rootfs', { pointer: '/root/path' });
  }
  if (native.status(rootfs, true)?.type !== 'directory') {
    throw new OcirtError('rootfs-missing', `invalid rootfs: ${rootfs}: not a directory`, {
      pointer: '/root/path',
      hint: ROOTFS_HINT,
      path: rootfs,
    });
  }
  return rootfs;
}
