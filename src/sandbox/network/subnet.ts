/** Which addresses a bridge gets: some that nothing of the host's leads to. Pure, but for `takenOf`. */
import type { Binding } from '../../native/binding.js';

/** An IPv4 network: its first address as a number, and the length of its prefix. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** 10.77.0.0/24 to 10.77.255.0/24, then 172.29.0.0/24 ..., then 192.168.77.0/24 ... */
const CANDIDATES: readonly Subnet[] = [
  ...subnets('10.77.0.0', 256),
  ...subnets('172.29.0.0', 256),
  ...subnets('192.168.77.0', 100),
];

function subnets(first: string, count: number): Subnet[] {
  const { base } = parseSubnet(`${first}/24`);
  return Array.from({ length: count }, (_, index) => ({ base: base + index * 256, prefix: 24 }));
}

/** @param text such as 10.77.0.0/24; a bare address is one of its own */
export function parseSubnet(text: string): Subnet {
  const [address = '', prefix = '32'] = text.split('/');
  const base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return network(base, Number(prefix));
}

function network(address: number, prefix: number): Subnet {
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(address / size) * size, prefix };
}

export function subnetText({ base, prefix }: Subnet): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return `${parts.join('.')}/${prefix}`;
}

function collide(one: Subnet, other: Subnet): boolean {
  const prefix = Math.min(one.prefix, other.prefix);
  return network(one.base, prefix).base === network(other.base, prefix).base;
}

/** The first that nothing of what is taken collides with; undefined: none is free. */
export function chooseSubnet(taken: readonly Subnet[]): Subnet | undefined {
  return CANDIDATES.find((candidate) => !taken.some((other) => collide(candidate, other)));
}

/** A line of /proc/net/route: numbers in hexadecimal, addresses as the processor keeps them. */
interface Route {
  readonly device: string;
  readonly subnet: Subnet;
  readonly metric: number;
}

/** Reads /proc/net/route, proc_pid_net(5). */
export function parseRoutes(text: string): Route[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8)
    .map(([device = '', destination = '', , , , , metric = '', mask = '']) => ({
      device,
      subnet: {
        base: swapped(destination),
        prefix: [...swapped(mask).toString(2)].filter((bit) => bit === '1').length,
      },
      metric: Number(metric),
    }));
}

/** Little-endian, as on all processors that there are packages for. */
function swapped(hex: string): number {
  return Number.parseInt(hex.match(/../g)?.reverse().join('') ?? '0', 16);
}

/** Everything that the host has a way to: routes, addresses, and its resolvers. */
export function takenOf(native: Binding, routes: string, resolvConf: string): Subnet[] {
  const own = native
    .networkLinks(-1)
    .flatMap(({ index }) => native.networkAddresses(-1, index))
    .filter(({ family }) => family === AF_INET)
    .map(({ prefix, local, address }) =>
      parseSubnet(`${(local.length > 0 ? local : address).join('.')}/${prefix}`),
    );
  const resolvers = [...resolvConf.matchAll(/^\s*nameserver\s+([\d.]+)\s*$/gm)].map(([, address]) =>
    parseSubnet(address ?? ''),
  );
  const beyond = parseRoutes(routes)
    .map(({ subnet }) => subnet)
    // The default route leads to everything, and so do the halves of it that a VPN takes.
    .filter(({ prefix }) => prefix > SHORTEST);
  return [...own, ...resolvers, ...beyond];
}

const AF_INET = 2;
const SHORTEST = 4;

/** The MTU of the device that the default route leads over; undefined: there is none. */
export function mtuOf(native: Binding, routes: string): number | undefined {
  const [first] = parseRoutes(routes)
    .filter(({ subnet }) => subnet.prefix === 0)
    .sort((one, other) => one.metric - other.metric);
  return native.networkLinks(-1).find(({ name }) => name === first?.device)?.mtu;
}
