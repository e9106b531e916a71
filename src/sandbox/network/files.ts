/** /etc/resolv.conf and /etc/hosts of a container, from the host's: pure. */
import { isIP, isIPv4 } from 'node:net';
import type { CniResult, NetworkConfig, NetworkKind, NetworkRequest } from './types.js';

/** The C library asks no more resolvers than these: resolv.conf(5), MAXNS. */
const MAX_RESOLVERS = 3;

/**
 * The network that a program of the user's makes, the same with both: slirp4netns(1) has these
 * addresses, pasta(1) is told them. `resolver` answers questions of names, and asks the host's.
 */
export const USER_MODE = {
  address: '10.0.2.100',
  prefix: 24,
  gateway: '10.0.2.2',
  resolver: '10.0.2.3',
} as const;

/** What the runtime is to do: a namespace or not, and the two files. */
export function networkConfig(request: NetworkRequest, hostname: string): NetworkConfig {
  const { network, host } = request;
  if (network.kind === 'host') {
    // The same network, so the same names, and the host's own resolver can be reached.
    const resolvConf =
      request.dns.length > 0 ? withResolvers(request, request.dns) : host.resolvConf;
    return {
      namespace: false,
      files: { resolvConf, hosts: named(host.hosts, hostname) },
      warnings: [],
    };
  }
  const hosts = named(LOCAL_NAMES, hostname);
  if (network.kind === 'none') return { namespace: true, files: { hosts }, warnings: [] };
  const resolvers = resolversOf(request, network);
  return {
    namespace: true,
    files: { resolvConf: withResolvers(request, resolvers), hosts },
    warnings:
      resolvers.length > 0 || network.kind === 'conflist'
        ? []
        : ["the container cannot ask for names: the host's resolver is out of its reach (--dns)"],
  };
}

const LOCAL_NAMES = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
`;

/**
 * The container's own name, where no line has it yet: as 127.0.1.1, until it has an address (see
 * `withAddress`).
 */
function named(hosts: string, hostname: string): string {
  const known = hosts
    .split('\n')
    .some((line) => line.replace(/#.*/, '').split(/\s+/).slice(1).includes(hostname));
  if (known || !/^[\w.-]+$/.test(hostname)) return hosts;
  return `${hosts}${hosts === '' || hosts.endsWith('\n') ? '' : '\n'}${OWN_ADDRESS}\t${hostname}\n`;
}

const OWN_ADDRESS = '127.0.1.1';

/** The file with the address that the container has got, for its own name. */
export function withAddress(hosts: string, address: string): string {
  return hosts.replace(new RegExp(`^${OWN_ADDRESS.replaceAll('.', '\\.')}\t`, 'm'), `${address}\t`);
}

/** Resolvers that can be asked from within. */
function resolversOf(request: NetworkRequest, network: NetworkKind): readonly string[] {
  if (request.dns.length > 0) return request.dns;
  if (network.kind === 'user-mode') return [USER_MODE.resolver];
  for (const text of [request.host.resolvConf, request.host.upstream]) {
    const found = nameserversOf(text).filter(reachable);
    if (found.length > 0) return found;
  }
  return [];
}

function nameserversOf(text: string): string[] {
  return [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, address]) => address ?? '');
}

/** Not on the host's own loopback (systemd-resolved, dnsmasq); and by IPv4, for there is no other. */
function reachable(address: string): boolean {
  return isIPv4(address) && !address.startsWith('127.') && address !== '0.0.0.0';
}

/** The host's search list and options, with these resolvers. */
function withResolvers({ host }: NetworkRequest, resolvers: readonly string[]): string {
  const kept = host.resolvConf
    .split('\n')
    // systemd-resolved's own: to trust what it says of DNSSEC, and its answers of any size.
    .filter((line) => /^\s*(search|domain|options|sortlist)\s/.test(line))
    .map((line) => line.replace(/\s+(trust-ad|edns0)\b/g, ''))
    .filter((line) => /^\s*\w+\s+\S/.test(line) && !/^\s*search\s+\.\s*$/.test(line));
  const lines = resolvers.slice(0, MAX_RESOLVERS).map((address) => `nameserver ${address}`);
  return [...lines, ...kept, ''].join('\n');
}

/** What the network itself says of names (a list of the administrator's); undefined: nothing. */
export function resolvConfOf({ dns }: CniResult): string | undefined {
  const servers = (dns?.nameservers ?? []).filter((address) => isIP(address) !== 0);
  if (servers.length === 0) return undefined;
  const search = dns?.search ?? (dns?.domain === undefined ? [] : [dns.domain]);
  return [
    ...servers.slice(0, MAX_RESOLVERS).map((address) => `nameserver ${address}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...((dns?.options ?? []).length > 0 ? [`options ${dns?.options?.join(' ')}`] : []),
    '',
  ].join('\n');
}
