import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decimalSizeWords,
  percentText,
  sizeText,
  sizeWords,
  stepTimeWords,
  timeText,
  timeWords,
} from './units.js';

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

test('sizes and times in a sentence', () => {
  assert.deepEqual([0n, 1023n, 1024n, 67108864n, 3n << 40n].map(sizeWords), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '64.0 MiB',
    '3.0 TiB',
  ]);
  assert.deepEqual([1_500_000n, 12_340_000_000n, 125_000_000_000n].map(timeWords), [
    '0.002 s',
    '12.34 s',
    '2 min 5 s',
  ]);
  assert.deepEqual([999, 1000, 12_345_678, 999_600_000].map(decimalSizeWords), [
    '999 B',
    '1.00 kB',
    '12.3 MB',
    '1.00 GB',
  ]);
  assert.deepEqual([9.5, 950, 1200, 12_000].map(stepTimeWords), [
    '9.5 µs',
    '950 µs',
    '1.20 ms',
    '12.0 ms',
  ]);
});
