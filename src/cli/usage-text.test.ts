import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerWith } from './testing/usage.js';
import { usageReport, usageTable } from './usage-text.js';

const none = { avg10: 0, avg60: 0, avg300: 0, total: 0n };
const web = containerWith('web', {
  cpu: {
    totalNs: 1_500_000_000n,
    userNs: 1_000_000_000n,
    systemNs: 500_000_000n,
    periods: 20n,
    throttledPeriods: 3n,
    throttledNs: 40_000_000n,
  },
  memory: {
    bytes: 4096n,
    peakBytes: 8192n,
    limitBytes: 67_108_864n,
    swapBytes: 0n,
    limitHits: 7n,
    oomKills: 1n,
  },
  pids: { current: 2n, peak: 5n },
  io: { readBytes: 1024n, writtenBytes: 0n, reads: 1n, writes: 0n },
  pressure: { cpu: { some: { ...none, total: 12_000n }, full: none } },
});
const gone = { ...containerWith('gone'), status: 'stopped', usage: null } as const;

test('the table: a row for each, "-" for what is not known', () => {
  const [header, first, second] = usageTable([web, gone])
    .split('\n')
    .map((line) => line.split(/\s{2,}/));
  assert.deepEqual(header?.slice(0, 4), ['ID', 'STATUS', 'CPU TIME', 'THROTTLED']);
  assert.deepEqual(first, [
    'web',
    'running',
    '1.5s',
    '3/20',
    '4.0K',
    '8.0K',
    '64M',
    '1',
    '2',
    '5',
    '-',
    '1.0K',
    '0B',
  ]);
  assert.deepEqual(second, ['gone', 'stopped', ...Array<string>(11).fill('-')]);
});

test('the report', () => {
  assert.equal(
    usageReport([web, gone]),
    [
      'web: running',
      '  CPU time    1.5s (user 1.0s, system 500ms)',
      '  throttled   40ms in 3 of 20 periods',
      '  memory      peak 8.0K, now 4.0K, limit 64M',
      '  swap        0B',
      '  OOM killed  1 process; limit met 7 times',
      '  pids        peak 5, now 2, no limit',
      '  I/O         read 1.0K (1), wrote 0B (0)',
      '  waited for  CPU 12ms, memory -, I/O -',
      '',
      'gone: stopped',
      '  no cgroup   nothing was kept',
      '',
    ].join('\n'),
  );
});
