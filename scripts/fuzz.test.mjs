// The fuzz targets over the inputs that are kept, and changes of them, under the sanitizers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

test('the native parsers take what fuzzing has found, and changes of it', {
  skip: !existsSync('/usr/bin/g++') && 'g++ is not installed',
}, () => {
  const { status, stdout, stderr } = spawnSync('bash', [join(root, 'native/fuzz/run'), 'replay'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines) assert.match(line, /^\w+: [1-9]\d* inputs, 20000 changes$/);
});
