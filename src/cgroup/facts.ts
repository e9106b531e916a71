/** What the host's cgroups look like, from three texts of /proc and /sys. Pure. cgroups(7). */
import type { CgroupFacts, Hierarchy } from './types.js';

interface CgroupMount {
  readonly fsType: 'cgroup' | 'cgroup2';
  readonly mountpoint: string;
  readonly root: string;
  readonly options: readonly string[];
}

/** Options of a v1 mount that name no controller: cgroups(7), <kernel>/cgroup-v1.c. */
const NOT_CONTROLLERS: readonly string[] = [
  'rw',
  'ro',
  'all',
  'none',
  'noprefix',
  'clone_children',
  'cpuset_v2_mode',
  'xattr',
  'favordynmods',
  'seclabel',
];

/** Of any file system, and what a security module adds. */
const NOT_ITS_OWN: ReadonlySet<string> = new Set(['rw', 'ro', 'seclabel']);

/** proc_pid_mountinfo(5): space, tab, newline and backslash come as octal. */
function decode(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function cgroupMounts(mountinfo: string): CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of mountinfo.split('\n')) {
    // Most lines are of other file systems: this is read by each create.
    const separator = line.indexOf(' - cgroup');
    if (separator === -1) continue;
    const before = line.slice(0, separator).split(' ');
    const after = line.slice(separator + 3).split(' ');
    const fsType = after[0];
    if (fsType !== 'cgroup' && fsType !== 'cgroup2') continue;
    mounts.push({
      fsType,
      root: decode(before[3] ?? '/'),
      mountpoint: decode(before[4] ?? ''),
      options: (after[2] ?? '').split(','),
    });
  }
  return mounts;
}

function controllersOf(mount: CgroupMount): string[] {
  return mount.options.filter(
    (option) =>
      option !== '' &&
      !NOT_CONTROLLERS.includes(option) &&
      (option.startsWith('name=') || !option.includes('=')),
  );
}

/** Lines of /proc/self/cgroup: "ID:controllers:path". */
function ownPaths(selfCgroup: string): { controllers: string[]; path: string }[] {
  const own: { controllers: string[]; path: string }[] = [];
  for (const line of selfCgroup.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (first === -1 || second === -1) continue;
    const names = line.slice(first + 1, second);
    own.push({ controllers: names === '' ? [] : names.split(','), path: line.slice(second + 1) });
  }
  return own;
}

/** A mount under the usual place before any other; among equals the first. */
function preferred(mounts: readonly CgroupMount[]): CgroupMount[] {
  const usual = (mount: CgroupMount) => Number(!mount.mountpoint.startsWith('/sys/fs/cgroup'));
  return [...mounts].sort((a, b) => usual(a) - usual(b));
}

/**
 * The cgroup2 file system with the words among its options, of /proc/self/mountinfo: it is one, however
 * often it is mounted. Undefined where none is.
 */
export function cgroup2Options(
  mountinfo: string,
): { readonly mountpoint: string; readonly options: readonly string[] } | undefined {
  const mount = preferred(cgroupMounts(mountinfo)).find(({ fsType }) => fsType === 'cgroup2');
  if (mount === undefined) return undefined;
  const options = mount.options.filter((word) => /^[a-z_]+$/.test(word) && !NOT_ITS_OWN.has(word));
  return { mountpoint: mount.mountpoint, options };
}

/**
 * Reads the facts.
 *
 * @param mountinfo /proc/self/mountinfo
 * @param selfCgroup /proc/self/cgroup
 * @param v2Controllers cgroup.controllers of the v2 mount, null if there is none.
 */
export function parseCgroupFacts(
  mountinfo: string,
  selfCgroup: string,
  v2Controllers: string | null,
): CgroupFacts {
  const own = ownPaths(selfCgroup);
  const v1: Hierarchy[] = [];
  const seen = new Set<string>();
  let v2: CgroupFacts['v2'] = null;
  for (const mount of preferred(cgroupMounts(mountinfo))) {
    const { mountpoint, root } = mount;
    if (mount.fsType === 'cgroup2') {
      if (v2 !== null) continue;
      const ownPath = own.find((entry) => entry.controllers.length === 0)?.path ?? '/';
      const available = (v2Controllers ?? '').split(/\s+/).filter((name) => name !== '');
      v2 = { controllers: [], mountpoint, root, ownPath, available };
      continue;
    }
    const controllers = controllersOf(mount);
    if (controllers.length === 0 || controllers.some((name) => seen.has(name))) continue;
    for (const name of controllers) seen.add(name);
    const first = controllers[0] ?? '';
    const ownPath = own.find((entry) => entry.controllers.includes(first))?.path ?? '/';
    v1.push({ controllers, mountpoint, root, ownPath });
  }
  const mode = v1.length > 0 ? (v2 === null ? 'v1' : 'hybrid') : v2 === null ? 'none' : 'v2';
  return { mode, v1, v2 };
}
