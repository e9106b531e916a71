/**
 * The keeper of a sandbox: a process of a few hundred KB that waits for the end of another one, and
 * then becomes `ocirt sandbox --sweep`, which cleans up after those that nobody looks after any more.
 *
 * It is the helper with a plan of three steps (docs/architecture.md). It holds nothing of the caller's
 * and is in a session of its own, so that what ends the caller does not end it.
 */
import { fileURLToPath } from 'node:url';
import { OcirtError } from '../errors.js';
import type { HelperMessage } from '../plan/messages.js';
import type { Step } from '../plan/plan.js';
import type { Runtime } from '../runtime/context.js';
import { helperError, wrap } from '../runtime/errors.js';
import { hear } from '../runtime/launch.js';
import { isAlive, markProcess } from '../state/process.js';
import type { ProcessMark } from '../state/record.js';

const ENTRY = fileURLToPath(new URL('../cli/entry.js', import.meta.url));
const SIGKILL = 9;

/** The command that cleans up. */
function sweeper({ store }: Runtime): string[] {
  return [process.execPath, '--no-warnings', ENTRY, '--root', store.root, 'sandbox', '--sweep'];
}

/** Steps of the plan. @param pidfd of the process to wait for, as the helper has it */
export function keeperSteps(
  pidfd: number,
  args: readonly string[],
  env: readonly string[],
): readonly Step[] {
  return [
    { op: 'watch', at: '', pidfd },
    { op: 'environment', at: '', env, homeOf: 0 },
    { op: 'exec', at: '', args, preserveFds: 0 },
  ];
}

/** Starts one for a process that is there. @throws OcirtError `keeper-failed` */
export function startKeeper(runtime: Runtime, pid: number): ProcessMark {
  const { native } = runtime;
  const opened: number[] = [];
  const held = (fd: number): number => {
    if (fd >= 0) opened.push(fd);
    return fd;
  };
  let first: number | undefined;
  try {
    const pidfd = held(native.openPidfd(pid));
    if (pidfd < 0)
      throw new OcirtError('keeper-failed', 'it needs pidfd_open, which Linux has since 5.3');
    const nothing = held(native.open('/dev/null', ['readwrite']));
    const spawned = native.spawn({
      cloneFlags: 0,
      keepFds: [pidfd],
      stdio: [nothing, nothing, nothing],
    });
    first = spawned.pid;
    held(spawned.channel);
    held(spawned.pidfd);
    const env = Object.entries(native.environment([])).map(([name, value]) => `${name}=${value}`);
    const steps = keeperSteps(pidfd, sweeper(runtime), env);
    native.channelSend(spawned.channel, { type: 'plan', steps: steps as never, trace: false });
    const message: HelperMessage | null = hear(native, spawned.channel);
    if (message?.type === 'error') throw helperError(message, steps);
    if (message?.type !== 'pid') throw new OcirtError('keeper-failed', 'the keeper was killed');
    // Once it has let go of the channel, it is on its own.
    hear(native, spawned.channel);
    return markProcess(native, message.pid);
  } catch (error) {
    throw wrap(error, 'keeper-failed', 'unable to start what cleans up after the sandbox');
  } finally {
    native.close(opened);
    if (first !== undefined) native.waitChild(first, true);
  }
}

/** Ends one: there is nothing left to clean up. */
export function dismiss({ native }: Runtime, keeper: ProcessMark): void {
  if (isAlive(native, keeper)) native.kill(keeper.pid, SIGKILL);
}
