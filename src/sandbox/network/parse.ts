/** What `--network`, `--publish` and `--dns` say. */
import { existsSync, readFileSync } from 'node:fs';
import { isIP, isIPv4 } from 'node:net';
import { badNetwork, badPort, badResolver, portTaken, programMissing } from './errors.js';
import { parsePublished, portText } from './publish.js';
import type { HostFiles, LanAddress, NetworkKind, NetworkRequest, PublishedPort } from './types.js';
import { userModePrograms } from './user-mode-programs.js';

export interface NetworkOptions {
  readonly network?: string | undefined;
  readonly publish: readonly string[];
  readonly dns: readonly string[];
  /** The container is made by who is not root: its network is carried by a program of the user's. */
  readonly rootless: boolean;
}

/** Where the administrator's networks are, unless NETCONFPATH says otherwise (as for cnitool). */
const CONFLISTS = '/etc/cni/net.d';
export const DEFAULT_BRIDGE = 'ocirt';
/** The name of a device has at most 15 characters, and the bridge's is `ocirt-` and this one. */
const BRIDGE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,8}$/;
/** netdevice(7): no slash, no space; and nothing that our words use. */
const DEVICE = /^[^\s/:,]{1,15}$/;
/** CNI 1.0, section 1. */
const CONFLIST_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Reads and checks what was asked for. Without a word it is `none`, or `bridge` if ports are to be
 * published.
 *
 * @throws OcirtError `network-invalid`, `port-invalid`, `dns-invalid`, `port-taken` (a port that an
 * ordinary user may not have), `network-program-missing`
 */
export function parseNetwork(options: NetworkOptions): NetworkRequest {
  const publish = parsePublished(options.publish);
  const word = options.network ?? (publish.length > 0 ? 'bridge' : 'none');
  const network = options.rootless ? parseRootless(word) : parseWord(word);
  if (publish.length > 0) checkPublished(word, network, publish);
  for (const address of options.dns) {
    if (isIP(address) === 0) throw badResolver(address);
  }
  if (options.rootless) checkPrivileged(publish);
  return { network, publish, dns: [...options.dns], host: readHostFiles() };
}

function parseWord(word: string): NetworkKind {
  const [kind = '', ...rest] = word.split(':');
  const detail = rest.join(':');
  if (word === 'none' || word === 'host') return { kind: word };
  if (word === 'bridge') return { kind: 'bridge', name: DEFAULT_BRIDGE };
  if (kind === 'bridge') {
    if (BRIDGE_NAME.test(detail)) return { kind, name: detail };
    throw badNetwork(word, 'a bridge has a name of 1 to 9 letters, digits and _.-');
  }
  if (kind === 'macvlan' || kind === 'ipvlan') return parseLan(word, kind, detail);
  return parseConflist(word);
}

/** `macvlan:eth0,ip=192.168.1.50/24,gateway=192.168.1.1`, or `ip=dhcp`. */
function parseLan(word: string, kind: 'macvlan' | 'ipvlan', detail: string): NetworkKind {
  const [device = '', ...settings] = detail.split(',');
  if (!DEVICE.test(device)) {
    throw badNetwork(word, `it names no device of the host, such as ${kind}:eth0`);
  }
  const values = new Map<string, string>();
  for (const setting of settings) {
    const [key = '', value = ''] = setting.split('=');
    if (!['ip', 'gateway'].includes(key) || values.has(key) || value === '') {
      throw badNetwork(word, `"${setting}" is not ip=... or gateway=...`);
    }
    values.set(key, value);
  }
  const lan = { address: values.get('ip'), gateway: values.get('gateway') };
  return { kind, device, lan: checkLan(word, kind, lan) };
}

function checkLan(
  word: string,
  kind: string,
  { address, gateway }: { address: string | undefined; gateway: string | undefined },
): LanAddress {
  if (address === undefined) {
    // One of the network's addresses is not ours to take: somebody may have it.
    throw badNetwork(
      word,
      'it names no address',
      `only you know which one is free: ${word},ip=192.0.2.50/24,gateway=192.0.2.1 or, with a DHCP server, ${kind === 'macvlan' ? word : 'macvlan:...'},ip=dhcp`,
    );
  }
  if (address === 'dhcp') {
    if (kind === 'ipvlan') {
      throw badNetwork(
        word,
        'ipvlan has the hardware address of its device: DHCP cannot tell them apart',
        'macvlan, or an address',
      );
    }
    if (gateway !== undefined) throw badNetwork(word, 'DHCP says which gateway');
    return { address };
  }
  const [ip = '', prefix = ''] = address.split('/');
  if (!isIPv4(ip) || !/^([1-9]|[12][0-9]|3[0-2])$/.test(prefix)) {
    throw badNetwork(
      word,
      `"${address}" is not an address with a prefix`,
      'such as ip=192.0.2.50/24',
    );
  }
  if (gateway === undefined) return { address };
  if (!isIPv4(gateway)) throw badNetwork(word, `"${gateway}" is no IPv4 address`);
  return { address, gateway };
}

function parseConflist(word: string): NetworkKind {
  if (CONFLIST_NAME.test(word)) {
    const path = `${process.env.NETCONFPATH ?? CONFLISTS}/${word}.conflist`;
    if (existsSync(path)) return { kind: 'conflist', name: word, path };
  }
  if (word === 'pasta' || word === 'slirp4netns') {
    throw badNetwork(word, 'it is for who is not root', 'root has bridge in its place');
  }
  throw badNetwork(word, 'no such kind of network, nor a list of that name');
}

/** The same words, done by a program that needs no root; or the program itself. */
function parseRootless(word: string): NetworkKind {
  if (word === 'none' || word === 'host') return { kind: word };
  if (word !== 'bridge' && word !== 'pasta' && word !== 'slirp4netns') {
    throw badNetwork(
      word,
      'only root has it',
      'without root --network takes none, host, bridge (through pasta or slirp4netns), pasta or slirp4netns',
    );
  }
  const programs = userModePrograms().filter(
    ({ program }) => word === 'bridge' || word === program,
  );
  const [first] = programs;
  if (first !== undefined) return { kind: 'user-mode', ...first };
  throw programMissing(
    word === 'bridge' ? 'pasta or slirp4netns' : word,
    word === 'slirp4netns' ? word : 'passt',
  );
}

function checkPublished(word: string, network: NetworkKind, publish: readonly PublishedPort[]) {
  const port = portText(publish[0] as PublishedPort);
  if (network.kind === 'none') throw badPort(port, 'the container has no network (--network none)');
  if (network.kind === 'host') {
    throw badPort(port, "with --network host the container's ports are the host's already");
  }
  if (network.kind === 'macvlan' || network.kind === 'ipvlan') {
    throw badPort(port, `with --network ${word} the container has an address that others reach`);
  }
}

/** ip(7): ip_unprivileged_port_start. */
function checkPrivileged(publish: readonly PublishedPort[]): void {
  if (process.geteuid?.() === 0) return;
  const first = Number(readText('/proc/sys/net/ipv4/ip_unprivileged_port_start') || 1024);
  const port = publish.find(({ hostPort }) => hostPort < first);
  if (port !== undefined) {
    throw portTaken(
      portText(port),
      `only root may listen on ports below ${first}`,
      `a port of the host from ${first} on, or sysctl net.ipv4.ip_unprivileged_port_start`,
    );
  }
}

function readHostFiles(): HostFiles {
  return {
    resolvConf: readText('/etc/resolv.conf'),
    upstream: readText('/run/systemd/resolve/resolv.conf'),
    hosts: readText('/etc/hosts'),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
