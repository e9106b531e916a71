/** Sizes, times and shares in few characters: what columns are made of. "-" is what nobody knows. */
import type { Known } from '../cgroup/usage.js';

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
