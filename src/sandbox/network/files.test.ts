import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkConfig, resolvConfOf, withAddress } from './files.js';
import type { NetworkKind, NetworkRequest } from './types.js';

const bridge: NetworkKind = { kind: 'bridge', name: 'ocirt' };

function request(network: NetworkKind, more: Partial<NetworkRequest> = {}): NetworkRequest {
  const host = {
    resolvConf: 'nameserver 192.0.2.53\n',
    upstream: '',
    hosts: '127.0.0.1 localhost\n',
  };
  return { network, publish: [], dns: [], host, ...more };
}

const resolvConf = (network: NetworkKind, host: string, upstream = '', dns: string[] = []) =>
  networkConfig(request(network, { dns, host: { resolvConf: host, upstream, hosts: '' } }), 'box');

test('none has a namespace, its own name, and nobody to ask', () => {
  const { namespace, files, warnings } = networkConfig(request({ kind: 'none' }), 'box');
  assert.equal(namespace, true);
  assert.equal(files.resolvConf, undefined);
  assert.match(files.hosts, /^127\.0\.0\.1\tlocalhost$/m);
  assert.match(files.hosts, /^127\.0\.1\.1\tbox$/m);
  assert.deepEqual(warnings, []);
});

test("host has the host's files, and the container's name if it is another", () => {
  const { namespace, files } = networkConfig(request({ kind: 'host' }), 'box');
  assert.equal(namespace, false);
  assert.equal(files.resolvConf, 'nameserver 192.0.2.53\n');
  assert.equal(files.hosts, '127.0.0.1 localhost\n127.0.1.1\tbox\n');
  const same = networkConfig(request({ kind: 'host' }), 'localhost');
  assert.equal(same.files.hosts, '127.0.0.1 localhost\n');
});

test("host keeps a resolver on the host's loopback, which it can reach", () => {
  const { files } = resolvConf({ kind: 'host' }, 'nameserver 127.0.0.53\n');
  assert.equal(files.resolvConf, 'nameserver 127.0.0.53\n');
});

test('search list and options are kept, but what is only true of the resolver that was', () => {
  const host = 'search lab.example\noptions edns0 trust-ad ndots:2\nnameserver 192.0.2.53\n';
  const { files } = resolvConf(bridge, host);
  assert.equal(files.resolvConf, 'nameserver 192.0.2.53\nsearch lab.example\noptions ndots:2\n');
  const bare = resolvConf(bridge, 'nameserver 192.0.2.53\noptions edns0 trust-ad\nsearch .\n');
  assert.equal(bare.files.resolvConf, 'nameserver 192.0.2.53\n');
});

test("a resolver on the host's loopback is not passed on: what it asks is", () => {
  const stub = 'nameserver 127.0.0.53\nsearch lab.example\n';
  const { files, warnings } = resolvConf(bridge, stub, 'nameserver 198.51.100.1\n');
  assert.equal(files.resolvConf, 'nameserver 198.51.100.1\nsearch lab.example\n');
  assert.deepEqual(warnings, []);
});

test('without any resolver that can be reached there is a warning, and no wrong one', () => {
  for (const host of ['', 'nameserver 127.0.0.1\nnameserver ::1\nnameserver fe80::1%eth0\n']) {
    const { files, warnings } = resolvConf(bridge, host);
    assert.doesNotMatch(files.resolvConf ?? '', /nameserver/);
    assert.match(warnings.join(), /--dns/);
  }
});

test('--dns is what counts, for every network that has a use for it', () => {
  for (const network of [bridge, { kind: 'host' }] as const) {
    const { files } = resolvConf(network, 'nameserver 192.0.2.53\n', '', ['2001:db8::1']);
    assert.equal(files.resolvConf, 'nameserver 2001:db8::1\n');
  }
});

test("user mode asks through the program, which reaches the host's loopback", () => {
  const slirp: NetworkKind = { kind: 'user-mode', program: 'slirp4netns', path: '/s' };
  const { files } = resolvConf(slirp, 'nameserver 127.0.0.53\n');
  assert.equal(files.resolvConf, 'nameserver 10.0.2.3\n');
});

test('a host name that would write lines of its own is none', () => {
  assert.doesNotMatch(networkConfig(request(bridge), 'a\n6.6.6.6 bank').files.hosts, /6\.6\.6/);
});

test('the address comes to the name', () => {
  const { hosts } = networkConfig(request(bridge), 'box').files;
  assert.match(withAddress(hosts, '10.77.0.2'), /^10\.77\.0\.2\tbox$/m);
  assert.doesNotMatch(withAddress(hosts, '10.77.0.2'), /127\.0\.1\.1/);
});

test("a network's own resolvers", () => {
  assert.equal(resolvConfOf({}), undefined);
  assert.equal(resolvConfOf({ dns: { nameservers: ['x; y'] } }), undefined);
  assert.equal(
    resolvConfOf({ dns: { nameservers: ['192.0.2.1'], domain: 'lab', options: ['ndots:2'] } }),
    'nameserver 192.0.2.1\nsearch lab\noptions ndots:2\n',
  );
});
