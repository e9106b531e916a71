/**
 * The figures as a plot: a line of work each, a mark of each runtime at its median, a bar from
 * quartile to quartile, on a logarithmic scale. SVG with colors for light and dark pages.
 */

import { escaped, svg } from '../conformance/report/svg.js';
import type { Row } from './samples.js';
import { summarize } from './statistics.js';

const WIDTH = 900;
const LEFT = 230;
const RIGHT = 24;
const TOP = 64;
const LINE = 26;
const BOTTOM = 34;

/** 1, 2, 5, 10, ... that are between the two. */
function ticks(least: number, most: number): number[] {
  const all: number[] = [];
  for (let power = -3; power < 5; power++) {
    for (const digit of [1, 2, 5]) all.push(digit * 10 ** power);
  }
  return all.filter((tick) => tick >= least && tick <= most);
}

/** Rows of one unit, as an SVG document. */
export function plot(rows: readonly Row[], names: readonly string[]): string {
  const all = rows.flatMap((row) => Object.values(row.samples).map(summarize));
  const least = Math.min(...all.map(({ low }) => low)) * 0.8;
  const most = Math.max(...all.map(({ high }) => high)) * 1.25;
  const height = TOP + rows.length * LINE + BOTTOM;
  const x = (value: number): string => {
    const share = Math.log(value / least) / Math.log(most / least);
    return (LEFT + share * (WIDTH - LEFT - RIGHT)).toFixed(1);
  };
  const parts: string[] = [];
  for (const tick of ticks(least, most)) {
    const at = x(tick);
    const end = height - BOTTOM + 4;
    parts.push(`<line class="grid" x1="${at}" x2="${at}" y1="${TOP - 12}" y2="${end}"/>`);
    parts.push(`<text x="${at}" y="${end + 16}" text-anchor="middle">${tick}</text>`);
  }
  const unit = rows[0]?.unit ?? '';
  parts.push(`<text x="${LEFT - 12}" y="${height - 14}" text-anchor="end">${unit}</text>`);
  names.forEach((name, index) => {
    const at = LEFT + (index % 5) * 130;
    const y = 18 + Math.floor(index / 5) * 18;
    parts.push(`<circle class="c${index}" cx="${at}" cy="${y - 4}" r="5"/>`);
    parts.push(`<text x="${at + 10}" y="${y}">${escaped(name)}</text>`);
  });
  rows.forEach((row, line) => {
    const y = TOP + line * LINE + 4;
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>`);
    parts.push(`<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${escaped(row.work)}</text>`);
    names.forEach((name, index) => {
      const samples = row.samples[name];
      if (samples === undefined) return;
      const { low, median, high } = summarize(samples);
      const bar = `x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"`;
      parts.push(`<line class="bar c${index}" ${bar}/>`);
      parts.push(`<circle class="c${index}" cx="${x(median)}" cy="${y}" r="5"/>`);
    });
  });
  return svg({
    width: WIDTH,
    height,
    title: `Medians and quartiles in ${unit}, logarithmic: less is better`,
    style: '.bar{stroke-width:3;stroke-opacity:.45}',
    parts,
  });
}
