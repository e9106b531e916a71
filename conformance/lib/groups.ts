/**
 * Where the cgroups of a test's containers are: below the mounts for root, below a cgroup that is
 * delegated to us for an ordinary user, in a slice of systemd's where that makes them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupMounts, cgroupV1 } from './host.js';
import { KIND, OPTIONS } from './runtime.js';

/** The runtime has systemd make the cgroups. */
export const SYSTEMD = OPTIONS.includes('--systemd-cgroup');

export type Identity = 'root' | 'root in a user namespace' | 'an ordinary user';

function identity(): Identity {
  if (process.getuid?.() !== 0) return 'an ordinary user';
  // All ids, each as itself: the namespace that the machine began with.
  const all = /^ *0 +0 +4294967295\n$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  return all ? 'root' : 'root in a user namespace';
}

/** Who runs the tests, and so the runtime. */
export const IDENTITY = identity();

/** Who runs the tests is not the machine's root. */
export const ROOTLESS = IDENTITY !== 'root';

/** Why a test about v1 or v2 is skipped here, or false. */
export const notV1: string | false = !cgroupV1() && 'the controllers are not on cgroup v1';
export const notV2: string | false = cgroupV1() && 'the controllers are not on cgroup v2';
/** Device nodes, and rules about them, are for root alone: others are given the host's. */
export const notRootsDevices: string | false =
  ROOTLESS && 'only root can make devices, or rules for them';
/** A container with the host's pid namespace cannot have a procfs of its own. */
export const noHostPids: string | false =
  ROOTLESS && 'a user cannot mount procfs for the pids of the host';
/** A test that looks at what only root may see or do. */
export const notRoot: string | false = ROOTLESS && 'it takes root';

/** Our own cgroup on v2. */
function own(): string {
  return /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
}

/** The slice that scopes without a slice of their own get. */
const SLICE = ROOTLESS ? 'user.slice' : 'system.slice';

/** The cgroup of that slice. */
function slice(): string {
  const manager = ROOTLESS ? (/^.*\/user@\d+\.service/.exec(own())?.[0] ?? '') : '';
  return `${manager}/${SLICE}`;
}

/** The cgroup that is ours to make others in: on v2 one that has processes has no controllers for them. */
const delegated = (): string => (cgroupV1() ? own() : path.dirname(own()));

/**
 * By controller, the directory below which a path of the tests lies; on v2 the one under ''.
 * Without root that is our own cgroup, and on v2 its parent, since one with processes has no
 * controllers for others.
 */
export function groupBases(): Map<string, string> {
  const mounts = cgroupMounts();
  if (!SYSTEMD && !ROOTLESS) return mounts;
  const below = SYSTEMD ? slice() : delegated();
  return new Map([...mounts].map(([name, mount]) => [name, path.join(mount, below)]));
}

/** `cgroupsPath` for a container of a sandbox. */
export function groupPath(sandbox: string, name: string): string {
  // crun asks systemd for a slice without a name where it is left open.
  if (SYSTEMD) return `${KIND === 'crun' ? SLICE : ''}:${sandbox}:${name}`;
  // crun takes a relative path as one from the top, too, where an ordinary user may make nothing.
  if (ROOTLESS && KIND === 'crun') return path.join(delegated(), sandbox, name);
  return ROOTLESS ? `${sandbox}/${name}` : `/${sandbox}/${name}`;
}

/** The directory of that container's cgroup. */
export function groupDirectory(sandbox: string, name: string, controller = ''): string {
  const bases = groupBases();
  const base = bases.get(controller) ?? bases.get('') ?? '/none';
  if (!SYSTEMD) return path.join(base, sandbox, name);
  // crun has the processes in a cgroup below that of the unit, with the same limits.
  return path.join(base, `${sandbox}-${name}.scope`, KIND === 'crun' ? 'container' : '');
}

function visit(directory: string, found: string[]): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) visit(path.join(directory, entry.name), found);
  }
  found.push(directory);
}

/** Every cgroup of a sandbox's containers, deepest first; with `tops` those above them, too. */
export function groupsOf(sandbox: string, tops: boolean): string[] {
  const found: string[] = [];
  for (const base of new Set(groupBases().values())) {
    if (!SYSTEMD) {
      visit(path.join(base, sandbox), found);
      if (!tops && found.at(-1) === path.join(base, sandbox)) found.pop();
    } else if (existsSync(base)) {
      for (const name of readdirSync(base)) {
        if (name.startsWith(`${sandbox}-`)) visit(path.join(base, name), found);
      }
    }
  }
  return found;
}

/**
 * What is in pids.max for a limit of 0. The kernel counts the container's first process, so 0 and 1 are the same;
 * ocirt's is 1, which systemd takes too.
 */
export const NO_TASK = KIND === 'ocirt' ? /^1$/ : /^[01]$/;
