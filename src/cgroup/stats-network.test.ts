import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetDev } from './stats-network.js';

const HEADER = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
`;

test('network devices but the loopback', () => {
  assert.equal(parseNetDev(null), null);
  assert.equal(parseNetDev(HEADER), null);
  const line = '  eth0.5:18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n';
  assert.deepEqual(parseNetDev(HEADER + line), [
    {
      Name: 'eth0.5',
      RxBytes: 18446744073709551615n,
      RxPackets: 2n,
      RxErrors: 3n,
      RxDropped: 4n,
      TxBytes: 9n,
      TxPackets: 10n,
      TxErrors: 11n,
      TxDropped: 12n,
    },
  ]);
});

test('an alias has a colon in its name', () => {
  const [device] = parseNetDev('eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n') ?? [];
  assert.equal(device?.Name, 'eth0:1');
});
