import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ansiPage, lastPicture } from './ansi.mjs';

const SENT =
  '\x1b[2J\x1b[Hold\x1b[K\x1b[J' +
  '\x1b[H\x1b[1mtop\x1b[0m\x1b[K\r\r\n\x1b[7mID\x1b[0m\x1b[7;1m CPU%\x1b[0m\x1b[K\r\nweb \x1b[1;31m<9>\x1b[0m\x1b[K\x1b[J' +
  '\x1b[Hhalf';

test('the last picture that is whole, its lines with their attributes', () => {
  assert.deepEqual(lastPicture(SENT), [
    [{ text: 'top', on: ['bold'] }],
    [
      { text: 'ID', on: ['inverse'] },
      { text: ' CPU%', on: ['inverse', 'bold'] },
    ],
    [
      { text: 'web ', on: [] },
      { text: '<9>', on: ['bold', 'red'] },
    ],
  ]);
});

test('as a page', () => {
  assert.match(
    ansiPage(SENT, { columns: 80 }),
    /<span class="bold">top<\/span>\n.*\nweb <span class="bold red">&lt;9&gt;<\/span>/,
  );
});
