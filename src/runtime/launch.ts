/**
 * Runs a plan: opens what it names, starts the helper, answers its messages. `create` and `exec`
 * share it. Whatever fails, no process and no descriptor is left behind; cgroup and state are the
 * caller's to clean.
 */

import type { Membership } from '../cgroup/types.js';
import { OcirtError } from '../errors.js';
import type { Binding, Spawned, Value } from '../native/binding.js';
import { HELPER_OUT_OF_MEMORY, type HelperMessage } from '../plan/messages.js';
import type { Plan, Step, StepOf } from '../plan/plan.js';
import type { Runtime, Trace } from './context.js';
import { errnoText } from './errno.js';
import { errnoOf, helperError, isNativeError, messageOf, wrap } from './errors.js';
import { MappedTrees } from './mapped-trees.js';
import { deathHint, MEMORY_HINT } from './oom.js';
import { withOomScore } from './oom-score.js';
import { receiveProgram } from './program-fault.js';
import { bindSteps, type Given, openResources } from './resources.js';
import { spawnFault } from './spawn-fault.js';
import { writeTimeOffsets } from './time-offsets.js';

/** Well-known directories of newuidmap(1) and newgidmap(1), where PATH is empty. */
const MAP_HELPER_DIRECTORIES = ['/usr/bin', '/bin', '/usr/local/bin'];

export interface LaunchRequest {
  readonly plan: Plan;
  /** Descriptors for resources of kind `given`; closed by launch. */
  readonly given: Given;
  readonly cgroup: Membership & {
    /** Moves a process there from outside: where it could not be born there, or move itself. */
    readonly join: (pid: number) => void;
  };
  /** How many descriptors from 3 on the process keeps. */
  readonly preserveFds: number;
  /** Descriptors for its 0, 1 and 2; absent: the caller's. They stay the caller's to close. */
  readonly stdio?: readonly [number, number, number];
  /** Others that it keeps, under their numbers; an `exec` step names them as well. */
  readonly keepFds?: readonly number[];
  /** Called once the process exists and before it does anything: oom_score_adj, record. */
  readonly onSpawned: (pid: number) => void;
  /** The process that the container will be has another pid (plans with `fork`). */
  readonly onPid: (pid: number) => void;
  /** The helper waits for the hooks of that name. */
  readonly onSync: (name: string, pid: number) => void;
  /** A seccomp filter has a listener, to be received from `channel`. */
  readonly onListener: (channel: number, pid: number) => void;
  /** All is set up; what throws here still undoes everything. */
  readonly onReady: (pid: number, pidfd: number) => void;
  /** Why a helper that ended without a word may have been killed. */
  readonly explainDeath: (signal: number) => string | undefined;
}

export interface Launched {
  readonly pid: number;
  /** -1 where the kernel has none. The caller's to close. */
  readonly pidfd: number;
}

/** Starts the process of a plan. Returns when it waits for `start`, or (exec) has executed. */
export function launch(runtime: Runtime, request: LaunchRequest): Launched {
  const { native } = runtime;
  const opened: number[] = [...Object.values(request.given)];
  const trees = new MappedTrees(runtime);
  let spawned: Spawned | undefined;
  const alive = { pid: -1 };
  let pidfd = -1;
  try {
    runtime.trace?.phase('open resources');
    const { numbers, own } = openResources(runtime, request.plan, request.given);
    opened.push(...own);
    runtime.trace?.phase('spawn the helper');
    spawned = withOomScore(runtime, request.plan, () =>
      spawnIntoCgroups(runtime, request, numbers),
    );
    alive.pid = spawned.pid;
    pidfd = spawned.pidfd;
    const first = spawned.pid;
    runtime.log.debug(`nsexec container setup: the helper is process ${first}`);
    request.onSpawned(first);
    if (!spawned.inCgroups) request.cgroup.join(first);

    tell(runtime, request, spawned.channel, first, {
      type: 'plan',
      steps: bindSteps(request.plan.steps, numbers, request.plan.resources) as never,
      trace: runtime.trace !== undefined,
    });
    runtime.trace?.phase('answer the helper');
    runtime.log.debug(`child process in init(): ${request.plan.steps.length} steps sent`);
    converse(
      runtime,
      request,
      spawned.channel,
      alive,
      (pid) => {
        if (pidfd >= 0) native.close([pidfd]);
        pidfd = native.openPidfd(pid);
        return pidfd;
      },
      () => pidfd,
      trees,
    );
    if (alive.pid !== first) native.waitChild(first, true);
    return { pid: alive.pid, pidfd };
  } catch (error) {
    const failure = wrap(error, 'launch-failed', 'unable to start container process');
    if (spawned !== undefined)
      failure.cleanup = [...failure.cleanup, ...endHelper(runtime, spawned.pid, alive.pid)];
    if (pidfd >= 0) native.close([pidfd]);
    throw failure;
  } finally {
    if (spawned !== undefined) opened.push(spawned.channel);
    native.close(opened);
    trees.close();
  }
}

