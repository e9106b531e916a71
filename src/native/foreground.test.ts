import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from './testing/helper.js';

// superviseForeground takes the whole thread and the descriptors 0 and 1, so it runs in a Node.js
// of its own. A socket stands for the pty: what is done to terminals alone does nothing to it.
const SUPERVISOR = `
  const native = require(${JSON.stringify(join(native.installDirectory(), 'ocirt.node'))});
  native.blockSignals([2, 15]);
  const [pty, other] = native.socketPair();
  const helper = native.spawn({ cloneFlags: 0, keepFds: [], stdio: [other, other, 2] });
  native.close([other]);
  native.channelSend(helper.channel, { type: 'plan', trace: false, steps: [
    { op: 'environment', at: '', env: ['PATH=/usr/bin:/bin'], homeOf: 0 },
    { op: 'find_executable', at: '', name: 'sh' },
    { op: 'exec', at: '', args: ['sh', '-c', process.argv[1]], preserveFds: 0 } ] });
  const answer = native.channelReceive(helper.channel, 20000);
  if (answer !== null) throw new Error(JSON.stringify(answer));
  native.write(2, 'started\\n');
  const withPty = process.argv[2] === 'pty';
  const status = native.superviseForeground({
    pid: helper.pid, ptyFd: withPty ? pty : -1, forward: [2, 15], drainMs: 2000 });
  if (status.pid !== helper.pid) throw new Error('pid');
  native.write(2, JSON.stringify([status.exitCode, status.signal]));`;

/** Runs `script` under supervision; `act` is called once it runs. */
async function supervise(
  script: string,
  mode: 'pty' | 'wait',
  act: (process: ReturnType<typeof spawn>) => void,
) {
  const child = spawn(process.execPath, ['-e', SUPERVISOR, script, mode], { stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    if (err === '') act(child);
    err += data;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

test('input and output are relayed, and the exit code returned', async () => {
  const result = await supervise('read a; echo "got $a"; exit 7', 'pty', (child) => {
    child.stdin?.write('hello\n');
  });
  assert.deepEqual(result, { code: 0, out: 'got hello\n', err: 'started\n[7,0]' });
});

test('much output comes whole', async () => {
  const result = await supervise('head -c 3000000 /dev/zero', 'pty', () => {});
  assert.equal(result.err, 'started\n[0,0]');
  assert.equal(result.out.length, 3_000_000);
});

test('the end of our input does not end the container', async () => {
  const result = await supervise('sleep 0.5; echo alive', 'pty', (child) => child.stdin?.end());
  assert.deepEqual(result, { code: 0, out: 'alive\n', err: 'started\n[0,0]' });
});

test('a reader that has gone costs its output only', async () => {
  const script = 'i=0; while [ $i -lt 300 ]; do echo line; i=$((i+1)); done; exit 4';
  const result = await supervise(`sleep 0.3; ${script}`, 'pty', (child) => child.stdout?.destroy());
  assert.equal(result.err, 'started\n[4,0]');
});

test('signals are forwarded, with and without a terminal', async () => {
  const script = 'trap "exit 9" TERM; while :; do sleep 0.05; done';
  for (const mode of ['pty', 'wait'] as const) {
    const result = await supervise(script, mode, (child) => {
      // The shell's trap is set a little after its start.
      setTimeout(() => child.kill('SIGTERM'), 300);
    });
    assert.equal(result.err, 'started\n[9,0]', mode);
  }
  const killed = await supervise('exec sleep 30', 'wait', (child) => {
    setTimeout(() => child.kill('SIGINT'), 100);
  });
  assert.equal(killed.err, 'started\n[-1,2]');
});
