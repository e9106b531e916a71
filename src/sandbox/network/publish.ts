/** Published ports, as they are written: `[IP:]HOST:CONTAINER[/tcp|udp]`, ports or ranges of them. */
import { isIPv4 } from 'node:net';
import { badPort } from './errors.js';
import type { PublishedPort } from './types.js';

const FORM = /^(?:(.*):)?([0-9]+(?:-[0-9]+)?):([0-9]+(?:-[0-9]+)?)(?:\/([A-Za-z]+))?$/;
const LAST_PORT = 65_535;

/** Reads all of them. @throws OcirtError `port-invalid`, for ports that are there twice as well */
export function parsePublished(words: readonly string[]): PublishedPort[] {
  const ports = words.flatMap(parseOne);
  ports.forEach((port, index) => {
    const other = ports.slice(0, index).find((earlier) => overlap(earlier, port));
    if (other !== undefined) throw badPort(portText(port), `the host's port is published twice`);
  });
  return ports;
}

function parseOne(word: string): PublishedPort[] {
  const [all, hostIP, hostText = '', containerText = '', name = 'tcp'] = FORM.exec(word) ?? [];
  if (all === undefined) throw badPort(word, 'it names no port of the host and of the container');
  const protocol = name.toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp') throw badPort(word, `${name} is not tcp or udp`);
  if (hostIP !== undefined && !isIPv4(hostIP)) {
    throw badPort(word, `"${hostIP}" is no IPv4 address (the networks have no IPv6)`);
  }
  const host = rangeOf(hostText, word);
  const container = rangeOf(containerText, word);
  if (host.length !== container.length) {
    throw badPort(word, `${host.length} ports of the host, ${container.length} of the container`);
  }
  return host.map((hostPort, index) => ({
    // All addresses is what no address means.
    ...(hostIP === undefined || hostIP === '0.0.0.0' ? {} : { hostIP }),
    hostPort,
    containerPort: container[index] ?? hostPort,
    protocol,
  }));
}

function rangeOf(text: string, word: string): number[] {
  const [first = 0, last = first] = text.split('-').map(Number);
  for (const port of [first, last]) {
    if (port < 1 || port > LAST_PORT) throw badPort(word, `a port is from 1 to ${LAST_PORT}`);
  }
  if (last < first) throw badPort(word, `the range ${text} goes backwards`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Whether both want the same port of the host. */
export function overlap(one: PublishedPort, other: PublishedPort): boolean {
  return (
    one.hostPort === other.hostPort &&
    one.protocol === other.protocol &&
    (one.hostIP === undefined || other.hostIP === undefined || one.hostIP === other.hostIP)
  );
}

/** As it would be written. */
export function portText({ hostIP, hostPort, containerPort, protocol }: PublishedPort): string {
  return `${hostIP === undefined ? '' : `${hostIP}:`}${hostPort}:${containerPort}/${protocol}`;
}
