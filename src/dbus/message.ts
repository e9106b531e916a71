/** Messages of D-Bus. D-Bus Specification, "Message Protocol". Pure. */
import { marshal, Writer } from './marshal.js';
import { Reader, unmarshal } from './unmarshal.js';
import { type DBusValue, variant } from './values.js';

const TYPES = { call: 1, return: 2, error: 3, signal: 4 } as const;

/** Header fields: code and type. */
const FIELDS = {
  path: [1, 'o'],
  interface: [2, 's'],
  member: [3, 's'],
  errorName: [4, 's'],
  replySerial: [5, 'u'],
  destination: [6, 's'],
  sender: [7, 's'],
  signature: [8, 'g'],
} as const;

type Field = keyof typeof FIELDS;

const LITTLE = 0x6c;
const BIG = 0x42;
const VERSION = 1;
/** The header before its fields, with the length of those. */
const FIXED = 16;
/** "The maximum length of a message, including header, header alignment padding, and body". */
const LONGEST = 1 << 27;

type Fields = Readonly<Partial<Record<Field, DBusValue>>>;

export interface Message {
  readonly type: keyof typeof TYPES | 'unknown';
  readonly serial: number;
  /** With `signature`, where there is a body. */
  readonly fields: Fields;
  readonly body: readonly DBusValue[];
}

/**
 * The bytes of a message.
 *
 * @throws TypeError where the body does not fit the signature
 */
export function encodeMessage(message: Message): Uint8Array {
  const { type, fields } = message;
  const signature = typeof fields.signature === 'string' ? fields.signature : '';
  const body = marshal(signature, message.body);
  const entries = (Object.keys(FIELDS) as Field[]).flatMap((name): DBusValue[] => {
    const [code, fieldType] = FIELDS[name];
    const value = fields[name];
    return value === undefined ? [] : [[code, variant(fieldType, value)]];
  });
  const writer = new Writer();
  for (const byte of [LITTLE, type === 'unknown' ? 0 : TYPES[type], 0, VERSION]) {
    writer.value('y', byte);
  }
  writer.value('u', body.length);
  writer.value('u', message.serial);
  writer.value('a(yv)', entries);
  writer.align(8);
  const bytes = new Uint8Array(writer.bytes.length + body.length);
  bytes.set(writer.bytes);
  bytes.set(body, writer.bytes.length);
  return bytes;
}

const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/**
 * The first message of a stream.
 *
 * @returns it with its length in bytes; undefined where it has not all come yet
 * @throws RangeError for what is no message
 */
export function decodeMessage(
  bytes: Uint8Array,
): { readonly message: Message; readonly length: number } | undefined {
  if (bytes.length < FIXED) return undefined;
  const [order, kind, , version] = bytes;
  if ((order !== LITTLE && order !== BIG) || version !== VERSION) {
    throw new RangeError('the bus sent something that is no message of D-Bus');
  }
  const little = order === LITTLE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bodyLength = view.getUint32(4, little);
  const start = aligned(FIXED + view.getUint32(12, little));
  const length = start + bodyLength;
  if (length > LONGEST) throw new RangeError('a message of D-Bus is too long');
  if (bytes.length < length) return undefined;

  const reader = new Reader(bytes.subarray(0, start), little);
  reader.position = FIXED - 4;
  const fields: Partial<Record<Field, DBusValue>> = {};
  for (const [code, value] of reader.value('a(yv)') as [number, { value: DBusValue }][]) {
    const name = (Object.keys(FIELDS) as Field[]).find((field) => FIELDS[field][0] === code);
    // "An implementation ... must ignore" fields that it does not know.
    if (name !== undefined) fields[name] = value.value;
  }
  const signature = typeof fields.signature === 'string' ? fields.signature : '';
  const type = (Object.keys(TYPES) as (keyof typeof TYPES)[]).find((name) => TYPES[name] === kind);
  return {
    message: {
      type: type ?? 'unknown',
      serial: view.getUint32(8, little),
      fields,
      body: unmarshal(signature, bytes.subarray(start, length), little),
    },
    length,
  };
}
