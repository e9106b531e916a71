import assert from 'node:assert/strict';
import { test } from 'node:test';
import { V1, V2 } from '../plan/testing/fixtures.js';
import type { Config } from '../spec/config.gen.js';
import { compileCgroup } from './compile.js';
import { cgroupOwner } from './owner.js';

const CONFIG: Pick<Config, 'linux' | 'mounts' | 'process'> = {
  linux: {
    namespaces: [{ type: 'user' }, { type: 'cgroup' }],
    uidMappings: [
      { containerID: 0, hostID: 1000, size: 1 },
      { containerID: 1, hostID: 100000, size: 65536 },
    ],
  },
  mounts: [{ destination: '/sys/fs/cgroup', type: 'cgroup', options: ['nosuid'] }],
  process: { cwd: '/', user: { uid: 0, gid: 0 } },
};

test('the owner is who the process runs as, as the host knows him', () => {
  assert.equal(cgroupOwner(CONFIG), 1000);
  const user = { uid: 5, gid: 5 };
  assert.equal(cgroupOwner({ ...CONFIG, process: { cwd: '/', user } }), 100004);
});

for (const [what, change] of [
  ['no user namespace', { linux: { ...CONFIG.linux, namespaces: [{ type: 'cgroup' }] } }],
  ['no cgroup namespace', { linux: { ...CONFIG.linux, namespaces: [{ type: 'user' }] } }],
  [
    'a joined one',
    { linux: { ...CONFIG.linux, namespaces: [{ type: 'user' }, { type: 'cgroup', path: '/x' }] } },
  ],
  ['no mount', { mounts: [] }],
  ['read-only', { mounts: [{ destination: '/c', type: 'cgroup', options: ['rw', 'ro'] }] }],
  ['a user that is not mapped', { process: { cwd: '/', user: { uid: 99999, gid: 0 } } }],
] as const) {
  test(`nobody: ${what}`, () => {
    assert.equal(cgroupOwner({ ...CONFIG, ...change } as typeof CONFIG), undefined);
  });
}

test('on v2 alone, and for root alone', () => {
  const owner = (facts: typeof V2, rootless: boolean) =>
    compileCgroup({ facts, linux: {}, id: 'id', rootless, inUserNamespace: false, owner: 7 }).owner;
  assert.equal(owner(V2, false), 7);
  assert.equal(owner(V2, true), null);
  assert.equal(owner(V1, false), null);
});
