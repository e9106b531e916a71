/** The last part of every plan: the helper takes the shape of the process, and becomes it. */
import type { Linux, Process } from '../spec/config.gen.js';
import {
  ioPrioritySteps,
  memoryPolicySteps,
  personalitySteps,
  schedulerSteps,
} from './attributes.js';
import { invalid, type PlanBuilder } from './builder.js';
import { availableCapabilities, capabilityBit, capabilityMasks, capsStep } from './capabilities.js';
import { cleanEnvironment } from './environment.js';
import type { HostFacts } from './input.js';
import { lsmSteps } from './lsm.js';
import type { CommitPlan, Step } from './plan.js';
import { rlimits } from './rlimits.js';
import { compileSeccomp } from './seccomp.js';

/** Without config.process.user.umask: what most systems have. */
const DEFAULT_UMASK = 0o022;

/** The kernel's name of "no such user" (uid_t -1) can't be switched to. */
const LAST_ID = 4294967294;

export interface ProcessContext {
  readonly linux: Linux | undefined;
  readonly facts: HostFacts;
  /** A user namespace was made or joined. */
  readonly userNamespace: boolean;
  readonly setgroupsDenied: boolean;
  /** Added to the environment, such as LISTEN_FDS. */
  readonly extraEnv: readonly string[];
  readonly affinity: readonly Step[];
  readonly preserveFds: number;
  /** Steps between `ready` and the exec, before seccomp: `wait_start`. */
  readonly wait: readonly Step[];
  /** Steps right before the exec: startContainer hooks. */
  readonly last: readonly Step[];
}

/** @throws OcirtError without a process, or without args. */
export function requireProcess(process: Process | undefined): Process {
  if (process === undefined) throw invalid('', 'process property must not be empty');
  if ((process.args ?? []).length === 0) throw invalid('/process', 'args must not be empty');
  return process;
}

/** What the host does at `ready`. */
export function commitPlan(process: Process): CommitPlan {
  return {
    rlimits: rlimits(process.rlimits),
    ...(process.oomScoreAdj === undefined ? {} : { oomScoreAdj: process.oomScoreAdj }),
  };
}

function userStep(builder: PlanBuilder, process: Process, denied: boolean): Step {
  const { uid = 0, gid = 0, additionalGids = [] } = process.user ?? {};
  for (const [name, id] of [
    ['uid', uid],
    ['gid', gid],
  ] as const) {
    if (id > LAST_ID) throw invalid(`/process/user/${name}`, `${name} ${id} is no id`);
  }
  const at = '/process/user';
  if (!denied) return { op: 'user', at, uid, gid, groups: additionalGids };
  if (additionalGids.length > 0) {
    builder.warn(
      `${at}/additionalGids`,
      'groups cannot be set in this user namespace (setgroups is denied)',
    );
  }
  return { op: 'user', at, uid, gid };
}

/**
 * Adds the steps from the process's attributes to its exec.
 *
 * Everything that can fail fails before `ready`, so at create: the working directory, the user, the
 * executable. The working directory is tried as root first: the user may be let in there by
 * nobody else, or the other way round (an NFS home).
 *
 * A filter needs CAP_SYS_ADMIN or no_new_privs (seccomp(2)). Without no_new_privs that capability
 * is kept until the filter is there, and given up right after it.
 */
export function addProcess(builder: PlanBuilder, process: Process, context: ProcessContext): void {
  const { facts, linux } = context;
  const uid = process.user?.uid ?? 0;
  const args = process.args ?? [];
  const at = '/process/capabilities';
  const available = availableCapabilities(facts, context.userNamespace);
  const masks = capabilityMasks(builder, process.capabilities, available, at);
  const noNewPrivileges = process.noNewPrivileges === true;
  const seccomp = linux?.seccomp === undefined ? undefined : compileSeccomp(linux.seccomp);
  builder.warnings.push(...(seccomp?.warnings ?? []));
  const keep =
    seccomp !== undefined && !noNewPrivileges
      ? (capabilityBit('CAP_SYS_ADMIN') ?? 0n) & available
      : 0n;
  const temporary = keep & ~(masks.effective & masks.permitted);

  builder.add(
    {
      op: 'umask',
      at: process.user?.umask === undefined ? '' : '/process/user/umask',
      mask: process.user?.umask ?? DEFAULT_UMASK,
    },
    ...lsmSteps(builder, process, facts),
  );
  if (noNewPrivileges) builder.add({ op: 'no_new_privs', at: '/process/noNewPrivileges' });
  builder.add(
    ...context.affinity,
    ...schedulerSteps(process, linux),
    ...ioPrioritySteps(process),
    ...personalitySteps(linux),
    ...memoryPolicySteps(linux),
    { op: 'cwd', at: '/process/cwd', path: process.cwd, create: false, tolerateDenied: true },
    {
      op: 'environment',
      at: '/process/env',
      env: cleanEnvironment([...(process.env ?? []), ...context.extraEnv], '/process/env'),
      homeOf: uid,
    },
  );
  builder.add({ op: 'bounding_caps', at: `${at}/bounding`, mask: Number(masks.bounding) });
  if ((process.rlimits ?? []).length > 0 && (uid !== 0 || (process.user?.gid ?? 0) !== 0)) {
    builder.add({ op: 'sync', at: '/process/rlimits', name: 'limits' });
  }
  builder.add(
    userStep(builder, process, context.setgroupsDenied),
    { op: 'cwd', at: '/process/cwd', path: process.cwd, create: false, tolerateDenied: false },
    capsStep(masks, temporary, at),
    { op: 'find_executable', at: '/process/args/0', name: args[0] ?? '' },
    { op: 'ready', at: '' },
    ...context.wait,
  );
  if (seccomp !== undefined) {
    const { flags } = seccomp;
    builder.add({ op: 'seccomp', at: '/linux/seccomp', program: new Uint8Array(0), flags });
  }
  if (temporary !== 0n) builder.add(capsStep(masks, 0n, at));
  builder.add(...context.last, {
    op: 'exec',
    at: '/process/args',
    args,
    preserveFds: context.preserveFds,
  });
}
