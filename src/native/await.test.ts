import assert from 'node:assert/strict';
import { test } from 'node:test';
import { native, openDescriptors } from './testing/helper.js';

test('an eventfd is ready when it has counted, and empty again when it was read', () => {
  const before = openDescriptors();
  const fd = native.eventDescriptor();
  const awaited = [{ fd, until: 'readable' }] as const;
  assert.deepEqual(native.awaitDescriptors(awaited, 0), []);
  const one = new Uint8Array(new BigUint64Array([1n]).buffer);
  native.write(fd, one);
  native.write(fd, one);
  assert.deepEqual(native.awaitDescriptors(awaited, -1), [0]);
  const [count] = new BigUint64Array(native.read(fd, 8).slice().buffer);
  assert.equal(count, 2n);
  assert.deepEqual(native.awaitDescriptors(awaited, 0), []);
  native.close([fd]);
  assert.equal(openDescriptors(), before);
});

test('several: which of them are ready, by index', () => {
  const [a, b] = native.socketPair();
  const event = native.eventDescriptor();
  const awaited = [
    { fd: event, until: 'readable' },
    { fd: a, until: 'readable' },
    { fd: a, until: 'ended' },
  ] as const;
  assert.deepEqual(native.awaitDescriptors(awaited, 0), []);
  native.write(b, 'x');
  assert.deepEqual(native.awaitDescriptors(awaited, -1), [1]);
  native.close([b]);
  assert.deepEqual(native.awaitDescriptors(awaited, -1), [1, 2]);
  native.close([a, event]);
});

test('the time ends it; none at all is a sleep', () => {
  const before = native.clock().monotonicNs;
  assert.deepEqual(native.awaitDescriptors([], 20), []);
  assert.ok(native.clock().monotonicNs - before >= 20_000_000n);
});

test('a closed descriptor and an unknown event are errors', () => {
  const fd = native.eventDescriptor();
  native.close([fd]);
  assert.throws(() => native.awaitDescriptors([{ fd, until: 'readable' }], 0), { code: 'EBADF' });
  assert.throws(() => native.awaitDescriptors([{ fd: 0, until: 'later' as 'ended' }], 0), {
    code: 'EINVAL',
  });
});
