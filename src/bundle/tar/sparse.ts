/** Files with holes, in the four forms that GNU tar has written: what is data, and where it goes. */
import { BLOCK, numberOf, unreadable } from './header.js';
import { type Records, SPARSE_MAP } from './pax.js';

/** A run of data in the file. */
export interface Run {
  readonly offset: number;
  readonly length: number;
}

export interface Sparse {
  readonly runs: readonly Run[];
  /** Of the file with its holes, in bytes. */
  readonly size: number;
}

/** A map longer than this is no file that anybody packed. */
const MAX_RUNS = 1 << 20;

/** Where the map of a sparse file is still to be read from: the blocks behind the header, or the data. */
export type SparseForm =
  | { readonly form: 'none' }
  | { readonly form: 'known'; readonly runs: Run[]; readonly size: number }
  | { readonly form: 'old'; readonly runs: Run[]; readonly size: number; readonly more: boolean }
  | { readonly form: 'in-data'; readonly size: number };

/** NaN where it is none, or too large to be exact. */
export const decimal = (text: string | undefined): number => {
  const value = /^\d{1,19}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
};

const fieldOf = (records: Records, key: string) => records.get(key)?.toString('latin1');

/** By the records of the extended header: forms 0.0, 0.1 and 1.0. @throws OcirtError `image-invalid` */
export function sparseOfRecords(records: Records): SparseForm {
  const major = records.get('GNU.sparse.major');
  const map = records.get(SPARSE_MAP);
  if (major !== undefined) {
    const version = `${major.toString()}.${records.get('GNU.sparse.minor')?.toString() ?? ''}`;
    if (version === '1.0') {
      return { form: 'in-data', size: decimal(fieldOf(records, 'GNU.sparse.realsize')) };
    }
    if (!version.startsWith('0.')) throw unreadable(`a sparse file of version ${version}`);
  }
  if (map === undefined && major === undefined && !records.has('GNU.sparse.size')) {
    return { form: 'none' };
  }
  const size = decimal(
    fieldOf(records, 'GNU.sparse.size') ?? fieldOf(records, 'GNU.sparse.realsize'),
  );
  const numbers = map === undefined ? [] : map.toString('latin1').split(',').map(decimal);
  return { form: 'known', runs: pairsOf(numbers), size };
}

function pairsOf(numbers: readonly number[]): Run[] {
  if (numbers.length % 2 !== 0) throw unreadable('a sparse map with half a pair');
  const runs: Run[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    runs.push({ offset: numbers[at] ?? Number.NaN, length: numbers[at + 1] ?? Number.NaN });
  }
  return runs;
}

/** Pairs in a block: four in the old header, 21 in each block behind it. An empty one ends them. */
function oldPairs(block: Buffer, start: number, count: number): Run[] {
  const runs: Run[] = [];
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) break;
    runs.push({
      offset: numberOf(block.subarray(at, at + 12)),
      length: numberOf(block.subarray(at + 12, at + 24)),
    });
  }
  return runs;
}

/** The header of the old form. */
export function oldSparse(block: Buffer): SparseForm {
  return {
    form: 'old',
    runs: oldPairs(block, 386, 4),
    size: numberOf(block.subarray(483, 495)),
    more: block[482] !== 0,
  };
}

/** A block behind the header of the old form; answers whether another comes. */
export function moreOfOld(block: Buffer, runs: Run[]): boolean {
  runs.push(...oldPairs(block, 0, 21));
  if (runs.length > MAX_RUNS) throw unreadable('a sparse file with too many pieces');
  return block[504] !== 0;
}

/**
 * The map of form 1.0: lines of numbers at the beginning of the data, filled up to a block.
 *
 * @returns undefined where it goes on behind `data`, which is whole blocks
 */
export function mapInData(data: Buffer): { runs: Run[]; used: number } | undefined {
  let at = 0;
  const line = (): number | undefined => {
    const end = data.indexOf(0x0a, at);
    if (end < 0) {
      if (data.length - at > 20) throw unreadable('the map of a sparse file has no lines');
      return undefined;
    }
    const value = decimal(data.toString('latin1', at, end));
    if (Number.isNaN(value)) throw unreadable('the map of a sparse file has no numbers');
    at = end + 1;
    return value;
  };
  const count = line();
  if (count === undefined) return undefined;
  if (count > MAX_RUNS) throw unreadable('a sparse file with too many pieces');
  // Two numbers are at least four bytes: no need to look into what can't be whole.
  if (data.length - at < count * 4) return undefined;
  const numbers: number[] = [];
  while (numbers.length < count * 2) {
    const value = line();
    if (value === undefined) return undefined;
    numbers.push(value);
  }
  return { runs: pairsOf(numbers), used: Math.ceil(at / BLOCK) * BLOCK };
}

/**
 * Holds that a map can be: runs in order, none over another or behind the end, as much data as there is.
 *
 * @throws OcirtError `image-invalid`
 */
export function checkedSparse(runs: readonly Run[], size: number, stored: number): Sparse {
  let end = 0;
  let total = 0;
  for (const { offset, length } of runs) {
    if (!(offset >= end && length >= 0 && offset + length <= size)) {
      throw unreadable('the map of a sparse file has pieces in disorder, or beyond its end');
    }
    end = offset + length;
    total += length;
  }
  if (!(size >= 0)) throw unreadable('a sparse file whose size is none');
  if (total !== stored) {
    throw unreadable('the map of a sparse file is not of as much data as the archive has');
  }
  return { runs: runs.filter(({ length }) => length > 0), size };
}
