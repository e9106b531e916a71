/** Values to bytes, little-endian. D-Bus Specification, "Marshaling (Wire Format)". Pure. */
import { alignmentOf, membersOf, splitSignature } from './signature.js';
import { encodeUtf8 } from './utf8.js';
import { type DBusValue, isVariant } from './values.js';

const INTEGER_BYTES: Readonly<Record<string, number>> = {
  y: 1,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  x: 8,
  t: 8,
};
const SIGNED = 'nix';

function wrong(type: string, value: DBusValue): TypeError {
  return new TypeError(`${String(value)} is no value of the D-Bus type "${type}"`);
}

/** Bytes in the making. Alignment counts from the first of them. */
export class Writer {
  readonly bytes: number[] = [];

  align(to: number): void {
    while (this.bytes.length % to !== 0) this.bytes.push(0);
  }

  /** Appends one value of one complete type. @throws TypeError where it is none of that type */
  value(type: string, value: DBusValue): void {
    this.align(alignmentOf(type));
    switch (type[0]) {
      case 'b':
        if (typeof value !== 'boolean') throw wrong(type, value);
        this.#integer('u', value ? 1n : 0n);
        break;
      case 'd':
        if (typeof value !== 'number') throw wrong(type, value);
        this.#double(value);
        break;
      case 's':
      case 'o':
      case 'g':
        if (typeof value !== 'string') throw wrong(type, value);
        this.#text(type, value);
        break;
      case 'v':
        if (typeof value !== 'object' || !isVariant(value)) throw wrong(type, value);
        this.value('g', value.signature);
        this.value(value.signature, value.value);
        break;
      case 'a':
        this.#array(type, value);
        break;
      case '(':
      case '{':
        this.#struct(type, value);
        break;
      default:
        if (typeof value !== 'bigint' && !Number.isInteger(value)) throw wrong(type, value);
        this.#integer(type, BigInt(value as number | bigint));
    }
  }

  #integer(type: string, value: bigint): void {
    const size = INTEGER_BYTES[type] ?? 0;
    const bits = BigInt(size * 8);
    const signed = SIGNED.includes(type);
    const low = signed ? -(1n << (bits - 1n)) : 0n;
    const high = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
    if (value < low || value > high) throw wrong(type, value);
    for (let shift = 0n; shift < bits; shift += 8n) {
      this.bytes.push(Number((value >> shift) & 0xffn));
    }
  }

  #double(value: number): void {
    const eight = new Uint8Array(8);
    new DataView(eight.buffer).setFloat64(0, value, true);
    this.bytes.push(...eight);
  }

  /** The length, the bytes, and a NUL that does not count; a signature's length is one byte. */
  #text(type: string, text: string): void {
    if (text.includes('\0')) throw new TypeError('a text of D-Bus holds no NUL');
    const bytes = encodeUtf8(text);
    this.#integer(type === 'g' ? 'y' : 'u', BigInt(bytes.length));
    this.bytes.push(...bytes, 0);
  }

  /** The length in bytes comes first; it does not count what aligns the first element. */
  #array(type: string, value: DBusValue): void {
    const element = type.slice(1);
    const list = value instanceof Uint8Array && element === 'y' ? [...value] : value;
    if (!Array.isArray(list)) throw wrong(type, value);
    const lengthAt = this.bytes.length;
    this.#integer('u', 0n);
    this.align(alignmentOf(element));
    const start = this.bytes.length;
    for (const item of list as readonly DBusValue[]) this.value(element, item);
    const length = this.bytes.length - start;
    for (let index = 0; index < 4; index++) {
      this.bytes[lengthAt + index] = (length >>> (8 * index)) & 0xff;
    }
  }

  #struct(type: string, value: DBusValue): void {
    const members = membersOf(type);
    if (!Array.isArray(value) || value.length !== members.length) throw wrong(type, value);
    members.forEach((member, index) => {
      this.value(member, value[index] as DBusValue);
    });
  }
}

/**
 * Values as the body of a message: one for each complete type of the signature.
 *
 * @throws TypeError where a value does not fit its type
 */
export function marshal(signature: string, values: readonly DBusValue[]): Uint8Array {
  const types = splitSignature(signature);
  if (types.length !== values.length) {
    throw new TypeError(`${values.length} values for the signature "${signature}"`);
  }
  const writer = new Writer();
  types.forEach((type, index) => {
    writer.value(type, values[index] as DBusValue);
  });
  return Uint8Array.from(writer.bytes);
}
