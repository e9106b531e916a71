/** Lets a created container's process execute (runtime.md, "Start"). */
import { OcirtError } from '../errors.js';
import type { Step } from '../plan/plan.js';
import type { Config } from '../spec/config.gen.js';
import { isEnding } from '../state/process.js';
import { type ContainerRecord, isSameContainer } from '../state/record.js';
import type { Status } from '../state/status.js';
import { notFound } from '../state/store.js';
import { NAME } from '../version.js';
import { awaitInit, configOf, type Known, signalInit, statusOf } from './container.js';
import { type Runtime, requireDriver } from './context.js';
import { destroy, remove } from './delete.js';
import { errnoOf, helperError, wrap } from './errors.js';
import { runHooks } from './hooks.js';
import { hear } from './launch.js';
import { lockLive } from './locked.js';
import { awaitReady, listenNotify, type Notify } from './notify.js';
import { deathHint, explainDeath } from './oom.js';
import { receiveProgram } from './program-fault.js';
import { passListener } from './seccomp-agent.js';
import { readTail } from './tail.js';

const SIGKILL = 9;
const STOPPED_HINT = `a container is started once: "${NAME} delete" it and create it again`;

/** Refuses every status but `created`, in runc's words. */
export function checkStartable(status: Status): void {
  switch (status) {
    case 'created':
      return;
    case 'stopped':
      throw new OcirtError('container-stopped', 'cannot start a container that has stopped', {
        hint: STOPPED_HINT,
      });
    case 'running':
      throw new OcirtError('container-running', 'cannot start an already running container', {
        hint: `"${NAME} exec" runs another process in it`,
      });
    default:
      throw new OcirtError('container-state', `cannot start a container in the ${status} state`, {
        hint: status === 'paused' ? `"${NAME} resume" first` : 'wait for its create to end',
      });
  }
}

export interface StartOptions {
  /** The caller stays with the container, and passes on what it says by sd_notify(3). */
  readonly foreground?: boolean;
  readonly known?: Known;
}

/**
 * Starts a created container. Returns when its process has executed and poststart hooks have run,
 * and it has said that it is ready, if somebody wants to know that. In the foreground the caller is
 * given where it says so, to be closed.
 */
export function start(
  runtime: Runtime,
  id: string,
  options: StartOptions = {},
): Notify | undefined {
  const { native, store } = runtime;
  runtime.trace?.phase('lock and check');
  // Nobody waits here for a create that is under way: its hooks may be the caller.
  const lock = lockLive(runtime, id, true, checkStartable);
  let record: ContainerRecord;
  let config: Config | undefined;
  let notify: Notify | undefined;
  try {
    record = store.read(id);
    // Another has deleted what the caller has created, and a third has taken its ID.
    if (options.known !== undefined && !isSameContainer(record, options.known.record)) {
      throw notFound(id);
    }
    checkStartable(statusOf(runtime, record));
    config = configOf(runtime, record, options.known);
    // A hook that fails has the container deleted.
    if (config !== undefined) requireDriver(runtime, record);
    notify = listenNotify(runtime, record);
    runtime.trace?.phase('start');
    go(runtime, record, config);
  } catch (error) {
    if (notify !== undefined) native.close([notify.socket]);
    throw error;
  } finally {
    // Before the poststart hooks: they may want to exec into the container.
    lock.release();
  }
  if (config === undefined) return notify;
  runtime.trace?.phase('poststart hooks');
  try {
    runHooks(runtime, config, 'poststart', record, 'running', record.init?.pid ?? 0);
  } catch (error) {
    // Without the lock: it may have been deleted meanwhile, and be another one's by now.
    throw failing(error, () => remove(runtime, { id, force: true, only: record }));
  }
  if (notify === undefined || options.foreground === true) return notify;
  try {
    if (record.init !== undefined) awaitReady(runtime, notify, record.init);
  } finally {
    native.close([notify.socket]);
  }
  return undefined;
}

