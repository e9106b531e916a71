import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeError } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { spawnFault } from './spawn-fault.js';

const NEW_USER = 0x10000000;

const failure = (change: Partial<NativeError>): NativeError =>
  Object.assign(new Error('x'), {
    name: 'NativeError',
    syscall: 'clone3',
    errno: 1,
    code: 'EPERM',
    path: '',
    ...change,
  }) as NativeError;

/** The fault, where these sysctls are so; those that are not named do not exist. */
function faultOf(error: NativeError, flags: number, sysctls: Record<string, string> = {}) {
  const { binding } = createFake({
    readFiles: (paths) => paths.map((path) => sysctls[path] ?? null),
  });
  return spawnFault(binding, error, flags);
}

test('a user without subordinate ids', () => {
  const error = failure({ syscall: 'newuidmap', errno: 0, code: '', path: '/usr/bin/newuidmap' });
  assert.equal(faultOf(error, NEW_USER)?.code, 'subuid-missing');
});

test('ids that are not the caller’s', () => {
  const error = failure({ syscall: 'write', path: '/proc/7/uid_map' });
  assert.equal(faultOf(error, NEW_USER)?.code, 'id-map-denied');
});

test('no user namespace, and no right', () => {
  assert.equal(faultOf(failure({}), 0)?.code, 'rootless-denied');
});

for (const [path, value] of [
  ['/proc/sys/user/max_user_namespaces', '0\n'],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0\n'],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1\n'],
] as const) {
  test(`user namespaces that are forbidden: ${path}`, () => {
    const fault = faultOf(failure({ code: 'ENOSPC', errno: 28 }), NEW_USER, { [path]: value });
    assert.equal(fault?.code, 'user-namespaces-denied');
    assert.ok(fault?.hint?.includes(path), fault?.hint);
    assert.match(fault?.hint ?? '', /sysctl -w /);
  });
}

test('forbidden for a reason that no sysctl tells', () => {
  const sysctls = { '/proc/sys/user/max_user_namespaces': '15000\n' };
  assert.match(faultOf(failure({}), NEW_USER, sysctls)?.hint ?? '', /doctor/);
});

test('other failures of a spawn are called as they were', () => {
  assert.equal(faultOf(failure({ code: 'ENOMEM', errno: 12 }), NEW_USER), undefined);
  assert.equal(faultOf(failure({ syscall: 'execveat', code: 'EACCES', errno: 13 }), 0), undefined);
});
