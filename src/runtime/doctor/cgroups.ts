/** Cgroups: which version, which controllers, and whether they may be used. */
import { cgroupPaths, ownDirectory } from '../../cgroup/path.js';
import type { CgroupFacts } from '../../cgroup/types.js';
import { NAME } from '../../version.js';
import { directoryName } from '../bundle.js';
import { messageOf } from '../errors.js';
import { type Check, isThere, type Patient, textOf } from './check.js';

const AREA = 'cgroups';

const UNIFIED =
  'boot with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 alone on /sys/fs/cgroup';

export function versionCheck(facts: CgroupFacts, root: boolean): Check {
  const base = { area: AREA, name: 'version' };
  switch (facts.mode) {
    case 'v2':
      return { ...base, grade: 'good', reason: 'v2' };
    case 'none':
      return {
        ...base,
        grade: 'missing',
        ...(root ? { needed: true } : {}),
        reason: root ? 'no cgroup file system is mounted' : 'none is mounted: there are no limits',
        mend: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
      };
    default:
      return {
        ...base,
        grade: 'limited',
        reason: `${facts.mode === 'v1' ? 'v1' : 'v1 controllers with an empty v2 ("hybrid")'}: no PSI, and no delegation to ordinary users`,
        mend: UNIFIED,
      };
  }
}

/** What a container's limits need, by the name on v1, and on v2. */
const CONTROLLERS: readonly (readonly [v1: string, v2: string, what: string])[] = [
  ['cpu', 'cpu', 'linux.resources.cpu: shares, quota'],
  ['cpuset', 'cpuset', 'linux.resources.cpu: cpus, mems'],
  ['memory', 'memory', 'linux.resources.memory, and OOM events'],
  ['pids', 'pids', 'linux.resources.pids'],
  ['blkio', 'io', 'linux.resources.blockIO'],
  ['hugetlb', 'hugetlb', 'linux.resources.hugepageLimits'],
  ['rdma', 'rdma', 'linux.resources.rdma'],
  ['devices', '', 'device rules'],
  ['freezer', '', 'pause and resume'],
  ['net_cls', '', 'linux.resources.network.classID'],
  ['net_prio', '', 'linux.resources.network.priorities'],
];

/** Few ask for these: without them the verdict is as good. */
const RARE: readonly string[] = ['rdma', 'net_cls', 'net_prio'];

/** @param kernel names in /proc/cgroups: controllers that the kernel has */
export function controllerCheck(facts: CgroupFacts, kernel: readonly string[]): Check[] {
  if (facts.mode === 'none') return [];
  const v2 = facts.mode === 'v2';
  const there = v2
    ? (facts.v2?.available ?? [])
    : facts.v1.flatMap(({ controllers }) => controllers);
  const wanted = CONTROLLERS.map(([v1, newer, what]) => ({ name: v2 ? newer : v1, v1, what }));
  const relevant = wanted.filter(({ name }) => name !== '');
  const absent = relevant.filter(({ name }) => !there.includes(name));
  const found = relevant.filter(({ name }) => there.includes(name)).map(({ name }) => name);
  const onOther = v2 ? [] : (facts.v2?.available ?? []);
  return [
    { area: AREA, name: 'controllers', grade: 'good', reason: found.join(' ') || 'none' },
    ...absent.map(({ name, v1, what }): Check => {
      const elsewhere = onOther.includes(name);
      const compiled = kernel.includes(v1);
      return {
        area: AREA,
        name,
        grade: RARE.includes(name) && !elsewhere ? 'limited' : 'missing',
        reason: elsewhere
          ? `it is on the v2 side, where nobody looks for it beside v1: ${what} is refused (crun 1.8 refuses every container)`
          : `${compiled ? 'not mounted or not enabled' : 'not in this kernel'}: ${what} is refused`,
        ...mendOf(name, compiled || elsewhere, v2),
      };
    }),
  ];
}

function mendOf(name: string, possible: boolean, v2: boolean): { mend?: string } {
  if (!possible) return { mend: `a kernel with the controller ${name}` };
  if (v2) return { mend: `echo +${name} > cgroup.subtree_control, in each cgroup from the top` };
  const folder = `/sys/fs/cgroup/${name}`;
  return { mend: `mkdir -p ${folder} && mount -t cgroup -o ${name} cgroup ${folder}` };
}