/** Kills and reaps what was started. Returns what went wrong with that. */
function endHelper(runtime: Runtime, first: number, last: number): unknown[] {
  const problems: unknown[] = [];
  for (const pid of new Set([last, first])) {
    try {
      runtime.native.kill(pid, 9);
      runtime.native.waitChild(pid, true);
    } catch (error) {
      problems.push(error);
    }
  }
  return problems;
}

/**
 * Born in its v2 cgroup if that works. If not (controllers for its children, no right), there
 * remains the way from outside, whose errors say more.
 */
function spawnIntoCgroups(
  runtime: Runtime,
  request: LaunchRequest,
  numbers: readonly number[],
): Spawned {
  const { bornIn } = request.cgroup;
  if (bornIn === null) return spawn(runtime, request, numbers, undefined);
  let directory: number | undefined;
  try {
    directory = runtime.native.open(bornIn, ['read', 'directory']);
    return spawn(runtime, request, numbers, directory);
  } catch (error) {
    runtime.log.debug(`not born in ${bornIn}: ${messageOf(error)}`);
    return { ...spawn(runtime, request, numbers, undefined), inCgroups: false };
  } finally {
    if (directory !== undefined) runtime.native.close([directory]);
  }
}

function spawn(
  runtime: Runtime,
  request: LaunchRequest,
  numbers: readonly number[],
  cgroupFd: number | undefined,
): Spawned {
  const { plan } = request;
  const preserved = Array.from({ length: request.preserveFds }, (_, index) => index + 3);
  const mapping = plan.spawn.mapping;
  const { pidNamespace, joined, affinity } = plan.spawn;
  try {
    return runtime.native.spawn({
      cloneFlags: plan.spawn.cloneFlags,
      keepFds: [...new Set([...preserved, ...numbers, ...(request.keepFds ?? [])])].filter(
        (fd) => fd >= 0,
      ),
      ...(cgroupFd === undefined ? {} : { cgroupFd }),
      cgroupTasks: request.cgroup.tasks,
      ...(request.stdio === undefined ? {} : { stdio: request.stdio }),
      ...(pidNamespace === undefined ? {} : { pidNamespaceFd: numbers[pidNamespace] as number }),
      ...(joined === undefined
        ? {}
        : { joinedFds: joined.map((entry) => numbers[entry.resource] as number) }),
      ...(affinity === undefined ? {} : { affinity: affinity.cpus }),
      ...(mapping === undefined
        ? {}
        : {
            mapping: {
              uidMap: mapping.uidMap,
              gidMap: mapping.gidMap,
              uid: mapping.uid,
              gid: mapping.gid,
              denySetgroups: mapping.denySetgroups,
              ...(mapping.viaHelpers ? findMapHelpers(runtime) : {}),
            },
          }),
    });
  } catch (error) {
    const fault = isNativeError(error)
      ? spawnFault(runtime.native, error, plan.spawn.cloneFlags)
      : undefined;
    const { code, hint } = fault ?? { code: 'spawn-failed' };
    const cpus = isNativeError(error) && error.syscall === 'sched_setaffinity';
    throw wrap(error, code, `unable to start container process: ${whyNotSpawned(error)}`, {
      hint,
      pointer: cpus ? affinity?.at : undefined,
    });
  }
}

/** Born in its v2 cgroup, the helper executes there: a memory limit may be too low for just that. */
function whyNotSpawned(error: unknown): string {
  const starved = isNativeError(error) && ['ENOMEM', 'E2BIG'].includes(error.code);
  return starved && error.syscall === 'execveat'
    ? 'unable to start the helper (memory limit too low?)'
    : 'unable to start the helper';
}

/** PATH may name folders that the user can't look into. */
function isThere(native: Binding, file: string): boolean {
  try {
    return native.status(file, true) !== null;
  } catch {
    return false;
  }
}

function findMapHelpers(runtime: Runtime): { newuidmap: string; newgidmap: string } {
  const path = runtime.native.environment(['PATH']).PATH ?? '';
  const directories = [
    ...path.split(':').filter((part) => part.startsWith('/')),
    ...MAP_HELPER_DIRECTORIES,
  ];
  const find = (name: string): string => {
    for (const directory of directories) {
      const file = `${directory}/${name}`;
      if (isThere(runtime.native, file)) return file;
    }
    throw new OcirtError('id-map-helper-missing', `${name} is not installed`, {
      pointer: name === 'newuidmap' ? '/linux/uidMappings' : '/linux/gidMappings',
      hint: 'an unprivileged user needs newuidmap(1) and newgidmap(1) for more than one id: apt install uidmap',
    });
  };
  return { newuidmap: find('newuidmap'), newgidmap: find('newgidmap') };
}

/** The next message; null when the helper has closed the channel or died, our last one unread. */
export function hear(native: Binding, channel: number): HelperMessage | null {
  try {
    return native.channelReceive(channel, -1) as HelperMessage | null;
  } catch (error) {
    // unix(7): the peer was closed with data in its queue.
    if (errnoOf(error) === 'ECONNRESET') return null;
    throw error;
  }
}

