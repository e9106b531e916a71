/** Where a container's cgroup is in each hierarchy. config-linux.md, "Cgroups Path". */
import { cleanAbsolute, join } from '../plan/paths.js';
import type { CgroupFacts, Hierarchy } from './types.js';

/** Controllers whose directories are made, in the order in which runc's state names them. */
export const V1_CONTROLLERS: readonly string[] = [
  'cpuset',
  'devices',
  'memory',
  'cpu',
  'cpuacct',
  'pids',
  'blkio',
  'hugetlb',
  'net_cls',
  'net_prio',
  'perf_event',
  'freezer',
  'rdma',
  'name=systemd',
  'misc',
];

/** The runtime's own directory; the mount may show but a part of the hierarchy (containers). */
export function ownDirectory(hierarchy: Hierarchy): string {
  const { mountpoint, root, ownPath } = hierarchy;
  if (root === '/') return join(mountpoint, ownPath);
  if (ownPath === root) return mountpoint;
  return ownPath.startsWith(`${root}/`) ? join(mountpoint, ownPath.slice(root.length)) : mountpoint;
}

export interface CgroupPaths {
  /** By controller, the v2 hierarchy under ''. */
  readonly paths: Readonly<Record<string, string>>;
  /** Directories from below each mountpoint down to the container's, parents first, no one twice. */
  readonly directories: readonly string[];
}

function chain(mountpoint: string, directory: string): string[] {
  const rest = directory
    .slice(mountpoint.length)
    .split('/')
    .filter((part) => part !== '');
  return rest.map((_, index) => join(mountpoint, rest.slice(0, index + 1).join('/')));
}

/**
 * The directories of a container.
 *
 * An absolute cgroupsPath is below the mount of each hierarchy; a relative one, and the container's
 * ID where there is none, below the runtime's own cgroup; on v2 below that one's parent, since a
 * cgroup with processes can't have controllers for its children.
 */
export function cgroupPaths(
  facts: CgroupFacts,
  cgroupsPath: string | undefined,
  id: string,
): CgroupPaths {
  const wanted = cgroupsPath ?? '';
  const absolute = wanted.startsWith('/');
  // Cleaned on its own first: no ".." may lead out of the mount.
  const inner = cleanAbsolute(wanted === '' ? id : wanted);
  const place = (hierarchy: Hierarchy, v2: boolean): string => {
    if (absolute) return join(hierarchy.mountpoint, inner);
    let base = ownDirectory(hierarchy);
    if (v2 && base !== hierarchy.mountpoint) base = cleanAbsolute(`${base}/..`);
    return join(base, inner);
  };
  const paths: Record<string, string> = {};
  const directories = new Set<string>();
  const note = (name: string, hierarchy: Hierarchy, v2: boolean): void => {
    const directory = place(hierarchy, v2);
    paths[name] = directory;
    for (const part of chain(hierarchy.mountpoint, directory)) directories.add(part);
  };
  for (const name of V1_CONTROLLERS) {
    const hierarchy = facts.v1.find((candidate) => candidate.controllers.includes(name));
    if (hierarchy !== undefined) note(name, hierarchy, false);
  }
  if (facts.v2 !== null) note('', facts.v2, facts.mode === 'v2');
  return { paths, directories: [...directories] };
}
