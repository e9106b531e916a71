import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStatus } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { openLockFile } from '../state/lock.js';
import type { ContainerRecord } from '../state/record.js';
import { openStore } from '../state/store.js';
import { type Runtime, SILENT } from './context.js';
import { wrap } from './errors.js';
import { claimLocked } from './locked.js';
import { start } from './start.js';

const FD = 5;

function runtimeOf(behaviour: Parameters<typeof createFake>[0]) {
  const fake = createFake({ close: () => {}, lock: () => true, ...behaviour });
  const store = openStore(fake.binding, '/root');
  const runtime: Runtime = { native: fake.binding, store, log: SILENT, rootless: 'auto' };
  return { fake, runtime };
}

const wrapped = (error: unknown) => wrap(error, 'create-failed', 'no');

function claiming() {
  return runtimeOf({
    makeDirectory: () => true,
    open: () => FD,
    removeFile: () => {},
    removeDirectory: () => {},
  });
}

test('who loses a claim before the lock removes nothing of who has the ID now', () => {
  for (const [code, errno] of [
    ['EEXIST', 17],
    ['ENOENT', 2],
  ] as const) {
    const { fake, runtime } = claiming();
    fake.failCall('open', 1, { syscall: 'open', code, errno });
    assert.throws(() => claimLocked(runtime, 'c', wrapped), { code: 'create-failed' });
    for (const removal of ['removeFile', 'removeDirectory', 'removeTree'] as const) {
      assert.deepEqual(fake.callsOf(removal), []);
    }
  }
});

test('a claim that gets no lock for another reason is taken back', () => {
  const { fake, runtime } = claiming();
  fake.failCall('lock', 1, { syscall: 'flock', code: 'ENOLCK', errno: 37 });
  assert.throws(() => claimLocked(runtime, 'c', wrapped), { code: 'create-failed' });
  assert.deepEqual(fake.callsOf('removeFile')[0]?.args, ['/root/c/lock']);
  assert.deepEqual(fake.callsOf('removeDirectory')[0]?.args, ['/root/c']);
});

const status = (ino: number) => ({ type: 'file', dev: 1, ino }) as unknown as FileStatus;

test('who waits for a lock does not get that of a later container of the ID', () => {
  const { fake, runtime } = runtimeOf({
    open: () => FD,
    status: (path) => status(path.startsWith('/proc/') ? 1 : 2),
  });
  const file = openLockFile(fake.binding, runtime.store, 'c');
  assert.equal(file?.isCurrent(), false);
  assert.throws(() => file?.take(), { code: 'container-not-found' });
  file?.close();
  file?.close();
  assert.deepEqual(
    fake.callsOf('close').map(({ args }) => args[0]),
    [[FD]],
  );
});

test('run does not start a container of its ID that another has created', () => {
  const record = {
    format: 1,
    id: 'c',
    bundle: '/b',
    phase: 'created',
    created: '2026-01-01T00:00:00.000000002Z',
    cgroup: { mode: 'none', paths: {} },
  } as unknown as ContainerRecord;
  const { fake, runtime } = runtimeOf({
    open: () => FD,
    status: () => status(1),
    readFiles: () => [JSON.stringify(record)],
  });
  const ours = { ...record, created: '2026-01-01T00:00:00.000000001Z' };
  assert.throws(
    () => start(runtime, 'c', { known: { record: ours, bundle: { config: {} as never } } }),
    {
      code: 'container-not-found',
    },
  );
  assert.deepEqual(fake.callsOf('connectUnix'), []);
  assert.deepEqual(fake.callsOf('rename'), []);
});
