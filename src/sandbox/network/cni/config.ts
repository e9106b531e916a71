/** The lists of plugins that our words stand for, and those of the administrator's. */
import { readFileSync } from 'node:fs';
import { networkFailed } from '../errors.js';
import { DEFAULT_BRIDGE } from '../parse.js';
import type { ConfigList, NetworkKind, PluginConfig } from '../types.js';

/** Debian's plugins, from bookworm on, speak it. */
const CNI_VERSION = '1.0.0';

/** What has to be known of the host. */
export interface BridgeFacts {
  /** Such as 10.77.0.0/24. */
  readonly subnet: string;
  /** Of the way out; undefined: the kernel's default. */
  readonly mtu: number | undefined;
  /** Where the address plugin writes down who has which. */
  readonly addresses: string;
  /** Whether there is the plugin that opens a closed firewall to the container. */
  readonly firewall: boolean;
  /** Whether ports are published. */
  readonly ports: boolean;
}

/** The bridge's device. */
export function bridgeDevice(name: string): string {
  return name === DEFAULT_BRIDGE ? 'ocirt0' : `ocirt-${name}`;
}

/** The network's name: in rules, and in the folder of its addresses. */
export function bridgeNetwork(name: string): string {
  return name === DEFAULT_BRIDGE ? name : `ocirt-${name}`;
}

/**
 * `bridge`: a bridge, a veth pair, an address, a way out with the host's address (NAT); `firewall`: the
 * host lets the container's packets through, where it would not do so for everybody's; `portmap`:
 * ports.
 */
export function bridgeList(name: string, facts: BridgeFacts): ConfigList {
  return {
    cniVersion: CNI_VERSION,
    name: bridgeNetwork(name),
    plugins: [
      {
        type: 'bridge',
        bridge: bridgeDevice(name),
        isGateway: true,
        ipMasq: true,
        // A container may call a published port of its own.
        hairpinMode: true,
        ...(facts.mtu === undefined ? {} : { mtu: facts.mtu }),
        ipam: {
          type: 'host-local',
          dataDir: facts.addresses,
          ranges: [[{ subnet: facts.subnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      ...(facts.firewall ? [{ type: 'firewall' }] : []),
      ...(facts.ports
        ? [{ type: 'portmap', capabilities: { portMappings: true }, snat: true }]
        : []),
    ],
  };
}

/** One plugin, on a device of the host's, with the address that was asked for. */
export function lanList(network: Extract<NetworkKind, { kind: 'macvlan' | 'ipvlan' }>): ConfigList {
  const { kind, device, lan } = network;
  const ipam =
    lan.address === 'dhcp'
      ? { type: 'dhcp' }
      : {
          type: 'static',
          addresses: [
            {
              address: lan.address,
              ...(lan.gateway === undefined ? {} : { gateway: lan.gateway }),
            },
          ],
          routes: lan.gateway === undefined ? [] : [{ dst: '0.0.0.0/0', gw: lan.gateway }],
        };
  return {
    cniVersion: CNI_VERSION,
    name: `ocirt-${kind}-${device.replace(/[^a-zA-Z0-9_.-]/g, '_')}`,
    plugins: [{ type: kind, master: device, mode: kind === 'macvlan' ? 'bridge' : 'l2', ipam }],
  };
}

/**
 * Reads a list of the administrator's: CNI 1.0, section 1.
 *
 * @throws OcirtError `network-failed` for one that is none, or too old (before 0.3.0 results had
 * another form)
 */
export function readList(path: string): ConfigList {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw networkFailed(`${path} cannot be read: ${(cause as Error).message}`, undefined, cause);
  }
  const { cniVersion, name, plugins } = { ...(value as object) } as Partial<
    Record<string, unknown>
  >;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    throw networkFailed(`${path} has no valid name`);
  }
  if (typeof cniVersion !== 'string' || !/^(0\.[34]\.|1\.\d+\.)\d+$/.test(cniVersion)) {
    throw networkFailed(
      `${path} has the CNI version ${JSON.stringify(cniVersion)}, not 0.3.0 to 1.x`,
    );
  }
  if (!Array.isArray(plugins) || plugins.length === 0 || !plugins.every(isPlugin)) {
    throw networkFailed(`${path} has no list of plugins, each with a type`);
  }
  return { cniVersion, name, plugins };
}

function isPlugin(value: unknown): value is PluginConfig {
  return typeof (value as { type?: unknown } | null)?.type === 'string';
}
