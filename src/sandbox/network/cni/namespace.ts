/**
 * A network namespace that outlives its container: a mount holds it.
 *
 * Plugins take away what they made by looking at what is in the namespace. Of one that is gone they
 * free the address, but the rules that they made for it stay (the bridge plugin's NAT is one).
 */
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { networkFailed } from '../errors.js';
import { isThere } from '../marks.js';
import { findProgram } from '../programs.js';
import { run } from '../run.js';
import type { ProcessMark } from '../types.js';

/** statfs(2): NSFS_MAGIC. */
const NSFS = 0x6e736673;

/**
 * Holds the network namespace of a process at a path.
 *
 * @throws OcirtError `network-failed`, also where it is the caller's own: a container that has none
 */
export async function holdNamespace(container: ProcessMark, path: string): Promise<void> {
  const from = `/proc/${container.pid}/ns/net`;
  writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  const outcome = await run(findProgram('mount') ?? 'mount', ['--bind', from, path]);
  if (outcome.code !== 0) {
    throw networkFailed(
      `the container's network namespace cannot be held: ${outcome.stderr.trim()}`,
    );
  }
  // What is mounted stays what it is: so it is looked at now, that the process is still the same.
  if (!isThere(container)) throw networkFailed('the container has ended before it was started');
  if (statSync(path).ino === statSync('/proc/self/ns/net').ino) {
    throw networkFailed('the container has no network namespace of its own');
  }
}

/** The path, or '' where no namespace is held at it: what CNI_NETNS is to be for DEL. */
export function heldNamespace(path: string): string {
  try {
    return statfsSync(path).type === NSFS ? path : '';
  } catch {
    return '';
  }
}

/** Lets go of it. The kernel takes away what is in it, and the host's ends of its veth pairs. */
export async function releaseNamespace(path: string): Promise<void> {
  if (heldNamespace(path) !== '') {
    // Somebody may look into it just now.
    const outcome = await run(findProgram('umount') ?? 'umount', ['--lazy', path]);
    if (outcome.code !== 0) {
      throw networkFailed(`${path} cannot be unmounted: ${outcome.stderr.trim()}`);
    }
  }
  rmSync(path, { force: true });
}
