/** Mounts added to and removed from a running container. */
import { membership } from '../cgroup/membership.js';
import { OcirtError } from '../errors.js';
import { compileMounts } from '../plan/compile-mounts.js';
import type { Mount } from '../spec/config.gen.js';
import { readJson } from '../spec/json.js';
import { loadConfig, loadKeptConfig } from '../spec/load.js';
import type { Status } from '../state/status.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { foreignNamespaces, readAll } from './exec.js';
import { gatherFacts } from './facts.js';
import { launch } from './launch.js';
import { lockLive } from './locked.js';

const MOUNTS_FILE = { code: 'mounts-file-failed', what: 'the file of mounts' };

export interface MountsOptions {
  readonly id: string;
  readonly action: 'add' | 'remove';
  /** JSON: an array like `mounts` of config.json, or an object that has it. */
  readonly file: string;
}

/**
 * The mounts of such a file, validated as those of a config.json are.
 *
 * @throws ConfigError with every fault, by pointers like /mounts/0/options
 */
export function parseMounts(
  text: string,
  file: string,
  action: MountsOptions['action'],
): readonly Mount[] {
  const { value } = readJson(text, file);
  const mounts = Array.isArray(value) ? value : (value as { mounts?: unknown } | null)?.mounts;
  if (!Array.isArray(mounts)) {
    throw new OcirtError('invalid-config', `${file}: mounts must be an array`, { path: file });
  }
  const relevant = action === 'add' ? mounts : mounts.map(placeOnly);
  const around = { ociVersion: '1.0.0', root: { path: '/' }, mounts: relevant };
  return loadConfig(JSON.stringify(around), file, { withoutProcess: true }).config.mounts ?? [];
}

/** Of a mount to remove only the destination counts. */
function placeOnly(mount: unknown): unknown {
  if (typeof mount !== 'object' || mount === null) return mount;
  return { ...mount, type: 'tmpfs', source: 'tmpfs', options: [] };
}

function checkRunning(status: Status): void {
  if (status !== 'stopped' && status !== 'creating') return;
  throw new OcirtError('container-not-running', 'container not running');
}

/**
 * Adds or removes them, in order; stops at the first that fails. Sources are opened on the host and
 * targets resolved in the container's root, by descriptor, by a helper in its namespaces.
 */
export function changeMounts(runtime: Runtime, options: MountsOptions): void {
  const { native, store, log } = runtime;
  const mounts = parseMounts(
    readAll(runtime, options.file, MOUNTS_FILE),
    options.file,
    options.action,
  );
  if (mounts.length === 0) return;
  const file = store.file(options.id, 'config');
  store.read(options.id);
  const lock = lockLive(runtime, options.id, false, checkRunning);
  try {
    const record = store.read(options.id);
    checkRunning(statusOf(runtime, record));
    const [text] = native.readFiles([file]);
    if (text === null || text === undefined) {
      throw new OcirtError('state-unreadable', `open ${file}: no such file or directory`);
    }
    const pid = record.init?.pid ?? 0;
    const plan = compileMounts({
      action: options.action,
      mounts,
      config: loadKeptConfig(text, file),
      facts: gatherFacts(native, pid),
      bundle: record.bundle,
      pid,
      namespaces: foreignNamespaces(runtime, pid),
    });
    for (const { message } of plan.warnings) log.warn(message);
    const helper = launch(runtime, {
      plan,
      given: {},
      // In the caller's own: it is nothing of the container's.
      cgroup: { ...membership({}), join() {} },
      preserveFds: 0,
      onSpawned() {},
      onPid() {},
      onSync() {},
      onListener() {},
      onReady() {},
      explainDeath: () => undefined,
    });
    native.waitChild(helper.pid, true);
    if (helper.pidfd >= 0) native.close([helper.pidfd]);
  } finally {
    lock.release();
  }
}
