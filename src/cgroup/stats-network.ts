/** Counters of network devices, from the text of /proc/PID/net/dev. Pure. */
import { countOf, type FileText } from './stats-text.js';
import type { NetworkStats } from './stats-types.js';

/**
 * The devices of a network namespace, without its loopback: what stays inside is no traffic of the
 * container's. null if there is none.
 */
export function parseNetDev(text: FileText): NetworkStats[] | null {
  const devices: NetworkStats[] = [];
  for (const line of (text ?? '').split('\n')) {
    const colon = line.lastIndexOf(':');
    const Name = line.slice(0, Math.max(0, colon)).trim();
    if (Name === '' || Name === 'lo') continue;
    // bytes packets errs drop fifo frame compressed multicast, then the same of what was sent.
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(countOf);
    if (fields.length < 16) continue;
    const [RxBytes = 0n, RxPackets = 0n, RxErrors = 0n, RxDropped = 0n] = fields;
    const [TxBytes = 0n, TxPackets = 0n, TxErrors = 0n, TxDropped = 0n] = fields.slice(8);
    devices.push({
      Name,
      RxBytes,
      RxPackets,
      RxErrors,
      RxDropped,
      TxBytes,
      TxPackets,
      TxErrors,
      TxDropped,
    });
  }
  return devices.length > 0 ? devices : null;
}
