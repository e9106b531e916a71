/** `ocirt sandbox`: however it ends, nothing of it is left. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  assertNothingLeft,
  box,
  leftOf,
  nameOf,
  noSandbox,
  scratch,
  untilNothingLeft,
} from '../lib/boxes.js';
import { processExists, waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, type State, scenario } from '../lib/sandbox.js';

const own = { own: true, skip: noSandbox };

/** Starts a box in the foreground that runs a script, and waits for it to say `ready`. */
async function foreground(s: Sandbox, script: string) {
  const words = [
    '--root',
    s.stateRoot,
    'sandbox',
    '--name',
    nameOf(s),
    '--quiet',
    '--',
    'sh',
    '-c',
    script,
  ];
  const child = s.spawn(RUNTIME, words, { env: { ...process.env, TMPDIR: scratch(s) } });
  let said = '';
  child.stdout?.on('data', (data) => {
    said += data;
  });
  await waitFor('the box to be ready', () => said.includes('ready'));
  return child;
}

function detached(s: Sandbox, script: string, options: string[] = []): string {
  const result = box(s, ['--detach', ...options], ['sh', '-c', script]);
  assert.equal(result.status, 0, result.stderr);
  return result.stdout.trim();
}

const stateOf = (s: Sandbox): State => JSON.parse(s.runtime(['state', nameOf(s)]).stdout) as State;

/** The pid of a process with these words in its command line. */
function find(...words: string[]): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.every((word) => line.includes(word));
      } catch {
        return false;
      }
    });
}

/** Keepers, by the program that they are until they are woken, and whom they wait for. */
function keeperOf(pid: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((candidate) => {
      try {
        if (readFileSync(`/proc/${candidate}/comm`, 'utf8').trim() !== 'ocirt-keeper') return false;
        return readdirSync(`/proc/${candidate}/fdinfo`).some((fd) =>
          readFileSync(`/proc/${candidate}/fdinfo/${fd}`, 'utf8').includes(`\nPid:\t${pid}\n`),
        );
      } catch {
        return false;
      }
    });
}

scenario(
  'sandbox: detached, it goes on, is a container like others, and goes when it ends',
  own,
  async (s) => {
    const output = s.path('output');
    const name = detached(
      s,
      'echo begun; while [ ! -e /tmp/end ]; do sleep 0.1; done; echo ended; exit 4',
      ['--output', output],
    );
    assert.equal(name, nameOf(s));
    assert.equal(stateOf(s).status, 'running');
    assert.match(s.runtime(['list']).stdout, new RegExp(`${name} .* running `));
    assert.equal(s.runtime(['exec', name, 'hostname']).stdout.trim(), name);
    assert.notDeepEqual(leftOf(s), []);
    // Another one sweeps, and lets it be.
    assert.equal(s.runtime(['sandbox', '--sweep']).status, 0);
    assert.equal(stateOf(s).status, 'running');
    const twice = box(s, [], ['true']);
    assert.match(twice.stderr, /container-exists/);
    assert.equal(stateOf(s).status, 'running');
    s.runtime(['exec', name, 'touch', '/tmp/end']);
    await untilNothingLeft(s);
    assert.equal(readFileSync(output, 'utf8'), 'begun\nended\n');
  },
);

scenario('sandbox: detached, killed by kill, and by delete --force', own, async (s) => {
  for (const words of [
    ['kill', nameOf(s), 'KILL'],
    ['delete', '--force', nameOf(s)],
  ]) {
    detached(s, 'sleep 1000');
    assert.equal(s.runtime(words).status, 0);
    await untilNothingLeft(s);
  }
});

scenario('sandbox: detached, one whose command is not there leaves nothing', own, (s) => {
  const result = box(s, ['--detach'], ['no-such-command']);
  assert.equal(result.status, 127);
  assert.equal(result.stdout, '');
  assertNothingLeft(s);
});

