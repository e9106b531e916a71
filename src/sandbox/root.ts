/** The root file system of a sandbox: a folder as it is, or unpacked, or busybox. */
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import path from 'node:path';
import { Tree } from '../bundle/tree.js';
import { unpack } from '../bundle/unpack.js';
import { resolveUser } from '../bundle/users.js';
import { OcirtError } from '../errors.js';
import { absolutePath } from '../runtime/bundle.js';
import type { Runtime } from '../runtime/context.js';
import type { Config } from '../spec/config.gen.js';
import { makeBusyboxRoot } from './busybox.js';
import type { ConfigRoot } from './config.js';
import type { SandboxHost } from './host.js';
import { isMapped, ROOTS_RANGE } from './ids.js';

export interface Root {
  /** Absolute. */
  readonly path: string;
  /** What an image says of itself, as config.json. */
  readonly image?: Config | undefined;
  /** It is the caller's, and not made for this sandbox. */
  readonly foreign: boolean;
}

/** What `--rootfs` names. */
export function kindOf(rootfs: string | undefined, at: string): 'busybox' | 'folder' | 'archive' {
  if (rootfs === undefined) return 'busybox';
  if (/^oci(-archive)?:/.test(rootfs)) return 'archive';
  const status = existsSync(at) ? lstatSync(at) : undefined;
  if (status === undefined) {
    throw new OcirtError('rootfs-missing', `${at}: no such file or directory`, {
      path: at,
      hint: '--rootfs is a folder, a tar, or an image as oci:DIR:TAG',
    });
  }
  const folder = existsSync(`${at}/.`);
  return folder && !existsSync(`${at}/oci-layout`) ? 'folder' : 'archive';
}

/**
 * Makes the root ready, in `bundle/rootfs` where it is not a folder of the caller's.
 *
 * @param bundle a folder that does not exist yet; it is made
 * @throws OcirtError `rootfs-missing`, `rootfs-unmapped`, and all that unpacking throws
 */
export async function makeRoot(
  runtime: Runtime,
  rootfs: string | undefined,
  bundle: string,
  host: SandboxHost,
): Promise<Root> {
  const at = rootfs === undefined ? '' : absolutePath(runtime.native, rootfs);
  const made = path.join(bundle, 'rootfs');
  switch (kindOf(rootfs, at)) {
    case 'folder': {
      mkdirSync(bundle, { recursive: true });
      const real = runtime.native.realPath(at);
      checkMapped(real, host);
      return { path: real, foreign: true };
    }
    case 'busybox':
      mkdirSync(made, { recursive: true });
      makeBusyboxRoot(made);
      give(made, host);
      return { path: made, foreign: false };
    case 'archive': {
      await unpack(runtime, { source: rootfs ?? '', bundle });
      give(made, host);
      const image = JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8')) as Config;
      return { path: made, image, foreign: false };
    }
  }
}

/** Root's own files would be nobody's in there. */
function checkMapped(folder: string, { root, ids }: SandboxHost): void {
  if (!root || ids === undefined) return;
  const { uid } = lstatSync(folder);
  if (isMapped(ids.uid, uid - ROOTS_RANGE)) return;
  throw new OcirtError(
    'rootfs-unmapped',
    `user ${uid}, who owns ${folder}, is nobody in the container`,
    {
      path: folder,
      hint: 'leave out --rootless, run it as an ordinary user, or give a tar or an image: they are unpacked for the users of the container',
    },
  );
}

/** What root has unpacked goes to the users of the container. */
function give(folder: string, { root, ids }: SandboxHost): void {
  if (!root || ids === undefined) return;
  // A second name of a file would move it twice.
  const done = new Set<string>();
  const visit = (file: string): void => {
    const status = lstatSync(file);
    const key = `${status.dev}:${status.ino}`;
    if (done.has(key)) return;
    if (status.nlink > 1) done.add(key);
    lchownSync(file, status.uid + ROOTS_RANGE, status.gid + ROOTS_RANGE);
    // chown(2) takes these bits away.
    if (!status.isSymbolicLink() && (status.mode & 0o6000) !== 0) {
      chmodSync(file, status.mode & 0o7777);
    }
    if (status.isDirectory()) for (const name of readdirSync(file)) visit(path.join(file, name));
  };
  visit(folder);
}

/** Who `--user` is by /etc/passwd and /etc/group of the root; undefined: not asked for. */
export function userOf(text: string | undefined, root: string): ConfigRoot['user'] {
  if (text === undefined) return undefined;
  try {
    const { additionalGids, ...user } = resolveUser(new Tree(root, false), text);
    return additionalGids === undefined ? user : { ...user, additionalGids };
  } catch (error) {
    if (!(error instanceof OcirtError)) throw error;
    throw new OcirtError('user-invalid', `--user ${text}: ${error.message}`, {
      hint: "a number works without the root's /etc/passwd",
      cause: error,
    });
  }
}
