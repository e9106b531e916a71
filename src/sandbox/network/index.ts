/**
 * The network of a sandbox: docs/networks.md.
 *
 *   parseNetwork    what was asked for, checked                 before anything is made
 *   networkConfig   a namespace or not, and two files           into config.json
 *   attach          addresses, routes, ports, names             between create and start
 *   detach          all of it away                              however the container has ended
 *
 * Root's networks are made by CNI plugins (cni/), those of others by a program of theirs
 * (user-mode.ts). In both, what is made ends with the container even where `detach` is never called:
 * the program ends by itself, and the plugins' things are taken away with the next `attach`.
 */
import { loadBinding } from '../../native/loader.js';
import { attachCni, checkCni, detachCni, sweepCni } from './cni/attach.js';
import { NetworkStore } from './cni/store.js';
import type { AttachTarget, NetworkRecord, NetworkRequest } from './types.js';
import { attachUserMode, detachUserMode } from './user-mode.js';

export { networkConfig } from './files.js';
export { type NetworkOptions, parseNetwork } from './parse.js';
export type {
  AttachTarget,
  NetworkConfig,
  NetworkRecord,
  NetworkRequest,
  PublishedPort,
} from './types.js';

function store() {
  const native = loadBinding();
  return [native, new NetworkStore(native)] as const;
}

/**
 * Connects a container that has been created and not started.
 *
 * @returns what `detach` needs: plain JSON, to be kept until then
 * @throws OcirtError `network-failed`, `network-program-missing`, `port-taken`; what had been made by
 * then is gone, but for what `cleanup` says
 */
export async function attach(
  request: NetworkRequest,
  target: AttachTarget,
): Promise<NetworkRecord> {
  const { network } = request;
  switch (network.kind) {
    case 'none':
    case 'host':
      return { kind: network.kind };
    case 'user-mode':
      return await attachUserMode(request, network, target);
    default:
      return await attachCni(...store(), request, network, target);
  }
}

/**
 * Whether a container's network is as it was made: CHECK of its plugins.
 *
 * @throws OcirtError `network-failed` with the words of the plugin that is not content
 */
export async function check(record: NetworkRecord): Promise<void> {
  if (record.kind === 'cni') await checkCni(record);
}

/**
 * Takes away all that `attach` has made. A second time, or once the container and its namespace are
 * gone, is no fault.
 *
 * @throws OcirtError `network-failed`: some of it is left, and is tried again with the next `attach`
 */
export async function detach(record: NetworkRecord): Promise<void> {
  if (record.kind === 'cni') await detachCni(...store(), record);
  if (record.kind === 'user-mode') await detachUserMode(record);
}

/**
 * Takes away what is left of all containers that have ended and whose runtime was killed, be it while it
 * attached them, when nobody else knew of it. The next `attach` would do it, too.
 */
export async function sweepNetworks(): Promise<void> {
  await sweepCni(...store());
}
