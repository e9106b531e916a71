import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStatus } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { openStore } from '../state/store.js';
import { type Runtime, SILENT } from './context.js';
import { remove } from './delete.js';
import { update } from './update.js';

const FD = 5;

/** A state directory whose lock is free. */
function runtimeOf(
  record = JSON.stringify({
    format: 1,
    id: 'c',
    bundle: '/b',
    phase: 'created',
    cgroup: { mode: 'none', paths: {} },
  }),
) {
  const fake = createFake({
    status: (path) =>
      ({
        type: path === '/root/c' ? 'directory' : 'file',
        dev: 1,
        ino: 2,
      }) as unknown as FileStatus,
    open: () => FD,
    lock: () => true,
    readFiles: () => [record],
    removeFile: () => {},
    removeTree: () => {},
    close: () => {},
  });
  const store = openStore(fake.binding, '/root');
  return {
    fake,
    runtime: { native: fake.binding, store, log: SILENT, rootless: 'auto' } as Runtime,
  };
}

const closed = (fake: ReturnType<typeof createFake>) =>
  fake.callsOf('close').flatMap(({ args }) => args[0]);

// A run that fails at it tries once more, to clean up: it must not meet its own lock.
test('delete that cannot read the record gives the lock up', () => {
  const { fake, runtime } = runtimeOf();
  fake.failCall('readFiles', 1, { syscall: 'open', code: 'EMFILE', errno: 24 });
  assert.throws(() => remove(runtime, { id: 'c', force: true }), { code: 'EMFILE' });
  assert.deepEqual(closed(fake), [FD]);
});

test('delete of a damaged record says what it cannot remove', () => {
  const { fake, runtime } = runtimeOf('{"format":1,"id":"c","bun');
  const said: string[] = [];
  const log = { ...SILENT, warn: (message: string) => said.push(message) };
  remove({ ...runtime, log }, { id: 'c', force: true });
  assert.match(said.join(), /record of container c is damaged/);
  assert.deepEqual(fake.callsOf('removeTree')[0]?.args, ['/root/c']);
  assert.deepEqual(closed(fake), [FD]);
});

test('update that cannot wait for its turn gives the lock up', () => {
  const { fake, runtime } = runtimeOf();
  fake.failCall('open', 2, { syscall: 'open', code: 'EMFILE', errno: 24 });
  assert.throws(() => update(runtime, 'c', {}), { code: 'EMFILE' });
  assert.deepEqual(closed(fake), [FD]);
});
