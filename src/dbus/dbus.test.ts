/** Bytes against the D-Bus Specification: its examples, and strings put together by its rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marshal } from './marshal.js';
import { decodeMessage, encodeMessage } from './message.js';
import { splitSignature } from './signature.js';
import { unmarshal } from './unmarshal.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';
import { type DBusValue, variant } from './values.js';

/** Bytes from hexadecimal digits; blanks only make groups. */
const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

/** What it shows, the signature, the values, the bytes. */
const CASES: readonly (readonly [string, string, readonly DBusValue[], string])[] = [
  ['a byte', 'y', [255], 'ff'],
  ['a boolean is a 32-bit integer', 'b', [true], '01000000'],
  ['integers of 16 bits', 'nq', [-2, 65535], 'feff ffff'],
  ['integers of 32 bits', 'iu', [-1, 4294967295], 'ffffffff ffffffff'],
  ['integers of 64 bits', 'xt', [-1n, 2n ** 64n - 1n], 'ffffffffffffffff ffffffffffffffff'],
  ['a double', 'd', [1.5], '000000000000f83f'],
  // The specification's example: "foo", "+" and "bar" one after the other.
  [
    'strings are padded to four bytes, the last one not',
    'sss',
    ['foo', '+', 'bar'],
    '03000000 666f6f00  01000000 2b00 0000  03000000 62617200',
  ],
  ['a signature has a length of one byte', 'g', ['a{sv}'], '05 617b73767d 00'],
  ['what aligns an integer behind a byte', 'yu', [1, 2], '01 000000 02000000'],
  // The specification's example: an array of the one 64-bit integer 5.
  [
    'an array of 64-bit integers: the padding before the first does not count',
    'ax',
    [[5]],
    '08000000 00000000 0500000000000000',
  ],
  ['an empty array is padded, too', 'at', [[]], '00000000 00000000'],
  ['bytes', 'ay', [Uint8Array.of(1, 2, 3)], '03000000 010203'],
  ['structs begin at eight bytes', 'y(yy)', [1, [2, 3]], '01 00000000000000 02 03'],
  ['a variant', 'v', [variant('u', 7)], '01 75 00 00 07000000'],
  [
    'an array of name and variant, as a unit is started with',
    'a(sv)',
    [[['Ab', variant('b', true)]]],
    // Length 16: string (4 + 3), signature (1 + 2), padding (2), boolean (4).
    '10000000 00000000 02000000 416200 01 6200 0000 01000000',
  ],
  ['a dictionary', 'a{sy}', [[['k', 1]]], '07000000 00000000 01000000 6b00 01'],
  ['text is UTF-8', 's', ['ä€'], '05000000 c3a4 e282ac 00'],
];

for (const [what, signature, values, expected] of CASES) {
  test(`marshal: ${what}`, () => {
    assert.equal(hex(marshal(signature, values)), hex(bytes(expected)));
  });
  test(`unmarshal: ${what}`, () => {
    const back = unmarshal(signature, bytes(expected));
    assert.equal(hex(marshal(signature, back)), hex(bytes(expected)));
  });
}

test('big-endian bytes are read as what they say', () => {
  assert.deepEqual(unmarshal('us', bytes('00000007 00000001 7800'), false), [7, 'x']);
});

for (const [what, signature, values] of [
  ['a number that is too large', 'y', [256]],
  ['a negative number', 'u', [-1]],
  ['a fraction', 'i', [1.5]],
  ['a text for a number', 'u', ['1']],
  ['a number for a text', 's', [1]],
  ['a list for a boolean', 'b', [[]]],
  ['a NUL', 's', ['a\0b']],
  ['too few values', 'uu', [1]],
  ['a struct of another size', '(uu)', [[1]]],
  ['no variant', 'v', [1]],
] as const) {
  test(`not marshalled: ${what}`, () => {
    assert.throws(() => marshal(signature, values as readonly DBusValue[]), TypeError);
  });
}

for (const [what, signature, data] of [
  ['a text that is cut short', 's', '05000000 6162'],
  ['an array that leads out', 'au', 'ffffff7f 00000000'],
  ['an array whose length is no multiple of its elements', 'au', '05000000 00000000 0000000000'],
  ['nothing', 'u', ''],
] as const) {
  test(`not unmarshalled: ${what}`, () => {
    assert.throws(() => unmarshal(signature, bytes(data)), RangeError);
  });
}

test('a signature is split into complete types', () => {
  assert.deepEqual(splitSignature('sa{sv}a(sa(sv))aay'), ['s', 'a{sv}', 'a(sa(sv))', 'aay']);
  for (const wrong of ['a', '(', '(u', 'z', ')']) assert.throws(() => splitSignature(wrong), wrong);
  assert.throws(() => splitSignature(`${'a'.repeat(500)}u`), RangeError);
});

// "Message Format": little-endian, a call, no flags, version 1; the length of the body, the serial,
// the length of the fields (48 + 7); the fields, each a struct at eight bytes; padding; the body.
const CALL = bytes(`
  6c 01 00 01  04000000  01000000  37000000
  01 01 6f 00  02000000  2f61 00  0000000000
  02 01 73 00  03000000  622e63 00  00000000
  03 01 73 00  01000000  4d 00  000000000000
  08 01 67 00  01 75 00  00
  07000000`);

test('a method call: header, fields, and the body at eight bytes', () => {
  const data = encodeMessage({
    type: 'call',
    serial: 1,
    fields: { path: '/a', interface: 'b.c', member: 'M', signature: 'u' },
    body: [7],
  });
  assert.equal(hex(data), hex(CALL));
  const decoded = decodeMessage(data);
  assert.equal(decoded?.length, data.length);
  assert.deepEqual(decoded?.message, {
    type: 'call',
    serial: 1,
    fields: { path: '/a', interface: 'b.c', member: 'M', signature: 'u' },
    body: [7],
  });
});

test('a message that has not all come is none yet', () => {
  const data = encodeMessage({
    type: 'call',
    serial: 9,
    fields: { path: '/', interface: 'i.f', member: 'Get' },
    body: [],
  });
  for (let length = 0; length < data.length; length++) {
    assert.equal(decodeMessage(data.subarray(0, length)), undefined);
  }
  const two = Uint8Array.from([...data, ...data]);
  assert.equal(decodeMessage(two)?.length, data.length);
});

test('what is no message is refused', () => {
  assert.throws(() => decodeMessage(new Uint8Array(32)), /no message of D-Bus/);
  const huge = Uint8Array.from(CALL);
  huge.set([255, 255, 255, 127], 4);
  assert.throws(() => decodeMessage(huge), RangeError);
});

test('UTF-8 there and back, and what is none', () => {
  for (const text of ['', 'a', 'ä', '€', '😀', 'x😀y']) {
    assert.deepEqual(encodeUtf8(text), [...Buffer.from(text)], text);
    assert.equal(decodeUtf8(Uint8Array.from(Buffer.from(text))), text);
  }
  assert.equal(decodeUtf8(bytes('61 ff 62 c3')), 'a\ufffdb\ufffd');
  assert.deepEqual(encodeUtf8('\ud800'), [0xef, 0xbf, 0xbd]);
});
