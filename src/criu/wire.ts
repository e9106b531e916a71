/**
 * Protocol Buffers, as much of them as CRIU's service needs: varints and length-delimited fields,
 * by tables. https://protobuf.dev/programming-guides/encoding/ Pure.
 */
import { decodeUtf8, encodeUtf8 } from '../dbus/utf8.js';

export type Scalar = 'bool' | 'int32' | 'uint32' | 'string';

export interface Field {
  /** The number that stands for its name on the wire. */
  readonly id: number;
  readonly type: Scalar | Schema;
  readonly repeated?: true;
}

/** The fields of a message, by name. */
export interface Schema {
  readonly [name: string]: Field;
}

type Plain<T> = T extends 'bool'
  ? boolean
  : T extends 'string'
    ? string
    : T extends Schema
      ? Message<T>
      : number;

/** A message as an object: what is absent is not on the wire. */
export type Message<S extends Schema> = {
  readonly [Name in keyof S]?: S[Name] extends { readonly repeated: true }
    ? readonly Plain<S[Name]['type']>[] | undefined
    : Plain<S[Name]['type']> | undefined;
};

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** What is no message of a schema, or no protobuf at all. */
export class WireError extends Error {}

function pushVarint(bytes: number[], value: number | bigint): void {
  // An int32 below zero is sent with its sign extended to 64 bits.
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
}

function pushDelimited(bytes: number[], content: ArrayLike<number> & Iterable<number>): void {
  pushVarint(bytes, content.length);
  for (const byte of content) bytes.push(byte);
}

const RANGES: Readonly<Record<'int32' | 'uint32', readonly [number, number]>> = {
  int32: [-0x80000000, 0x7fffffff],
  uint32: [0, 0xffffffff],
};

function pushField(bytes: number[], name: string, { id, type }: Field, value: unknown): void {
  const wireType = typeof type === 'object' || type === 'string' ? DELIMITED : VARINT;
  pushVarint(bytes, id * 8 + wireType);
  if (typeof type === 'object') {
    pushDelimited(bytes, encode(type, value as Message<Schema>));
  } else if (type === 'string' && typeof value === 'string') {
    pushDelimited(bytes, encodeUtf8(value));
  } else if (type === 'bool' && typeof value === 'boolean') {
    pushVarint(bytes, value ? 1 : 0);
  } else {
    const [least, most] = type === 'int32' || type === 'uint32' ? RANGES[type] : [0, -1];
    if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
      throw new WireError(`${name}: ${String(value)} is no ${type}`);
    }
    pushVarint(bytes, Number(value));
  }
}

/** The bytes of a message. @throws WireError where a value is not of its field's type */
export function encode<S extends Schema>(schema: S, message: Message<S>): Uint8Array {
  const bytes: number[] = [];
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined) continue;
    const field = schema[name];
    if (field === undefined) throw new WireError(`${name} is no field of the message`);
    const values = field.repeated === true ? (value as readonly unknown[]) : [value];
    for (const one of values) pushField(bytes, name, field, one);
  }
  return Uint8Array.from(bytes);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a varint of more than ten bytes');
  }

  take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw new WireError('the message is cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** The content of a field: of a varint its value, else its bytes. */
  content(wireType: number): bigint | Uint8Array {
    switch (wireType) {
      case VARINT:
        return this.varint();
      case DELIMITED:
        return this.take(Number(this.varint()));
      case FIXED64:
        return this.take(8);
      case FIXED32:
        return this.take(4);
      default:
        throw new WireError(`wire type ${wireType}`);
    }
  }
}

function plainValue(name: string, type: Field['type'], content: bigint | Uint8Array): unknown {
  if (typeof content === 'bigint') {
    if (type === 'bool') return content !== 0n;
    if (type === 'int32') return Number(BigInt.asIntN(32, content));
    if (type === 'uint32') return Number(BigInt.asUintN(32, content));
  } else {
    if (type === 'string') return decodeUtf8(content);
    if (typeof type === 'object') return decode(type, content);
  }
  throw new WireError(`${name}: not of its type`);
}

/** The message that bytes are. Fields that the schema does not have are passed over. @throws WireError */
export function decode<S extends Schema>(schema: S, bytes: Uint8Array): Message<S> {
  const names = new Map(Object.entries(schema).map(([name, field]) => [field.id, name]));
  const message: Record<string, unknown> = {};
  const reader = new Reader(bytes);
  while (!reader.done) {
    const key = Number(reader.varint());
    const content = reader.content(key % 8);
    const name = names.get(Math.floor(key / 8));
    const field = name === undefined ? undefined : schema[name];
    if (name === undefined || field === undefined) continue;
    const value = plainValue(name, field.type, content);
    if (field.repeated === true) {
      message[name] = [...((message[name] as unknown[] | undefined) ?? []), value];
    } else message[name] = value;
  }
  return message as Message<S>;
}
