/** `update` of Intel RDT: the schemata of a container's group, which it gets where it has none. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { findResctrl } from '../plan/intel-rdt.js';
import type { Config } from '../spec/config.gen.js';
import type { ContainerRecord, RdtRecord } from '../state/record.js';
import { listPids } from './cgroup.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { chooseRdt, joinRdt, makeRdt, removeRdt, writeSchemata } from './intel-rdt.js';
import { inTurn } from './locked.js';

/** Lines for the schemata file, as config.json has them: `L3:0=f`, `MB:0=50`. */
export interface RdtChanges {
  readonly l3CacheSchema?: string | undefined;
  readonly memBwSchema?: string | undefined;
}

/**
 * Writes the lines that are given. A container without linux.intelRdt gets a group of its own,
 * which `delete` removes.
 *
 * @throws OcirtError `resctrl-missing` where the host has nothing to set, before anything is done
 */
export function updateRdt(runtime: Runtime, id: string, changes: RdtChanges): void {
  const { native, store } = runtime;
  const stopped = new OcirtError('container-not-running', 'container not running');
  if (store.read(id).phase === 'creating') throw stopped;
  checkRdt(runtime, changes);
  const refuse = () => {
    throw stopped;
  };
  inTurn(runtime, id, refuse, () => {
    const record = store.read(id);
    if (statusOf(runtime, record) === 'stopped') throw stopped;
    const group = record.intelRdt?.groups[0];
    if (group === undefined) giveGroup(runtime, record, changes);
    else writeSchemata(native, group, linesOf(changes));
  });
}

function linesOf({ l3CacheSchema = '', memBwSchema = '' }: RdtChanges): string[] {
  return [l3CacheSchema, memBwSchema].filter((line) => line !== '');
}

/** Throws where the host has nothing to set. @throws OcirtError `resctrl-missing` */
export function checkRdt(runtime: Runtime, changes: RdtChanges): void {
  const { native } = runtime;
  const [mountinfo] = native.readFiles(['/proc/self/mountinfo']);
  const root = runtime.resctrl ?? findResctrl(mountinfo ?? '');
  for (const [given, resource, words] of [
    [changes.l3CacheSchema, 'L3', 'Intel RDT/CAT: l3 cache schema is not enabled'],
    [changes.memBwSchema, 'MB', 'Intel RDT/MBA: memory bandwidth schema is not enabled'],
  ] as const) {
    if (given === undefined) continue;
    if (root !== undefined && native.status(`${root}/info/${resource}`, true) !== null) continue;
    throw new OcirtError('resctrl-missing', words, {
      path: root === undefined ? undefined : `${root}/info/${resource}`,
      hint: 'mount -t resctrl resctrl /sys/fs/resctrl, on a kernel and a processor that have it',
    });
  }
}

/** A group by the container's id, with all of its processes. Nothing is left where it fails. */
function giveGroup(runtime: Runtime, record: ContainerRecord, changes: RdtChanges): void {
  const { native, store } = runtime;
  const { l3CacheSchema = '', memBwSchema = '' } = changes;
  const config = { linux: { intelRdt: { l3CacheSchema, memBwSchema } } } as Config;
  const choice = chooseRdt(runtime, config, record.id);
  if (choice === undefined) return;
  // The record first: a delete finds what it names, also where this ends half-way.
  store.write({ ...record, intelRdt: choice.record });
  try {
    makeRdt(runtime, choice);
    for (const pid of listPids(native, record.cgroup.paths))
      joinThreads(native, choice.record, pid);
  } catch (error) {
    removeRdt(native, choice.record);
    store.write(record);
    throw error;
  }
}

/** resctrl moves threads; those that are made later are where the one is that makes them. */
function joinThreads(native: Binding, rdt: RdtRecord, pid: number): void {
  for (const thread of native.readDirectory(`/proc/${pid}/task`) ?? []) {
    joinRdt(native, rdt, Number(thread));
  }
}
