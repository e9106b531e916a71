/**
 * Reads a tar as it comes, piece by piece, and calls back with each entry and its data.
 *
 * Our own and not a library's for three things that none for Node.js gives together: values of the
 * extended header as bytes (a file capability is seldom text), sparse files, and no promise or
 * stream for each entry: most files are small, and then those cost more than all else. It stops where
 * Go's archive/tar and GNU tar do, so that an image is one thing to everybody.
 */
import {
  BLOCK,
  type Block,
  decodeBlock,
  type EntryType,
  isZero,
  textOf,
  typeOf,
  unreadable,
  untilNul,
} from './header.js';
import { addRecords, type Records } from './pax.js';
import {
  checkedSparse,
  decimal,
  mapInData,
  moreOfOld,
  oldSparse,
  type Run,
  type Sparse,
  sparseOfRecords,
} from './sparse.js';

export interface TarHeader extends Omit<Block, 'flag'> {
  /** undefined: one that is not known. */
  readonly type: EntryType | undefined;
  /** The extended header's records; empty where there is none. */
  readonly records: Records;
  /** Of the file: of one with holes, with the holes. */
  readonly size: number;
  readonly sparse?: Sparse;
}

/** Who takes an entry's data. */
export interface EntrySink {
  /** @param offset where in the file it belongs; each call goes on where the last one ended, or beyond a hole */
  write(data: Buffer, offset: number): void;
  end(): void;
}

/** @returns who takes the data; undefined: nobody does */
export type OnEntry = (header: TarHeader) => EntrySink | undefined;

/** Of an extended header, or a long name. */
const MAX_BODY = 4 * 2 ** 20;
const NONE: Records = new Map();

const LONG = new Map<string, 'path' | 'linkpath'>([
  ['L', 'path'],
  ['K', 'linkpath'],
]);

type State =
  | { readonly at: 'header' }
  | { readonly at: 'body'; readonly flag: string; readonly size: number }
  | { readonly at: 'old-map'; readonly header: TarHeader; readonly runs: Run[] }
  | { readonly at: 'map'; readonly header: TarHeader };

const HEADER: State = { at: 'header' };

export class TarParser {
  readonly #onEntry: OnEntry;
  #state: State = HEADER;
  /** What is held until a whole block, or body, is there. */
  #held: Buffer[] = [];
  #heldLength = 0;
  #needed = BLOCK;
  /** Of the archive, in bytes. */
  /** Data that is to come, and what fills its last block. */
  #data = 0;
  #filling = 0;
  #sink: EntrySink | undefined;
  #sparse: Sparse | undefined;
  #run = 0;
  /** Where in the file the next byte goes. */
  #offset = 0;
  #stored = 0;
  #global: Records = NONE;
  #records: Records = NONE;
  #long: { path?: string; linkpath?: string } = {};
  #zeros = 0;
  /** What follows the end is nobody's. */
  ended = false;

  constructor(onEntry: OnEntry) {
    this.#onEntry = onEntry;
  }

