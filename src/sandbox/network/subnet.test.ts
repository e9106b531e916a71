import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Binding } from '../../native/binding.js';
import { chooseSubnet, mtuOf, parseRoutes, parseSubnet, subnetText, takenOf } from './subnet.js';

const choose = (...taken: string[]) => {
  const free = chooseSubnet(taken.map(parseSubnet));
  return free === undefined ? undefined : subnetText(free);
};

test('the first that is free', () => {
  assert.equal(choose(), '10.77.0.0/24');
  assert.equal(choose('10.77.0.0/24', '10.77.1.0/25'), '10.77.2.0/24');
  assert.equal(choose('10.77.0.200'), '10.77.1.0/24', 'one address of it is taken');
  assert.equal(choose('10.76.0.0/16'), '10.77.0.0/24');
  assert.equal(choose('10.0.0.0/8'), '172.29.0.0/24');
  assert.equal(choose('10.0.0.0/8', '172.16.0.0/12', '192.168.77.0/24'), '192.168.78.0/24');
  assert.equal(choose('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'), undefined);
});

test('texts', () => {
  for (const text of ['10.77.0.0/24', '255.255.255.255/32', '128.0.0.0/1']) {
    assert.equal(subnetText(parseSubnet(text)), text);
  }
  assert.equal(subnetText(parseSubnet('192.0.2.77/24')), '192.0.2.0/24');
});

const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
tun0\t00000000\t010200C0\t0003\t0\t0\t50\t00000080\t0\t0\t0
eth1\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
lab0\t00004D0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`;

test('the table of routes', () => {
  assert.deepEqual(
    parseRoutes(ROUTES).map(({ device, subnet }) => `${device} ${subnetText(subnet)}`),
    [
      'tun0 0.0.0.0/1',
      'eth1 0.0.0.0/0',
      'eth0 0.0.0.0/0',
      'eth0 192.0.2.0/24',
      'lab0 10.77.0.0/16',
    ],
  );
});

/** A host with one device for each of these. */
const host = (links: { name: string; mtu: number; address: number[] }[]) =>
  ({
    networkLinks: () => links.map(({ name, mtu }, index) => ({ index, name, mtu })),
    networkAddresses: (_: number, index: number) => [
      {
        family: 2,
        prefix: 24,
        local: new Uint8Array(links[index]?.address ?? []),
        address: new Uint8Array(),
      },
      { family: 10, prefix: 64, local: new Uint8Array(), address: new Uint8Array(16) },
    ],
  }) as unknown as Binding;

test('taken is what has an address, a route or a resolver', () => {
  const native = host([{ name: 'down0', mtu: 1500, address: [10, 77, 3, 1] }]);
  const taken = takenOf(native, ROUTES, 'nameserver 10.255.255.53\nnameserver fd00::1\n');
  assert.deepEqual(taken.map(subnetText), [
    '10.77.3.0/24',
    '10.255.255.53/32',
    '192.0.2.0/24',
    '10.77.0.0/16',
  ]);
});

test('the MTU is that of the way out with the least metric', () => {
  const links = [
    { name: 'eth0', mtu: 1400, address: [192, 0, 2, 1] },
    { name: 'eth1', mtu: 9000, address: [192, 0, 2, 2] },
  ];
  assert.equal(mtuOf(host(links), ROUTES), 1400);
  assert.equal(mtuOf(host(links), ''), undefined);
});
