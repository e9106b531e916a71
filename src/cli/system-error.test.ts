import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { systemError } from './system-error.js';

const thrown = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail('it went well');
};

test('an error of node:fs has its call, its path and the name of its errno', () => {
  const error = systemError(thrown(() => mkdirSync('/no-such-folder/here')));
  assert.ok(error);
  assert.equal(error.message, 'mkdir /no-such-folder/here: no such file or directory');
  assert.deepEqual(
    [error.code, error.syscall, error.errno, error.path],
    ['system-refused', 'mkdir', 'ENOENT', '/no-such-folder/here'],
  );
  assert.match(error.hint ?? '', /make it first/);
});

test('one with two paths has both', () => {
  const error = systemError(thrown(() => renameSync('/no-such-file', '/other')));
  assert.equal(error?.message, 'rename /no-such-file to /other: no such file or directory');
});

test('a full file system', () => {
  const full = Object.assign(new Error('no'), { errno: -28, code: 'ENOSPC', syscall: 'write' });
  const error = systemError(full);
  assert.equal(error?.message, 'write: no space left on device');
  assert.match(error?.hint ?? '', /TMPDIR/);
});

test('all else is none', () => {
  for (const other of [new Error('x'), new TypeError('y'), {}, 'text']) {
    assert.equal(systemError(other), undefined);
  }
  const native = Object.assign(new Error('n'), { errno: 2, code: 'ENOENT', syscall: 'open' });
  assert.equal(systemError(native), undefined);
});
