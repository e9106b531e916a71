import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSubCgroups, subCgroupPaths } from './sub.js';

const PATHS = { cpu: '/g/cpu/c', memory: '/g/memory/c', '': '/g/unified/c' };

test('a path alone is for all', () => {
  assert.deepEqual(parseSubCgroups(['/a']), { '': '/a' });
  assert.deepEqual(subCgroupPaths(PATHS, { '': '/a' }), {
    cpu: '/g/cpu/c/a',
    memory: '/g/memory/c/a',
    '': '/g/unified/c/a',
  });
});

test('"/" is the container’s own', () => {
  assert.deepEqual(subCgroupPaths(PATHS, { '': '/' }), PATHS);
  assert.deepEqual(subCgroupPaths(PATHS, {}), PATHS);
});

test('by controller', () => {
  const subs = parseSubCgroups(['cpu,memory:sub']);
  assert.deepEqual(subs, { cpu: 'sub', memory: 'sub' });
  assert.deepEqual(subCgroupPaths(PATHS, subs), {
    cpu: '/g/cpu/c/sub',
    memory: '/g/memory/c/sub',
    '': '/g/unified/c',
  });
});

for (const path of ['..', '/../x', '../c2', '../cc']) {
  test(`"${path}" leads out`, () => {
    assert.throws(() => subCgroupPaths(PATHS, { '': path }), /bad sub cgroup path/);
    assert.throws(() => subCgroupPaths(PATHS, { cpu: path }), /bad sub cgroup path/);
  });
}

test('an unknown controller', () => {
  assert.throws(
    () => subCgroupPaths(PATHS, parseSubCgroups(['whaaat:/'])),
    /unknown controller whaaat/,
  );
});

for (const values of [[':x'], ['cpu:a', 'cpu:b'], ['a', 'b']]) {
  test(`--cgroup ${values.join(' --cgroup ')} is refused`, () => {
    assert.throws(() => parseSubCgroups(values), /invalid --cgroup argument/);
  });
}
