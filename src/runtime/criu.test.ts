/** What is around CRIU: where it is looked for, what its log says, links in a root. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import type { Binding, FileStatus } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { type Runtime, SILENT } from './context.js';
import { findCriu } from './criu.js';
import { quoteErrors } from './criu-log.js';
import { checkParent, followInRoot, mountKeys, typeInRoot } from './criu-paths.js';

/** Files by path: a mode, or what a link holds. */
function files(content: Readonly<Record<string, number | string>>): Binding {
  return createFake({
    environment: () => ({ PATH: '/opt/bin:relative:/usr/sbin' }),
    status: (path) => {
      const found = content[path];
      if (found === undefined) return null;
      const type = typeof found === 'string' ? 'symlink' : found === 0 ? 'directory' : 'file';
      return { type, mode: Number(found) } as FileStatus;
    },
    readLink: (path) => String(content[path]),
  }).binding;
}

const runtime = (native: Binding, criu?: string): Runtime =>
  ({ native, log: SILENT, ...(criu === undefined ? {} : { criu }) }) as Runtime;

test('criu is looked for in PATH', () => {
  const native = files({ '/opt/bin/criu': 0o644, '/usr/sbin/criu': 0o755, 'relative/criu': 0o755 });
  assert.equal(findCriu(runtime(native)), '/usr/sbin/criu');
});

test('criu by its path', () => {
  const native = files({ '/opt/criu-4': 0o755, '/usr/sbin/criu': 0o755 });
  assert.equal(findCriu(runtime(native, '/opt/criu-4')), '/opt/criu-4');
});

for (const asked of [undefined, '/opt/criu-4', 'criu-4']) {
  test(`criu is missing: ${asked ?? 'criu'}`, () => {
    assert.throws(
      () => findCriu(runtime(files({}), asked)),
      (error) =>
        error instanceof OcirtError &&
        error.code === 'criu-missing' &&
        error.message.includes(`exec: "${asked ?? 'criu'}"`) &&
        /install the package criu/.test(error.hint ?? ''),
    );
  });
}

const LOG = [
  "(00.0) Error (criu/util.c:1): rlimit: Can't setup RLIMIT_NOFILE for self: Operation",
  '(00.1) one',
  '(00.2) two',
  '(00.3) Error (criu/a.c:1): first cause',
  '(00.4) three',
  ...Array.from({ length: 10 }, (_, index) => `(00.5) more ${index}`),
  '(00.6)      1: Error (criu/b.c:2): what came of it',
  '(00.7) Error (criu/cr-dump.c:3): Dumping FAILED.',
  '',
].join('\n');

test("the log's errors, each with some lines before it", () => {
  const { lines, last } = quoteErrors(LOG);
  assert.equal(last, 'first cause; what came of it');
  assert.match(lines[0] ?? '', /^1:.*RLIMIT/);
  assert.ok(lines.includes('...'));
  assert.equal(lines.at(-1), '17:(00.7) Error (criu/cr-dump.c:3): Dumping FAILED.');
  assert.ok(!lines.some((line) => line.includes('three')));
});

test('a log without errors, and none', () => {
  assert.deepEqual(quoteErrors('(00.1) one\n'), { lines: [], last: '' });
  assert.deepEqual(quoteErrors(''), { lines: [], last: '' });
});

test('links are followed inside of the root', () => {
  const native = files({
    '/root/absolute': '/real/conf',
    '/root/relative': 'real',
    '/root/real/up': '../../../../etc',
    '/root/loop': 'loop',
  });
  const follow = (path: string): string => followInRoot(native, '/root', path);
  assert.equal(follow('/absolute'), '/real/conf');
  assert.equal(follow('/relative/conf'), '/real/conf');
  assert.equal(follow('/relative/up/hosts'), '/etc/hosts');
  assert.equal(follow('/not/there'), '/not/there');
  assert.equal(follow('/..'), '/');
  assert.equal(follow('/loop'), '/loop');
});

test('a mount behind a link has both names', () => {
  const native = files({ '/root/conf': '/real/conf' });
  const mounts = [{ target: '/conf', source: '/srv' }];
  assert.deepEqual(mountKeys(native, '/root', mounts, true), [
    { key: '/conf', val: '/srv' },
    { key: '/real/conf', val: '/srv' },
  ]);
  assert.deepEqual(mountKeys(native, '/root', mounts, false), [
    { key: '/conf', val: '/conf' },
    { key: '/real/conf', val: '/real/conf' },
  ]);
});

test('what a file in a root is does not depend on where a link leads on the host', () => {
  const fake = createFake({
    status: (_path, follow) => ({ type: follow ? 'file' : 'symlink' }) as FileStatus,
  });
  assert.equal(typeInRoot(fake.binding, '/root', '/etc/shadow'), 'symlink');
});

test('images of before', () => {
  const native = files({ '/images/before': 0, '/images/file': 0o644 });
  assert.doesNotThrow(() => checkParent(native, '/images/now', '../before'));
  assert.throws(() => checkParent(native, '/images/now', '/images/before'), /must be relative/);
  assert.throws(
    () => checkParent(native, '/images/now', '../none'),
    /invalid --parent-path.*no such/,
  );
  assert.throws(
    () => checkParent(native, '/images/now', '../file'),
    /invalid --parent-path.*not a/,
  );
});