scenario('sandbox: killed with -9, all of it goes', own, async (s) => {
  const child = await foreground(s, 'echo ready; sleep 1000');
  const { pid } = stateOf(s);
  const held = find('sandbox', nameOf(s)) ?? 0;
  assert.ok(held > 0);
  process.kill(held, 'SIGKILL');
  await untilNothingLeft(s);
  assert.ok(!processExists(pid));
  child.kill('SIGKILL');
});

scenario('sandbox: killed with its keeper, the next call takes all away', own, async (s) => {
  const child = await foreground(s, 'echo ready; sleep 1000');
  const { pid } = stateOf(s);
  const held = find('sandbox', nameOf(s)) ?? 0;
  const keeper = keeperOf(held);
  assert.ok(keeper !== undefined, 'it has no keeper');
  process.kill(keeper, 'SIGKILL');
  process.kill(held, 'SIGKILL');
  await waitFor('the sandbox to be dead', () => find('sandbox', nameOf(s)) === undefined);
  assert.notDeepEqual(leftOf(s), []);
  const next = s.runtime(['sandbox', '--quiet', '--name', `${nameOf(s)}2`, '--', 'true'], {
    env: { ...process.env, TMPDIR: scratch(s) },
  });
  assert.equal(next.status, 0, next.stderr);
  assertNothingLeft(s);
  await waitFor('the container to be dead', () => !processExists(pid));
  child.kill('SIGKILL');
});

scenario('sandbox: a signal goes to the command, whose status counts', own, async (s) => {
  const child = await foreground(s, 'trap "exit 7" TERM; echo ready; while :; do sleep 0.1; done');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(find('sandbox', nameOf(s)) ?? 0, 'SIGTERM');
  assert.equal(await ended, 7);
  assertNothingLeft(s);
});

scenario('sandbox: a root that cannot be unpacked leaves nothing', own, (s) => {
  writeFileSync(s.path('broken.tar'), 'x'.repeat(5000));
  const result = box(s, ['--rootfs', s.path('broken.tar')], ['true']);
  assert.equal(result.status, 125);
  assert.match(result.stderr, /image-invalid/);
  assertNothingLeft(s);
});

const noStrace = spawnSync('strace', ['--version']).status !== 0 && 'strace is not installed';

scenario(
  'sandbox: killed before any call that makes something, all of it goes',
  { own: true, skip: noSandbox || noStrace },
  async (s) => {
    const trace = s.path('trace');
    const words = ['--root', s.stateRoot, 'sandbox', '--name', nameOf(s), '--quiet', '--', 'true'];
    // Not its children: the keeper is to live.
    const run = (...options: string[]) =>
      spawnSync('strace', ['--output', trace, ...options, '--', RUNTIME, ...words], {
        env: { ...process.env, TMPDIR: scratch(s) },
        encoding: 'utf8',
      });
    const plain = run('--trace=mkdir,mkdirat,rename,renameat,renameat2,mount,clone3,rmdir');
    assert.equal(plain.status, 0, plain.stderr);
    const counts = new Map<string, number>();
    const moments: [string, number][] = [];
    const calls = readFileSync(trace, 'utf8').matchAll(/^(\w+)\((.*) = (-?\d+)/gm);
    for (const [, call = '', args = '', result] of calls) {
      const nth = (counts.get(call) ?? 0) + 1;
      counts.set(call, nth);
      // One folder of the root is like the other, and threads are made before anything is.
      if (result !== '-1' && !/rootfs\/.|CLONE_THREAD/.test(args)) moments.push([call, nth]);
    }
    assert.ok(moments.length > 10, `${moments.length} moments`);
    for (const [call, nth] of moments) {
      const { signal } = run(`--inject=${call}:signal=SIGKILL:when=${nth}`);
      if (signal !== 'SIGKILL') continue;
      await untilNothingLeft(s);
    }
    assert.deepEqual(s.leftovers(), []);
  },
);
