import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { OcirtError } from '../../errors.js';
import { type NetworkOptions, parseNetwork } from './parse.js';

const parse = (network?: string, more: Partial<NetworkOptions> = {}) =>
  parseNetwork({ network, publish: [], dns: [], rootless: false, ...more });

/** The error of a call, which must have a hint. */
function refusal(call: () => unknown): OcirtError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof OcirtError);
    assert.ok(error.hint, `${error.message}: no hint`);
    return error;
  }
  return assert.fail('it was taken');
}

/** PATH and the folder of lists are this folder, for the tests that need them. */
let folder = '';
const { NETCONFPATH, PATH } = process.env;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocirt-network-'));
  process.env.NETCONFPATH = folder;
});
after(() => {
  rmSync(folder, { recursive: true });
  if (NETCONFPATH === undefined) delete process.env.NETCONFPATH;
  else process.env.NETCONFPATH = NETCONFPATH;
  process.env.PATH = PATH;
});

test('none is what there is without a word, bridge with a published port', () => {
  assert.deepEqual(parse().network, { kind: 'none' });
  const { network } = parse(undefined, { publish: ['8080:80'] });
  assert.deepEqual(network, { kind: 'bridge', name: 'ocirt' });
});

test('words', () => {
  assert.deepEqual(parse('host').network, { kind: 'host' });
  assert.deepEqual(parse('bridge:shop').network, { kind: 'bridge', name: 'shop' });
  assert.deepEqual(parse('macvlan:eth0.5,ip=192.0.2.9/24,gateway=192.0.2.1').network, {
    kind: 'macvlan',
    device: 'eth0.5',
    lan: { address: '192.0.2.9/24', gateway: '192.0.2.1' },
  });
  assert.deepEqual(parse('macvlan:eth0,ip=dhcp').network, {
    kind: 'macvlan',
    device: 'eth0',
    lan: { address: 'dhcp' },
  });
  assert.deepEqual(parse('ipvlan:eth0,ip=192.0.2.9/24').network, {
    kind: 'ipvlan',
    device: 'eth0',
    lan: { address: '192.0.2.9/24' },
  });
});

test('a list of the administrator is a word', () => {
  writeFileSync(join(folder, 'lab.conflist'), '{}');
  assert.deepEqual(parse('lab').network, {
    kind: 'conflist',
    name: 'lab',
    path: join(folder, 'lab.conflist'),
  });
});

for (const [word, why] of [
  ['', /no such kind/],
  ['brigde', /no such kind/],
  ['../lab', /no such kind/],
  ['bridge:', /has a name/],
  ['bridge:a/b', /has a name/],
  ['bridge:tooolongname', /has a name/],
  ['macvlan', /no device/],
  ['macvlan:', /no device/],
  ['macvlan:eth0', /no address/],
  ['ipvlan:eth0', /no address/],
  ['macvlan:eth0,ip=192.0.2.9', /with a prefix/],
  ['macvlan:eth0,ip=192.0.2.9/33', /with a prefix/],
  ['macvlan:eth0,ip=192.0.2.9/24,gateway=x', /no IPv4/],
  ['macvlan:eth0,ip=dhcp,gateway=192.0.2.1', /DHCP says/],
  ['macvlan:eth0,mtu=9', /is not ip=/],
  ['macvlan:eth0,ip=192.0.2.9/24,ip=192.0.2.8/24', /is not ip=/],
  ['ipvlan:eth0,ip=dhcp', /DHCP cannot/],
] as const) {
  test(`"${word}" is refused`, () => {
    const error = refusal(() => parse(word));
    assert.equal(error.code, 'network-invalid');
    assert.match(error.message, why);
  });
}

test('ports for a network that has no use for them are refused', () => {
  for (const word of ['none', 'host', 'macvlan:eth0,ip=192.0.2.9/24']) {
    const error = refusal(() => parse(word, { publish: ['8080:80'] }));
    assert.equal(error.code, 'port-invalid', word);
  }
});

test('a resolver is an address', () => {
  assert.deepEqual(parse('bridge', { dns: ['192.0.2.53', '2001:db8::53'] }).dns.length, 2);
  assert.equal(refusal(() => parse('bridge', { dns: ['example.com'] })).code, 'dns-invalid');
});

test('without root the bridge is carried by a program, and it can be named', () => {
  process.env.PATH = folder;
  const rootless = (word: string) => parse(word, { rootless: true }).network;
  for (const program of ['slirp4netns', 'pasta'] as const) {
    const path = join(folder, program);
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
    assert.deepEqual(rootless(program), { kind: 'user-mode', program, path });
    assert.equal(rootless('bridge').kind, 'user-mode');
  }
  assert.deepEqual(rootless('none'), { kind: 'none' });
  for (const word of ['macvlan:eth0,ip=192.0.2.9/24', 'bridge:shop', 'lab']) {
    assert.match(refusal(() => rootless(word)).message, /only root has it/);
  }
});

test('the programs of who is not root are not for root', () => {
  for (const word of ['pasta', 'slirp4netns']) {
    const { message, hint } = refusal(() => parse(word));
    assert.match(message, /it is for who is not root/);
    assert.match(hint ?? '', /bridge/);
  }
});
