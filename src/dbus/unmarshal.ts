/** Bytes to values. What comes is not trusted: a length that leads out is an error. Pure. */
import { alignmentOf, membersOf, splitSignature } from './signature.js';
import { decodeUtf8 } from './utf8.js';
import type { DBusValue } from './values.js';

/** "Arrays have a maximum length defined to be 2 to the 26th power". */
const LONGEST_ARRAY = 1 << 26;

/** Bytes being read. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  position = 0;

  /** @param little whether integers are little-endian: each message says so */
  constructor(bytes: Uint8Array, little: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
  }

  align(to: number): void {
    this.position = Math.ceil(this.position / to) * to;
  }

  #take(length: number): number {
    const at = this.position;
    if (at + length > this.#bytes.length) throw new RangeError('a D-Bus message is cut short');
    this.position += length;
    return at;
  }

  /** Reads one value of one complete type. @throws RangeError where the bytes are none of it */
  value(type: string): DBusValue {
    this.align(alignmentOf(type));
    const view = this.#view;
    switch (type[0]) {
      case 'y':
        return view.getUint8(this.#take(1));
      case 'n':
        return view.getInt16(this.#take(2), this.#little);
      case 'q':
        return view.getUint16(this.#take(2), this.#little);
      case 'i':
        return view.getInt32(this.#take(4), this.#little);
      case 'u':
        return view.getUint32(this.#take(4), this.#little);
      case 'b':
        return view.getUint32(this.#take(4), this.#little) !== 0;
      case 'x':
        return view.getBigInt64(this.#take(8), this.#little);
      case 't':
        return view.getBigUint64(this.#take(8), this.#little);
      case 'd':
        return view.getFloat64(this.#take(8), this.#little);
      case 's':
      case 'o':
        return this.#text(view.getUint32(this.#take(4), this.#little));
      case 'g':
        return this.#text(view.getUint8(this.#take(1)));
      case 'v': {
        const signature = this.value('g') as string;
        return { signature, value: this.value(signature) };
      }
      case 'a':
        return this.#array(type.slice(1));
      default:
        return membersOf(type).map((member) => this.value(member));
    }
  }

  #text(length: number): string {
    const at = this.#take(length + 1);
    return decodeUtf8(this.#bytes.subarray(at, at + length));
  }

  #array(element: string): DBusValue {
    const length = this.#view.getUint32(this.#take(4), this.#little);
    if (length > LONGEST_ARRAY) throw new RangeError('an array of D-Bus is too long');
    this.align(alignmentOf(element));
    const end = this.position + length;
    if (element === 'y') {
      const at = this.#take(length);
      return this.#bytes.slice(at, at + length);
    }
    const items: DBusValue[] = [];
    while (this.position < end) items.push(this.value(element));
    if (this.position !== end) throw new RangeError('an array of D-Bus has a wrong length');
    return items;
  }
}

/** The values of a message's body. @throws RangeError where the bytes don't fit the signature */
export function unmarshal(signature: string, bytes: Uint8Array, little = true): DBusValue[] {
  const reader = new Reader(bytes, little);
  return splitSignature(signature).map((type) => reader.value(type));
}
