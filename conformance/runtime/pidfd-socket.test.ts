/** `--pidfd-socket`: who listens there is sent a pidfd of the process that is made. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { waitFor } from '../lib/host.js';
import { receiver } from '../lib/listener.js';
import { refused, says } from '../lib/refusal.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const not = { runc: 'newer than runc 1.1', crun: 'crun has no such option' };

interface Received {
  readonly fds: number;
  readonly name: string;
  /** What the pidfd is of. */
  readonly pid: number;
}

/** Listens, calls the runtime with the socket, and gives what came. */
async function received(s: Sandbox, call: (socket: string) => void): Promise<Received> {
  const { socket, heard } = await receiver(s, 'pidfd.sock');
  call(socket);
  const [, line = ''] = await heard.until(/listening\n(\{.*\})\n/);
  return JSON.parse(line) as Received;
}

function assertPidfd({ fds, name, pid }: Received, expected: number): void {
  assert.equal(fds, 1);
  assert.match(name, /pidfd/);
  assert.equal(pid, expected);
}

scenario('create sends a pidfd of the first process', { not }, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  const got = await received(s, (socket) => {
    container.must('create', ['--bundle', container.bundle, '--pidfd-socket', socket]);
  });
  assertPidfd(got, container.state().pid);
  container.must('start');
  assert.equal(container.state().pid, got.pid);
});

scenario('run --detach does', { not }, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  const got = await received(s, (socket) => {
    container.must('run', ['--bundle', container.bundle, '--detach', '--pidfd-socket', socket]);
  });
  assertPidfd(got, container.state().pid);
});

const needs = ['pidfd_open'];

scenario('exec sends a pidfd of the process that it runs', { not, needs }, async (s) => {
  const container = await s.running();
  const pidFile = s.path('pid');
  const got = await received(s, (socket) => {
    const options = ['--detach', '--pid-file', pidFile, '--pidfd-socket', socket];
    container.must('exec', options, ['/payload', 'pause']);
  });
  assertPidfd(got, Number(readFileSync(pidFile, 'utf8')));
});

scenario('a socket on which nobody listens: nothing is made', { not }, async (s) => {
  const file = s.path('file');
  writeFileSync(file, '');
  const running = await s.running();
  for (const socket of [s.path('none'), file]) {
    const container = s.container();
    const result = container.call('run', ['--bundle', container.bundle, '--pidfd-socket', socket]);
    refused(result);
    says(container.errors(), /socket|dial|connect/);
    assert.notEqual(container.call('state').status, 0);
    assert.notEqual(
      running.call('exec', ['--pidfd-socket', socket], ['/payload', 'pause']).status,
      0,
    );
  }
  const [init] = [running.state().pid];
  await waitFor('the process of the exec to be gone', () => {
    const { stdout } = running.call('ps', ['--format', 'json']);
    return stdout.trim() === `[${init}]`;
  });
});
