import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locate, locateAll } from './locate.js';

const TEXT = `{
  "a": "x\\"}{",
  "b": [1, {"c/d": null, "e~f": [[], {}]}],
  "a b": { "": -1.5e3 },
  "a": true
}
`;

/** Pointer; line and column of its value; of its key. */
const PLACES: readonly (readonly [string, number, number, number, number])[] = [
  ['', 1, 1, 1, 1],
  ['/b', 3, 8, 3, 3],
  ['/b/0', 3, 9, 3, 9],
  ['/b/1', 3, 12, 3, 12],
  ['/b/1/c~1d', 3, 20, 3, 13],
  ['/b/1/e~0f', 3, 33, 3, 26],
  ['/b/1/e~0f/1', 3, 38, 3, 38],
  ['/a b', 4, 10, 4, 3],
  ['/a b/', 4, 16, 4, 12],
  // Twice there: the last one counts.
  ['/a', 5, 8, 5, 3],
];

for (const [pointer, line, column, keyLine, keyColumn] of PLACES) {
  test(`found: ${JSON.stringify(pointer)}`, () => {
    assert.deepEqual(locate(TEXT, pointer), { line, column });
    assert.deepEqual(locate(TEXT, pointer, 'key'), { line: keyLine, column: keyColumn });
  });
}

test('what is missing is where what is around it is', () => {
  assert.deepEqual(locate(TEXT, '/b/7'), { line: 3, column: 8 });
  assert.deepEqual(locate(TEXT, '/b/1/x/y', 'key'), { line: 3, column: 12 });
  assert.deepEqual(locate(TEXT, '/z'), { line: 1, column: 1 });
});

test('many are found in one pass, in the order of the questions', () => {
  const many = Array.from({ length: 50_000 }, (_, i) => i);
  const text = `[${many.join(',\n')}]`;
  const places = locateAll(
    text,
    many.map((i) => ({ pointer: `/${many.length - 1 - i}`, part: 'value' as const })),
  );
  assert.deepEqual(places[0], { line: 50_000, column: 1 });
  assert.deepEqual(places.at(-1), { line: 1, column: 2 });
});

test('a long string does not overflow anything', () => {
  const text = `{"long": "${'\\\\'.repeat(2_000_000)}", "b": 1}`;
  assert.deepEqual(locate(text, '/b'), { line: 1, column: text.length - 1 });
});
