/** Podman's checkpoint and restore: in place, by an archive, of one that goes on running. */

import assert from 'node:assert/strict';
import { criuEnvironment, noCriu } from '../lib/criu.js';
import { waitFor } from '../lib/host.js';
import { PAYLOAD } from '../lib/runtime.js';
import { checks, type Outcome, type World } from './engine.js';
import { IMAGE, inspect, podman, preparePodman } from './podman-engine.js';

const env = { PATH: criuEnvironment().PATH };

const check = checks('podman checkpoint', ['podman', 'conmon', 'iptables'], preparePodman);
const options = { skip: noCriu || undefined };

const podmanCriu = (world: World, ...args: string[]): Outcome =>
  podman(world, ['container', ...args], { env, timeoutMs: 120_000 });

/** A container that counts in an open file and over a TCP connection. */
async function talker(world: World, name: string): Promise<void> {
  const volume = ['-v', `${PAYLOAD}:/payload:ro`];
  const args = ['run', '-d', '--network=none', '--name', name, ...volume, IMAGE];
  podman(world, [...args, '/payload', 'talk', '/count']).status(0);
  await waitFor('the first number', () => reached(world, name) > 10);
}

const reached = (world: World, name: string): number =>
  Number(podman(world, ['exec', name, 'cat', '/count']).text);

/** It goes on from where it was. */
async function goesOn(world: World, name: string, before: number): Promise<void> {
  assert.equal(inspect(world, name, '.State.Status'), 'running');
  const from = reached(world, name);
  assert.ok(from >= before, `${from} after ${before}: it has begun again`);
  await waitFor('the count to move', () => reached(world, name) > from);
}

check(
  'a container goes on counting, with an open file and a TCP connection',
  async (w) => {
    await talker(w, 'one');
    for (let time = 0; time < 2; time++) {
      const before = reached(w, 'one');
      podmanCriu(w, 'checkpoint', '--tcp-established', 'one').status(0);
      assert.equal(inspect(w, 'one', '.State.Status'), 'exited');
      assert.equal(inspect(w, 'one', '.State.Checkpointed'), 'true');
      podmanCriu(w, 'restore', '--tcp-established', 'one').status(0);
      await goesOn(w, 'one', before);
    }
    podman(w, ['rm', '-f', '-t', '0', 'one']).status(0);
  },
  options,
);

check(
  'by an archive, with another root file system',
  async (w) => {
    await talker(w, 'two');
    const archive = w.path('two.tar.gz');
    const before = reached(w, 'two');
    podmanCriu(w, 'checkpoint', '--tcp-established', '--export', archive, 'two').status(0);
    podman(w, ['rm', '-f', 'two']).status(0);
    podmanCriu(w, 'restore', '--tcp-established', '--import', archive).status(0);
    await goesOn(w, 'two', before);
    podman(w, ['rm', '-f', '-t', '0', 'two']).status(0);
  },
  options,
);

check(
  '--leave-running',
  async (w) => {
    await talker(w, 'four');
    const before = reached(w, 'four');
    podmanCriu(w, 'checkpoint', '--tcp-established', '--leave-running', 'four').status(0);
    await goesOn(w, 'four', before);
    podman(w, ['rm', '-f', '-t', '0', 'four']).status(0);
  },
  options,
);

check(
  'a terminal, and what it says afterwards',
  async (w) => {
    const script = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.1; done';
    podman(w, ['run', '-dt', '--network=none', '--name', 'five', IMAGE, 'sh', '-c', script]).status(
      0,
    );
    const lines = (): number => (podman(w, ['logs', 'five']).stdout.match(/line/g) ?? []).length;
    await waitFor('some lines', () => lines() > 5);
    podmanCriu(w, 'checkpoint', 'five').status(0);
    const before = lines();
    podmanCriu(w, 'restore', 'five').status(0);
    await waitFor('more lines', () => lines() > before + 5);
    podman(w, ['rm', '-f', '-t', '0', 'five']).status(0);
  },
  options,
);

check(
  'what CRIU cannot do is told',
  async (w) => {
    await talker(w, 'six');
    podmanCriu(w, 'checkpoint', 'six').fails().complains(/criu/i);
    await goesOn(w, 'six', 1);
    podman(w, ['rm', '-f', '-t', '0', 'six']).status(0);
  },
  options,
);
