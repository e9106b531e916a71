import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.js';

test('durations in milliseconds', () => {
  for (const [text, milliseconds] of [
    ['5s', 5000],
    ['100ms', 100],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['2us', 0.002],
    ['2µs', 0.002],
    ['+1s', 1000],
    ['-1s', -1000],
    ['0', 0],
    ['0s', 0],
  ] as const) {
    assert.ok(Math.abs(parseDuration(text, 'interval') - milliseconds) < 1e-9, text);
  }
});

test('what is none is refused by name', () => {
  for (const text of ['', '5', 's', '5 s', '1d', '1s5', '--1s', '.s', '1e3s']) {
    assert.throws(() => parseDuration(text, 'interval'), {
      code: 'usage',
      message: `invalid value "${text}" for flag -interval: parse error`,
    });
  }
});
