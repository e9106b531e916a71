/**
 * Killed while the plugins are at work: at each call of iptables that ADD makes.
 *
 * A plugin is a process of its own. It goes on when who called it was killed, and makes rules that nobody knows
 * of; or it is killed, too, and has made a part of them.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CountingIptables } from './testing/iptables.js';
import { inWorld } from './testing/places.js';
import { attachCommand, noWorld, type World } from './testing/world.js';

describe('killed while its network is made', { skip: noWorld() ?? false }, () => {
  let world: World;
  let name = '';
  let folder = '';
  /** How many calls of iptables there are until a container is attached. */
  let all = 0;
  const next = inWorld('killed', (place) => {
    ({ world, name, folder } = place);
  });
  before(async () => {
    next();
    // The first time there are more of them: the chains that all containers share stay.
    for (let i = 0; i < 2; i++) all = await calls();
    assert.ok(all > 10, `${all} calls of iptables`);
  });

  const OPTIONS = { network: 'bridge', publish: ['8080:80'] };
  const target = (pid: number) => ({ name, pid, folder });

  async function calls(): Promise<number> {
    const container = await world.container();
    const iptables = new CountingIptables(folder, 0);
    const { record } = world.attach(OPTIONS, target(container), iptables);
    assert.ok(record !== undefined);
    assert.equal(world.tell('detach', record), undefined);
    world.kill(container);
    return iptables.adds();
  }

  /** Kills who attaches a container before a call of iptables, and then the container. */
  async function killedAt(at: number): Promise<CountingIptables> {
    const iptables = new CountingIptables(folder, at);
    const container = await world.container();
    const command = attachCommand(OPTIONS, target(container));
    const shell = ['sh', '-c', 'echo $$; exec "$@"', 'sh', ...command];
    const { line } = await world.start('world', shell, iptables.env);
    await iptables.reached();
    world.kill(Number(line));
    world.kill(container);
    return iptables;
  }

  /** Plugins and what they have called, in the world. */
  const AT_WORK = `grep -lz '^CNI_CONTAINERID=killed' /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\\n' || true`;

  async function pluginsEnded(): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (world.sh('world', AT_WORK) !== '' && Date.now() < deadline) await sleep(20);
    assert.equal(world.sh('world', AT_WORK), '');
  }

  const left = () =>
    world.sh(
      'world',
      `ip -oneline link | grep -E 'veth|ocirt' || true
       iptables-save | grep -E -- '10\\.77\\.|killed[0-9]|CNI-DN|CNI-[0-9a-f]{10}' || true
       find /run/ocirt-network -mindepth 2 || true
       grep ocirt-network /proc/self/mounts || true`,
    );

  test('with all that it has called', async () => {
    for (let at = 1; at <= all; at++) {
      await killedAt(at);
      world.sh('world', `for pid in $(${AT_WORK}); do kill -9 $pid || true; done`);
      await pluginsEnded();
      world.sweep();
      assert.equal(left(), '', `before call ${at} of ${all}`);
    }
  });

  test('and its plugin goes on: who cleans up waits for it', async () => {
    for (let at = 1; at <= all; at += 3) {
      const iptables = await killedAt(at);
      setTimeout(() => iptables.go(), 500);
      await world.sweepMeanwhile();
      await pluginsEnded();
      assert.equal(left(), '', `before call ${at} of ${all}`);
    }
  });

  test('and its plugin goes on: another container does not wait for it', async () => {
    const iptables = await killedAt(5);
    const other = await world.container();
    const { record, refusal } = world.attach({ network: 'bridge' }, target(other));
    assert.equal(refusal, undefined);
    iptables.go();
    await pluginsEnded();
    world.sweep();
    assert.equal(world.tell('check', record ?? assert.fail()), undefined);
    assert.equal(world.tell('detach', record ?? assert.fail()), undefined);
    assert.equal(left(), '');
    world.kill(other);
  });
});
