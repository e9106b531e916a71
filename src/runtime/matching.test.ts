import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePattern } from './matching.js';

for (const [pattern, id, matches] of [
  ['^a', 'abc', true],
  ['^a', 'cab', false],
  ['b', 'abc', true],
  ['^[[:alpha:]]+[[:digit:]]{2}$', 'abc12', true],
  ['^[[:alpha:]]+[[:digit:]]{2}$', 'abc1x', false],
  ['^(one|two)$', 'two', true],
] as const) {
  test(`${pattern} and ${id}`, () => assert.equal(parsePattern(pattern).test(id), matches));
}

test('what is no regular expression is refused', () => {
  assert.throws(() => parsePattern('('), { code: 'usage' });
});
