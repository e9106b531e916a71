/** Sends a signal to a container (runtime.md, "Kill"). */
import { OcirtError } from '../errors.js';
import { isSameContainer } from '../state/record.js';
import { NAME } from '../version.js';
import { listPids, setFrozen } from './cgroup.js';
import { signalInit, statusOf } from './container.js';
import type { Runtime } from './context.js';

const SIGKILL = 9;

export interface KillOptions {
  readonly id: string;
  /** A number; 0 asks only whether it could be sent. */
  readonly signal: number;
  /** To every process of the container; fine with a stopped one. */
  readonly all?: boolean | undefined;
}

/** Sends the signal. */
export function kill(runtime: Runtime, options: KillOptions): void {
  const { native } = runtime;
  const record = runtime.store.read(options.id);
  const status = statusOf(runtime, record);
  // Without a pid namespace of its own, the death of the first process ends no other.
  const everyone = options.all === true || (!record.ownPidNamespace && options.signal === SIGKILL);
  const sent = record.phase === 'created' && signalInit(runtime, record, options.signal);
  let reached = 0;
  // None lives on in a pid namespace whose first process has ended.
  const others = sent || !record.ownPidNamespace || record.phase === 'creating';
  if (everyone && others && record.init !== undefined) {
    const listed = listPids(native, record.cgroup.paths);
    // Deleted meanwhile, it may be the next one's cgroup.
    const still = isSameContainer(runtime.store.tryRead(options.id), record);
    const pids = still ? listed.filter((pid) => !sent || pid !== record.init?.pid) : [];
    reached = native.killAll(pids, options.signal);
  }
  // A frozen process does not die of SIGKILL before it is thawed (v1 freezer).
  if (status === 'paused' && options.signal === SIGKILL)
    setFrozen(native, record.cgroup.paths, false);
  if (!sent && reached === 0 && options.all !== true) {
    throw new OcirtError('container-not-running', 'container not running', {
      hint:
        status === 'creating'
          ? 'it is being created: wait for its create to end, or remove it with delete --force'
          : `it has ended already: "${NAME} delete" removes what is left of it`,
    });
  }
}