/** Tells the waiting helper to go on, and hears whether it has executed. */
function go(runtime: Runtime, record: ContainerRecord, config: Config | undefined): void {
  const { native, store } = runtime;
  const starting = store.file(record.id, 'starting');
  // The second name says that a start is under way. Where one was killed before it said `go`,
  // the socket has that name already.
  if (native.status(store.file(record.id, 'start'), false) !== null) {
    native.rename(store.file(record.id, 'start'), starting);
  }
  let socket: number;
  try {
    socket = native.connectUnix(starting);
  } catch (error) {
    if (errnoOf(error) === 'ECONNREFUSED') {
      throw new OcirtError('container-stopped', 'cannot start a container that has stopped', {
        hint: STOPPED_HINT,
        cause: error,
      });
    }
    throw wrap(error, 'start-failed', 'cannot reach the container');
  }
  // Hooks may take a while, in which the process can be killed; nothing else of the rest does.
  const hooks = config?.hooks?.startContainer ?? [];
  let hooksToRun = hooks.length > 0;
  const pidfd = hooksToRun ? native.openPidfd(record.init?.pid ?? 0) : -1;
  runtime.trace?.executing(record.init?.pid ?? 0);
  try {
    // The times of its steps tell that the hooks are over, too.
    const traced = runtime.trace !== undefined || hooksToRun;
    native.channelSend(socket, traced ? { type: 'go', trace: true } : { type: 'go' });
    for (;;) {
      const answer = hear(native, socket);
      if (answer === null) break;
      switch (answer.type) {
        case 'timings': {
          const steps = readTail(runtime, record.id);
          runtime.trace?.steps(record.init?.pid ?? 0, steps, answer.timings);
          if (hookIsAmong(steps, answer.timings)) {
            hooksToRun = false;
          }
          break;
        }
        case 'seccomp':
          introduce(runtime, record, config, socket);
          native.channelSend(socket, { type: 'continue' });
          break;
        case 'error': {
          const program = receiveProgram(native, socket, answer);
          const failure = helperError(answer, readTail(runtime, record.id), program);
          throw failure.code === 'hook-failed' ? fail(runtime, record, failure) : failure;
        }
      }
    }
    if (hooksToRun) checkExecuted(runtime, record, pidfd);
  } finally {
    native.close(pidfd < 0 ? [socket] : [socket, pidfd]);
  }
  runtime.trace?.executed(config?.process?.args?.[0] ?? '');
  native.removeFile(starting);
  runtime.log.debug('the container has executed its process');
}

/** @param timings of each step its index, begin and end */
function hookIsAmong(steps: readonly Step[], timings: readonly (number | bigint)[]): boolean {
  return timings.some((index, place) => place % 3 === 0 && steps[Number(index)]?.op === 'hook');
}

/**
 * The end of the stream means that the helper has executed the program, or that it was killed. Under
 * a filter, which hooks are where there is no noNewPrivileges, it has not told which; then how it has
 * ended tells, to whom the kernel lets know (before Linux 6.15: not to who has no rights over it). The
 * helper itself never ends with a signal. A program that was killed as soon as it was executed is
 * taken for it: that makes no difference to anybody.
 */
function checkExecuted(runtime: Runtime, record: ContainerRecord, pidfd: number): void {
  const { native } = runtime;
  const steps = readTail(runtime, record.id);
  const at = (op: Step['op']) => steps.findIndex((step) => step?.op === op);
  const filtered = at('seccomp') >= 0 && at('seccomp') < at('hook');
  if (filtered) {
    if (record.init === undefined || !isEnding(native, record.init)) return;
    if (pidfd < 0) return;
    if (native.awaitExit(pidfd, record.init.pid, 10_000)?.signal !== SIGKILL) return;
  }
  const known = explainDeath(runtime, record.cgroup, SIGKILL);
  const why = known ?? 'it was killed';
  throw new OcirtError(
    'helper-died',
    `unable to start container process: the container ended in a startContainer hook: ${why}`,
    { step: 'hook', hint: deathHint(known) },
  );
}

/** Gives the agent the listener; without one, the process would be held in its next system call. */
function introduce(
  runtime: Runtime,
  record: ContainerRecord,
  config: Config | undefined,
  socket: number,
): void {
  try {
    if (config === undefined) throw new OcirtError('state-unreadable', 'config.json is gone');
    passListener(runtime, socket, {
      config,
      record,
      status: 'created',
      pid: record.init?.pid ?? 0,
    });
  } catch (error) {
    throw fail(runtime, record, error);
  }
}

/** A failed startContainer or poststart hook ends the container (runtime.md, lifecycle, 7 and 9). */
function fail(runtime: Runtime, record: ContainerRecord, error: unknown): OcirtError {
  return failing(error, () => {
    signalInit(runtime, record, SIGKILL);
    awaitInit(runtime, record, 10_000);
    destroy(runtime, record);
  });
}

function failing(error: unknown, end: () => void): OcirtError {
  const failure = wrap(error, 'start-failed', 'unable to start the container');
  try {
    end();
  } catch (problem) {
    failure.cleanup = [...failure.cleanup, problem];
  }
  return failure;
}