/** A cgroup, made and removed for real in each hierarchy, where a container's would be by default. */
function writableCheck(patient: Patient): Check[] {
  const { native, cgroup, root } = patient;
  if (cgroup.mode === 'none') return [];
  const base = { area: AREA, name: root ? 'can be made' : 'delegation' };
  const { paths } = cgroupPaths(cgroup, undefined, `${NAME}-doctor-${patient.identity.pid}`);
  const refused: string[] = [];
  const directories = [...new Set(Object.values(paths))];
  for (const directory of directories) {
    try {
      native.makeDirectory(directory, 0o755, false);
      native.removeDirectory(directory);
    } catch (error) {
      refused.push(messageOf(error));
    }
  }
  if (refused.length === 0) {
    return [
      {
        ...base,
        grade: 'good',
        reason: `one was made in ${directories.length === 1 ? 'the hierarchy' : `each of ${directories.length} hierarchies`}`,
      },
    ];
  }
  if (root) {
    return [
      {
        ...base,
        grade: 'missing',
        needed: true,
        reason: refused.join('; '),
        mend: 'mount -o remount,rw /sys/fs/cgroup',
      },
    ];
  }
  return [
    {
      ...base,
      grade: 'limited',
      reason: `${refused.length} of ${directories.length} hierarchies are not for this user to write to: containers run without limits, and can't be paused`,
      mend:
        cgroup.mode === 'v2'
          ? 'use --systemd-cgroup in a session of systemd, or give the user a cgroup (chown; cgroups(7), "Delegation")'
          : UNIFIED,
    },
  ];
}

/**
 * The highest cgroup above ours that is the user's own: what it has can be enabled all the way down,
 * and a create does that.
 */
function delegatedTop({ native, identity, cgroup }: Patient, own: string): string {
  let top = own;
  while (top.length > (cgroup.v2?.mountpoint.length ?? 0)) {
    const above = directoryName(top);
    if (native.status(above, true)?.uid !== identity.euid) break;
    top = above;
  }
  return top;
}

/** v2, rootless: what of the controllers the user's manager was given. */
function delegatedCheck(patient: Patient): Check[] {
  const { native, cgroup, root } = patient;
  if (root || cgroup.mode !== 'v2' || cgroup.v2 === null) return [];
  const top = delegatedTop(patient, ownDirectory(cgroup.v2));
  const text = textOf(native, `${top}/cgroup.controllers`) ?? '';
  const there = text.split(' ');
  const absent = ['cpu', 'cpuset', 'io', 'memory', 'pids'].filter((name) => !there.includes(name));
  const base = { area: AREA, name: 'delegated controllers' };
  if (absent.length === 0) return [{ ...base, grade: 'good', reason: text }];
  return [
    {
      ...base,
      grade: 'limited',
      reason: `not given to this user: ${absent.join(' ')}; limits that need them are refused`,
      mend: "systemctl set-property user@$(id -u).service Delegate='cpu cpuset io memory pids' (as root), then log in again",
    },
  ];
}

/** What behaves in ways that surprise. */
function oddities({ native, cgroup }: Patient): Check[] {
  const checks: Check[] = [];
  const memory = cgroup.v1.find(({ controllers }) => controllers.includes('memory'));
  if (
    memory !== undefined &&
    !isThere(native, `${memory.mountpoint}/memory.memsw.limit_in_bytes`)
  ) {
    checks.push({
      area: AREA,
      name: 'swap accounting',
      grade: 'limited',
      reason: 'it is off: linux.resources.memory.swap is refused',
      mend: 'boot with swapaccount=1',
    });
  }
  const cpu = cgroup.v1.find(({ controllers }) => controllers.includes('cpu'));
  if (cpu !== undefined && isThere(native, `${cpu.mountpoint}/cpu.rt_runtime_us`)) {
    checks.push({
      area: AREA,
      name: 'real-time groups',
      grade: 'limited',
      reason:
        'CONFIG_RT_GROUP_SCHED: a process with SCHED_FIFO or SCHED_RR needs linux.resources.cpu.realtimeRuntime',
    });
  }
  return checks;
}

/** All of this area. */
export function cgroupChecks(patient: Patient): Check[] {
  const lines = (textOf(patient.native, '/proc/cgroups') ?? '').split('\n');
  const kernel = lines.map((line) => line.split('\t')[0] ?? '');
  return [
    versionCheck(patient.cgroup, patient.root),
    ...controllerCheck(patient.cgroup, kernel),
    ...writableCheck(patient),
    ...delegatedCheck(patient),
    ...oddities(patient),
  ];
}
