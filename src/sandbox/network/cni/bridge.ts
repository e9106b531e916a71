/** The bridge of our own networks: made by the first container's plugin, gone with the last container. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binding } from '../../../native/binding.js';
import { networkFailed, programMissing } from '../errors.js';
import { findProgram } from '../programs.js';
import { run } from '../run.js';
import { chooseSubnet, mtuOf, parseSubnet, subnetText, takenOf } from '../subnet.js';
import type { CniRecord, ConfigList, NetworkRequest } from '../types.js';
import { bridgeDevice, bridgeList, bridgeNetwork } from './config.js';
import { pluginPath } from './plugin.js';
import type { NetworkStore } from './store.js';

/** What the plugins call, and we. Said before anything is made. */
export function checkPrograms(): void {
  if (findProgram('iptables') === undefined) throw programMissing('iptables', 'iptables');
  if (findProgram('ip') === undefined) throw programMissing('ip', 'iproute2');
}

/**
 * The list for a bridge: the subnet is that of the bridge, if there is one, or a free one.
 *
 * @throws OcirtError `network-failed`: a device of that name that is not ours, or no free subnet
 */
export function prepareBridge(
  native: Binding,
  store: NetworkStore,
  name: string,
  { host, publish }: NetworkRequest,
): { list: ConfigList; subnet: string } {
  const device = bridgeDevice(name);
  const routes = readFileSync('/proc/self/net/route', 'utf8');
  const exists = native.networkLinks(-1).some((link) => link.name === device);
  const known = store.subnetOf(device);
  if (exists && known === undefined) {
    throw networkFailed(
      `the host has a device ${device} that ocirt did not make`,
      `another name (--network bridge:NAME), or ip link delete ${device}`,
    );
  }
  let subnet = exists ? known : undefined;
  if (subnet === undefined) {
    // Addresses of a bridge that is gone are nobody's.
    store.forgetBridge(device, bridgeNetwork(name));
    const taken = takenOf(native, routes, host.resolvConf);
    const free = chooseSubnet([...taken, ...store.subnets().map(parseSubnet)]);
    if (free === undefined) throw networkFailed('all subnets for a bridge are taken on this host');
    subnet = subnetText(free);
  }
  const list = bridgeList(name, {
    subnet,
    mtu: mtuOf(native, routes),
    addresses: store.addresses,
    firewall: findProgram('firewall', pluginPath()) !== undefined,
    ports: publish.length > 0,
  });
  return { list, subnet };
}

const PORTS_GONE_TRIES = 20;
const PORTS_GONE_MS = 100;

/**
 * Takes the bridge away if its last container has gone. One that something else is connected to
 * (by hand) stays, and goes with the last container after that.
 */
export async function removeBridge(
  native: Binding,
  store: NetworkStore,
  { id, bridge, network }: CniRecord,
): Promise<void> {
  if (bridge === undefined) return;
  if (store.records().some((other) => other.bridge === bridge && other.id !== id)) return;
  const ip = findProgram('ip') ?? 'ip';
  if (native.networkLinks(-1).some(({ name }) => name === bridge)) {
    for (let tries = 0; (await ports(ip, bridge)) > 0; tries++) {
      if (tries === PORTS_GONE_TRIES) return;
      // The kernel takes away the devices of a namespace some time after it.
      await sleep(PORTS_GONE_MS);
    }
    const outcome = await run(ip, ['link', 'delete', 'dev', bridge]);
    if (outcome.code !== 0) {
      throw networkFailed(`the bridge ${bridge} cannot be removed: ${outcome.stderr.trim()}`);
    }
  }
  store.forgetBridge(bridge, network);
}

async function ports(ip: string, bridge: string): Promise<number> {
  const { stdout } = await run(ip, ['-oneline', 'link', 'show', 'master', bridge]);
  return stdout.split('\n').filter((line) => line !== '').length;
}
