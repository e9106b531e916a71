/** create, start, and (in the foreground) wait and delete. */
import type { OcirtError } from '../errors.js';
import type { Runtime } from './context.js';
import { type Created, create } from './create.js';
import { type DeleteOptions, remove } from './delete.js';
import { wrap } from './errors.js';
import { holdSignals, supervise } from './foreground.js';
import type { Notify } from './notify.js';
import type { CreateOptions } from './prepare.js';
import { start } from './start.js';

export interface RunOptions extends Omit<CreateOptions, 'foreground'> {
  readonly detach?: boolean | undefined;
  /** Leave the container, stopped, when its process has ended. */
  readonly keep?: boolean | undefined;
  /** Don't become the parent of the container's orphans. */
  readonly noSubreaper?: boolean | undefined;
}

/** @returns the exit code: the process's in the foreground, 0 detached */
export function run(runtime: Runtime, options: RunOptions): number {
  const { native } = runtime;
  const detach = options.detach === true;
  if (options.noSubreaper !== true) native.setSubreaper(true);
  if (!detach) holdSignals(runtime);
  let notify: Notify | undefined;
  const created = create(runtime, { ...options, foreground: !detach });
  // Somebody may delete it meanwhile, and another may take its ID: that one is not ours to delete.
  const ours = { id: options.id, force: true, known: created, only: created.record };
  try {
    try {
      notify = start(runtime, options.id, { foreground: !detach, known: created });
    } catch (error) {
      // It is our child: ended or not, nobody else would reap it.
      native.kill(created.pid, 9);
      native.waitChild(created.pid, true);
      throw error;
    }
    if (detach) return 0;
    runtime.trace?.phase('wait for the process');
    const code = supervise(runtime, created.pid, created.master, notify);
    if (options.keep !== true) remove(runtime, ours);
    return code;
  } catch (error) {
    const failure = wrap(error, 'run-failed', 'unable to run the container');
    if (options.keep !== true) cleanUp(runtime, ours, failure);
    throw failure;
  } finally {
    closeAll(runtime, created);
  }
}

function cleanUp(runtime: Runtime, ours: DeleteOptions, failure: OcirtError): void {
  try {
    remove(runtime, ours);
  } catch (problem) {
    failure.cleanup = [...failure.cleanup, problem];
  }
}

function closeAll(runtime: Runtime, created: Created): void {
  const fds = [created.pidfd, created.master].filter((fd) => fd >= 0);
  if (fds.length > 0) runtime.native.close(fds);
}
