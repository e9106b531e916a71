/** sd_notify(3) and socket activation: what a service manager and a container say to each other. */

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { waitFor } from '../lib/host.js';
import { execute, OPTIONS, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const crun = 'version 1.8.1 gives no MAINPID';
/** What is added to the message of the container: by runc since version 1.2. */
const runc = 'version 1.1.5 sends no BARRIER';

/** Stands for the service manager: a socket, and what has come to it. */
async function manager(s: Sandbox) {
  const path = s.path('manager.sock');
  const child = s.helper(['datagrams', path]);
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await waitFor('the manager', () => text.includes('listening'));
  const heard = () =>
    text
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as string);
  return { env: { ...process.env, NOTIFY_SOCKET: path }, heard };
}

function telling(s: Sandbox, ...texts: string[]): Container {
  return s.container((c) => {
    c.process.args = ['/payload', 'notify', ...texts];
  });
}

scenario(
  'start passes on that the container is ready, with its pid',
  { not: { crun, runc } },
  async (s) => {
    const { env, heard } = await manager(s);
    const container = telling(s, 'STATUS=not yet', 'READY=1\nSTATUS=now\nMAINPID=1');
    container.must('create', ['--bundle', container.bundle], [], { env });
    container.must('start', [], [], { env });
    const lines = () => heard().join('\n').split('\n');
    // The barrier is the last of the datagrams, however many they are.
    await waitFor('the barrier', () => lines().includes('BARRIER=1'), 20_000);
    const { pid } = container.state();
    const all = lines();
    assert.ok(all.includes('READY=1') && all.includes(`MAINPID=${pid}`), all.join(' '));
    assert.ok(!all.includes('MAINPID=1') && !all.some((line) => line.startsWith('STATUS')));
  },
);

scenario('run --detach does the same', { not: { crun } }, async (s) => {
  const { env, heard } = await manager(s);
  const container = telling(s, 'READY=1');
  container.must('run', ['--bundle', container.bundle, '--detach'], [], { env });
  const { pid } = container.state();
  await waitFor('the message', () => heard().join('\n').includes(`MAINPID=${pid}`));
});

scenario('run in the foreground names itself', { not: { crun } }, async (s) => {
  const { env, heard } = await manager(s);
  const container = telling(s, 'READY=1');
  const args = ['--root', s.stateRoot, ...OPTIONS, 'run', '--bundle', container.bundle];
  const child = s.spawn('/usr/bin/env', [
    `NOTIFY_SOCKET=${env.NOTIFY_SOCKET}`,
    RUNTIME,
    ...args,
    container.id,
  ]);
  await waitFor('the message', () => heard().join('\n').includes('READY=1'));
  await waitFor('the pid', () => heard().join('\n').includes(`MAINPID=${child.pid}`));
  container.must('kill', [], ['KILL']);
  await waitFor('the end of run', () => child.exitCode !== null);
  assert.equal(child.exitCode, 137);
});

scenario(
  'a container that ends without being ready ends the start',
  { not: { crun } },
  async (s) => {
    const { env, heard } = await manager(s);
    const container = s.container((c) => {
      c.process.args = ['/payload', 'exit', '3'];
    });
    container.must('create', ['--bundle', container.bundle], [], { env });
    container.must('start', [], [], { env });
    assert.deepEqual(heard(), []);
  },
);

scenario('without a service manager there is no socket', {}, (s) => {
  const env = { ...process.env };
  delete env.NOTIFY_SOCKET;
  const result = s.run(
    (c) => {
      c.process.args = ['/payload', 'notify', 'READY=1'];
    },
    { env },
  );
  assert.equal(result.status, 2);
});

/** Calls the runtime as socket activation does, with the descriptors from 3 on and two of them to listen on. */
function activated(s: Sandbox, files: readonly string[], args: readonly string[]) {
  const fds = files.map((file) => openSync(file, 'r'));
  try {
    const shell = 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"';
    const words = ['-c', shell, 'sh', RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...args];
    const outputs = { stdout: s.path('out'), stderr: s.path('err') };
    const result = execute('/bin/sh', words, outputs, { extraFds: fds });
    assert.equal(result.status, 0, result.stderr);
    const [environment, all] = JSON.parse(result.stdout) as [
      string[],
      { fd: number; link: string }[],
    ];
    const listen = environment.filter((entry) => entry.startsWith('LISTEN_')).sort();
    return { listen, given: all.filter(({ fd }) => fd > 2).map(({ fd, link }) => [fd, link]) };
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

const FILES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random'];
const REPORT = ['/payload', 'report', 'env', ',', 'fds'];

scenario('LISTEN_FDS are given on as those of process 1', { own: true }, (s) => {
  const container = s.container((c) => {
    c.process.args = REPORT;
  });
  const run = ['run', '--bundle', container.bundle, container.id];
  const { listen, given } = activated(s, FILES, run);
  assert.deepEqual(listen, ['LISTEN_FDS=2', 'LISTEN_PID=1']);
  assert.deepEqual(given, [
    [3, '/dev/null'],
    [4, '/dev/zero'],
  ]);
});

scenario('--preserve-fds are those behind LISTEN_FDS', { own: true }, (s) => {
  const container = s.container((c) => {
    c.process.args = REPORT;
  });
  const run = ['run', '--bundle', container.bundle, '--preserve-fds', '1', container.id];
  const { listen, given } = activated(s, FILES, run);
  assert.deepEqual(listen, ['LISTEN_FDS=2', 'LISTEN_PID=1']);
  assert.deepEqual(given, [
    [3, '/dev/null'],
    [4, '/dev/zero'],
    [5, '/dev/full'],
  ]);
});

scenario('exec gives on LISTEN_FDS and --preserve-fds', { own: true }, async (s) => {
  const container = await s.running();
  const exec = ['exec', '--preserve-fds', '1', container.id, ...REPORT];
  const { given } = activated(s, FILES, exec);
  assert.deepEqual(
    given.map(([fd]) => fd),
    [3, 4, 5],
  );
});
