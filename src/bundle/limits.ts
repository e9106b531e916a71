/** What an archive may make of itself: against those that are small and unpack to a full disk. */
import { tooLarge } from './errors.js';

export const DEFAULT_MAX_SIZE = 32 * 2 ** 30;
const MAX_ENTRIES = 4_000_000;
/** Real layers are below 20; a file of zeros is at 1030. */
const MAX_RATIO = 500;
/** Below this many bytes the ratio does not count. */
const RATIO_FROM = 64 * 2 ** 20;

/** Counts all that is unpacked for one bundle. */
export class Budget {
  #bytes = 0;
  #entries = 0;
  readonly #maxSize: number;

  /** @param maxSize in bytes, of everything that is decompressed together */
  constructor(maxSize = DEFAULT_MAX_SIZE) {
    this.#maxSize = maxSize;
  }

  bytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.#maxSize) {
      throw tooLarge(`the source has more than ${this.#maxSize} bytes when it is decompressed`);
    }
  }

  entry(): void {
    if (++this.#entries > MAX_ENTRIES) {
      throw tooLarge(`the source has more than ${MAX_ENTRIES} entries`);
    }
  }

  /**
   * What is told of each piece that comes out of a decompressor.
   *
   * @param packed bytes that went in so far
   * @throws OcirtError `archive-too-large`, from what is answered
   */
  meter(packed: () => number): (count: number) => void {
    let out = 0;
    return (count) => {
      out += count;
      this.bytes(count);
      if (out > RATIO_FROM && out > packed() * MAX_RATIO) {
        throw tooLarge(`an archive grows to more than ${MAX_RATIO} times its size`);
      }
    };
  }
}
