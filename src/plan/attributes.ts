/** Scheduling, I/O priority, CPU affinity, memory policy, personality: tables and steps. */
import type { Linux, Process } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import { parseNumberList } from './lists.js';
import type { SpawnPlan, Step } from './plan.js';

/** <linux/sched.h> */
export const SCHEDULER_POLICIES: Readonly<Record<string, number>> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};

/** <linux/sched.h>, for sched_setattr(2). */
export const SCHEDULER_FLAGS: Readonly<Record<string, number>> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

/** <linux/ioprio.h> */
export const IO_CLASSES: Readonly<Record<string, number>> = {
  IOPRIO_CLASS_RT: 1,
  IOPRIO_CLASS_BE: 2,
  IOPRIO_CLASS_IDLE: 3,
};

const IO_CLASS_SHIFT = 13;

/** <linux/mempolicy.h> */
export const MEMORY_MODES: Readonly<Record<string, number>> = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
};

/** <linux/mempolicy.h>: in the same argument as the mode. */
export const MEMORY_FLAGS: Readonly<Record<string, number>> = {
  MPOL_F_NUMA_BALANCING: 1 << 13,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_STATIC_NODES: 1 << 15,
};

/** <linux/personality.h> */
export const PERSONALITIES: Readonly<Record<string, number>> = { LINUX: 0x0000, LINUX32: 0x0008 };

function lookup(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** config.process.scheduler. */
export function schedulerSteps(process: Process, linux?: Linux): Step[] {
  const scheduler = process.scheduler;
  if (scheduler === undefined) return [];
  const at = '/process/scheduler';
  const name = scheduler.policy;
  const policy = lookup(SCHEDULER_POLICIES, name);
  if (policy === undefined) throw invalid(`${at}/policy`, `unknown scheduler policy "${name}"`);
  const nice = scheduler.nice ?? 0;
  const priority = scheduler.priority ?? 0;
  if ((name === 'SCHED_OTHER' || name === 'SCHED_BATCH') && (nice < -20 || nice > 19)) {
    throw invalid(`${at}/nice`, `invalid scheduler.nice: ${nice} when scheduler.policy is ${name}`);
  }
  if (priority !== 0 && name !== 'SCHED_FIFO' && name !== 'SCHED_RR') {
    throw invalid(
      `${at}/priority`,
      'scheduler.priority can only be specified for SCHED_FIFO or SCHED_RR',
    );
  }
  for (const property of ['runtime', 'deadline', 'period'] as const) {
    if (name !== 'SCHED_DEADLINE' && BigInt(scheduler[property] ?? 0) !== 0n) {
      throw invalid(
        `${at}/${property}`,
        `scheduler.${property} can only be specified for SCHED_DEADLINE`,
      );
    }
  }
  let flags = 0;
  (scheduler.flags ?? []).forEach((flag, index) => {
    const bit = lookup(SCHEDULER_FLAGS, flag);
    if (bit === undefined)
      throw invalid(`${at}/flags/${index}`, `unknown scheduler flag "${flag}"`);
    flags |= bit;
  });
  const { runtime = 0, deadline = 0, period = 0 } = scheduler;
  const cpuset = (linux?.resources?.cpu?.cpus ?? '') === '' ? {} : { cpuset: true as const };
  const step = { policy, nice, priority, flags, runtime, deadline, period, ...cpuset };
  return [{ op: 'scheduler', at, ...step }];
}

/** config.process.ioPriority. */
export function ioPrioritySteps(process: Process): Step[] {
  const io = process.ioPriority;
  if (io === undefined) return [];
  const at = '/process/ioPriority';
  const number = lookup(IO_CLASSES, io.class);
  if (number === undefined) throw invalid(`${at}/class`, `invalid ioPriority.class: ${io.class}`);
  const priority = io.priority ?? 0;
  if (priority < 0 || priority > 7) {
    throw invalid(`${at}/priority`, `invalid ioPriority.priority: ${priority} (0 to 7)`);
  }
  return [{ op: 'io_priority', at, value: (number << IO_CLASS_SHIFT) | priority }];
}

function cpuList(text: string, at: string): number[] {
  const cpus = parseNumberList(text);
  if (cpus === undefined || cpus.length === 0) throw invalid(at, `invalid CPU list "${text}"`);
  return cpus;
}

/**
 * All CPUs, so that the affinity of whoever called the runtime is not passed on. The kernel takes
 * away what the cpuset does not have.
 */
export function affinityReset(cpus: readonly number[]): Step[] {
  return cpus.length === 0 ? [] : [{ op: 'affinity', at: '', cpus }];
}

/**
 * config.process.execCPUAffinity: the helper is born with `initial`, before it is in the container's
 * cgroup, whose cpuset may lack those CPUs; `final` comes with the other attributes. Where only
 * `initial` is given, what the kernel makes of it there stays.
 */
export function execAffinity(
  process: Process,
  cpus: readonly number[],
): { readonly born?: SpawnPlan['affinity']; readonly later: Step[] } {
  const { initial, final } = process.execCPUAffinity ?? {};
  const at = '/process/execCPUAffinity';
  const chosen = (text: string | undefined, name: string) =>
    text === undefined || text === ''
      ? undefined
      : { at: `${at}/${name}`, cpus: cpuList(text, `${at}/${name}`) };
  const born = chosen(initial, 'initial');
  const last = chosen(final, 'final');
  if (last !== undefined) return { born, later: [{ op: 'affinity', ...last }] };
  return { born, later: born === undefined ? affinityReset(cpus) : [] };
}

/** config.linux.memoryPolicy: set_mempolicy(2). */
export function memoryPolicySteps(linux: Linux | undefined): Step[] {
  const policy = linux?.memoryPolicy;
  if (policy === undefined) return [];
  const at = '/linux/memoryPolicy';
  const mode = lookup(MEMORY_MODES, policy.mode);
  if (mode === undefined)
    throw invalid(`${at}/mode`, `invalid memory policy mode "${policy.mode}"`);
  const nodes = parseNumberList(policy.nodes ?? '');
  if (nodes === undefined) {
    throw invalid(`${at}/nodes`, `invalid memory policy nodes "${policy.nodes}"`);
  }
  let flags = 0;
  (policy.flags ?? []).forEach((flag, index) => {
    const bit = lookup(MEMORY_FLAGS, flag);
    if (bit === undefined) {
      throw invalid(`${at}/flags/${index}`, `invalid memory policy flag "${flag}"`);
    }
    flags |= bit;
  });
  const none = policy.mode === 'MPOL_DEFAULT' || policy.mode === 'MPOL_LOCAL';
  if (none && nodes.length > 0) {
    throw invalid(
      `${at}/nodes`,
      `invalid memory policy: mode requires 0 nodes but got ${nodes.length}`,
    );
  }
  // MPOL_PREFERRED without nodes is the local node: set_mempolicy(2).
  if (!none && policy.mode !== 'MPOL_PREFERRED' && nodes.length === 0) {
    throw invalid(
      `${at}/nodes`,
      'invalid memory policy: mode requires at least one node but got 0',
    );
  }
  return [{ op: 'memory_policy', at, mode: mode | flags, nodes }];
}

/** config.linux.personality: personality(2). */
export function personalitySteps(linux: Linux | undefined): Step[] {
  const personality = linux?.personality;
  if (personality === undefined) return [];
  const at = '/linux/personality';
  const persona = lookup(PERSONALITIES, personality.domain);
  if (persona === undefined) {
    throw invalid(`${at}/domain`, `invalid personality domain ${personality.domain}`);
  }
  return [{ op: 'personality', at, persona }];
}
