import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStatus } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { lockClaimed, lockContainer } from './lock.js';
import { openStore } from './store.js';

const FD = 5;
const LOCK = { type: 'file', dev: 1, ino: 2 } as unknown as FileStatus;

/** A lock that can be had. */
const free = () =>
  createFake({ open: () => FD, lock: () => true, status: () => LOCK, close: () => {} });

test('a lock is held until it is released, once', () => {
  const fake = free();
  const lock = lockContainer(fake.binding, openStore(fake.binding, '/root'), 'c', {
    exclusive: true,
    wait: false,
  });
  assert.deepEqual(fake.callsOf('close'), []);
  lock?.release();
  lock?.release();
  assert.deepEqual(
    fake.callsOf('close').map(({ args }) => args[0]),
    [[FD]],
  );
});

// flock(2) goes with the descriptor: one that stays open in a library's process is held for good.
for (const [name, nth] of [
  ['lock', 1],
  ['status', 1],
  ['status', 2],
] as const) {
  test(`a lock that fails at ${name} ${nth} is not held`, () => {
    const fake = free();
    fake.failCall(name, nth, { syscall: name, code: 'EIO', errno: 5 });
    const store = openStore(fake.binding, '/root');
    assert.throws(() => lockContainer(fake.binding, store, 'c', { exclusive: true, wait: true }), {
      code: 'EIO',
    });
    assert.deepEqual(
      fake.callsOf('close').map(({ args }) => args[0]),
      [[FD]],
    );
  });
}

test('the lock of a new directory that fails is not held', () => {
  const fake = free();
  fake.failCall('lock', 1, { syscall: 'flock', code: 'ENOLCK', errno: 37 });
  assert.throws(() => lockClaimed(fake.binding, openStore(fake.binding, '/root'), 'c'), {
    code: 'ENOLCK',
  });
  assert.deepEqual(
    fake.callsOf('close').map(({ args }) => args[0]),
    [[FD]],
  );
});
