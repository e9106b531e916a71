import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { containerWith } from '../testing/usage.js';
import { COLUMNS, cut, layoutOf } from './columns.js';
import {
  clampOffset,
  type Picture,
  pictureLines,
  pictureText,
  plainHeader,
  plainLines,
} from './frame.js';
import { pressKeys } from './keys.js';
import { type Row, rowsOf } from './sample.js';

const rows: readonly Row[] = rowsOf(undefined, {
  atNs: 0n,
  containers: [
    containerWith('web', { memory: { bytes: 95n, limitBytes: 100n, oomKills: 2n } }),
    containerWith('database', { pids: { current: 4n, limit: 4n } }),
    { ...containerWith('old'), status: 'stopped', usage: null },
  ],
});

const picture = (changes: Partial<Picture> = {}): Picture => ({
  rows,
  view: { sort: 'id', reverse: false, offset: 0 },
  time: '12:00:00Z',
  intervalMs: 2000,
  size: { rows: 10, columns: 120 },
  colors: false,
  message: '',
  ...changes,
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: attributes begin with one
const seen = (line: string): string => line.replace(/\x1b\[[0-9;]*m/g, '');

test('a picture: the summary, the header, a row for each container, what keys there are', () => {
  const lines = pictureLines(picture()).map(seen);
  assert.equal(
    lines[0],
    'ocirt top 12:00:00Z  3 containers: 2 running, 1 stopped  every 2s  by ID',
  );
  assert.match(lines[1] ?? '', /^ID {7}STATUS +CPU% THR% CPUTIME +MEM MEM% PEAK OOM +PIDS/);
  assert.match(lines[2] ?? '', /^database running .* 4 /);
  assert.match(lines[3] ?? '', /^old {6}stopped {2,}-( +-)+$/);
  assert.match(lines[4] ?? '', /^web {6}running .* 95B 95\.0 .* 2 /);
  assert.equal(lines.length, 10);
  assert.match(lines[9] ?? '', /^q quit/);
  const [header, , ...cells] = lines.slice(1, 5);
  assert.ok(cells.every((line) => line.length === header?.length));
});

test('it fills the terminal and no more, whatever its size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 250 }),
      fc.integer({ min: 0, max: 70 }),
      (height, width, count) => {
        const size = { rows: height, columns: width };
        const many = rowsOf(undefined, {
          atNs: 0n,
          containers: Array.from({ length: count }, (_, index) =>
            containerWith(`${'c'.repeat(index)}${index}`),
          ),
        });
        const offset = clampOffset(Number.POSITIVE_INFINITY, count, size);
        const view = { sort: 'id', reverse: false, offset } as const;
        const lines = pictureLines(picture({ rows: many, size, view })).map(seen);
        assert.equal(lines.length, Math.max(Math.min(3, height), height));
        for (const line of lines) assert.ok(line.length <= Math.max(width, 1), line);
      },
    ),
  );
});

test('columns go, the least wanted first, before an ID is cut to nothing', () => {
  const titles = (width: number, longest: number) => {
    const { idWidth, columns } = layoutOf(width, longest);
    return [idWidth, columns.map(({ title }) => title).join(' ')] as const;
  };
  assert.deepEqual(titles(200, 64), [64, COLUMNS.map(({ title }) => title).join(' ')]);
  assert.equal(titles(250, 3)[0], 3);
  assert.deepEqual(titles(80, 12), [
    12,
    'STATUS CPU% MEM MEM% OOM PIDS READ/s WRIT/s pCPU pMEM pI/O',
  ]);
  assert.deepEqual(titles(30, 64), [15, 'STATUS CPU%']);
  assert.equal(cut('abcdef', 4), 'abc+');
  assert.equal(cut('abcd', 4), 'abcd');
});

test('what is worth a look is in red, unless colours are not wanted', () => {
  const red = (colors: boolean): number =>
    pictureLines(picture({ colors, size: { rows: 10, columns: 200 } }))
      .join('')
      .split('\x1b[1;31m').length - 1;
  // Memory nearly full, processes killed, and no pid left.
  assert.equal(red(true), 3);
  assert.equal(red(false), 0);
});

test('more than there is room for: scrolled, and said', () => {
  const size = { rows: 5, columns: 120 };
  const view = { sort: 'id', reverse: false, offset: 1 } as const;
  const first = pictureLines(picture({ size, view })).map(seen);
  assert.deepEqual(
    first.slice(2, 4).map((line) => line.slice(0, 3)),
    ['old', 'web'],
  );
  assert.match(seen(pictureLines(picture({ size })).at(-1) ?? ''), /^1 more below {2}q quit/);
  assert.equal(clampOffset(7, 3, size), 1);
  assert.equal(clampOffset(7, 1, size), 0);
});

test('a fault is told on the last line', () => {
  assert.equal(seen(pictureLines(picture({ message: 'it broke' })).at(-1) ?? ''), 'it broke');
  const text = pictureText(picture());
  assert.ok(text.startsWith('\x1b[H') && text.endsWith('\x1b[K\x1b[J'));
});

test('keys', () => {
  const view = { sort: 'cpu', reverse: false, offset: 4 } as const;
  const press = (text: string) => pressKeys(text, view, 10);
  for (const key of ['q', 'Q', '\x03', '\x04', 'mq']) assert.equal(press(key), undefined);
  assert.deepEqual(press('m'), { sort: 'memory', reverse: false, offset: 0 });
  assert.deepEqual(press('r'), { ...view, reverse: true });
  assert.deepEqual(press('rr'), view);
  assert.deepEqual(press('\x1b[A\x1bOA'), { ...view, offset: 2 });
  assert.deepEqual(press('\x1b[B\x1b[6~'), { ...view, offset: 15 });
  assert.deepEqual(press('\x1b[5~'), { ...view, offset: 0 });
  // What means nothing does nothing: other keys, and what is not typed by hand.
  assert.deepEqual(press('x\x1b[1;5C\x1b[15~\u00e4constructor'.replace(/[cnr]/g, '')), view);
});

test('lines for a pipe are as wide as their header', () => {
  const header = plainHeader(12);
  const lines = plainLines(rows, '2026-11-25T12:00:00Z', 12);
  for (const line of lines.split('\n').slice(0, -1)) assert.equal(line.length + 1, header.length);
  assert.match(lines, /^2026-11-25T12:00:00Z web {9} running /);
  assert.equal(header.trim().split(/\s+/).length, lines.split('\n')[0]?.split(/\s+/).length);
});
