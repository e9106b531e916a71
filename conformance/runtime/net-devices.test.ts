/** linux.netDevices: devices of the host for the container. config-linux.md, "Network Devices". */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import type { Change } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { says } from '../lib/refusal.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const not = { crun: 'version 1.8.1 has none', runc: 'version 1.1.5 has none' };

const ip = (...args: string[]) => execFileSync('ip', args).toString();

interface Link {
  ifname: string;
  mtu: number;
  address: string;
  flags: string[];
  addr_info: { local: string; prefixlen: number }[];
}

/** What `ip` says of a device of the host; undefined if there is none. */
function onHost(name: string): Link | undefined {
  const result = spawnSync('ip', ['-json', 'address', 'show', 'dev', name]);
  return result.status === 0 ? (JSON.parse(result.stdout.toString()) as Link[])[0] : undefined;
}

/** A pair of devices of the test's own, one with addresses; the names of both. */
function veth(s: Sandbox): { name: string; peer: string } {
  const tag = Math.random().toString(36).slice(2, 9);
  const [name, peer] = [`oca${tag}`, `ocb${tag}`];
  ip('link', 'add', name, 'mtu', '1300', 'type', 'veth', 'peer', 'name', peer);
  s.defer(() => spawnSync('ip', ['link', 'delete', peer]));
  ip('link', 'set', name, 'address', '02:00:00:00:12:34');
  ip('address', 'add', '198.51.100.7/24', 'broadcast', '198.51.100.255', 'dev', name);
  ip('address', 'add', '2001:db8::7/64', 'nodad', 'dev', name);
  ip(
    'address',
    'add',
    '198.51.100.9/24',
    'valid_lft',
    '9000',
    'preferred_lft',
    '9000',
    'dev',
    name,
  );
  ip('address', 'add', '203.0.113.10/24', 'scope', 'link', 'dev', name);
  ip('link', 'set', name, 'up');
  return { name, peer };
}

const give =
  (name: string, inside?: string): Change =>
  (c) => {
    c.linux.netDevices = { [name]: inside === undefined ? {} : { name: inside } };
  };

scenario(
  'a device keeps its name, mtu, hardware address and permanent addresses',
  { not, skip: notRoot },
  (s) => {
    const { name } = veth(s);
    const [devices] = s.report(give(name), 'devices');
    const device = devices[name];
    assert.deepEqual([device?.up, device?.mtu, device?.mac], [true, 1300, '02:00:00:00:12:34']);
    const addresses = device?.addresses ?? [];
    assert.ok(addresses.includes('198.51.100.7'), `${addresses}`);
    assert.ok(addresses.includes('2001:db8::7'), `${addresses}`);
    // Those that end, and those for the link alone, stay behind.
    assert.ok(!addresses.includes('198.51.100.9'), `${addresses}`);
    assert.ok(!addresses.includes('203.0.113.10'), `${addresses}`);
    assert.equal(onHost(name), undefined);
  },
);

scenario('a device that was down is up, under a new name', { not, skip: notRoot }, (s) => {
  const { name } = veth(s);
  ip('link', 'set', name, 'down');
  const [devices] = s.report(give(name, 'eth5'), 'devices');
  assert.deepEqual(Object.keys(devices).sort(), ['eth5', 'lo']);
  assert.equal(devices.eth5?.up, true);
});

scenario('a template makes a name', { not, skip: notRoot }, (s) => {
  const { name } = veth(s);
  const [devices] = s.report(give(name, 'net%d'), 'devices');
  assert.deepEqual(Object.keys(devices).sort(), ['lo', 'net0']);
});

scenario('with a user namespace', { not, skip: notRoot }, (s) => {
  const { name } = veth(s);
  const [devices] = s.report((c) => {
    give(name, 'eth0')(c);
    c.linux.namespaces.push({ type: 'user' });
    c.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    c.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  }, 'devices');
  assert.equal(devices.eth0?.mtu, 1300);
  assert.ok(devices.eth0?.addresses.includes('198.51.100.7'));
});

scenario(
  'into a namespace that is joined; a name that is taken is refused',
  { not, skip: notRoot },
  async (s) => {
    const donor = await s.running();
    const path = `/proc/${donor.state().pid}/ns/net`;
    const join: Change = (c) => {
      c.linux.namespaces = c.linux.namespaces.map((n) =>
        n.type === 'network' ? { ...n, path } : n,
      );
    };
    const first = veth(s);
    const [devices] = s.report((c) => {
      give(first.name, 'eth0')(c);
      join(c);
    }, 'devices');
    assert.deepEqual(Object.keys(devices).sort(), ['eth0', 'lo']);

    const second = veth(s);
    const result = s.run((c) => {
      give(second.name, 'eth0')(c);
      join(c);
    });
    assert.notEqual(result.status, 0);
    says(result.stderr, /eth0\\*" is in the container already/);
    assert.equal(onHost(second.name)?.mtu, 1300);

    // A template finds another name.
    const [more] = s.report((c) => {
      give(second.name, 'eth%d')(c);
      join(c);
    }, 'devices');
    assert.deepEqual(Object.keys(more).sort(), ['eth0', 'eth1', 'lo']);
  },
);

scenario('a device that does not exist is named, and nothing is left', { not }, (s) => {
  const result = s.run(give('nosuchdevice'));
  assert.notEqual(result.status, 0);
  says(result.stderr, /network device \\?"nosuchdevice\\?"/);
  s.assertClean();
});

scenario(
  'a create that fails afterwards gives the device back as it was',
  { not, skip: notRoot },
  (s) => {
    const { name } = veth(s);
    const result = s.run((c) => {
      give(name, 'eth0')(c);
      c.process.args = ['/no/such/program'];
    });
    assert.notEqual(result.status, 0);
    const link = onHost(name);
    assert.equal(link?.address, '02:00:00:00:12:34');
    assert.ok(link?.flags.includes('UP'), `${link?.flags}`);
    const locals = link?.addr_info.map((info) => `${info.local}/${info.prefixlen}`) ?? [];
    assert.ok(locals.includes('198.51.100.7/24'), `${locals}`);
    assert.ok(locals.includes('2001:db8::7/64'), `${locals}`);
  },
);

scenario('createRuntime hooks find the device in place', { not, skip: notRoot }, (s) => {
  const { name } = veth(s);
  const result = s.run((c) => {
    give(name, 'eth0')(c);
    const look = `nsenter -n -t $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/') ip link show eth0`;
    c.hooks = {
      createRuntime: [
        { path: '/bin/sh', args: ['sh', '-c', look], env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] },
      ],
    };
  });
  assert.equal(result.status, 0, result.stderr);
});
