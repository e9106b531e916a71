/** Bytes against the encoding's documentation, and against what CRIU 4.1 was seen to send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAnswer, encodeRequest, KIND } from './messages.js';
import { decode, encode, type Message, type Schema, WireError } from './wire.js';

const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

const SCHEMA = {
  number: { id: 1, type: 'int32' },
  text: { id: 2, type: 'string' },
  inner: { id: 3, type: { number: { id: 1, type: 'int32' } } },
  unsigned: { id: 4, type: 'uint32' },
  yes: { id: 5, type: 'bool' },
  list: { id: 16, type: 'string', repeated: true },
} as const satisfies Schema;

const CASES: readonly (readonly [string, Message<typeof SCHEMA>, string])[] = [
  // The documentation's examples: 150, "testing", and 150 in a message.
  ['a varint of two bytes', { number: 150 }, '08 9601'],
  ['a string', { text: 'testing' }, '12 07 74657374696e67'],
  ['a message in a message', { inner: { number: 150 } }, '1a 03 089601'],
  ['a negative int32 has ten bytes', { number: -2 }, '08 feffffffffffffffff01'],
  ['the largest uint32', { unsigned: 4294967295 }, '20 ffffffff0f'],
  ['booleans', { yes: true }, '28 01'],
  ['a field number above 15 takes two bytes; repeated', { list: ['a', ''] }, '8201 01 61 8201 00'],
  ['text beyond ASCII', { text: 'ß€😀' }, '12 09 c39f e282ac f09f9880'],
  ['nothing', {}, ''],
];

for (const [title, message, wire] of CASES) {
  test(`protobuf: ${title}`, () => {
    assert.equal(hex(encode(SCHEMA, message)), hex(bytes(wire)));
    assert.deepEqual(decode(SCHEMA, bytes(wire)), message);
  });
}

test('protobuf: what is undefined is left out', () => {
  assert.equal(hex(encode(SCHEMA, { number: undefined, yes: false })), '2800');
});

test('protobuf: fields that are not known are passed over, of every wire type', () => {
  const unknown = '3007 390102030405060708 3a03616263 3d01020304';
  assert.deepEqual(decode(SCHEMA, bytes(`${unknown} 0801`)), { number: 1 });
});

test('protobuf: the last of a field that comes twice counts', () => {
  assert.deepEqual(decode(SCHEMA, bytes('0801 0802')), { number: 2 });
});

for (const [title, wire] of [
  ['a string that ends too early', '12 07 7465'],
  ['a varint without its end', '08 80'],
  ['a varint that is too long', '08 80808080808080808080 01'],
  ['a group, which is not used any more', '0b 0c'],
  ['a number where a string should be', '10 01'],
  ['a string where a number should be', '0a 00'],
] as const) {
  test(`protobuf: refused: ${title}`, () => {
    assert.throws(() => decode(SCHEMA, bytes(wire)), WireError);
  });
}

for (const [title, message] of [
  ['a fraction', { number: 0.5 }],
  ['an int32 that is too large', { number: 2 ** 31 }],
  ['a negative uint32', { unsigned: -1 }],
  ['text for a number', { number: '1' }],
  ['a number for text', { text: 1 }],
  ['a name that is no field', { other: 1 }],
] as const) {
  test(`protobuf: not encoded: ${title}`, () => {
    assert.throws(() => encode(SCHEMA, message as Message<typeof SCHEMA>), WireError);
  });
}

test('a request of CRIU', () => {
  const request = encodeRequest({
    type: KIND.dump,
    opts: { imagesDirFd: 5, leaveRunning: true, extMnt: [{ key: '/a', val: '/b' }] },
  });
  assert.equal(hex(request), hex(bytes('0801 120f 0805 1801 ba01 08 0a022f61 12022f62')));
});

test('an answer of CRIU: its version', () => {
  assert.deepEqual(decodeAnswer(bytes('080a 1001 5206 0804 1001 2001')), {
    type: KIND.version,
    success: true,
    version: { major: 4, minor: 1, sublevel: 1 },
  });
});

test('an answer of CRIU: a notification', () => {
  const answer = decodeAnswer(bytes('0806 1001 2a10 0a0c 706f73742d726573746f7265 102a'));
  assert.deepEqual(answer.notify, { script: 'post-restore', pid: 42 });
});
