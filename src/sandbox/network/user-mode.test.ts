/** The network of who is not root, with the programs that are installed, in a world of the tests' own. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findProgram } from './programs.js';
import { inWorld, type Place } from './testing/places.js';
import { noWorld, OUTSIDE, WORLD, type World } from './testing/world.js';
import type { UserModeProgram, UserModeRecord } from './types.js';
import { commandOf, lastWords, pastaPorts } from './user-mode.js';

test("pasta's arguments for ports", () => {
  const port = (hostPort: number, hostIP?: string, protocol: 'tcp' | 'udp' = 'tcp') => ({
    ...(hostIP === undefined ? {} : { hostIP }),
    hostPort,
    containerPort: 80,
    protocol,
  });
  assert.deepEqual(pastaPorts([]), ['-t', 'none', '-u', 'none']);
  assert.deepEqual(
    pastaPorts([port(1), port(2), port(3, '127.0.0.1'), port(4, undefined, 'udp')]),
    ['-t', '1:80,2:80', '-t', '127.0.0.1/3:80', '-u', '4:80'],
  );
  const many = pastaPorts(Array.from({ length: 1200 }, (_, index) => port(index + 1)));
  assert.equal(many.filter((word) => word === '-t').length, 3);
});

test("neither program lets the container at the host's loopback", () => {
  const slirp = commandOf({ program: 'slirp4netns', path: '/s' }, 7, []);
  assert.ok(slirp.includes('--disable-host-loopback'));
  assert.ok(!slirp.includes('--api-socket'));
  const pasta = commandOf({ program: 'pasta', path: '/p' }, 7, []).join(' ');
  assert.match(pasta, /--no-map-gw .*-T none -U none 7$/);
});

test('what a program says last is what it failed of, and not what it says each time', () => {
  const warning = 'WARNING: Support for seccomp is experimental';
  const said = ['open("/dev/net/tun"): Permission denied', warning, 'child failed(1)', warning];
  assert.equal(lastWords(`${said.join('\n')}\n`), said[0]);
  assert.equal(lastWords(`${warning}\n`), warning);
  assert.equal(lastWords(''), 'it has ended without a word');
});

/** pasta is the same program as passt. */
const PROCESS = /slirp4netns|passt|pasta/;
/** An ordinary user, whom no file of the machine has to know. */
const USER = 4321;
const as = ['setpriv', '--reuid', `${USER}`, '--regid', `${USER}`, '--clear-groups'];

