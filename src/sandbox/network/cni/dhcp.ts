/**
 * The plugin `dhcp` asks a daemon, which keeps the lease. Without one it can give no address, and take none back
 * either: said before anything is made, which could not be taken away.
 */
import { connect } from 'node:net';
import { networkFailed } from '../errors.js';
import type { ConfigList } from '../types.js';

/** The plugin's default. */
const SOCKET = '/run/cni/dhcp.sock';
export const DHCP_HINT = 'the daemon of the DHCP plugin has to run: /usr/lib/cni/dhcp daemon';

/** The sockets of the daemons that a list wants. */
function socketsOf({ plugins }: ConfigList): string[] {
  return plugins.flatMap(({ ipam }) => {
    const { type, daemonSocketPath } = { ...(ipam as object) } as {
      type?: unknown;
      daemonSocketPath?: unknown;
    };
    if (type !== 'dhcp') return [];
    const own = typeof daemonSocketPath === 'string' && daemonSocketPath !== '';
    return [own ? daemonSocketPath : SOCKET];
  });
}

/** @throws OcirtError `network-failed` where nobody listens */
export async function checkDhcp(list: ConfigList): Promise<void> {
  for (const path of socketsOf(list)) {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(path, () => {
        socket.destroy();
        resolve();
      });
      socket.on('error', (cause) => {
        reject(networkFailed(`nobody answers at ${path}: ${cause.message}`, DHCP_HINT, cause));
      });
    });
  }
}
