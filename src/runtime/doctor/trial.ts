/**
 * Trials with the helper itself: new namespaces and a few steps in them, as a container has them. Nothing
 * of a trial outlives it.
 */
import type { Binding, IdMapping } from '../../native/binding.js';
import type { HelperMessage } from '../../plan/messages.js';
import type { Step } from '../../plan/plan.js';
import { helperError, isNativeError, messageOf } from '../errors.js';
import { spawnFault } from '../spawn-fault.js';

/** Longer than any of these steps takes on a machine under load. */
const PATIENCE_MS = 20_000;

export interface TrialFailure {
  /** In one line. */
  readonly reason: string;
  /** What to do about it, where that is known. */
  readonly hint?: string | undefined;
}

/** Runs steps in new namespaces. @returns undefined where all of it worked */
export function trial(
  native: Binding,
  cloneFlags: number,
  mapping: IdMapping | undefined,
  steps: readonly Step[],
): TrialFailure | undefined {
  let pid = -1;
  const opened: number[] = [];
  try {
    const request = { cloneFlags, keepFds: [], ...(mapping === undefined ? {} : { mapping }) };
    const spawned = native.spawn(request);
    pid = spawned.pid;
    opened.push(spawned.channel, ...(spawned.pidfd >= 0 ? [spawned.pidfd] : []));
    const plan = [...steps, { op: 'ready', at: '' } satisfies Step];
    native.channelSend(spawned.channel, { type: 'plan', steps: plan as never, trace: false });
    for (;;) {
      const message = native.channelReceive(spawned.channel, PATIENCE_MS) as HelperMessage | null;
      if (message === null) return { reason: 'the helper ended without a word' };
      if (message.type === 'ready') return undefined;
      if (message.type === 'error') {
        const { message: text } = helperError(message, plan);
        return { reason: text.replace(/^.*error during container init: /, '') };
      }
    }
  } catch (error) {
    const hint = isNativeError(error) ? spawnFault(native, error, cloneFlags)?.hint : undefined;
    return { reason: messageOf(error), hint };
  } finally {
    if (opened.length > 0) native.close(opened);
    if (pid > 0) {
      native.kill(pid, 9);
      native.waitChild(pid, true);
    }
  }
}

/** The mapping that every user may write: its own id as root. */
export function ownMapping(uid: number, gid: number): IdMapping {
  return { uidMap: `0 ${uid} 1\n`, gidMap: `0 ${gid} 1\n`, denySetgroups: uid !== 0 };
}
