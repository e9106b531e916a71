import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWords } from '../args.js';
import { limitsOf, update } from './update.js';

const limits = (...words: string[]) => {
  const { values } = parseWords([...words, 'ID'], update.options, Number.POSITIVE_INFINITY);
  return limitsOf(values);
};

for (const [text, bytes] of [
  ['1000', 1000n],
  ['4k', 4096n],
  ['50M', 52428800n],
  ['50mb', 52428800n],
  ['2GiB', 2147483648n],
  ['1.5g', 1610612736n],
  ['7b', 7n],
  ['-1', -1n],
] as const) {
  test(`--memory ${text}`, () => {
    assert.deepEqual(limits('--memory', text), { memory: { limit: bytes } });
  });
}

for (const [option, text] of [
  ['memory', 'much'],
  ['memory', '-2'],
  ['memory', '5x'],
  ['memory', '9000000P'],
  ['cpu-share', '-5'],
  ['cpu-quota', '1.5'],
  ['cpu-idle', '2'],
  ['cpu-idle', '-1'],
  ['blkio-weight', '9'],
  ['pids-limit', '99999999999999999999'],
] as const) {
  test(`--${option} ${text} is refused`, () => {
    assert.throws(() => limits(`--${option}`, text), new RegExp(`invalid value for ${option}: `));
  });
}

test('options of one member come together; pids-limit 0 is a value', () => {
  assert.deepEqual(
    limits('--cpu-quota=-1', '--cpu-burst', '0', '--cpuset-cpus=0-1', '-pids-limit=0'),
    {
      cpu: { quota: -1n, burst: 0n, cpus: '0-1' },
      pids: { limit: 0n },
    },
  );
  assert.deepEqual(limits('--memory='), {});
});
