import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MS } from '../native/constants.js';
import { compileCreate } from './compile.js';
import { createInput, only, ops, refusal } from './testing/fixtures.js';

const OVERLAY = {
  destination: '/',
  type: 'overlay',
  source: 'overlay',
  options: ['lowerdir=/a\\,b', 'upperdir=/u', 'workdir=/w', 'noatime'],
};
const TMPFS = { destination: '/t', type: 'tmpfs', source: 'tmpfs' };

test('an overlay on / that is the first mount is laid before the root is taken', () => {
  const plan = compileCreate(createInput({ config: { mounts: [OVERLAY, TMPFS] } }));
  const step = only(plan, 'overlay');
  assert.equal(step.path, only(plan, 'root').path);
  assert.equal(step.data, 'lowerdir=/a\\,b,upperdir=/u,workdir=/w');
  assert.equal(step.flags, MS.NOATIME);
  const order = ops(plan);
  assert.equal(order.indexOf('root'), order.indexOf('overlay') + 1);
  assert.ok(order.indexOf('propagation') < order.indexOf('overlay'));
  // The others keep their places.
  assert.equal(plan.steps.find(({ op }) => op === 'mount')?.at, '/mounts/1');
});

test('no other mount goes on /', () => {
  for (const mounts of [[TMPFS, OVERLAY], [{ ...TMPFS, destination: '/' }], [OVERLAY, OVERLAY]]) {
    assert.throws(
      () => compileCreate(createInput({ config: { mounts } })),
      refusal('invalid-config', `/mounts/${mounts.length - 1}/destination`),
    );
  }
});

test('none is laid on the root of the host, where it would hide nothing', () => {
  assert.throws(
    () => compileCreate(createInput({ config: { mounts: [OVERLAY] }, input: { rootfs: '/' } })),
    refusal('invalid-config', '/root/path'),
  );
});

test('an overlay on / passes nothing on', () => {
  for (const option of ['shared', 'rro']) {
    const mounts = [{ ...OVERLAY, options: [...OVERLAY.options, option] }];
    assert.throws(
      () => compileCreate(createInput({ config: { mounts } })),
      refusal('invalid-config', '/mounts/0/options'),
    );
  }
});
