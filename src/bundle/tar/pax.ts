/**
 * The extended header (pax, POSIX.1-2001): records `LENGTH KEY=VALUE\n` in front of an entry. Values are
 * kept as bytes, since an extended attribute is seldom text.
 */
import { unreadable } from './header.js';

export type Records = Map<string, Buffer>;

const OFFSET = 'GNU.sparse.offset';
const BYTES = 'GNU.sparse.numbytes';
/** Where the pairs of the oldest sparse form go, which alone says a key several times. */
export const SPARSE_MAP = 'GNU.sparse.map';

/**
 * Adds the records of a header to others. One without a value takes a record away.
 *
 * @throws OcirtError `image-invalid`
 */
export function addRecords(data: Buffer, into: Records): void {
  const pairs: string[] = [];
  for (let at = 0; at < data.length; ) {
    const blank = data.indexOf(0x20, at);
    const digits = blank < 0 ? '' : data.toString('latin1', at, blank);
    const end = at + Number(digits);
    if (!/^\d{1,9}$/.test(digits) || end > data.length || end <= blank || data[end - 1] !== 0x0a) {
      throw unreadable('a record of an extended header has not the length that it says');
    }
    const equals = data.indexOf(0x3d, blank);
    if (equals <= blank + 1 || equals >= end) {
      throw unreadable('a record of an extended header has no key');
    }
    const key = data.toString('utf8', blank + 1, equals);
    const value = data.subarray(equals + 1, end - 1);
    if (key === OFFSET || key === BYTES) {
      // They come in pairs, in this order.
      if ((pairs.length % 2 === 0) !== (key === OFFSET)) throw unreadable(`${key} in disorder`);
      pairs.push(value.toString('latin1'));
    } else if (value.length === 0) into.delete(key);
    else into.set(key, value);
    at = end;
  }
  if (pairs.length > 0) into.set(SPARSE_MAP, Buffer.from(pairs.join(',')));
}

/** One record. */
export function encodeRecord(key: string, value: Uint8Array): Buffer {
  const body = Buffer.concat([
    new Uint8Array(Buffer.from(` ${key}=`)),
    value,
    new Uint8Array([0x0a]),
  ]);
  let length = body.length;
  // The length counts its own digits.
  while (String(length).length + body.length !== length) {
    length = String(length).length + body.length;
  }
  return Buffer.concat([new Uint8Array(Buffer.from(String(length))), new Uint8Array(body)]);
}
