import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import { parseWords } from './args.js';
import { CONFIG_OPTIONS, configRequest } from './sandbox-options.js';

const read = (...words: string[]) => {
  const { values, rest } = parseWords(words, CONFIG_OPTIONS, 1);
  return configRequest(values, rest);
};

test('the words, read', () => {
  const request = read(
    ...['--memory', '64M', '--cpus', '.5', '--pids', '9', '--env', 'A=b', '-e', 'B'],
    ...['--volume', 'x:/y:ro,nosuid', '--volume', '/z:/z', '--user', 'a:b', '--read-only'],
    ...['--', 'ls', '-l'],
  );
  assert.equal(request.memory, 64 * 2 ** 20);
  assert.equal(request.cpus, 0.5);
  assert.equal(request.pids, 9);
  assert.deepEqual(request.env, ['A=b', 'B']);
  assert.deepEqual(request.volumes, [
    { source: 'x', target: '/y', readOnly: true, options: ['nosuid'] },
    { source: '/z', target: '/z', readOnly: false, options: [] },
  ]);
  assert.deepEqual(request.command, ['ls', '-l']);
  assert.equal(request.readOnly, true);
  assert.equal(request.overlay, undefined);
  assert.equal(read().rootfs, undefined);
});

test('what follows the command is its own', () => {
  assert.deepEqual(read('ls', '--memory', 'x').command, ['ls', '--memory', 'x']);
});

test('an overlay, and where it keeps what is written', () => {
  assert.deepEqual(read('--overlay').overlay, { driver: 'auto', keep: undefined });
  assert.deepEqual(read('--overlay-keep', 'd', '--overlay-driver', 'fuse').overlay, {
    driver: 'fuse',
    keep: 'd',
  });
});

for (const words of [
  ['--memory', '-1'],
  ['--memory', '0'],
  ['--cpus', '0.001'],
  ['--cpus', '1e3'],
  ['--cpus', 'half'],
  ['--pids', '0'],
  ['--hostname', '-x'],
  ['--hostname', 'x'.repeat(65)],
  ['--env', ''],
  ['--volume', 'x'],
  ['--volume', 'x:y'],
  ['--volume', ':/y'],
  ['--volume', 'x:/y:ro,rw'],
  ['--volume', 'x:/y:ro:z'],
  ['--volume', 'x:/.'],
  ['--workdir', 'x'],
  ['--overlay-driver', 'kernel'],
  ['--overlay', '--overlay-driver', 'aufs'],
]) {
  test(`refused: ${words.join(' ').slice(0, 40)}`, () => {
    assert.throws(
      () => read(...words),
      (error) => error instanceof OcirtError && error.code === 'usage',
    );
  });
}
