import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from './fake.js';
import { OPERATION_NAMES } from './names.js';

const ENOENT = { syscall: 'open', code: 'ENOENT', errno: 2, path: '/x' };

test('it has every operation, and records calls in order', () => {
  const fake = createFake({ kill: () => true, sleep: () => {} });
  assert.deepEqual(Object.keys(fake.binding), [...OPERATION_NAMES]);
  assert.equal(fake.binding.kill(5, 9), true);
  fake.binding.sleep(1);
  fake.binding.kill(6, 0);
  assert.deepEqual(fake.calls, [
    { name: 'kill', args: [5, 9] },
    { name: 'sleep', args: [1] },
    { name: 'kill', args: [6, 0] },
  ]);
  assert.deepEqual(
    fake.callsOf('kill').map((call) => call.args[0]),
    [5, 6],
  );
});

test('an operation without an answer says so', () => {
  assert.throws(() => createFake().binding.identity(), /no answer for identity/);
});

test('the nth call fails, and only that', () => {
  const fake = createFake({ open: () => 3, close: () => {} });
  fake.failCall('open', 2, ENOENT);
  assert.equal(fake.binding.open('/x', ['read']), 3);
  fake.binding.close([3]);
  assert.throws(() => fake.binding.open('/x', ['read']), {
    name: 'NativeError',
    code: 'ENOENT',
    errno: 2,
    syscall: 'open',
    path: '/x',
  });
  assert.equal(fake.binding.open('/x', ['read']), 3);
  assert.equal(fake.callsOf('open').length, 3);

  fake.failNth(2, ENOENT);
  fake.binding.close([3]);
  assert.throws(() => fake.binding.close([3]), { code: 'ENOENT' });
});