for (const program of ['slirp4netns', 'pasta'] as const satisfies readonly UserModeProgram[]) {
  const skip =
    noWorld() ?? (findProgram(program) === undefined ? `${program} is not installed` : false);
  describe(program, { skip }, () => {
    let world: World;
    let name = '';
    let folder = '';
    const prepare = async (made: World) => chmodSync(made.folder, 0o755);
    const use = (place: Place) => {
      ({ world, name, folder } = place);
      chownSync(folder, USER, USER);
    };
    inWorld('box', use, prepare);

    const container = () =>
      world.container([...as, 'unshare', '--user', '--map-root-user', '--net']);

    const attach = (pid: number, publish: string[] = []) =>
      world.attach({ network: program, publish, rootless: true }, { name, pid, folder }, { as });

    function attached(pid: number, publish: string[] = []): UserModeRecord {
      const { record, refusal } = attach(pid, publish);
      assert.equal(refusal, undefined);
      return record as UserModeRecord;
    }

    /** Not those that the world's first process has yet to reap. */
    const running = () =>
      world
        .run('world', ['ps', '-eo', 'stat=,comm='])
        .stdout.split('\n')
        .filter((line) => !line.startsWith('Z') && /slirp4netns|passt|pasta|tail/.test(line))
        .join('\n');

    async function ended(): Promise<void> {
      while (running() !== '') await new Promise((resolve) => setTimeout(resolve, 50));
    }

    test('an address, a way out, a resolver; the program ends with detach', async () => {
      const pid = await container();
      await world.serve('outside', 80, 'hello');
      const record = attached(pid);
      assert.deepEqual(record.addresses, ['10.0.2.100']);
      assert.equal(world.ask(pid, OUTSIDE, 80), `hello to ${WORLD}`);
      await world.serve('world', 81, 'host');
      assert.match(world.ask(pid, WORLD, 81), /^host/, 'the host, by its address');
      const { gateway = '' } = record;
      assert.doesNotMatch(world.ask(pid, gateway, 81), /^host/, "not the host's loopback");
      assert.match(readFileSync(join(folder, 'hosts'), 'utf8'), /^10\.0\.2\.100\tbox/m);
      assert.equal(
        readFileSync(join(folder, 'resolv.conf'), 'utf8').split('\n')[0],
        'nameserver 10.0.2.3',
      );

      assert.match(running(), PROCESS);
      assert.equal(world.tell('detach', record, { as }), undefined);
      await ended();
      assert.equal(world.tell('detach', record, { as }), undefined, 'a second time');
      world.kill(pid);
    });

    test('published ports', async () => {
      const pid = await container();
      const record = attached(pid, ['8080:80', '127.0.0.1:8081:80', '5300:53/udp']);
      await world.serve(pid, 80, 'box');
      await world.serve(pid, 53, 'named', 'udp');
      assert.match(world.ask('outside', WORLD, 8080), /^box/);
      assert.match(world.ask('world', '127.0.0.1', 8080), /^box/);
      assert.match(world.ask('world', '127.0.0.1', 8081), /^box/);
      assert.equal(world.ask('outside', WORLD, 8081), 'ECONNREFUSED');
      assert.match(world.ask('outside', WORLD, 5300, 'udp'), /^named/);

      const other = attach(pid, ['8080:80']);
      assert.equal(other.refusal?.code, 'port-taken');
      const low = attach(pid, ['80:80']);
      assert.match(low.refusal?.message ?? '', /only root may listen on ports below 1024/);
      assert.equal(world.tell('detach', record, { as }), undefined);
      await ended();
      assert.equal(world.ask('outside', WORLD, 8080), 'ECONNREFUSED');
      world.kill(pid);
    });

    test("the resolver asks the host's, on the host's loopback too", async () => {
      const file = join(folder, 'host-resolv.conf');
      writeFileSync(file, 'nameserver 127.0.0.53\n', { mode: 0o644 });
      world.sh('world', `mount --bind ${file} /etc/resolv.conf`);
      await world.serve('world', 53, 'stub', 'udp');
      const pid = await container();
      const record = attached(pid);
      assert.equal(world.ask(pid, '10.0.2.3', 53, 'udp'), 'stub to 127.0.0.1');
      assert.equal(world.tell('detach', record, { as }), undefined);
      world.sh('world', 'umount /etc/resolv.conf');
      world.kill(pid);
    });

    test('it ends with the container, whoever was killed', async () => {
      const pid = await container();
      const record = attached(pid, ['8080:80']);
      world.kill(pid);
      await ended();
      assert.equal(world.tell('detach', record, { as }), undefined);
    });

    test('where it fails, its words are told, and nothing runs', async () => {
      const pid = await world.container();
      // Not the user's: it belongs to root.
      const { refusal } = attach(pid);
      assert.equal(refusal?.code, 'network-failed');
      assert.match(refusal?.message ?? '', new RegExp(`^${program}: .`));
      await ended();
      world.kill(pid);
    });

    test('a number that another process has by now is not killed', async () => {
      const pid = await container();
      const record = attached(pid);
      const wrong = { ...record, process: { ...record.process, startTime: '1' } };
      assert.equal(world.tell('detach', wrong, { as }), undefined);
      assert.match(running(), PROCESS);
      assert.equal(world.tell('detach', record, { as }), undefined);
      world.kill(pid);
    });
  });
}
