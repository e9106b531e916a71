import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from '../native/fake.js';
import { openStore } from '../state/store.js';
import { SILENT } from './context.js';
import { NetDevices } from './net-devices.js';

const DEVICE = { at: '/linux/netDevices/eth9', name: 'eth9', inside: 'eth0' };
const LINK = { index: 7, name: 'eth9', up: false, mtu: 1500, address: new Uint8Array(6) };

/** A host with one device, which goes to descriptor 30 and back to 31. */
function host() {
  let where = -1;
  const fake = createFake({
    open: (path) => (path === '/proc/self/ns/net' ? 31 : 30),
    close: () => {},
    networkLinks: (namespace) => (namespace === where ? [LINK] : []),
    networkAddresses: () => [],
    moveNetworkLink: (_from, _index, to) => {
      where = to === 31 ? -1 : to;
    },
    raiseNetworkLink: () => {},
  });
  const { binding } = fake;
  const store = openStore(binding, '/root');
  const devices = new NetDevices({ native: binding, store, log: SILENT, rootless: 'auto' });
  return { fake, devices };
}

test('a device that was moved comes back', () => {
  const { fake, devices } = host();
  devices.move([DEVICE], 1234);
  assert.deepEqual(devices.restore(), []);
  assert.deepEqual(
    fake.callsOf('moveNetworkLink').map(({ args }) => args),
    [
      [-1, 7, 30, 'eth0'],
      [30, 7, 31, 'eth9'],
    ],
  );
});

test('what keeps devices from coming back is told, and hides no other error', () => {
  const { fake, devices } = host();
  devices.move([DEVICE], 1234);
  fake.failCall('open', 1, { syscall: 'open', code: 'EMFILE', errno: 24 });
  const [problem, ...others] = devices.restore() as Error[];
  assert.match(String(problem?.message), /EMFILE|open/);
  assert.deepEqual(others, []);
});
