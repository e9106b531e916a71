/** Bridges with Debian's CNI plugins, in a world of the tests' own. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inWorld } from './testing/places.js';
import {
  attachCommand,
  noWorld,
  OUTSIDE,
  type Refusal,
  WORLD,
  type World,
} from './testing/world.js';
import type { CniRecord } from './types.js';

const skip = noWorld() ?? false;

describe('a bridge', { skip }, () => {
  let world: World;
  let name = '';
  let folder = '';
  inWorld('box', (place) => {
    ({ world, name, folder } = place);
  });

  type Options = Parameters<World['attach']>[0];
  type How = Parameters<World['attach']>[2];

  function attached(pid: number, options: Options = {}, how: How = {}): CniRecord {
    const { record, refusal } = world.attach(
      { network: 'bridge', ...options },
      { name, pid, folder },
      how,
    );
    assert.equal(refusal, undefined);
    assert.equal(record?.kind, 'cni');
    return record as CniRecord;
  }

  function refused(pid: number, options: Options = {}, how: How = {}): Refusal {
    const { refusal } = world.attach({ network: 'bridge', ...options }, { name, pid, folder }, how);
    return refusal ?? assert.fail('it was attached');
  }

  /** What plugins and we make of a container: nothing of it may be left. */
  function left(): string {
    return world.sh(
      'world',
      `ip -oneline link | grep -E 'veth|ocirt' || true
       iptables-save | grep -E -- '10\\.77\\.|172\\.29\\.|box[0-9]|CNI-DN|CNI-[0-9a-f]{10}' || true
       find /run/ocirt-network -mindepth 2 || true
       grep ocirt-network /proc/self/mounts || true`,
    );
  }

  test('an address, a way out, two files; all gone afterwards', async () => {
    const pid = await world.container();
    await world.serve('outside', 80, 'hello');
    const record = attached(pid, { dns: ['192.0.2.53'] });

    assert.match(record.addresses.join(), /^10\.77\.0\.\d+$/);
    assert.equal(record.gateway, '10.77.0.1');
    assert.match(world.sh(pid, 'ip route'), /^default via 10\.77\.0\.1 dev eth0/m);
    // The world's address is what they see outside: NAT.
    assert.equal(world.ask(pid, OUTSIDE, 80), `hello to ${WORLD}`);
    const own = `${record.addresses[0]}\t${name}`;
    assert.ok(readFileSync(join(folder, 'hosts'), 'utf8').split('\n').includes(own));
    assert.match(readFileSync(join(folder, 'resolv.conf'), 'utf8'), /^nameserver 192\.0\.2\.53$/m);
    assert.equal(world.tell('check', record), undefined);

    world.sh(pid, 'ip link delete eth0');
    assert.match(world.tell('check', record)?.message ?? '', /CHECK/);
    world.kill(pid);
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
    assert.equal(world.tell('detach', record), undefined, 'a second time');
  });

  test('published ports, from outside, from the host, from its loopback, from itself', async () => {
    const pid = await world.container();
    const publish = ['8080:80', '5300:53/udp', '127.0.0.1:8081:80', '7000-7001:80-81'];
    const record = attached(pid, { publish });
    await world.serve(pid, 80, 'box');
    await world.serve(pid, 81, 'other');
    await world.serve(pid, 53, 'named', 'udp');

    // Who asks is seen as he is.
    assert.equal(world.ask('outside', WORLD, 8080), `box to ${OUTSIDE}`);
    assert.match(world.ask('world', '127.0.0.1', 8080), /^box/);
    assert.match(world.ask('world', WORLD, 8080), /^box/);
    assert.match(world.ask(pid, WORLD, 8080), /^box/, 'hairpin');
    assert.match(world.ask('outside', WORLD, 5300, 'udp'), /^named/);
    assert.match(world.ask('outside', WORLD, 7001), /^other/);
    assert.match(world.ask('world', '127.0.0.1', 8081), /^box/);
    assert.equal(world.ask('outside', WORLD, 8081), 'ECONNREFUSED', 'published on loopback only');

    assert.equal(world.tell('detach', record), undefined, 'while the container runs');
    assert.equal(world.ask('outside', WORLD, 8080), 'ECONNREFUSED');
    assert.equal(left(), '');
    world.kill(pid);
  });

  test('containers reach one another, and the bridge stays for the last of them', async () => {
    const [one, two] = [await world.container(), await world.container()];
    const first = attached(one, { publish: ['8080:80'] });
    name = `${name}b`;
    const second = attached(two);
    await world.serve(two, 90, 'second');
    assert.equal(
      world.ask(one, second.addresses[0] ?? '', 90),
      `second to ${first.addresses[0]}`,
      'by its own address, without NAT',
    );
    world.kill(one);
    assert.equal(world.tell('detach', first), undefined);
    assert.match(left(), /ocirt0/);
    assert.doesNotMatch(left(), new RegExp(first.id));
    world.kill(two);
    assert.equal(world.tell('detach', second), undefined);
    assert.equal(left(), '');
  });

  test('a port that somebody has is refused', async () => {
    const [one, two] = [await world.container(), await world.container()];
    const record = attached(one, { publish: ['9000-9010:9000-9010'] });
    const taken = refused(two, { publish: ['127.0.0.1:9005:80'] });
    assert.equal(taken.code, 'port-taken');
    assert.match(taken.message, new RegExp(`the container ${name} has it`));
    await world.serve('world', 9100, 'host');
    assert.match(refused(two, { publish: ['9100:80'] }).message, /in use on the host/);
    assert.match(refused(two, { publish: ['198.51.100.7:80:80'] }).message, /has no address/);
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
  });

  test('a subnet that the host has a way to is left alone, and one bridge has not that of another', async () => {
    world.sh('world', 'ip route add 10.64.0.0/12 via 192.0.2.9');
    const [one, two] = [await world.container(), await world.container()];
    const first = attached(one);
    const second = attached(two, { network: 'bridge:shop' });
    assert.match(first.addresses.join(), /^172\.29\.0\./);
    assert.match(second.addresses.join(), /^172\.29\.1\./);
    assert.match(world.sh('world', 'ip -oneline link'), /ocirt-shop:/);
    for (const record of [first, second]) assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
    world.sh('world', 'ip route delete 10.64.0.0/12');
  });

  test('a device of that name that is not ours is left alone', async () => {
    const pid = await world.container();
    world.sh('world', 'ip link add ocirt0 type bridge');
    const refusal = refused(pid);
    assert.match(refusal.message, /a device ocirt0 that ocirt did not make/);
    world.sh('world', 'ip link delete ocirt0');
    assert.equal(left(), '');
  });

  test('something else on the bridge keeps it, until the last container after it', async () => {
    const pid = await world.container();
    const record = attached(pid);
    world.sh('world', 'ip link add tap9 type veth peer name tap8; ip link set tap9 master ocirt0');
    assert.equal(world.tell('detach', record), undefined);
    assert.match(left(), /ocirt0/);
    world.sh('world', 'ip link delete tap9');
    const again = attached(pid);
    assert.equal(world.tell('detach', again), undefined);
    assert.equal(left(), '');
  });

  test('whose namespace is gone, too, is detached', async () => {
    const pid = await world.container();
    const record = attached(pid, { publish: ['8080:80'] });
    world.kill(pid);
    world.sh('world', `umount ${record.namespace}`);
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
  });

  /** A plugin of that name that does something first, or else; the others are the real ones. */
  function withPlugin(type: string, script: string): NodeJS.ProcessEnv {
    const path = join(folder, 'plugins');
    mkdirSync(path);
    writeFileSync(join(path, type), `#!/bin/sh\n${script}`, { mode: 0o755 });
    return { CNI_PATH: `${path}:/usr/lib/cni` };
  }

  test('a plugin that fails: what those before it made is gone', async () => {
    const pid = await world.container();
    const env = withPlugin(
      'portmap',
      `[ "$CNI_COMMAND" = DEL ] || { echo '{"code": 7, "msg": "no ports today"}'; exit 1; }`,
    );
    const refusal = refused(pid, { publish: ['8080:80'] }, { env });
    assert.equal(refusal.code, 'network-failed');
    assert.equal(refusal.message, 'CNI plugin "portmap", ADD: no ports today');
    assert.equal(left(), '');
  });

  test('killed while it attaches: the next one takes away what it made', async () => {
    const [one, two] = [await world.container(), await world.container()];
    const reached = join(folder, 'reached');
    mkdirSync(reached);
    const env = withPlugin('portmap', `touch ${reached}/$$; exec sleep 1000`);
    const command = attachCommand(
      { network: 'bridge', publish: ['8080:80'] },
      { name, pid: one, folder },
    );
    const shell = ['sh', '-c', 'echo $$; exec "$@"', 'sh', ...command];
    const { line } = await world.start('world', shell, env);
    while (readdirSync(reached).length === 0) await sleep(20);
    world.kill(Number(line));
    world.kill(Number(readdirSync(reached)[0]));
    world.kill(one);
    assert.match(left(), new RegExp(name), 'its address and its rules are there');

    name = `${name}b`;
    const record = attached(two);
    assert.doesNotMatch(left(), new RegExp(`${name.slice(0, -1)}-`));
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
  });

  test('killed: a sweep takes away what it made, and nothing of those that live', async () => {
    const [one, two] = [await world.container(), await world.container()];
    const lost = attached(one, { publish: ['8080:80'] });
    name = `${name}b`;
    const kept = attached(two);
    world.kill(one);
    world.sweep();
    assert.doesNotMatch(left(), new RegExp(lost.id));
    assert.equal(world.tell('check', kept), undefined);
    world.kill(two);
    world.sweep();
    assert.equal(left(), '');
    world.sweep();
  });

  test('killed after it has attached: the next one takes away what it made', async () => {
    const [one, two] = [await world.container(), await world.container()];
    const lost = attached(one, { publish: ['8080:80'] });
    world.kill(one);
    name = `${name}b`;
    const record = attached(two, { publish: ['8080:80'] });
    assert.doesNotMatch(left(), new RegExp(lost.id));
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
  });
});
