import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile, summarize } from './statistics.js';

test('the median of an odd number of samples is one of them, of an even number between two', () => {
  assert.equal(quantile([9, 1, 5], 0.5), 5);
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
});

test('the quartiles do not depend on the order, and numbers are sorted as numbers', () => {
  assert.deepEqual(summarize([100, 20, 3, 40, 50]), { median: 40, low: 20, high: 50 });
});

test('one sample is all of it', () => {
  assert.deepEqual(summarize([7]), { median: 7, low: 7, high: 7 });
});
