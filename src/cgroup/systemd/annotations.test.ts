import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variant } from '../../dbus/values.js';
import { annotationProperties } from './annotations.js';
import { parseGVariant } from './gvariant.js';
import type { Property } from './types.js';

const INFINITY = 18446744073709551615n;

const show = (properties: readonly Property[]): string[] =>
  properties.map(({ name, value }) => `${name}=${String(value)}`);

for (const [text, signature, value] of [
  ['true', 'b', true],
  ['7', 'i', 7n],
  ['-7', 'i', -7n],
  ['0x1f', 'i', 31n],
  ['uint64 18446744073709551615', 't', INFINITY],
  ['byte 3', 'y', 3n],
  ['1.5', 'd', 1.5],
  ['double 2', 'd', 2],
  ["'inactive-or-failed'", 's', 'inactive-or-failed'],
  ['"a\\n\\"b\\""', 's', 'a\n"b"'],
  ["objectpath '/a/b'", 'o', '/a/b'],
  ["['a', 'b',]", 'as', ['a', 'b']],
  ['@as []', 'as', []],
  ['[uint32 1, 2]', 'au', [1n, 2n]],
  ["b'ab'", 'ay', Uint8Array.of(97, 98, 0)],
  ["@a(ss) [('/dev/null', 'rwm')]", 'a(ss)', [['/dev/null', 'rwm']]],
  ["('a', uint64 1)", '(st)', ['a', 1n]],
  ["<'x'>", 'v', variant('s', 'x')],
] as const) {
  test(`GVariant: ${text}`, () => assert.deepEqual(parseGVariant(text), { signature, value }));
}
for (const text of [
  '',
  '[]',
  '{',
  "'a",
  "[1, 'a']",
  '1 2',
  'nothing',
  'uint64 "x"',
  '{1: 2}',
  'byte 1.5',
]) {
  test(`no GVariant: ${text}`, () => assert.throws(() => parseGVariant(text), SyntaxError));
}

test('annotations are properties; seconds become microseconds', () => {
  const properties = annotationProperties({
    'org.systemd.property.TimeoutStopSec': 'uint64 7',
    'org.systemd.property.RuntimeMaxSec': '1.5',
    'org.systemd.property.CollectMode': "'inactive-or-failed'",
    'org.other': 'x',
  });
  assert.deepEqual(show(properties), [
    'TimeoutStopUSec=7000000',
    'RuntimeMaxUSec=1500000',
    'CollectMode=inactive-or-failed',
  ]);
});

for (const [name, value] of [
  ['ab', '1'],
  ['Foo-Bar', '1'],
  ['Foo', ''],
  ['FooSec', "'x'"],
] as const) {
  test(`no property: ${name}=${value}`, () => {
    assert.throws(() => annotationProperties({ [`org.systemd.property.${name}`]: value }), {
      code: 'invalid-config',
      pointer: `/annotations/org.systemd.property.${name}`,
    });
  });
}
