/**
 * Sizes, times and shares as people read them: in the few characters of a column, where "-" is what nobody
 * knows, and in a sentence.
 */
import type { Known } from './cgroup/usage.js';

export const UNKNOWN = '-';

const SIZES = ['B', 'K', 'M', 'G', 'T', 'P', 'E'];

/** A number of at most three digits and a point: `9.5`, `10`, `123`. */
function short(value: number): string {
  // 9.96 is 10 and not 10.0.
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

/** Bytes in units of 1024, in at most four characters: `0B`, `9.5K`, `123M`. */
export function sizeText(bytes: Known | number): string {
  if (bytes === null) return UNKNOWN;
  let value = Number(bytes);
  if (value < 1000) return `${Math.round(value)}B`;
  let unit = 0;
  // Three digits at most: 1000K is 1.0M.
  for (; value >= 999.5 && unit < SIZES.length - 1; unit++) value /= 1024;
  return `${short(value)}${SIZES[unit]}`;
}

/** Nanoseconds in at most six characters: `0ms`, `950ms`, `9.5s`, `59s`, `12m05s`, `3h20m`, `12d03h`. */
export function timeText(ns: Known): string {
  if (ns === null) return UNKNOWN;
  const ms = Number(ns) / 1e6;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 59_500) return `${short(ms / 1000)}s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d${two(Math.floor((minutes % 1440) / 60))}h`;
}

/** A percentage in at most five characters: `0.0`, `99.9`, `100`, `6400`. */
export function percentText(percent: number | null): string {
  if (percent === null) return UNKNOWN;
  return percent < 99.95 ? percent.toFixed(1) : String(Math.round(percent));
}

/** A count, all of its digits. */
export function countText(count: Known): string {
  return count === null ? UNKNOWN : String(count);
}

const SIZE_WORDS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes in a sentence, with one digit behind the point below 100: `0 B`, `64.0 MiB`, `1023 B`. */
export function sizeWords(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  for (; value >= 1024 && unit < SIZE_WORDS.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${SIZE_WORDS[unit]}`;
}

/** Bytes in units of 1000, as speeds are told: three digits that count, `999 B`, `12.3 MB`. */
export function decimalSizeWords(bytes: number): string {
  if (bytes < 1e3) return `${Math.round(bytes)} B`;
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
  ] as const) {
    if (bytes < size * 999.5) return `${(bytes / size).toPrecision(3)} ${unit}`;
  }
  return `${(bytes / 1e9).toPrecision(3)} GB`;
}

/** Nanoseconds in a sentence, as seconds, or minutes where it is long: `0.002 s`, `12.34 s`, `2 min 5 s`. */
export function timeWords(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 3 : 2)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}

/** Microseconds of one step among others: `9.5 µs`, `950 µs`, `1.20 ms`. */
export function stepTimeWords(us: number): string {
  return us < 1000
    ? `${us.toFixed(us < 10 ? 1 : 0)} µs`
    : `${(us / 1000).toFixed(us < 1e4 ? 2 : 1)} ms`;
}
