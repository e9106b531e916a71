import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStatus } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { checkId } from './id.js';
import { isEnding, parseStat } from './process.js';
import { type ContainerRecord, parseRecord, serializeRecord } from './record.js';
import { deriveStatus, type Observation } from './status.js';
import { openStore } from './store.js';

for (const id of ['a', 'A-1', 'a_b+c.d', '..a', '-', 'x'.repeat(255)]) {
  test(`an ID: ${id.slice(0, 20)}`, () => checkId(id));
}
for (const id of ['', '.', '..', 'a/b', 'a b', 'a\n', 'ä', 'a:b', 'x'.repeat(256)]) {
  test(`not an ID: ${JSON.stringify(id.slice(0, 20))}`, () => {
    assert.throws(() => checkId(id), { code: 'invalid-id' });
  });
}

const created: Observation = {
  phase: 'created',
  alive: true,
  creatorAlive: false,
  frozen: false,
  waiting: false,
};
for (const [change, status] of [
  [{ phase: 'creating', creatorAlive: true }, 'creating'],
  // The helper of a create that was killed dies with it.
  [{ phase: 'creating', creatorAlive: false }, 'stopped'],
  [{ waiting: true }, 'created'],
  [{}, 'running'],
  [{ frozen: true }, 'paused'],
  [{ frozen: true, waiting: true }, 'paused'],
  [{ alive: false }, 'stopped'],
  [{ alive: false, waiting: true }, 'stopped'],
  [{ alive: false, frozen: true }, 'stopped'],
] as const) {
  test(`status ${status}: ${JSON.stringify(change)}`, () => {
    assert.equal(deriveStatus({ ...created, ...change }), status);
  });
}

test('/proc/PID/stat: a name with parentheses and blanks', () => {
  // Fields 3 (state), 4 (ppid) and 22 (starttime) of proc_pid_stat(5).
  const text =
    '42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 10 1844 1 1 0\n';
  assert.deepEqual(parseStat(text), { state: 'S', parent: 7, startTime: '987654' });
  assert.equal(parseStat('nonsense'), undefined);
  assert.equal(parseStat('42 (a) S 7'), undefined);
});

const record: ContainerRecord = {
  format: 1,
  ociVersion: '1.3.0',
  id: 'c',
  bundle: '/b',
  rootfs: '/b/rootfs',
  created: '2026-08-19T02:35:07Z',
  owner: 0,
  annotations: {},
  phase: 'created',
  init: { pid: 7, startTime: '987654' },
  cgroup: { mode: 'v1', paths: { memory: '/sys/fs/cgroup/memory/c' } },
  namespaces: ['pid'],
  ownPidNamespace: true,
  rootless: false,
};

test('a record comes back as it was written', () => {
  assert.deepEqual(parseRecord(serializeRecord(record)), record);
});

test('what is no record of this format is refused', () => {
  for (const text of ['', '{', 'null', '[]', '{}', JSON.stringify({ ...record, format: 2 })]) {
    assert.equal(parseRecord(text), undefined, text);
  }
});

test('a record that there is no memory to read is not taken for what a killed create has left', (t) => {
  const thrown = Object.assign(new Error('out of memory'), { name: 'InternalError' });
  t.mock.method(JSON, 'parse', () => {
    throw thrown;
  });
  assert.throws(() => parseRecord('{}'), thrown);
});

test('a process is ending: it exits, is a zombie, is gone, or is another', () => {
  const stat = (state: string, flags: number, startTime: string): string =>
    `42 (a) b) ${state} 7 42 42 0 -1 ${flags} 100 0 0 0 1 2 0 0 20 0 1 0 ${startTime} 1000 10\n`;
  const mark = { pid: 42, startTime: '9' };
  for (const [text, ending] of [
    [stat('R', 4194560, '9'), false],
    [stat('R', 4194560 | 4, '9'), true],
    [stat('Z', 4194560, '9'), true],
    [stat('S', 4194560, '8'), true],
    [null, true],
  ] as const) {
    const fake = createFake({ readFiles: () => [text] });
    assert.equal(isEnding(fake.binding, mark), ending, String(text));
  }
});

test('a state directory is removed without a descriptor left to open it with', () => {
  const there = new Set(['/root/c/lock', '/root/c/state.json']);
  const fake = createFake({
    removeTree() {
      throw Object.assign(new Error('openat'), { code: 'EMFILE' });
    },
    status: (path) => (there.has(path) ? ({ type: 'file' } as FileStatus) : null),
    removeFile: (path) => {
      assert.ok(there.delete(path), path);
    },
    removeDirectory: () => {},
  });
  openStore(fake.binding, '/root').remove('c');
  assert.deepEqual([...there], []);
  assert.deepEqual(fake.callsOf('removeDirectory')[0]?.args, ['/root/c']);
});

test('the record is the first to go: there is none that has lost its lock', () => {
  for (const missing of [false, true]) {
    const fake = createFake({
      removeFile() {
        if (missing) throw Object.assign(new Error('unlink'), { code: 'ENOENT' });
      },
      removeTree: () => {},
    });
    openStore(fake.binding, '/root').remove('c');
    assert.deepEqual(
      fake.calls.map(({ name, args }) => [name, args[0]]),
      [
        ['removeFile', '/root/c/state.json'],
        ['removeTree', '/root/c'],
      ],
    );
  }
});

test('a record that cannot be removed keeps its lock', () => {
  const fake = createFake({ removeFile: () => {}, removeTree: () => {} });
  fake.failCall('removeFile', 1, { syscall: 'unlink', code: 'EROFS', errno: 30 });
  assert.throws(() => openStore(fake.binding, '/root').remove('c'), { code: 'EROFS' });
  assert.deepEqual(fake.callsOf('removeTree'), []);
});
