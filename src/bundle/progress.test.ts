/** The line of progress. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from '../native/fake.js';
import { progressLine } from './progress.js';

test('a line ten times a second, cleared at the end, never longer than the terminal', () => {
  let now = 0n;
  const written: string[] = [];
  const { binding } = createFake({
    clock: () => ({ realtimeNs: now, monotonicNs: now }),
    write: (fd, data) => {
      assert.equal(fd, 2);
      written.push(String(data));
    },
  });
  const progress = progressLine(binding, 10_000_000, 100);
  progress.part(2, 3);
  progress.read(1_000_000);
  assert.equal(written.length, 1);
  now = 1_000_000_000n;
  progress.read(4_000_000);
  assert.equal(
    written[1],
    `\rlayer 2 of 3 [${'#'.repeat(15)}${'.'.repeat(15)}]  50%  5.00 MB of 10.0 MB, 5.00 MB/s\x1b[K`,
  );
  progress.clear();
  progress.clear();
  assert.deepEqual(written.slice(2), ['\r\x1b[K']);
  progressLine(binding, 10, 20).part(1, 1);
  // One character before it, three behind.
  assert.equal(written[3]?.length, 19 + 4);
});
