import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Runtime, SystemdNeeded } from './context.js';
import { forEachMatching, parsePattern } from './matching.js';

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

test('one that fails is warned of; want of the systemd driver is for the caller', () => {
  const said: string[] = [];
  const runtime = {
    store: { ids: () => ['a1', 'b', 'a2'] },
    log: { warn: (message: string) => said.push(message) },
  } as unknown as Runtime;
  const seen: string[] = [];
  const all = forEachMatching(runtime, '^a', (id) => {
    seen.push(id);
    if (id === 'a1') throw new Error('no');
  });
  assert.deepEqual([all, seen, said], [false, ['a1', 'a2'], ['container a1: no']]);
  assert.throws(
    () =>
      forEachMatching(runtime, 'b', () => {
        throw new SystemdNeeded('the systemd driver is not loaded');
      }),
    SystemdNeeded,
  );
});