/** Sends a message to a helper that may have been killed while we did our part. */
function tell(
  runtime: Runtime,
  request: LaunchRequest,
  channel: number,
  pid: number,
  message: Value,
): void {
  try {
    runtime.native.channelSend(channel, message);
  } catch (error) {
    if (!['EPIPE', 'ECONNRESET'].includes(errnoOf(error))) throw error;
    throw diedSilently(runtime, request, pid);
  }
}

/** Answers the helper until it closes the channel: it waits for `start`, or it has executed. */
function converse(
  runtime: Runtime,
  request: LaunchRequest,
  channel: number,
  alive: { pid: number },
  moveTo: (pid: number) => number,
  pidfd: () => number,
  trees: MappedTrees,
): void {
  const { native, log } = runtime;
  const { steps } = request.plan;
  let committed = false;
  let limited = false;
  const limit = (): void => {
    if (!limited) setLimits(runtime, request.plan, alive.pid);
    limited = true;
  };
  for (;;) {
    const message = hear(native, channel);
    if (message === null) break;
    switch (message.type) {
      case 'pid':
        alive.pid = message.pid;
        moveTo(message.pid);
        request.onPid(message.pid);
        break;
      case 'sync':
        if (message.name === 'limits') limit();
        else if (message.name === 'cgroups') request.cgroup.join(alive.pid);
        else request.onSync(message.name, alive.pid);
        tell(runtime, request, channel, alive.pid, { type: 'continue' });
        break;
      case 'warning':
        log.warn(warningText(message.message, steps[message.step]));
        break;
      case 'ready':
        runtime.trace?.steps(alive.pid, steps, message.timings ?? []);
        limit();
        request.onReady(alive.pid, pidfd());
        tell(runtime, request, channel, alive.pid, { type: 'commit' });
        committed = true;
        break;
      case 'timings':
        runtime.trace?.steps(alive.pid, steps, message.timings);
        break;
      case 'tree':
        trees.send(channel, steps[message.step] as StepOf<'bind'>);
        break;
      case 'offsets':
        writeTimeOffsets(native, steps[message.step] as StepOf<'time_namespace'>, alive.pid);
        tell(runtime, request, channel, alive.pid, { type: 'continue' });
        break;
      case 'seccomp':
        request.onListener(channel, alive.pid);
        native.channelSend(channel, { type: 'continue' });
        break;
      case 'error':
        throw helperError(message, steps, receiveProgram(native, channel, message));
    }
  }
  if (committed) {
    if (runtime.trace !== undefined) traceEnd(runtime.trace, steps);
    return;
  }
  throw diedSilently(runtime, request, alive.pid);
}

function warningText(message: string, step: Step | undefined): string {
  return step === undefined || step.at === '' ? message : `${message} (config.json: ${step.at})`;
}

/** The end of the conversation is the exec, if the helper does not wait for `start` first. */
function traceEnd(trace: Trace, steps: readonly Step[]): void {
  const last = steps.at(-1);
  if (steps.some(({ op }) => op === 'wait_start') || last?.op !== 'exec') return;
  trace.executed(last.args[0] ?? '');
}

function diedSilently(runtime: Runtime, request: LaunchRequest, pid: number): OcirtError {
  runtime.native.kill(pid, 9);
  const status = runtime.native.waitChild(pid, true);
  const signal = status?.signal ?? 0;
  if (signal === 0 && status?.exitCode === HELPER_OUT_OF_MEMORY) {
    const message = 'unable to start container process: the helper ran out of memory';
    return new OcirtError('out-of-memory', message, { hint: MEMORY_HINT });
  }
  const known = request.explainDeath(signal);
  const why =
    known ??
    (signal === 0
      ? `the helper ended with status ${status?.exitCode ?? '?'} before it was ready`
      : `the helper was ended by signal ${signal} before it was ready`);
  return new OcirtError('helper-died', `unable to start container process: ${why}`, {
    hint: signal === 0 ? undefined : deathHint(known),
  });
}

/** Limits of config.json, set from outside: raising one takes the host's privileges. */
function setLimits(runtime: Runtime, plan: Plan, pid: number): void {
  for (const limit of plan.commit.rlimits) {
    try {
      runtime.native.setLimits(pid, [
        { resource: limit.resource, soft: limit.soft, hard: limit.hard },
      ]);
    } catch (error) {
      const reason =
        isNativeError(error) && error.errno !== 0 ? errnoText(error.errno) : messageOf(error);
      throw new OcirtError(
        'rlimit-failed',
        `unable to start container process: error during container init: error setting rlimits for process: ${reason}`,
        {
          pointer: limit.at,
          syscall: 'prlimit',
          errno: isNativeError(error) ? error.code : undefined,
          hint: 'a hard limit can be raised only with CAP_SYS_RESOURCE',
          cause: error,
        },
      );
    }
  }
}
