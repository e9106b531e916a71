import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProgramRequest } from './binding.js';
import { native, openDescriptors, temporary } from './testing/helper.js';

function shell(script: string, request: Partial<ProgramRequest> = {}) {
  const result = native.runProgram({
    path: '/bin/sh',
    args: ['sh', '-c', script],
    env: ['PATH=/usr/bin:/bin'],
    ...request,
  });
  return {
    ...result,
    stdout: Buffer.from(result.stdout).toString(),
    stderr: Buffer.from(result.stderr).toString(),
  };
}

test('exit code, output, environment, working directory, stdin', (t) => {
  const dir = temporary(t);
  const result = shell('pwd; echo "$A"; cat; echo err >&2; exit 3', {
    env: ['A=b c', 'PATH=/usr/bin:/bin'],
    cwd: dir,
    stdin: 'text\n',
  });
  assert.deepEqual(result, {
    exitCode: 3,
    signal: 0,
    timedOut: false,
    stdout: `${dir}\nb c\ntext\n`,
    stderr: 'err\n',
  });
});

test('a signal is told apart from an exit code', () => {
  const result = shell('kill -TERM $$');
  assert.deepEqual([result.exitCode, result.signal, result.timedOut], [-1, 15, false]);
});

test('more stdin than a pipe holds, and a program that reads none of it', () => {
  const much = 'x'.repeat(1_000_000);
  assert.equal(shell('wc -c', { stdin: much }).stdout.trim(), '1000000');
  assert.equal(shell('exec <&-; exit 0', { stdin: much }).exitCode, 0);
});

test('output beyond the limit is read and dropped', () => {
  const result = shell('head -c 300000 /dev/zero; echo end >&2', { captureLimit: 1000 });
  assert.equal(result.exitCode, 0);
  assert.equal(result.stdout.length + result.stderr.length, 1000);
});

test('at the time limit the whole group is killed', (t) => {
  const dir = temporary(t);
  const result = shell(`sleep 300 & echo $! > ${dir}/pid; sleep 300`, { timeoutMs: 300 });
  assert.deepEqual([result.exitCode, result.signal, result.timedOut], [-1, 9, true]);
  const pid = Number(native.readFiles([`${dir}/pid`])[0]);
  // Its orphan is init's to reap: gone, or a zombie.
  const look = () => native.readFiles([`/proc/${pid}/stat`])[0]?.split(' ')[2] ?? 'gone';
  let state = look();
  // It has been sent its SIGKILL, and may not have come to it yet.
  for (let tries = 0; tries < 500 && !/^(gone|Z|X)$/.test(state); tries++) {
    native.sleep(10);
    state = look();
  }
  assert.match(state, /^(gone|Z|X)$/);
});

test('a child that is left behind with the output open does not hold us up', () => {
  const started = native.clock().monotonicNs;
  const result = shell('sleep 20 & echo $!');
  assert.ok(native.clock().monotonicNs - started < 15_000_000_000n);
  native.kill(Number(result.stdout), 9);
  assert.equal(result.exitCode, 0);
});

test('descriptors above 2 are closed, signals are as at the start of the world', (t) => {
  const fd = native.open('/dev/null', ['read']);
  t.after(() => native.close([fd]));
  const result = shell('ls /proc/self/fd; grep -E "^Sig(Ign|Blk)" /proc/self/status');
  // ls itself opens the directory as 3.
  assert.equal(result.stdout, '0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
});

test('what can not be executed is an error of execve, and leaves nothing', () => {
  const before = openDescriptors();
  const run = (path: string, cwd?: string) =>
    native.runProgram({ path, args: ['x'], env: [], ...(cwd === undefined ? {} : { cwd }) });
  assert.throws(() => run('/nonexistent'), { code: 'ENOENT', path: '/nonexistent' });
  assert.throws(() => run('/etc/passwd'), { code: 'EACCES' });
  assert.throws(() => run('/bin/sh', '/nonexistent'), { code: 'ENOENT' });
  assert.equal(openDescriptors(), before);
  assert.equal(native.waitChild(-1, false), null);
});

// In a process of its own: what blockSignals catches, it catches for good.
const PASSING = `
  const native = require(${JSON.stringify(join(native.installDirectory(), 'ocirt.node'))});
  native.blockSignals([10, 15, 17]);
  const shell = (script, passSignals) => {
    const { exitCode, signal } = native.runProgram({
      path: '/bin/sh', args: ['sh', '-c', script], env: ['PATH=/usr/bin:/bin'], passSignals });
    return [exitCode, signal];
  };
  const us = process.pid;
  native.write(1, JSON.stringify([
    // Those that do not ask us to end are not passed on.
    shell('kill -USR1 ' + us + '; exit 1', true),
    shell("trap 'exit 2' TERM; kill " + us + '; while :; do sleep 0.05; done', true),
    // It is still there for the next one; if nobody wishes it, it is not passed on.
    shell('exit 3', false),
    shell('while :; do sleep 0.05; done', true),
  ]));`;

test('signals that ask us to end are passed on to a program, if that is wished', () => {
  const out = execFileSync(process.execPath, ['-e', PASSING], { timeout: 60_000 });
  assert.deepEqual(JSON.parse(out.toString()), [
    [1, 0],
    [2, 0],
    [3, 0],
    [-1, 15],
  ]);
});
