/** Inputs for tests of the compiler: a small good container, to be changed in one place each. */
import { compileCgroup } from '../../cgroup/compile.js';
import { parseCgroupFacts } from '../../cgroup/facts.js';
import type { CgroupFacts } from '../../cgroup/types.js';
import { OcirtError } from '../../errors.js';
import type { Config, Process } from '../../spec/config.gen.js';
import type { CreateInput, ExecInput, HostFacts } from '../input.js';
import type { Plan, Step, StepOf, StepOp } from '../plan.js';

/** v1 controllers with an empty v2 beside them. */
export const HYBRID: CgroupFacts = parseCgroupFacts(
  [
    '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu',
    '33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct',
    '34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset',
    '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
    '36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices',
    '37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer',
    '38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio',
    '39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids',
    '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    '',
  ].join('\n'),
  '9:name=systemd:/\n8:pids:/\n4:memory:/agent/x\n1:cpu:/\n0::/\n',
  'hugetlb\n',
);

/** Debian with systemd: controllers mounted in pairs. */
export const V1: CgroupFacts = parseCgroupFacts(
  [
    '30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
    '31 25 0:27 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices',
    '32 25 0:28 / /sys/fs/cgroup/net_cls,net_prio rw - cgroup cgroup rw,net_cls,net_prio',
    '33 25 0:29 / /sys/fs/cgroup/hugetlb rw - cgroup cgroup rw,hugetlb',
    '34 25 0:30 / /sys/fs/cgroup/rdma rw - cgroup cgroup rw,rdma',
    '35 25 0:31 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio',
    '36 25 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    '37 25 0:33 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset',
    '38 25 0:34 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
  ].join('\n'),
  '3:cpu,cpuacct:/user.slice\n2:devices:/user.slice\n',
  null,
);

export const V2: CgroupFacts = parseCgroupFacts(
  '30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw\n',
  '0::/user.slice/user-0.slice/session-1.scope\n',
  'cpuset cpu io memory hugetlb pids rdma misc\n',
);

export const FACTS: HostFacts = {
  euid: 0,
  egid: 0,
  initialUserNamespace: true,
  effectiveCaps: (1n << 41n) - 1n,
  boundingCaps: (1n << 41n) - 1n,
  lastCap: 40,
  cgroup: HYBRID,
  apparmor: false,
  selinux: false,
  privileged: true,
  cpus: [0, 1],
};

export const PROCESS: Process = {
  user: { uid: 0, gid: 0 },
  args: ['/bin/true'],
  env: ['PATH=/bin'],
  cwd: '/',
};

export const CONFIG: Config = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: PROCESS,
  linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }, { type: 'uts' }] },
};

/** Changes to the config, the facts and the rest of the input. */
export interface Changes {
  readonly config?: Partial<Config>;
  readonly process?: Partial<Process>;
  readonly linux?: NonNullable<Config['linux']>;
  readonly facts?: Partial<HostFacts>;
  readonly input?: Partial<CreateInput>;
}

export function createInput(changes: Changes = {}): CreateInput {
  const linux = { ...CONFIG.linux, ...changes.linux };
  const config: Config = {
    ...CONFIG,
    linux,
    process: { ...PROCESS, ...changes.process },
    ...changes.config,
  };
  const facts = { ...FACTS, ...changes.facts };
  return {
    config,
    facts,
    id: 'c1',
    bundle: '/bundle',
    rootfs: '/bundle/rootfs',
    cgroup: compileCgroup({
      facts: facts.cgroup,
      linux: { cgroupsPath: '/box/c1' },
      id: 'c1',
      rootless: false,
      inUserNamespace: false,
    }),
    noPivot: false,
    noNewKeyring: false,
    preserveFds: 0,
    listenFds: 0,
    console: false,
    hookState: (status) => [`{"status":"${status}","pid":`, '}'],
    ...changes.input,
  };
}

export function execInput(changes: Partial<ExecInput> = {}): ExecInput {
  return {
    config: CONFIG,
    process: PROCESS,
    facts: FACTS,
    id: 'c1',
    pid: 77,
    namespaces: ['mount', 'pid', 'uts'],
    preserveFds: 0,
    console: false,
    noNewKeyring: false,
    ...changes,
  };
}

/** All steps of a kind, in order. */
export function stepsOf<Op extends StepOp>(plan: { readonly steps: readonly Step[] }, op: Op) {
  return plan.steps.filter((step): step is StepOf<Op> => step.op === op);
}

/** The only step of a kind; fails where there is none, or another. */
export function only<Op extends StepOp>(plan: Plan, op: Op): StepOf<Op> {
  const steps = stepsOf(plan, op);
  const [step] = steps;
  if (step === undefined || steps.length !== 1) {
    throw new Error(`${steps.length} steps "${op}", where 1 was expected`);
  }
  return step;
}

export function ops(plan: Plan): StepOp[] {
  return plan.steps.map((step) => step.op);
}

/** For assert.throws: the error's code and pointer. */
export function refusal(code: string, pointer: string, message?: RegExp): (e: unknown) => boolean {
  return (error) => {
    if (!(error instanceof OcirtError)) throw error;
    if (error.code !== code || error.pointer !== pointer) {
      throw new Error(`got ${error.code} at ${error.pointer}: ${error.message}`);
    }
    if (message !== undefined && !message.test(error.message)) {
      throw new Error(`the message does not match ${message}: ${error.message}`);
    }
    return true;
  };
}
