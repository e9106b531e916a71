import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import { MAX_JSON_DEPTH, MAX_JSON_LENGTH, parseJson, positionAt, readJson } from './json.js';

test('integers keep all their bits', () => {
  const text = `{"a": 18446744073709551615, "b": -9223372036854775808, "c": 9007199254740991,
    "d": 9007199254740992, "e": 1, "f": 12345678901234567890123}`;
  assert.deepEqual(parseJson(text), {
    a: 18446744073709551615n,
    b: -9223372036854775808n,
    c: 9007199254740991,
    d: 9007199254740992n,
    e: 1,
    f: 12345678901234567890123n,
  });
});

test('an absurdly long integer does not become a bigint', () => {
  assert.equal(parseJson('9'.repeat(1_000_000)), Number.POSITIVE_INFINITY);
});

/** Texts that JSON.parse can read, with a run of digits that calls the careful reader. */
const RUN = '1234567890123456';
const SAME = [
  `["${RUN}", {"a": [true, false, null]}, [], {}, ""]`,
  `"${RUN}\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 é😀"`,
  ` \t\r\n[ ${RUN} , -0.5e+3 , 0, 1E2, -1 ] \n`,
  `{"${RUN}": 1, "__proto__": {"x": 2}, "a/b~c": 3}`,
];

for (const text of SAME) {
  test(`the careful reader reads as JSON.parse does: ${JSON.stringify(text).slice(0, 50)}`, () => {
    assert.deepEqual(parseJson(text), JSON.parse(text));
  });
}

test('a property called __proto__ is a property', () => {
  const value = parseJson(`{"__proto__": {"polluted": true}, "n": ${RUN}}`) as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.ok(Object.hasOwn(value, '__proto__'));
});

/** Broken texts; where the error is, and words that it must have. */
const BROKEN: readonly (readonly [string, number, number, RegExp])[] = [
  ['', 1, 1, /found the end of the text, expected a value/],
  ['  \n ', 2, 2, /end of the text/],
  ['{"a": 1,}', 1, 8, /a comma after the last element/],
  ['[1,\n 2,\n]', 2, 3, /a comma after the last element, expected no comma before "\]"/],
  ['{"a" 1}', 1, 6, /found "1", expected ":"/],
  ['{"a": 1 "b": 2}', 1, 9, /expected "," or "\}"/],
  ['[1 2]', 1, 4, /found "2", expected "," or "\]"/],
  ['{a: 1}', 1, 2, /found "a", expected a property name in double quotes/],
  ["{'a': 1}", 1, 2, /a single quote/],
  ['{"a": nul}', 1, 7, /found "nul", expected a value/],
  ['{"a": NaN}', 1, 7, /found "NaN", expected a value/],
  ['{\n  // why\n  "a": 1}', 2, 3, /a comment/],
  ['{"a": 01}', 1, 7, /a number as JSON writes it/],
  ['{"a": 1.}', 1, 7, /found "1\.", expected a number/],
  ['{"a": +1}', 1, 7, /found "\+1", expected a value/],
  ['{"a": 0x10}', 1, 7, /a number as JSON writes it/],
  ['{"a": "x}', 1, 7, /a string without its closing quote/],
  ['{"a": "x\ny"}', 1, 9, /a control character in a string/],
  ['{"a": "\\x"}', 1, 8, /one of the escapes/],
  ['{"a": "\\u12g4"}', 1, 8, /four hexadecimal digits/],
  ['{"a": 1} x', 1, 10, /found "x", expected the end of the text/],
  ['{"a": 1', 1, 8, /end of the text/],
  [']', 1, 1, /found "\]"/],
];

for (const [text, line, column, words] of BROKEN) {
  test(`refused with its place: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseJson(text, 'some.json'),
      (error) => {
        assert.ok(error instanceof OcirtError);
        assert.equal(error.code, 'json-syntax');
        assert.ok(
          error.message.startsWith(`some.json: line ${line}, column ${column}: found `),
          error.message,
        );
        assert.match(error.message, words);
        return true;
      },
    );
  });
}

test('a byte-order mark is passed over, and takes no column', () => {
  assert.deepEqual(parseJson('\uFEFF{"a": 1}'), { a: 1 });
  assert.throws(() => parseJson('\uFEFF{x'), /line 1, column 2: /);
});

test('nesting beyond the limit is refused, up to it is not', () => {
  const nested = (depth: number): string => '['.repeat(depth) + RUN + ']'.repeat(depth);
  assert.ok(Array.isArray(parseJson(nested(MAX_JSON_DEPTH))));
  assert.throws(() => parseJson(nested(MAX_JSON_DEPTH + 1)), /at most 200 levels/);
  assert.throws(() => parseJson('['.repeat(1_000_000)), OcirtError);
});

test('a text beyond the size limit is refused before it is read', () => {
  assert.throws(
    () => parseJson(' '.repeat(MAX_JSON_LENGTH + 1)),
    (error) => error instanceof OcirtError && error.code === 'json-too-large',
  );
});

test('of a key that is there twice the last one counts, and it is told', () => {
  const { value, duplicates } = readJson(`{"a": 1,\n "b": {"c/d": ${RUN}, "c/d": 2}}`);
  assert.deepEqual(value, { a: 1, b: { 'c/d': 2 } });
  assert.deepEqual(duplicates, [{ pointer: '/b/c~1d', key: 'c/d', line: 2, column: 33 }]);
});

test('positions count from one', () => {
  assert.deepEqual(positionAt('ab\ncd', 0), { line: 1, column: 1 });
  assert.deepEqual(positionAt('ab\ncd', 2), { line: 1, column: 3 });
  assert.deepEqual(positionAt('ab\ncd', 3), { line: 2, column: 1 });
  assert.deepEqual(positionAt('ab\ncd', 5), { line: 2, column: 3 });
});
