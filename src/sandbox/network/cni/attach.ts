/**
 * A container of root's, by CNI plugins. A transaction: what is to be made is written down first, and
 * whoever is killed meanwhile leaves what the next one finds and takes away.
 */
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import type { Binding } from '../../../native/binding.js';
import { networkFailed } from '../errors.js';
import { isThere, markOf } from '../marks.js';
import { writeNames } from '../names.js';
import { checkFree } from '../ports.js';
import type {
  AttachTarget,
  CniRecord,
  CniResult,
  ConfigList,
  NetworkKind,
  NetworkRequest,
} from '../types.js';
import { checkPrograms, prepareBridge, removeBridge } from './bridge.js';
import { bridgeDevice, lanList, readList } from './config.js';
import { checkDhcp } from './dhcp.js';
import { addList, checkList, delList, publishesPorts } from './list.js';
import { ensureChain, removeMasquerade } from './masquerade.js';
import { heldNamespace, holdNamespace, releaseNamespace } from './namespace.js';
import { findPlugin } from './plugin.js';
import type { NetworkStore } from './store.js';

/** The name of the container's device. */
const DEVICE = 'eth0';

export type CniKind = Extract<NetworkKind, { kind: 'bridge' | 'macvlan' | 'ipvlan' | 'conflist' }>;

/** Connects it. @throws OcirtError `network-failed`, `network-program-missing`, `port-taken` */
export async function attachCni(
  native: Binding,
  store: NetworkStore,
  request: NetworkRequest,
  network: CniKind,
  target: AttachTarget,
): Promise<CniRecord> {
  const container = markOf(target.pid);
  if (container === undefined) throw networkFailed('the container has ended before it was started');
  if (network.kind === 'bridge') checkPrograms();
  return await store.locked(async () => {
    await sweep(native, store);
    const others = store.records().map(({ id, ports }) => ({ owner: nameOf(id), ports }));
    await checkFree(request.publish, others);
    const { list, subnet } = listOf(native, store, request, network);
    for (const { type } of list.plugins) findPlugin(type);
    await checkDhcp(list);
    const id = idFor(target.name);
    const record: CniRecord = {
      kind: 'cni',
      id,
      network: list.name,
      container,
      namespace: store.namespace(id),
      ...(network.kind === 'bridge' ? { bridge: bridgeDevice(network.name) } : {}),
      ...(network.kind === 'macvlan' || network.kind === 'ipvlan'
        ? { device: network.device }
        : {}),
      ports: request.publish,
      addresses: [],
      list,
    };
    store.keep({ ...record, adding: true });
    try {
      if (record.bridge !== undefined && subnet !== undefined) {
        store.keepSubnet(record.bridge, subnet);
      }
      target.onRecord?.(record);
      await holdNamespace(container, record.namespace);
      const timeoutMs = target.pluginTimeoutMs;
      const result = await withLock(store, id, (lock) =>
        addList(list, { ...attachmentOf(record), lock, timeoutMs }, record, (sofar) =>
          store.keep({ ...record, adding: true, result: sofar }),
        ),
      );
      const done = { ...record, ...addressesOf(result), result };
      store.keep(done);
      writeNames(target.folder, done.addresses[0], request.dns.length > 0 ? undefined : result);
      return done;
    } catch (error) {
      await undo(native, store, record, error);
      throw error;
    }
  });
}

async function withLock<T>(
  store: NetworkStore,
  id: string,
  work: (lock: number) => Promise<T>,
): Promise<T> {
  const lock = store.openLock(id);
  try {
    return await work(lock);
  } finally {
    closeSync(lock);
  }
}

/** The list to run, and for a bridge its subnet. */
function listOf(
  native: Binding,
  store: NetworkStore,
  request: NetworkRequest,
  network: CniKind,
): { list: ConfigList; subnet?: string } {
  if (network.kind === 'bridge') return prepareBridge(native, store, network.name, request);
  if (network.kind !== 'conflist') {
    if (!hasDevice(native, network.device)) {
      throw networkFailed(`the host has no device ${network.device}`, 'ip link lists them');
    }
    return { list: lanList(network) };
  }
  const list = readList(network.path);
  if (request.publish.length > 0 && !publishesPorts(list)) {
    throw networkFailed(
      `${network.path} has no plugin that publishes ports`,
      'add {"type": "portmap", "capabilities": {"portMappings": true}} to its plugins',
    );
  }
  return { list };
}

