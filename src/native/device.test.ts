import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { native, needsRoot } from './testing/helper.js';

/** Only a v2 mount has this file. */
const mount = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(
  (path) => native.status(`${path}/cgroup.controllers`, true) !== null,
);
const skip = needsRoot || (mount === undefined ? 'no cgroup v2 is mounted' : false);

/** r0 = verdict; exit. 1 allows, 0 denies. */
function answer(verdict: number): Uint8Array {
  return new Uint8Array([0xb7, 0, 0, 0, verdict, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
}

test('a device program takes the place of the one before', { skip }, (t) => {
  const group = join(mount ?? '', `ocirt-test-device-${process.pid}`);
  native.makeDirectory(group, 0o755, false);
  t.after(() => native.removeDirectory(group));
  /** Whether a shell inside can open /dev/null. */
  const allowed = () =>
    native.runProgram({
      path: '/bin/sh',
      args: ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec 3< /dev/null`],
      env: [],
    }).exitCode === 0;

  assert.equal(allowed(), true);
  native.attachDeviceProgram(group, answer(0));
  assert.equal(allowed(), false);
  // Programs that are attached together must all allow: the first one is gone, then.
  native.attachDeviceProgram(group, answer(1));
  assert.equal(allowed(), true);

  // A refused program changes nothing, and the verifier says why: it ends without a result.
  assert.throws(() => native.attachDeviceProgram(group, answer(0).subarray(8)), /R0 !read_ok/);
  assert.throws(() => native.attachDeviceProgram(group, new Uint8Array(3)), { code: 'EINVAL' });
  assert.throws(() => native.attachDeviceProgram('/nonexistent', answer(1)), { code: 'ENOENT' });
  assert.equal(allowed(), true);
});
