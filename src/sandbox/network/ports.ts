/**
 * Whether a port of the host's is free. The rules that publish a port come before who listens on it:
 * without asking, they would take it away from him without a word.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { portTaken } from './errors.js';
import { overlap, portText } from './publish.js';
import type { PublishedPort } from './types.js';

/** @param others ports that containers have @throws OcirtError `port-taken` */
export async function checkFree(
  ports: readonly PublishedPort[],
  others: readonly { readonly owner: string; readonly ports: readonly PublishedPort[] }[],
): Promise<void> {
  for (const port of ports) {
    const owner = others.find((other) => other.ports.some((theirs) => overlap(port, theirs)));
    if (owner !== undefined) {
      throw portTaken(portText(port), `the container ${owner.owner} has it`, ANOTHER);
    }
    try {
      await (port.protocol === 'tcp' ? tryTcp(port) : tryUdp(port));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE')
        throw portTaken(portText(port), 'it is in use on the host', ANOTHER);
      if (code === 'EADDRNOTAVAIL') {
        throw portTaken(
          portText(port),
          `the host has no address ${port.hostIP}`,
          'ip address show',
        );
      }
      throw error;
    }
  }
}

const ANOTHER = 'another port of the host; ss -ltnup says who listens';

async function tryTcp({ hostIP, hostPort }: PublishedPort): Promise<void> {
  const server = createServer();
  server.listen({ host: hostIP ?? '0.0.0.0', port: hostPort, exclusive: true });
  await once(server, 'listening');
  await new Promise((resolve) => server.close(resolve));
}

async function tryUdp({ hostIP, hostPort }: PublishedPort): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind({ address: hostIP ?? '0.0.0.0', port: hostPort, exclusive: true });
  try {
    await once(socket, 'listening');
  } finally {
    socket.close();
  }
}