  /** @throws OcirtError `image-invalid`, and what the callbacks throw */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.ended) {
      const left = chunk.length - at;
      let taken: number;
      if (this.#data > 0) taken = this.#pass(chunk, at);
      else if (this.#filling > 0) {
        taken = Math.min(this.#filling, left);
        this.#filling -= taken;
      } else taken = this.#collect(chunk, at);
      at += taken;
    }
  }

  /** Nothing more comes. @throws OcirtError where it is cut off */
  finish(): void {
    if (this.ended) return;
    const between = this.#state === HEADER && this.#heldLength === 0 && this.#records === NONE;
    if (!between || this.#data > 0 || this.#filling > 0) throw unreadable('it is cut off');
  }

  /** Hands data on; of a file with holes, a run at most. */
  #pass(chunk: Buffer, at: number): number {
    const run = this.#sparse?.runs[this.#run];
    let limit = Math.min(this.#data, chunk.length - at);
    if (run !== undefined) {
      if (this.#offset < run.offset) this.#offset = run.offset;
      limit = Math.min(limit, run.offset + run.length - this.#offset);
    }
    this.#sink?.write(chunk.subarray(at, at + limit), this.#offset);
    this.#offset += limit;
    if (run !== undefined && this.#offset === run.offset + run.length) this.#run++;
    this.#data -= limit;
    if (this.#data === 0) this.#sink?.end();
    return limit;
  }

  #collect(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#needed - this.#heldLength, chunk.length - at);
    const part = chunk.subarray(at, at + taken);
    if (this.#heldLength + taken < this.#needed) {
      this.#held.push(Buffer.from(part as Uint8Array));
      this.#heldLength += taken;
      return taken;
    }
    let whole = part;
    if (this.#heldLength > 0) {
      whole = Buffer.concat([...this.#held, part] as unknown as Uint8Array[]);
      this.#held = [];
      this.#heldLength = 0;
    }
    this.#needed = BLOCK;
    this.#take(whole);
    return taken;
  }

  #take(whole: Buffer): void {
    const state = this.#state;
    switch (state.at) {
      case 'header':
        this.#header(whole);
        return;
      case 'body':
        this.#body(whole.subarray(0, state.size), state.flag);
        this.#state = HEADER;
        return;
      case 'old-map':
        if (moreOfOld(whole, state.runs)) return;
        this.#enter(state.header, state.runs);
        return;
      case 'map': {
        const found = mapInData(whole);
        if (found === undefined) {
          // Again with one more block; twice as much when it is long.
          const more = Math.min(Math.max(BLOCK, whole.length), this.#stored - whole.length);
          if (more < BLOCK) throw unreadable('the map of a sparse file has no end');
          this.#held = [Buffer.from(whole as Uint8Array)];
          this.#heldLength = whole.length;
          this.#needed = whole.length + Math.floor(more / BLOCK) * BLOCK;
          return;
        }
        if (found.used > this.#stored) throw unreadable('the map of a sparse file has no end');
        this.#stored -= found.used;
        this.#enter(state.header, found.runs, whole.subarray(found.used));
      }
    }
  }

  #header(block: Buffer): void {
    if (isZero(block)) {
      this.ended = ++this.#zeros === 2;
      return;
    }
    if (this.#zeros > 0) throw unreadable('a block of zeros in its midst');
    const raw = decodeBlock(block);
    if ('xgLK'.includes(raw.flag)) {
      if (!(raw.size >= 0 && raw.size <= MAX_BODY)) {
        throw unreadable('an extended header that is too long');
      }
      if (raw.size === 0) return;
      this.#state = { at: 'body', flag: raw.flag, size: raw.size };
      this.#needed = Math.ceil(raw.size / BLOCK) * BLOCK;
      return;
    }
    const records = this.#records === NONE ? this.#global : this.#records;
    const name = records.get('GNU.sparse.name') ?? records.get('path');
    const link = records.get('linkpath');
    const full = this.#long.path ?? (name === undefined ? raw.name : textOf(name));
    const type = typeOf(raw.flag, full);
    const { flag: _, ...fields } = raw;
    const header: TarHeader = {
      ...fields,
      name: full,
      linkname: this.#long.linkpath ?? (link === undefined ? raw.linkname : textOf(link)),
      type,
      records,
    };
    this.#records = NONE;
    this.#long = {};
    const size = records.get('size');
    const stored = size === undefined ? raw.size : decimal(size.toString('latin1'));
    if (!(stored >= 0)) throw unreadable(`the size of ${JSON.stringify(full)} is none`);
    // What is no file has no data, whatever it says: so does Go's reader.
    this.#stored = type === 'file' || type === undefined ? stored : 0;
    const sparse = raw.flag === 'S' ? oldSparse(block) : sparseOfRecords(records);
    if (type !== 'file' || sparse.form === 'none') this.#enter({ ...header, size: this.#stored });
    else if (sparse.form === 'in-data') {
      this.#state = { at: 'map', header: { ...header, size: sparse.size } };
    } else if (sparse.form === 'old' && sparse.more) {
      const { runs, size } = sparse;
      this.#state = { at: 'old-map', header: { ...header, size }, runs };
    } else this.#enter({ ...header, size: sparse.size }, sparse.runs);
  }

  #body(data: Buffer, flag: string): void {
    const long = LONG.get(flag);
    if (long !== undefined) this.#long[long] = textOf(untilNul(data));
    else {
      const records = new Map(
        flag === 'x' && this.#records !== NONE ? this.#records : this.#global,
      );
      // A copy: what is kept must not hold the whole piece that it came in.
      addRecords(Buffer.from(data as Uint8Array), records);
      if (flag === 'g') this.#global = records;
      else this.#records = records;
    }
  }

  /** @param first data that came with the map */
  #enter(header: TarHeader, runs?: readonly Run[], first?: Buffer): void {
    this.#state = HEADER;
    this.#sparse = runs === undefined ? undefined : checkedSparse(runs, header.size, this.#stored);
    this.#run = 0;
    this.#offset = 0;
    this.#data = this.#stored;
    // The map of form 1.0 is whole blocks: it changes nothing of this.
    this.#filling = (BLOCK - (this.#stored % BLOCK)) % BLOCK;
    const full = this.#sparse === undefined ? header : { ...header, sparse: this.#sparse };
    this.#sink = this.#onEntry(full);
    if (this.#data === 0) this.#sink?.end();
    for (let at = 0; first !== undefined && at < first.length && this.#data > 0; ) {
      at += this.#pass(first, at);
    }
  }
}
