import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMounts } from './mounts.js';

const mount = { destination: '/a', type: 'tmpfs', source: 'tmpfs', options: ['ro'] };

test('a file of mounts: an array, or an object that has it', () => {
  assert.deepEqual(parseMounts(JSON.stringify([mount]), 'f', 'add'), [mount]);
  assert.deepEqual(parseMounts(JSON.stringify({ mounts: [mount] }), 'f', 'add'), [mount]);
  assert.deepEqual(parseMounts('[]', 'f', 'add'), []);
});

test('it is validated as a config.json is', () => {
  assert.throws(() => parseMounts('{"other":1}', 'f', 'add'), /must be an array/);
  assert.throws(() => parseMounts('[{"type":"tmpfs"}]', 'f', 'add'), /\/mounts\/0\/destination/);
  assert.throws(() => parseMounts('[', 'f', 'add'), { code: 'json-syntax' });
});

test('of a mount to remove only the destination counts', () => {
  const [one] = parseMounts('[{"destination":"/a"}]', 'f', 'remove');
  assert.equal(one?.destination, '/a');
  assert.throws(() => parseMounts('[{"source":"/a"}]', 'f', 'remove'), /destination/);
});
