/** The overlay on the root: who lays it, and the folders that it takes. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { OcirtError } from '../errors.js';
import type { Runtime } from '../runtime/context.js';
import { findProgram } from './network/programs.js';
import type { OverlayDriver } from './request.js';

export interface OverlayFacts {
  /** The mount is made in a user namespace. */
  readonly userNamespace: boolean;
  readonly kernel: readonly [number, number];
  /** Where fuse-overlayfs is. */
  readonly fuse: string | undefined;
}

/**
 * The ladder: the kernel, which takes an overlay from a user namespace from Linux 5.11 on, then
 * fuse-overlayfs.
 *
 * @throws OcirtError `overlay-unsupported`
 */
export function chooseDriver(asked: OverlayDriver, facts: OverlayFacts): 'kernel' | 'fuse' {
  const [major, minor] = facts.kernel;
  const able = !facts.userNamespace || major > 5 || (major === 5 && minor >= 11);
  if (asked === 'kernel' || (asked === 'auto' && able)) {
    if (able) return 'kernel';
    throw new OcirtError(
      'overlay-unsupported',
      `Linux ${major}.${minor} lays no overlay in a user namespace`,
      { hint: 'Linux 5.11 does; or --overlay-driver fuse' },
    );
  }
  if (facts.fuse !== undefined) return 'fuse';
  throw new OcirtError('overlay-unsupported', 'fuse-overlayfs is not installed', {
    hint: 'apt install fuse-overlayfs',
  });
}

export interface OverlayFolders {
  readonly lower: string;
  readonly upper: string;
  readonly work: string;
}

/**
 * Makes the folders for what is written.
 *
 * @param lower the root that stays as it is
 * @param place where they are made, or are from the last time
 * @param owner whose they are; absent: the one of the root
 */
export function makeFolders(lower: string, place: string, owner?: number): OverlayFolders {
  const folders = { lower, upper: path.join(place, 'upper'), work: path.join(place, 'work') };
  const { mode, uid, gid } = statSync(lower);
  for (const folder of [folders.upper, folders.work]) {
    // The upper one is the root that the container sees: its mode and owner are the root's.
    if (mkdirSync(folder, { recursive: true }) === undefined) continue;
    chmodSync(folder, mode & 0o7777);
    if (process.geteuid?.() === 0) chownSync(folder, owner ?? uid, owner ?? gid);
  }
  return folders;
}

/** Mounts by fuse-overlayfs, on the host. @throws OcirtError `overlay-failed` */
export function mountFuse(program: string, folders: OverlayFolders, target: string): void {
  mkdirSync(target, { recursive: true });
  const { lower, upper, work } = folders;
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  if ([lower, upper, work].some((folder) => /[,:\\]/.test(folder))) {
    throw new OcirtError('overlay-failed', `fuse-overlayfs takes no comma or colon in ${options}`);
  }
  run(program, ['-o', options, target]);
}

/** Ends it; one that is gone is no fault. */
export function unmountFuse({ native }: Runtime, target: string): void {
  const [mounts] = native.readFiles(['/proc/self/mountinfo']);
  if (!(mounts ?? '').split('\n').some((line) => line.split(' ')[4] === target)) return;
  const program = findProgram('fusermount3') ?? findProgram('fusermount');
  if (native.identity().euid === 0 || program === undefined) run('umount', ['-l', target]);
  else run(program, ['-uz', target]);
}

function run(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    const said = stderr?.trim() || message;
    throw new OcirtError('overlay-failed', `${path.basename(program)}: ${said}`, { cause });
  }
}
