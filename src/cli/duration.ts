/** Durations as Go's time.ParseDuration reads them: `1s`, `100ms`, `1m30s`, `1.5h`. */
import { OcirtError } from '../errors.js';

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * The milliseconds of a duration; negative ones and fractions as they are.
 *
 * @param option whose value it is, for the error
 * @throws OcirtError `usage`
 */
export function parseDuration(text: string, option: string): number {
  const negative = text.startsWith('-');
  const digits = /^[+-]/.test(text) ? text.slice(1) : text;
  // Nothing needs no unit.
  if (digits === '0') return 0;
  let sum = 0;
  let at = 0;
  while (at < digits.length) {
    PART.lastIndex = at;
    const match = PART.exec(digits);
    if (match === null) break;
    sum += Number(match[1]) * (MILLISECONDS[match[2] ?? ''] ?? 0);
    at = PART.lastIndex;
  }
  if (digits === '' || at < digits.length) {
    throw new OcirtError('usage', `invalid value "${text}" for flag -${option}: parse error`, {
      hint: 'a number and its unit, such as 100ms, 5s or 1m30s',
    });
  }
  return negative ? -sum : sum;
}
