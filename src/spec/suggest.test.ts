import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPABILITY, NAMESPACE_TYPE, SCHEDULER_POLICY } from './names.gen.js';
import { distance, nearest } from './suggest.js';

test('the distance counts insertions, deletions, replacements and swaps', () => {
  assert.equal(distance('', ''), 0);
  assert.equal(distance('abc', ''), 3);
  assert.equal(distance('network', 'network'), 0);
  assert.equal(distance('netwrok', 'network'), 1);
  assert.equal(distance('netork', 'network'), 1);
  assert.equal(distance('nettwork', 'network'), 1);
  assert.equal(distance('kitten', 'sitting'), 3);
});

/** A name, the valid ones, and what is suggested. */
const CASES: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['netwrok', NAMESPACE_TYPE, 'network'],
  ['USER', NAMESPACE_TYPE, 'user'],
  ['pidd', NAMESPACE_TYPE, 'pid'],
  ['banana', NAMESPACE_TYPE, undefined],
  ['CAP_NET_ADMN', CAPABILITY, 'CAP_NET_ADMIN'],
  ['cap_kill', CAPABILITY, 'CAP_KILL'],
  ['CAP_BANANA', CAPABILITY, undefined],
  // SCHED_ is not what makes names alike.
  ['SCHED_FAIR', SCHEDULER_POLICY, undefined],
  ['SCHED_FIFA', SCHEDULER_POLICY, 'SCHED_FIFO'],
  // Every letter is near every other one.
  ['x', ['a', 'b', 'c'], undefined],
  ['C', ['a', 'b', 'c'], 'c'],
  ['x'.repeat(10_000), ['y'], undefined],
];

for (const [name, names, expected] of CASES) {
  test(`nearest to ${name.slice(0, 20)}: ${expected}`, () => {
    assert.equal(nearest(name, names), expected);
  });
}
