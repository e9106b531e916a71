// A run that is ended is not to look like one in which all has passed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const runner = path.join(path.dirname(fileURLToPath(import.meta.url)), 'test.mjs');

/** Starts the tests with a pattern, and ends them with a signal when the first file runs. */
function ended(pattern, signal) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [runner, pattern], { env });
  let output = '';
  child.stdout.on('data', (data) => {
    if (!output.includes('== unit tests') && `${output}${data}`.includes('== unit tests')) {
      child.kill(signal);
    }
    output += data;
  });
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, last: output.trimEnd().split('\n').at(-1) }));
  });
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  test(`tests that ${signal} ends have failed`, async () => {
    assert.deepEqual(await ended('scripts/ansi.test', signal), {
      status,
      last: '0 passed, 1 failed, 0 skipped',
    });
  });
}
