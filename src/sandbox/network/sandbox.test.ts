/** `ocirt sandbox` with a network, as a user calls it, in a world of the tests' own. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram } from './programs.js';
import { CountingIptables } from './testing/iptables.js';
import { inWorld, type Place } from './testing/places.js';
import { noWorld, OUTSIDE, WORLD, type World } from './testing/world.js';

const OCIRT = fileURLToPath(new URL('../../../bin/ocirt-node', import.meta.url));
const USER = 4321;
const AS_USER = ['setpriv', '--reuid', `${USER}`, '--regid', `${USER}`, '--clear-groups'];

describe('ocirt sandbox --network', { skip: noWorld() ?? false }, () => {
  let world: World;
  let name = '';
  let folder = '';
  const prepare = async (made: World) => {
    chmodSync(made.folder, 0o755);
    await made.serve('outside', 80, String.raw`HTTP/1.0 200 OK\r\n\r\nhello`);
  };
  const use = (place: Place) => {
    ({ world, name, folder } = place);
  };
  inWorld(`netbox${process.pid}-`, use, prepare);

  const words = (...options: string[]) => {
    const own = ['--name', name, '--quiet'];
    return [OCIRT, '--root', join(folder, 'root'), 'sandbox', ...own, ...options];
  };

  function run(options: string[], script: string, as: readonly string[] = []): string {
    const env = { TMPDIR: folder, XDG_RUNTIME_DIR: folder };
    const command = [...as, ...words(...options), '--', 'sh', '-c', script];
    const { status, stdout, stderr } = world.run('world', command, env);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  const left = () =>
    world.sh(
      'world',
      `ip -oneline link | grep -E 'veth|ocirt' || true
       iptables-save | grep -E -- '10\\.77\\.|netbox' || true
       find /run/ocirt-network -mindepth 2 2>/dev/null || true
       ps -eo stat=,comm= | grep -v '^Z' | grep -E 'slirp|passt|pasta' || true`,
    );

  async function untilNothingLeft(): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (left() !== '' && Date.now() < deadline) await sleep(100);
    assert.equal(left(), '');
  }

  const ASK = `wget -q -O - http://${OUTSIDE}/`;

  test('a server on the other side is reached, and all is gone', () => {
    const said = run(
      ['--network', 'bridge', '--dns', '192.0.2.53', '--hostname', 'shop'],
      `${ASK}; echo; cat /etc/resolv.conf; grep shop /etc/hosts`,
    );
    assert.match(said, new RegExp(`^hello to ${WORLD}$`, 'm'));
    assert.match(said, /^nameserver 192\.0\.2\.53$/m);
    assert.match(said, /^10\.77\.0\.\d+\tshop$/m);
    assert.equal(left(), '');
  });

  test('none has nothing but lo', () => {
    assert.equal(run([], 'ls /sys/class/net; cat /proc/net/route | wc -l'), 'lo\n1\n');
  });

  const SERVER = `httpd -f -p 80 -h /etc`;
  const ENV = () => ({ TMPDIR: folder, XDG_RUNTIME_DIR: folder });

  async function served(place: 'outside' | 'world', address: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    let said = '';
    do {
      said = world.ask(place, address, 8080);
    } while (!said.startsWith('HTTP') && Date.now() < deadline);
    assert.match(said, /^HTTP/);
  }

  test('a published port of a detached one; gone when the command ends', async () => {
    const out = world.run(
      'world',
      [...words('--detach', '--publish', '8080:80'), '--', 'sh', '-c', SERVER],
      ENV(),
    );
    assert.equal(out.status, 0, out.stderr);
    await served('outside', WORLD);
    await served('world', '127.0.0.1');
    const name = out.stdout.trim();
    const killed = world.run('world', [
      OCIRT,
      '--root',
      join(folder, 'root'),
      'kill',
      name,
      'KILL',
    ]);
    assert.equal(killed.status, 0, killed.stderr);
    await untilNothingLeft();
    assert.equal(world.ask('outside', WORLD, 8080), 'ECONNREFUSED');
  });

  test('killed in the foreground: all is gone', async () => {
    const command = [...words('--publish', '8080:80'), '--', 'sh', '-c', SERVER];
    const shell = ['sh', '-c', 'echo $$; exec "$@"', 'sh', ...command];
    const { line } = await world.start('world', shell, ENV());
    await served('outside', WORLD);
    world.kill(Number(line));
    await untilNothingLeft();
  });

  for (const signal of ['KILL', 'INT'] as const) {
    test(`SIG${signal} while its network is made: all is gone when its plugin has ended`, async () => {
      const iptables = new CountingIptables(folder, 1);
      const command = [...words('--publish', '8080:80'), '--', 'sh', '-c', SERVER];
      const shell = ['setsid', 'sh', '-c', 'echo $$; exec "$@"', 'sh', ...command];
      const { line } = await world.start('world', shell, { ...ENV(), ...iptables.env });
      await iptables.reached();
      // As a terminal does it: to all of its group.
      const whom = signal === 'INT' ? `-${line}` : line;
      world.sh('world', `kill -${signal} ${whom}`);
      // The keeper is at it meanwhile.
      await sleep(500);
      assert.notEqual(left(), '');
      iptables.go();
      await untilNothingLeft();
      assert.deepEqual(readdirSync(join(folder, 'root/@sandbox')), ['lock']);
      assert.deepEqual(readdirSync(folder).sort(), ['iptables', 'root']);
    });
  }

  for (const program of ['slirp4netns', 'pasta'] as const) {
    const missing = findProgram(program) === undefined && `${program} is not installed`;
    test(`without root, by ${program}`, { skip: missing }, async () => {
      chownSync(folder, USER, USER);
      const said = run(
        ['--network', program, '--publish', '8080:80'],
        `${ASK}; cat /etc/hosts`,
        AS_USER,
      );
      assert.match(said, new RegExp(`^hello to ${WORLD}`, 'm'));
      assert.match(said, /^10\.0\.2\.100\t/m);
      await untilNothingLeft();
    });
  }
});
