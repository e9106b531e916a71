/** What a restore is given in the place of what lay outside of the container when it was saved. */
import type { CgroupPlan } from '../cgroup/types.js';
import { DESCRIPTORS, inheritedDescriptors } from '../criu/descriptors.js';
import { externalMounts, type MountInput, maskedPaths, placeSteps } from '../criu/mounts.js';
import type { MountKey } from '../criu/options.js';
import { placesPlan } from '../criu/plans.js';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { NAMESPACES } from '../plan/namespaces.js';
import type { Config } from '../spec/config.gen.js';
import type { ContainerRecord } from '../state/record.js';
import type { Bundle } from './bundle.js';
import { OUTER_NAMESPACES } from './checkpoint.js';
import type { Runtime } from './context.js';
import { mountKeys } from './criu-paths.js';
import { wrap } from './errors.js';
import { gatherFacts } from './facts.js';
import { launch } from './launch.js';

interface Place {
  readonly bundle: Bundle;
  readonly cgroup: CgroupPlan;
  readonly record: ContainerRecord;
}

function mountInput(runtime: Runtime, { bundle, record }: Place): MountInput {
  const facts = gatherFacts(runtime.native);
  return {
    config: bundle.config,
    bundle: bundle.path,
    cgroupFacts: facts.cgroup,
    cgroupPaths: record.cgroup.paths,
    inUserNamespace: !facts.initialUserNamespace,
  };
}

/** The mounts from outside: their places in the container, and what lies there now. */
export function restoredMounts(runtime: Runtime, place: Place): MountKey[] {
  const masked = maskedPaths(place.bundle.config).length > 0;
  return [
    ...mountKeys(
      runtime.native,
      place.bundle.rootfs,
      externalMounts(mountInput(runtime, place)),
      true,
    ),
    ...(masked ? [{ key: '/dev/null', val: '/dev/null' }] : []),
  ];
}

/** Makes the places for the mounts in the root; nothing else of it is left. */
export function makePlaces(runtime: Runtime, place: Place): void {
  const { native } = runtime;
  const plan = placesPlan(place.bundle.rootfs, placeSteps(mountInput(runtime, place)));
  const launched = launch(runtime, {
    plan,
    given: {},
    cgroup: { bornIn: null, tasks: [], attach: [], join() {} },
    preserveFds: 0,
    onSpawned() {},
    onPid() {},
    onSync() {},
    onListener() {},
    onReady() {},
    explainDeath: () => undefined,
  });
  if (launched.pidfd >= 0) native.close([launched.pidfd]);
  native.waitChild(launched.pid, true);
}

export interface Inherited {
  readonly keys: readonly { readonly key: string; readonly fd: number }[];
  /** Those of them that were opened for it: to be given to CRIU, and closed. */
  readonly opened: readonly number[];
}

/** Namespaces that are joined, and descriptors 0, 1 and 2. */
export function openInherited(runtime: Runtime, config: Config, images: string): Inherited {
  const { native } = runtime;
  const keys: { key: string; fd: number }[] = [];
  const opened: number[] = [];
  const open = (path: string, flags: readonly ('read' | 'readwrite')[]): number => {
    const fd = native.open(path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    for (const [index, { type, path = '' }] of (config.linux?.namespaces ?? []).entries()) {
      const known = OUTER_NAMESPACES[type];
      if (known === undefined || path === '') continue;
      try {
        keys.push({ key: known.key, fd: open(path, ['read']) });
      } catch (error) {
        throw wrap(
          error,
          'namespace-open-failed',
          `Requested ${type} namespace ${path} does not exist`,
          { pointer: `/linux/namespaces/${index}/path` },
        );
      }
    }
    for (const { number, key, path } of inheritedDescriptors(readDescriptors(native, images))) {
      // What it is now may be something else; this one it can always be.
      const fd = path === '/dev/null' ? open(path, ['readwrite']) : number;
      keys.push({ key, fd });
    }
  } catch (error) {
    native.close(opened);
    throw error;
  }
  return { keys, opened };
}

function readDescriptors(native: Binding, images: string): readonly unknown[] {
  const file = `${images}/${DESCRIPTORS}`;
  const [text] = native.readFiles([file]);
  let list: unknown;
  try {
    list = JSON.parse(text ?? '');
  } catch {
    // Not there, or no JSON: said below.
  }
  if (Array.isArray(list)) return list;
  const why = text === null || text === undefined ? 'no such file or directory' : 'it is no list';
  throw new OcirtError('checkpoint-folder', `open ${file}: ${why}`, {
    path: file,
    hint: 'is --image-path the folder that checkpoint was given?',
  });
}

/** The other namespaces that are joined; CRIU has its own words for those. */
export function joinedNamespaces(config: Config): { ns: string; nsFile: string }[] {
  const joined: { ns: string; nsFile: string }[] = [];
  for (const [index, { type, path = '' }] of (config.linux?.namespaces ?? []).entries()) {
    if (path === '' || OUTER_NAMESPACES[type] !== undefined) continue;
    if (type === 'cgroup') {
      throw new OcirtError(
        'checkpoint-unsupported',
        'CRIU cannot restore into a cgroup namespace that is there already',
        { pointer: `/linux/namespaces/${index}/path` },
      );
    }
    joined.push({ ns: NAMESPACES[type]?.file ?? type, nsFile: path });
  }
  return joined;
}

/** Each cgroup that a process is in, by controller; '' is the v2 hierarchy. cgroups(7) */
export function cgroupsOf(native: Binding, pid: number): { ctrl: string; path: string }[] {
  const [text] = native.readFiles([`/proc/${pid}/cgroup`]);
  return (text ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    return controllers.split(',').map((ctrl) => ({ ctrl, path }));
  });
}

/** A new network namespace is restored empty: `create` would have brought up this device. */
export function raiseLoopback(native: Binding, pid: number): void {
  const namespace = native.open(`/proc/${pid}/ns/net`, ['read']);
  try {
    const loopback = native.networkLinks(namespace).find(({ name }) => name === 'lo');
    if (loopback !== undefined && !loopback.up) {
      native.raiseNetworkLink(namespace, loopback.index);
    }
  } finally {
    native.close([namespace]);
  }
}
