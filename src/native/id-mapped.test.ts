import assert from 'node:assert/strict';
import { test } from 'node:test';
import { native, needsRoot, openDescriptors } from './testing/helper.js';

const MAP = '0 100000 65536\n';

test('a user namespace that nobody is in', { skip: needsRoot }, () => {
  const before = openDescriptors();
  const fd = native.userNamespace(MAP, '5 7 1\n');
  const link = native.readLink(`/proc/self/fd/${fd}`);
  assert.match(link, /^user:\[\d+\]$/);
  assert.notEqual(link, native.readLink('/proc/self/ns/user'));
  native.close([fd]);
  assert.equal(openDescriptors(), before);
});

test('maps that the kernel refuses', { skip: needsRoot }, () => {
  const before = openDescriptors();
  assert.throws(() => native.userNamespace('0 0 0\n', MAP), { syscall: 'write', code: 'EINVAL' });
  assert.equal(openDescriptors(), before);
});

test('a file system that cannot map ids', { skip: needsRoot }, () => {
  const namespace = native.userNamespace(MAP, MAP);
  const [tree = -1] = native.cloneTrees([{ path: '/proc', recursive: false }]);
  try {
    assert.throws(() => native.mapTree(tree, namespace, false), {
      syscall: 'mount_setattr',
      code: 'EINVAL',
    });
  } finally {
    native.close([tree, namespace]);
  }
});