function hasDevice(native: Binding, device: string): boolean {
  return native.networkLinks(-1).some(({ name }) => name === device);
}

/** Never given twice, and what CNI allows: CNI 1.0, CNI_CONTAINERID. */
function idFor(name: string): string {
  const allowed = name.replace(/[^a-zA-Z0-9_.-]/g, '_').replace(/^[^a-zA-Z0-9]/, 'x');
  return `${allowed}-${randomBytes(4).toString('hex')}`;
}

const nameOf = (id: string) => id.replace(/-[0-9a-f]{8}$/, '');

const attachmentOf = (record: CniRecord) => ({
  containerId: record.id,
  namespace: heldNamespace(record.namespace),
  device: DEVICE,
});

function addressesOf({ ips = [] }: CniResult) {
  const gateway = ips.find((ip) => ip.gateway !== undefined)?.gateway;
  return {
    addresses: ips.map(({ address }) => address.replace(/\/.*/, '')),
    ...(gateway === undefined ? {} : { gateway }),
  };
}

/**
 * After a failure. The plugins that ran have been told; if one of them could not take away what it had
 * made (`cleanup`), they are told again, and if that fails, too, all stays written down, to be tried later.
 */
async function undo(native: Binding, store: NetworkStore, record: CniRecord, error: unknown) {
  const failed = ((error as { cleanup?: unknown[] }).cleanup ?? []).length > 0;
  const done = { ...record, list: { ...record.list, plugins: [] } };
  try {
    await remove(native, store, failed ? (store.find(record.id) ?? done) : done);
    Object.assign(error as object, { cleanup: [] });
  } catch (failure) {
    Object.assign(error as object, { cleanup: [failure] });
  }
}

/** Disconnects it, whatever there still is of it. @throws OcirtError `network-failed`; it can be tried again */
export async function detachCni(
  native: Binding,
  store: NetworkStore,
  record: CniRecord,
): Promise<void> {
  // Nothing is known of it: it has been done, or the machine was booted since.
  const known = () => store.find(record.id);
  if (known()?.adding) await store.pluginEnded(record.id);
  await store.locked(async () => {
    const now = known();
    if (now !== undefined) await remove(native, store, now);
  });
}

/** Whether everything is as the plugins made it. @throws OcirtError of the plugin that is not content */
export async function checkCni(record: CniRecord): Promise<void> {
  await checkList(record.list, attachmentOf(record), record, record.result ?? {});
}

async function remove(native: Binding, store: NetworkStore, record: CniRecord): Promise<void> {
  // What was on a device went with it, and its plugins cannot be told: they look for it first.
  const unplugged = record.device !== undefined && !hasDevice(native, record.device);
  if (record.adding && !unplugged) await ensureChain(record);
  const failures = unplugged
    ? []
    : await withLock(store, record.id, (lock) =>
        delList(record.list, { ...attachmentOf(record), lock }, record, record.result),
      );
  if (failures.length > 0) {
    const { message } = failures[0] as Error;
    throw networkFailed(
      `the network of ${nameOf(record.id)} cannot be taken away: ${message}`,
      'it is tried again with the next container that gets a network',
      failures[0],
    );
  }
  if (record.bridge !== undefined) await removeMasquerade(record);
  await releaseNamespace(record.namespace);
  await removeBridge(native, store, record);
  // Last: who is killed before is found by it.
  store.forget(record.id);
}

/** Takes away what is left of containers that have ended and whose runtime was killed. */
export async function sweepCni(native: Binding, store: NetworkStore): Promise<void> {
  if (store.isEmpty()) return;
  const waited = new Set<string>();
  for (const { id, adding, container } of store.records()) {
    if (!adding || isThere(container)) continue;
    await store.pluginEnded(id);
    waited.add(id);
  }
  await store.locked(() => sweep(native, store, waited));
}

/** @param waited for the plugins of these: what still runs now has had its time */
async function sweep(
  native: Binding,
  store: NetworkStore,
  waited: ReadonlySet<string> = new Set(),
): Promise<void> {
  store.tidy();
  for (const record of store.records()) {
    if (isThere(record.container)) continue;
    // Not now: what it makes after its DEL would stay. Its keeper waits for it.
    if (record.adding && !waited.has(record.id) && store.hasPlugin(record.id)) continue;
    try {
      await remove(native, store, record);
    } catch {
      // It stays written down: whoever ends the container hears of it, or the next one tries again.
    }
  }
}
