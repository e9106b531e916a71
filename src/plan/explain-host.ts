/** What the host does around the steps, in words: cgroup, descriptors, the new process, its limits. */
import type { CgroupPlan, CgroupWrite } from '../cgroup/types.js';
import type { Told } from './explain.js';
import { listed, namespaceNames, short } from './explain-words.js';
import type { Plan, Resource } from './plan.js';

/** The kinds of acts, in the order in which they are done. */
export type HostAct =
  | 'cgroup'
  | 'controllers'
  | 'limit'
  | 'devices'
  | 'namespace'
  | 'tree'
  | 'given'
  | 'spawn'
  | 'affinity'
  | 'maps'
  | 'unit'
  | 'oom_score'
  | 'net_device'
  | 'rlimit';

/** Each with its system call and its reason. */
export const HOST_ACTS: Readonly<Record<HostAct, Omit<Told, 'what'>>> = {
  cgroup: {
    syscall: 'mkdir(2)',
    why: 'limits are for a group of processes, and so is killing all of them: a cgroup is that group',
  },
  controllers: {
    syscall: 'write(2) to cgroup.subtree_control',
    why: 'a cgroup has only the controllers that the one above it hands down',
  },
  limit: {
    syscall: 'write(2)',
    why: 'it is there before the first process is: none runs without it, however short',
  },
  devices: {
    syscall: 'bpf(2) BPF_PROG_LOAD, BPF_PROG_ATTACH',
    why: 'each open of a device in the cgroup passes this program: a node that somebody makes is not yet one that opens',
  },
  namespace: {
    syscall: 'open(2)',
    why: 'a descriptor holds the namespace; its path could be another one a moment later',
  },
  tree: {
    syscall: 'open_tree(2) OPEN_TREE_CLONE',
    why: "the source of the mount is the host's, and the container's process may not reach it from where it will be",
  },
  given: {
    syscall: 'none',
    why: 'the helper gets a descriptor that the runtime has already: it needs no path of the host',
  },
  spawn: {
    syscall: 'clone3(2), execveat(2)',
    why: 'the first process of the container is a small helper without JavaScript, executed from sealed memory: the container cannot write to it (CVE-2019-5736)',
  },
  affinity: {
    syscall: 'sched_setaffinity(2)',
    why: 'setting a process up takes time, which those CPUs are to give that have it',
  },
  maps: {
    syscall: 'write(2) to /proc/PID/uid_map and gid_map',
    why: 'a user namespace has no users until somebody says which ids of the host they are',
  },
  unit: {
    syscall: 'sendmsg(2) to systemd, over D-Bus',
    why: 'where systemd has the hierarchy, it is who makes cgroups',
  },
  oom_score: {
    syscall: 'write(2) to /proc/PID/oom_score_adj',
    why: 'when the machine has no memory left, the kernel chooses by this whom to end',
  },
  net_device: {
    syscall: 'sendmsg(2), netlink RTM_NEWLINK',
    why: 'a network device is in one network namespace at a time: this one goes to that of the container',
  },
  rlimit: {
    syscall: 'prlimit64(2)',
    why: 'to raise a hard limit takes rights that the process has no longer',
  },
};

export interface ToldAct extends Told {
  readonly act: HostAct;
  /** JSON pointer into config.json; '' for what every container gets. */
  readonly at: string;
}

const told = (act: HostAct, at: string, what: string): ToldAct => ({
  act,
  at,
  what,
  ...HOST_ACTS[act],
});

const write = (act: HostAct, { path, data, at }: CgroupWrite): ToldAct =>
  told(act, at, `writes ${JSON.stringify(short(data.trim()))} to ${path}`);

function cgroupActs(cgroup: CgroupPlan): ToldAct[] {
  const { deviceProgram } = cgroup;
  return [
    ...cgroup.directories.map((directory) => told('cgroup', '', `makes the cgroup ${directory}`)),
    ...cgroup.enableControllers.map((entry) => write('controllers', entry)),
    ...cgroup.limits.map((entry) => write('limit', entry)),
    ...(deviceProgram === null
      ? []
      : [
          told(
            'devices',
            '/linux/resources/devices',
            `gives ${deviceProgram.path} a program of ${deviceProgram.program.length / 8} instructions that decides about devices`,
          ),
        ]),
  ];
}

function opened(resource: Resource): ToldAct {
  switch (resource.kind) {
    case 'namespace':
      return told('namespace', resource.at, `opens the namespace ${resource.path}`);
    case 'tree':
      return told('tree', resource.at, `copies the mount of ${resource.path}`);
    case 'given':
      return told('given', resource.at, `has the ${resource.name} socket ready`);
  }
}

/** What is done before the helper runs its steps, in order. */
export function explainBefore(plan: Plan, cgroup: CgroupPlan): ToldAct[] {
  const { cloneFlags, mapping, affinity } = plan.spawn;
  const groups = cgroupActs(cgroup);
  const unit = cgroup.systemd;
  const made = namespaceNames(cloneFlags);
  return [
    ...(unit === null ? groups : []),
    ...plan.resources.map(opened),
    told(
      'spawn',
      '/linux/namespaces',
      made.length === 0
        ? 'starts the helper'
        : `starts the helper as a new process with its own ${listed(made)} namespace${made.length === 1 ? '' : 's'}`,
    ),
    ...(affinity === undefined
      ? []
      : [told('affinity', affinity.at, `has it begin on the CPUs ${affinity.cpus.join(', ')}`)]),
    ...(mapping === undefined
      ? []
      : [
          told(
            'maps',
            '/linux/uidMappings',
            `maps the users of the container: ${mapsText(mapping.uidMap)}`,
          ),
        ]),
    ...(unit === null
      ? []
      : [told('unit', '', `has systemd make the unit ${unit.unit}`), ...groups]),
    ...(plan.commit.oomScoreAdj === undefined
      ? []
      : [
          told(
            'oom_score',
            '/process/oomScoreAdj',
            `sets its OOM score to ${plan.commit.oomScoreAdj}`,
          ),
        ]),
  ];
}

/** What is done when the helper says `ready`. */
export function explainCommit({ commit }: Plan): ToldAct[] {
  return [
    ...(commit.netDevices ?? []).map(({ at, name, inside }) =>
      told('net_device', at, `moves the network device ${name} in, as ${inside}`),
    ),
    ...commit.rlimits.map(({ resource, soft, hard, at }) =>
      told('rlimit', at, `sets resource limit ${resource} to ${soft}, at most ${hard}`),
    ),
  ];
}

/** "0 1000 1": 1 from 0 is 1000 from outside. */
function mapsText(map: string): string {
  const lines = map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return listed(
    lines.map(([inside, outside, count]) =>
      count === '1'
        ? `${inside} is ${outside} of the host`
        : `${count} from ${inside} on are those from ${outside} on of the host`,
    ),
  );
}
