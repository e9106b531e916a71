/** Makes the list that the floor program (bench/native/floor.h) carries out from a config.json. */

import path from 'node:path';
import type { Config, Mount } from '../conformance/lib/config.js';
import { cgroupMounts } from '../conformance/lib/host.js';

/** CLONE_NEW*, of clone(2). */
const NAMESPACES: Record<string, number> = {
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  network: 0x40000000,
};

/** MS_*, of mount(2). What is no flag is for the file system. */
const FLAGS: Record<string, number> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  relatime: 0x200000,
  strictatime: 0x1000000,
};
/** Of binds: the kind of mount, and propagation, which is private here anyhow. */
const UNDERSTOOD = ['bind', 'rprivate'];

/** What the spec has in every container: name, major, minor. */
const DEVICES: [string, number, number][] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
];
const LINKS: [string, string][] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
];

type Line = (string | number)[];

function mountLine(mount: Mount): Line {
  const options = mount.options ?? [];
  const flags = options.reduce((sum, option) => sum | (FLAGS[option] ?? 0), 0);
  const data = options.filter((option) => !(option in FLAGS) && !UNDERSTOOD.includes(option));
  if (mount.type === 'bind') return ['bind', mount.source ?? '', mount.destination, flags];
  if (mount.type === 'cgroup') return ['cgroups', mount.destination, flags];
  const line = ['mount', mount.type ?? '', mount.source ?? '', mount.destination, flags];
  return data.length > 0 ? [...line, data.join(',')] : line;
}

/** The text of floor.txt. The cgroups of containers are made in `group` of every hierarchy. */
export function floorList(config: Config, group: string): string {
  const namespaces = config.linux.namespaces.reduce(
    (sum, { type }) => sum | (NAMESPACES[type] ?? 0),
    0,
  );
  const lines: Line[] = [
    ['namespaces', namespaces],
    ...(config.hostname === undefined ? [] : [['hostname', config.hostname]]),
    ...[...new Set(cgroupMounts().values())].map((dir) => ['cgroup', path.join(dir, group)]),
    ...config.process.args.map((arg) => ['arg', arg]),
    ...config.mounts.map(mountLine),
    ...DEVICES.map(([name, major, minor]) => ['device', `/dev/${name}`, major, minor]),
    ...LINKS.map(([target, link]) => ['link', target, link]),
    ...(config.linux.maskedPaths ?? []).map((masked) => ['mask', masked]),
    ...(config.linux.readonlyPaths ?? []).map((readonly) => ['readonly', readonly]),
  ];
  return `${lines.map((line) => line.join('\t')).join('\n')}\n`;
}
