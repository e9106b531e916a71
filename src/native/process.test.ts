import assert from 'node:assert/strict';
import { test } from 'node:test';
import { native, needsRoot, runPlan, spawnHelper } from './testing/helper.js';

const READY = [{ op: 'ready', at: '' }] as const;

test('signals to a process that is there, and to one that is not', (t) => {
  const helper = spawnHelper(t);
  runPlan(helper, READY);
  assert.equal(native.kill(helper.pid, 0), true);
  assert.equal(native.awaitPidfd(helper.pidfd, 20), false);
  assert.equal(native.waitChild(helper.pid, false), null);
  assert.equal(native.killAll([helper.pid], 9), 1);
  assert.equal(native.awaitPidfd(helper.pidfd, 20_000), true);
  assert.deepEqual(native.waitChild(helper.pid, true), {
    pid: helper.pid,
    exitCode: -1,
    signal: 9,
  });
  assert.equal(native.signalPidfd(helper.pidfd, 9), false);
  assert.equal(native.openPidfd(helper.pid), -1);
  assert.equal(native.kill(helper.pid, 0), false);
  assert.equal(native.killAll([helper.pid], 0), 0);
  assert.equal(native.waitChild(helper.pid, true), null);
});

test('groups and everybody are no process', () => {
  for (const pid of [0, -1, -process.pid]) {
    assert.throws(() => native.kill(pid, 0), { code: 'EINVAL' });
    assert.throws(() => native.killAll([pid], 0), { code: 'EINVAL' });
  }
});

test('limits of another process, all 64 bits', { skip: needsRoot }, (t) => {
  const helper = spawnHelper(t);
  // RLIMIT_CORE 4, RLIMIT_FSIZE 1; one more than a double holds, and RLIM_INFINITY.
  native.setLimits(helper.pid, [
    { resource: 4, soft: 0, hard: 9007199254740993n },
    { resource: 1, soft: 18446744073709551615n, hard: 18446744073709551615n },
  ]);
  const limits = native.readFiles([`/proc/${helper.pid}/limits`])[0] ?? '';
  assert.match(limits, /Max core file size +0 +9007199254740993 +bytes/);
  assert.match(limits, /Max file size +unlimited +unlimited +bytes/);
  assert.throws(() => native.setLimits(helper.pid, [{ resource: 99, soft: 0, hard: 0 }]), {
    code: 'EINVAL',
    message: 'prlimit: resource 99: invalid argument',
  });
});

test('sleep', () => {
  const before = native.clock().monotonicNs;
  native.sleep(20);
  assert.ok(native.clock().monotonicNs - before >= 20_000_000n);
});
