/**
 * The network of a sandbox: docs/networks.md.
 *
 *   parseNetwork    what was asked for, checked                 before anything is made
 *   networkConfig   a namespace or not, and two files           into config.json
 *   attach          addresses, routes, ports, names             between create and start
 *   detach          all of it away                              however the container has ended
 */
import { networkFailed } from './errors.js';
import type { AttachTarget, NetworkRecord, NetworkRequest } from './types.js';

export { networkConfig } from './files.js';
export { type NetworkOptions, parseNetwork } from './parse.js';
export type {
  AttachTarget,
  NetworkConfig,
  NetworkRecord,
  NetworkRequest,
  PublishedPort,
} from './types.js';

/**
 * Connects a container that has been created and not started.
 *
 * @returns what `detach` needs: plain JSON, to be kept until then
 * @throws OcirtError `network-failed`, `network-program-missing`, `port-taken`; what had been made by
 * then is gone
 */
export async function attach(
  { network }: NetworkRequest,
  _target: AttachTarget,
): Promise<NetworkRecord> {
  if (network.kind === 'none' || network.kind === 'host') return { kind: network.kind };
  throw networkFailed(`the network ${network.kind} is not supported in this version`);
}

/** Takes away all that `attach` has made. A second time, or once the container is gone, is no fault. */
export async function detach(record: NetworkRecord): Promise<void> {
  if (record.kind === 'none' || record.kind === 'host') return;
}
