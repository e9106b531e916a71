/** The figures as Markdown. */

import { BASE, FLOOR } from './runtimes.js';
import type { Row } from './samples.js';
import { quantile, summarize } from './statistics.js';

/** Two decimals where they say something. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function median(row: Row, name: string): number | undefined {
  const samples = row.samples[name];
  return samples === undefined ? undefined : quantile(samples, 0.5);
}

function table(head: readonly string[], lines: readonly string[][]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The medians, with the quartiles where they are not the same. */
export function valuesTable(rows: readonly Row[], names: readonly string[]): string {
  const cell = (row: Row, name: string): string => {
    const samples = row.samples[name];
    if (samples === undefined) return '';
    const { median, low, high } = summarize(samples);
    const quartiles = low === high ? '' : ` (${figure(low)} to ${figure(high)})`;
    return `${figure(median)}${quartiles}`;
  };
  return table(
    ['', ...names],
    rows.map((row) => [`${row.work}, ${row.unit}`, ...names.map((name) => cell(row, name))]),
  );
}

/** Medians as multiples of crun's, and behind it of the floor's. */
export function ratiosTable(rows: readonly Row[], names: readonly string[]): string {
  const base = names.includes(BASE) ? BASE : names[0];
  const ratio = (row: Row, name: string, to: string | undefined): string => {
    const own = median(row, name);
    const other = to === undefined ? undefined : median(row, to);
    if (own === undefined || other === undefined || other === 0) return '';
    return figure(own / other);
  };
  const cell = (row: Row, name: string): string =>
    [ratio(row, name, base), ratio(row, name, FLOOR)].filter((text) => text !== '').join(' / ');
  const shown = names.filter((name) => name !== FLOOR);
  return table(
    [`× ${base} / × floor`, ...shown],
    rows.map((row) => [row.work, ...shown.map((name) => cell(row, name))]),
  );
}
