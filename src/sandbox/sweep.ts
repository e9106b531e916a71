/** Taking away what a sandbox was made of, and finding those that nobody looks after any more. */

import { CLONE } from '../native/constants.js';
import { mappingText } from '../plan/namespaces.js';
import type { Plan } from '../plan/plan.js';
import { type Runtime, SystemdNeeded } from '../runtime/context.js';
import { remove } from '../runtime/delete.js';
import { errnoOf, messageOf } from '../runtime/errors.js';
import { launch } from '../runtime/launch.js';
import { lockContainer } from '../state/lock.js';
import { isAlive } from '../state/process.js';
import type { IdMaps } from './ids.js';
import { detach, sweepNetworks } from './network/index.js';
import { unmountFuse } from './overlay.js';
import { adopt, type Held, names, type SandboxRecord } from './record.js';

/** The bundle of a sandbox, in its folder. */
export const bundleOf = ({ work }: Pick<SandboxRecord, 'work'>): string => `${work}/bundle`;

/** Another container may have got the name meanwhile. */
function ownContainer(runtime: Runtime, record: SandboxRecord) {
  const container = runtime.store.tryRead(record.name);
  return container?.bundle === bundleOf(record) ? container : undefined;
}

/**
 * Cleans up after all sandboxes that nobody looks after, and whose container has ended.
 *
 * @returns the names of those that were
 */
export async function sweep(runtime: Runtime): Promise<string[]> {
  const done: string[] = [];
  for (const name of names(runtime)) {
    const sandbox = adopt(runtime, name);
    if (sandbox === undefined) continue;
    const { record } = sandbox;
    if (record.detached && isAlive(runtime.native, ownContainer(runtime, record)?.init)) {
      sandbox.release();
      continue;
    }
    await clean(runtime, sandbox);
    done.push(name);
  }
  // One that was killed while it was attached has written down nothing of its network.
  if (done.length > 0) await sweepNetworks();
  return done;
}

/**
 * Takes away container, network, mounts, files and record. What fails is said, and all else is done; the
 * record stays then, for the next time.
 */
export async function clean(runtime: Runtime, sandbox: Held): Promise<void> {
  const { record } = sandbox;
  let whole = true;
  const attempt = async (action: () => void | Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      // The caller starts over, with the driver.
      if (error instanceof SystemdNeeded) throw error;
      whole = false;
      runtime.log.warn(`sandbox ${record.name}: ${messageOf(error)}`);
    }
  };
  try {
    await attempt(() => {
      if (ownContainer(runtime, record)) remove(runtime, { id: record.name, force: true });
      else removeClaim(runtime, record.name);
    });
    const { network, fuse, ids } = record;
    if (network !== undefined) await attempt(() => detach(network));
    if (fuse !== undefined) await attempt(() => unmountFuse(runtime, fuse));
    await attempt(() => removeWork(runtime, record.work, ids));
    if (whole) sandbox.remove();
  } finally {
    sandbox.release();
  }
}

/**
 * What is left of a create that was killed when it had the name, and had not yet written whose it is. One that
 * somebody else has at work holds its lock.
 */
function removeClaim({ native, store }: Runtime, name: string): void {
  if (!store.exists(name) || store.tryRead(name) !== undefined) return;
  if (native.readDirectory(store.directory(name))?.length === 0) {
    native.removeDirectory(store.directory(name));
    return;
  }
  const lock = lockContainer(native, store, name, { exclusive: true, wait: false });
  try {
    if (lock !== undefined && store.tryRead(name) === undefined) store.remove(name);
  } finally {
    lock?.release();
  }
}

/**
 * The files of a container's other users are not the caller's to remove, but its root's; neither is the
 * folder without any rights that an overlay works in.
 */
function removeWork(runtime: Runtime, work: string, ids: IdMaps | undefined): void {
  const { native } = runtime;
  try {
    native.removeTree(work);
  } catch (error) {
    if (ids === undefined || !['EACCES', 'EPERM'].includes(errnoOf(error))) throw error;
    removeAsRoot(runtime, work, ids);
    native.removeTree(work);
  }
}

/** What rm(1) needs to be root in a user namespace, and nothing else. */
export function removalPlan(work: string, ids: IdMaps): Plan {
  const viaHelpers = ids.uid.length > 1;
  return {
    resources: [],
    spawn: {
      cloneFlags: CLONE.NEWUSER,
      mapping: {
        uidMap: mappingText(ids.uid),
        gidMap: mappingText(ids.gid),
        uid: 0,
        gid: 0,
        denySetgroups: !viaHelpers,
        viaHelpers,
      },
    },
    commit: { rlimits: [] },
    steps: [
      { op: 'environment', at: '', env: ['PATH=/usr/bin:/bin'], homeOf: 0 },
      { op: 'find_executable', at: '', name: 'rm' },
      { op: 'ready', at: '' },
      {
        op: 'exec',
        at: '',
        args: ['rm', '-rf', '--one-file-system', '--', work],
        preserveFds: 0,
      },
    ],
    warnings: [],
  };
}

function removeAsRoot(runtime: Runtime, work: string, ids: IdMaps): void {
  const nothing = (): void => {};
  const { pid, pidfd } = launch(runtime, {
    plan: removalPlan(work, ids),
    given: {},
    cgroup: { bornIn: null, tasks: [], attach: [], join: nothing },
    preserveFds: 0,
    onSpawned: nothing,
    onPid: nothing,
    onSync: nothing,
    onListener: nothing,
    onReady: nothing,
    explainDeath: () => undefined,
  });
  runtime.native.waitChild(pid, true);
  if (pidfd >= 0) runtime.native.close([pidfd]);
}
