import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerWith } from '../testing/usage.js';
import { rowsOf, type Sample, SORT_KEYS, sortRows } from './sample.js';

const SECOND = 1_000_000_000n;
const sample = (seconds: bigint, ...containers: Sample['containers']): Sample => ({
  atNs: seconds * SECOND,
  containers,
});

const before = sample(
  10n,
  containerWith('web', {
    cpu: { totalNs: 5n * SECOND, periods: 10n, throttledPeriods: 2n },
    io: { readBytes: 100n, writtenBytes: 0n },
  }),
);

test('rates are of the time between two samples', () => {
  const after = containerWith('web', {
    cpu: { totalNs: 8n * SECOND, periods: 30n, throttledPeriods: 7n },
    memory: { bytes: 50n, limitBytes: 200n },
    io: { readBytes: 1100n, writtenBytes: 4n },
  });
  const [row] = rowsOf(before, sample(12n, after));
  assert.equal(row?.cpuPercent, 150);
  assert.equal(row?.throttledPercent, 25);
  assert.equal(row?.memoryPercent, 25);
  assert.equal(row?.readPerSecond, 500);
  assert.equal(row?.writtenPerSecond, 2);
  assert.equal(row?.id, 'web');
});

test('no rates: the first sample, a new container, another one of the same ID, a counter that went back', () => {
  const used = { cpu: { totalNs: 8n * SECOND }, io: { readBytes: 1n } };
  const again = { ...containerWith('web', used), created: '2026-11-25T00:00:09Z' };
  const rows = [
    rowsOf(undefined, before)[0],
    rowsOf(before, sample(12n, containerWith('new', used)))[0],
    rowsOf(before, sample(12n, again))[0],
    rowsOf(before, sample(12n, containerWith('web', { cpu: { totalNs: 1n } })))[0],
    rowsOf(before, sample(12n, { ...containerWith('web'), usage: null }))[0],
    rowsOf(before, before)[0],
  ];
  for (const row of rows) {
    assert.deepEqual(
      [row?.cpuPercent, row?.throttledPercent, row?.readPerSecond, row?.writtenPerSecond],
      [null, null, null, null],
    );
  }
});

test('sorting: the greatest first, what is not known last, and by ID where they are equal', () => {
  const rows = rowsOf(
    undefined,
    sample(
      1n,
      containerWith('b', { memory: { bytes: 5n }, pids: { current: 1n } }),
      containerWith('d', { memory: { bytes: 9n }, pids: { current: 1n } }),
      containerWith('c'),
      containerWith('a', { memory: { bytes: 5n }, pids: { current: 7n } }),
    ),
  );
  const order = (...args: [(typeof SORT_KEYS)[number], boolean?]): string =>
    sortRows(rows, ...args)
      .map(({ id }) => id)
      .join('');
  assert.equal(order('memory'), 'dabc');
  assert.equal(order('memory', true), 'abdc');
  assert.equal(order('pids'), 'abdc');
  assert.equal(order('id'), 'abcd');
  assert.equal(order('id', true), 'dcba');
  for (const key of ['cpu', 'io', 'pressure'] as const) assert.equal(order(key), 'abcd');
  assert.equal(SORT_KEYS.length, 6);
});

test('pressure sorts by what is waited for most', () => {
  const none = { avg10: 0, avg60: 0, avg300: 0, total: 0n };
  const with10 = (avg10: number) => ({ some: { ...none, avg10 }, full: none });
  const rows = rowsOf(
    undefined,
    sample(
      1n,
      containerWith('a', { pressure: { cpu: with10(3) } }),
      containerWith('b', { pressure: { cpu: with10(1), io: with10(50) } }),
      containerWith('c'),
    ),
  );
  assert.deepEqual(
    sortRows(rows, 'pressure').map(({ id }) => id),
    ['b', 'a', 'c'],
  );
});
