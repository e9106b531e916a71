/** What is left of killed commands is found and removed, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { native, temporary } from '../native/testing/helper.js';
import { collect, workFolder } from './leftovers.js';

const left = '.bundle.unpack-0123456789ab';

/** A folder as a killed unpacking leaves it. */
function leave(dir: string, name = left): string {
  mkdirSync(join(dir, name, 'bundle/rootfs/shut'), { recursive: true });
  writeFileSync(join(dir, name, 'lock'), '');
  writeFileSync(join(dir, name, 'bundle/rootfs/shut/file'), '');
  return join(dir, name);
}

test('a folder that nobody works in is removed; not with dryRun', (t) => {
  const dir = temporary(t);
  const place = leave(dir);
  assert.deepEqual(collect(native, dir, true), [place]);
  assert.deepEqual(collect(native, dir, false), [place]);
  assert.deepEqual(readdirSync(dir), []);
  assert.deepEqual(collect(native, dir, false), []);
});

test('one that is worked in stays', (t) => {
  const dir = temporary(t);
  const work = workFolder(native, join(dir, 'bundle'));
  assert.deepEqual(collect(native, dir, false), []);
  writeFileSync(join(work.path, 'file'), '');
  work.remove();
  assert.deepEqual(readdirSync(dir), []);
});

test('what has another name, or is of another kind, stays', (t) => {
  const dir = temporary(t);
  for (const name of [
    'bundle',
    '.unpack-0123456789ab',
    '.bundle.unpack-0123',
    '.b.unpack-0123456789ag',
  ]) {
    leave(dir, name);
  }
  writeFileSync(join(dir, left), '');
  mkdirSync(join(dir, '.layer.tar.diff-0123456789ab'));
  const before = readdirSync(dir);
  assert.deepEqual(collect(native, dir, false), []);
  assert.deepEqual(readdirSync(dir), before);
});

test('an unfinished file of diff', (t) => {
  const dir = temporary(t);
  const place = join(dir, '.layer.tar.diff-0123456789ab');
  writeFileSync(place, 'half');
  const fd = native.open(place, ['read']);
  native.lock(fd, true, true);
  assert.deepEqual(collect(native, dir, false), []);
  native.close([fd]);
  assert.deepEqual(collect(native, dir, false), [place]);
});

test('killed before it had its lock: only what is empty, and older than a minute', (t) => {
  const dir = temporary(t);
  mkdirSync(join(dir, left));
  assert.deepEqual(collect(native, dir, false), []);
  utimesSync(join(dir, left), 0, 0);
  writeFileSync(join(dir, left, 'whose'), '');
  utimesSync(join(dir, left), 0, 0);
  assert.deepEqual(collect(native, dir, false), []);
  const other = '.other.unpack-0123456789ab';
  mkdirSync(join(dir, other));
  writeFileSync(join(dir, other, 'lock.new'), '');
  utimesSync(join(dir, other), 0, 0);
  assert.deepEqual(collect(native, dir, false), [join(dir, other)]);
});
