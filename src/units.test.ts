import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { percentText, sizeText, timeText } from './units.js';

const K = 1024n;

test('sizes', () => {
  const cases: readonly (readonly [bigint | null, string])[] = [
    [null, '-'],
    [0n, '0B'],
    [999n, '999B'],
    [1000n, '1.0K'],
    [K, '1.0K'],
    [10n * K - 1n, '10K'],
    [999n * K, '999K'],
    [1000n * K, '1.0M'],
    [64n * K * K, '64M'],
    [K ** 4n, '1.0T'],
    [2n ** 64n - 1n, '16E'],
  ];
  for (const [bytes, text] of cases) assert.equal(sizeText(bytes), text);
});

test('times', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0ms'],
    [999.4, '999ms'],
    [999.6, '1.0s'],
    [9960, '10s'],
    [59_499, '59s'],
    [59_500, '1m00s'],
    [3_599_499, '59m59s'],
    [3_599_500, '1h00m'],
    [86_400_000, '1d00h'],
  ];
  for (const [ms, text] of cases) assert.equal(timeText(BigInt(ms * 1e6)), text, `${ms}`);
});

test('shares', () => {
  assert.deepEqual([null, 0, 12.34, 99.95, 6400.4].map(percentText), [
    '-',
    '0.0',
    '12.3',
    '100',
    '6400',
  ]);
});

test('nothing is wider than its column, and nothing is off by more than its last digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const size = sizeText(value);
      assert.ok(size.length <= 4, size);
      const [, digits = '', unit = ''] = /^([\d.]+)([BKMGTPE])$/.exec(size) ?? [];
      const read = Number(digits) * 1024 ** 'BKMGTPE'.indexOf(unit);
      assert.ok(Math.abs(read - Number(value)) <= Number(value) * 0.051 + 0.5, `${value} ${size}`);
      assert.ok(timeText(value % (8n * 10n ** 16n)).length <= 7);
    }),
  );
});
