/** How far unpacking is: one line on a terminal, written over again and again. */
import type { Binding } from '../native/binding.js';
import { decimalSizeWords } from '../units.js';

export interface Progress {
  /** The next part begins; from 1. */
  part(index: number, count: number): void;
  /** So much more of the source was read. */
  read(bytes: number): void;
  /** Takes the line away, for others to write. */
  clear(): void;
}

export const NO_PROGRESS: Progress = { part() {}, read() {}, clear() {} };

/** Between two lines; more is for nobody's eyes. */
const EVERY_NS = 100_000_000n;
const BAR = 30;

/**
 * @param total bytes of all parts together
 * @param columns of the terminal: the line is not to be longer
 */
export function progressLine(native: Binding, total: number, columns: number): Progress {
  const start = native.clock().monotonicNs;
  let last = start - EVERY_NS;
  let done = 0;
  let part = '';
  let shown = false;
  const show = (now: bigint) => {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const full = Math.round(share * BAR);
    const seconds = Number(now - start) / 1e9;
    const rate = seconds < 0.5 ? '' : `, ${decimalSizeWords(done / seconds)}/s`;
    const percent = String(Math.floor(share * 100)).padStart(3);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${percent}%`;
    const line = `${part} ${bar}  ${decimalSizeWords(done)} of ${decimalSizeWords(total)}${rate}`;
    native.write(2, `\r${line.slice(0, Math.max(1, columns - 1))}\x1b[K`);
    shown = true;
    last = now;
  };
  return {
    part(index, count) {
      part = `layer ${index} of ${count}`;
      show(native.clock().monotonicNs);
    },
    read(bytes) {
      done += bytes;
      const now = native.clock().monotonicNs;
      if (now - last >= EVERY_NS) show(now);
    },
    clear() {
      if (shown) native.write(2, '\r\x1b[K');
      shown = false;
    },
  };
}
