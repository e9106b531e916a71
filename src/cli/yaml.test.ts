import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from './yaml.js';

/** As `JSON.stringify` leaves it: -0 is 0, what is undefined is not there. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What a strict reader of each version makes of it. */
function readBack(value: unknown): void {
  const text = toYaml(value);
  for (const version of ['1.1', '1.2'] as const) {
    const read = parse(text, { version, strict: true, uniqueKeys: true });
    assert.deepEqual(read, asJson(value), `${version}: ${text}`);
  }
}

test('any JSON value is read back as it was, by YAML 1.2 and 1.1', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => readBack(value)),
    { numRuns: 2000 },
  );
});

test('any text is read back as it was, as a value, an item and a key', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...' \n\t\r-:#?,[]{}&*!|>\'"%@`~=.0123aexoyn') }),
    fc.constantFrom('null', '~', 'Yes', 'NO', 'on', 'y', '.nan', '-.inf', '0x1f', '0o7', '1_000'),
    fc.constantFrom(
      '1:20',
      '2026-11-25',
      '12e3',
      'e-3',
      'E+10',
      '.5',
      '-',
      '---',
      '...',
      '<<',
      '=',
      '',
      ' a',
      'a ',
    ),
    fc.constantFrom('\u2028', '\u0085', '\ufeff', '\x7f', '\u00a0', 'a: b', 'a #b', '\ud83d\ude00'),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      // A reader's own business, and no key of ours.
      fc.pre(a !== '__proto__' && b !== '__proto__');
      readBack(a);
      readBack([a, [b]]);
      readBack({ [a]: b, x: { [b]: [a] } });
    }),
    { numRuns: 3000 },
  );
});

test('numbers keep all their digits', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.double({ noNaN: true, noDefaultInfinity: true }), (big, double) => {
      assert.equal(parse(toYaml({ big }), { intAsBigInt: true }).big, big);
      readBack([double]);
    }),
  );
  assert.equal(toYaml([1e21, 1e-7, Number.NaN]), '- 1.0e+21\n- 1.0e-7\n- null\n');
});

test('a key that is too long to stand before its colon', () => {
  readBack({ [`${'x'.repeat(2000)}`]: { a: [1, 2] }, b: { ['"'.repeat(800)]: 'c' } });
});

test('it reads as one would write it', () => {
  const value = {
    ociVersion: '1.3.0',
    id: 'web',
    pid: 12,
    annotations: { 'org.a/b': 'yes' },
    none: undefined,
    list: [{ a: 1, b: [] }, ['x'], {}],
  };
  assert.equal(
    toYaml(value),
    [
      'ociVersion: "1.3.0"',
      'id: web',
      'pid: 12',
      'annotations:',
      '  org.a/b: "yes"',
      'list:',
      '  - a: 1',
      '    b: []',
      '  - - x',
      '  - {}',
      '',
    ].join('\n'),
  );
});
