/** macvlan, ipvlan and the administrator's lists, with Debian's CNI plugins, in a world of the tests' own. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findProgram } from './programs.js';
import { inWorld } from './testing/places.js';
import { noWorld, OUTSIDE, type World } from './testing/world.js';
import type { CniRecord } from './types.js';

describe('networks of the host', { skip: noWorld() ?? false }, () => {
  let world: World;
  let count = 0;
  let name = '';
  let folder = '';
  inWorld('box', (place) => {
    ({ world, count, name, folder } = place);
  });

  const left = () =>
    world.sh('world', 'find /run/ocirt-network -mindepth 2; ip -oneline link | grep veth || true');

  function attached(pid: number, network: string, how: Parameters<World['attach']>[2] = {}) {
    const { record, refusal } = world.attach({ network }, { name, pid, folder }, how);
    assert.equal(refusal, undefined);
    return record as CniRecord;
  }

  const kernelHas = (kind: string) =>
    world.run('world', [
      'sh',
      '-c',
      `ip link add try9 link out0 type ${kind} && ip link delete try9`,
    ]).status === 0;

  for (const kind of ['macvlan', 'ipvlan']) {
    test(`${kind}: an address beside the host's`, async (t) => {
      if (!kernelHas(kind)) return t.skip(`the kernel has no ${kind}`);
      const pid = await world.container();
      await world.serve('outside', 80 + count, 'hello');
      const word = `${kind}:out0,ip=192.0.2.77/24,gateway=${OUTSIDE}`;
      const record = attached(pid, word);
      assert.deepEqual(record.addresses, ['192.0.2.77']);
      assert.match(world.sh(pid, 'ip route'), /^default via 192\.0\.2\.9 dev eth0/m);
      assert.equal(world.ask(pid, OUTSIDE, 80 + count), 'hello to 192.0.2.77');
      assert.match(readFileSync(join(folder, 'hosts'), 'utf8'), /^192\.0\.2\.77\tbox/m);
      assert.equal(world.tell('detach', record), undefined);
      assert.equal(world.run(pid, ['ip', 'link', 'show', 'eth0']).status, 1);
      assert.equal(left(), '');
      world.kill(pid);
    });
  }

  test('a device that has been unplugged takes what was on it with it', async () => {
    const pid = await world.container();
    world.sh('world', 'ip link add usb0 type veth peer name usb1');
    const record = attached(pid, 'macvlan:usb0,ip=198.51.100.7/24');
    world.sh('world', 'ip link delete usb0');
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
    world.kill(pid);
  });

  test('a device that is not there, and one that the kernel does not know', async (t) => {
    const pid = await world.container();
    const missing = world.attach(
      { network: 'macvlan:nope0,ip=192.0.2.77/24' },
      { name, pid, folder },
    );
    assert.match(missing.refusal?.message ?? '', /no device nope0/);
    assert.equal(left(), '');
    if (kernelHas('ipvlan')) return t.skip('the kernel has ipvlan');
    const unknown = world.attach(
      { network: 'ipvlan:out0,ip=192.0.2.77/24' },
      { name, pid, folder },
    );
    assert.match(unknown.refusal?.hint ?? '', /kernel lacks/);
    assert.equal(left(), '');
  });

  const DHCP_PLUGIN = '/usr/lib/cni/dhcp';
  const noDhcp = [DHCP_PLUGIN, findProgram('busybox') ?? 'busybox'].find(
    (file) => !existsSync(file),
  );

  test('an address of a DHCP server, which the daemon of the plugin asks for', async (t) => {
    if (noDhcp !== undefined) return t.skip(`there is no ${noDhcp}`);
    if (!kernelHas('macvlan')) return t.skip('the kernel has no macvlan');
    const pid = await world.container();
    const network = 'macvlan:out0,ip=dhcp';
    // Nothing may be made yet: what an address was asked for can't be taken away without the daemon either.
    const { refusal } = world.attach({ network }, { name, pid, folder });
    assert.equal(refusal?.code, 'network-failed');
    assert.match(refusal?.message ?? '', /nobody answers at \/run\/cni\/dhcp\.sock: .*ENOENT/);
    assert.match(refusal?.hint ?? '', /\/usr\/lib\/cni\/dhcp daemon/);
    assert.equal(left(), '');

    const config = join(folder, 'udhcpd.conf');
    writeFileSync(
      config,
      `start 192.0.2.100
end 192.0.2.110
interface out0
lease_file /run/udhcpd.leases
pidfile /run/udhcpd.pid
option subnet 255.255.255.0
option router ${OUTSIDE}
option lease 600
`,
    );
    world.sh('world', ': > /run/udhcpd.leases');
    const start = async (place: 'world' | 'outside', command: string) =>
      Number((await world.start(place, ['sh', '-c', `echo $$; exec ${command} >&2`])).line);
    await start('outside', `busybox udhcpd -f -a 0 ${config} 2>/dev/null`);
    await start('world', `${DHCP_PLUGIN} daemon 2>/dev/null`);
    world.sh('world', 'until [ -S /run/cni/dhcp.sock ]; do sleep 0.05; done');
    await world.serve('outside', 80 + count, 'hello');

    const record = attached(pid, network);
    assert.match(record.addresses.join(), /^192\.0\.2\.1(0\d|10)$/);
    assert.match(world.sh(pid, 'ip route'), /^default via 192\.0\.2\.9 dev eth0/m);
    assert.equal(world.ask(pid, OUTSIDE, 80 + count), `hello to ${record.addresses}`);
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(world.run(pid, ['ip', 'link', 'show', 'eth0']).status, 1);
    assert.equal(left(), '');
    world.kill(pid);
  });

  /** A list of the administrator's, in a folder of ours. */
  function withList(list: string, plugins: readonly object[]): NodeJS.ProcessEnv {
    const lists = join(folder, 'net.d');
    mkdirSync(lists);
    const text = JSON.stringify({ cniVersion: '0.4.0', name: list, plugins });
    writeFileSync(join(lists, `${list}.conflist`), text);
    return { NETCONFPATH: lists };
  }

  const ptp = {
    type: 'ptp',
    ipMasq: true,
    dns: { nameservers: ['198.51.100.53'], search: ['lab.example'] },
    ipam: {
      type: 'host-local',
      dataDir: '/run/lab',
      subnet: '10.99.0.0/24',
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };

  test("a list of the administrator's, with its resolver", async () => {
    const env = withList('lab', [ptp]);
    const pid = await world.container();
    await world.serve('outside', 90, 'hello');
    const record = attached(pid, 'lab', { env });
    assert.match(record.addresses.join(), /^10\.99\.0\./);
    assert.match(world.ask(pid, OUTSIDE, 90), /^hello to 192\.0\.2\.1$/);
    assert.equal(
      readFileSync(join(folder, 'resolv.conf'), 'utf8'),
      'nameserver 198.51.100.53\nsearch lab.example\n',
    );
    assert.equal(world.tell('check', record), undefined);
    assert.equal(world.tell('detach', record), undefined);
    assert.equal(left(), '');
    assert.equal(world.sh('world', 'ls /run/lab/lab | grep "^10" || true'), '');
  });

  test('ports want a plugin that publishes them', async () => {
    const env = withList('lab', [ptp]);
    const pid = await world.container();
    const options = { network: 'lab', publish: ['8080:80'] };
    const { refusal } = world.attach(options, { name, pid, folder }, { env });
    assert.match(refusal?.message ?? '', /no plugin that publishes ports/);
    assert.match(refusal?.hint ?? '', /portmap/);
  });

  test('a plugin that is not installed is named before anything is made', async () => {
    const env = { ...withList('lab', [ptp, { type: 'warp' }]) };
    const pid = await world.container();
    const { refusal } = world.attach({ network: 'lab' }, { name, pid, folder }, { env });
    assert.equal(refusal?.code, 'network-program-missing');
    assert.match(refusal?.message ?? '', /"warp"/);
    assert.match(refusal?.hint ?? '', /containernetworking-plugins/);
    assert.equal(left(), '');
  });

  test('a plugin that does not answer is ended with what it has started, and all is undone', async () => {
    // Found before Debian's, which it starts none of.
    const plugins = join(folder, 'plugins');
    mkdirSync(plugins);
    const script = `#!/bin/sh
[ "$CNI_COMMAND" = ADD ] || { echo "$CNI_COMMAND" >> ${folder}/told; exit 0; }
sleep 1001 &
setsid sleep 1002 &
wait; wait`;
    writeFileSync(join(plugins, 'endless'), script, { mode: 0o755 });
    const env = {
      ...withList('lab', [ptp, { type: 'endless' }]),
      CNI_PATH: `${plugins}:/usr/lib/cni:/opt/cni/bin`,
    };
    const pid = await world.container();
    // The others are to have their time on a busy machine, too.
    const target = { name, pid, folder, pluginTimeoutMs: 10_000 };
    const { refusal } = world.attach({ network: 'lab' }, target, { env });
    assert.equal(refusal?.code, 'network-failed');
    assert.match(refusal?.message ?? '', /"endless", ADD: no answer in 10 s, and so it was ended/);
    assert.deepEqual(refusal?.cleanup, []);
    assert.equal(readFileSync(join(folder, 'told'), 'utf8'), 'DEL\n');
    assert.equal(left(), '');
    assert.equal(world.sh('world', 'ls /run/lab/lab | grep "^10" || true'), '');
    // Nobody reaps in the world what has lost its parent.
    const running = `grep -lz '^CNI_CONTAINERID=${name}' /proc/[0-9]*/environ 2>/dev/null || true`;
    assert.equal(world.sh('world', running), '');
    world.kill(pid);
  });

  test("a container in the host's network is not attached", async () => {
    const { line } = await world.start('world', ['sh', '-c', 'echo $$; exec sleep 1000']);
    const { refusal } = world.attach({ network: 'bridge' }, { name, pid: Number(line), folder });
    assert.match(refusal?.message ?? '', /no network namespace of its own/);
    assert.equal(left(), '');
    world.kill(Number(line));
    const gone = world.attach({ network: 'bridge' }, { name, pid: Number(line), folder });
    assert.match(gone.refusal?.message ?? '', /has ended/);
  });
});
