/**
 * The figures as a plot: a line of work each, a mark of each runtime at its median, a bar from
 * quartile to quartile, on a logarithmic scale. SVG with colors for light and dark pages.
 */

import type { Row } from './samples.js';
import { summarize } from './statistics.js';

const WIDTH = 900;
const LEFT = 230;
const RIGHT = 24;
const TOP = 64;
const LINE = 26;
const BOTTOM = 34;

/** Light and dark; told apart by those who see few colors as well (after Okabe and Ito). */
const COLORS: [string, string][] = [
  ['#8a8a8a', '#9a9a9a'],
  ['#d55e00', '#ff8c3a'],
  ['#b8860b', '#f0c33c'],
  ['#0072b2', '#56b4e9'],
  ['#008060', '#2fbf94'],
  ['#aa4499', '#e08fcf'],
  ['#5b4db3', '#a79bff'],
];

function style(count: number): string {
  const rules = (dark: 0 | 1) =>
    COLORS.slice(0, count).map(
      (pair, index) => `.c${index}{fill:${pair[dark]};stroke:${pair[dark]}}`,
    );
  const page = (text: string, grid: string) => `text{fill:${text}}.grid{stroke:${grid}}`;
  return [
    'text{font:13px system-ui,sans-serif}.bar{stroke-width:3;stroke-opacity:.45}',
    `${page('#1f2328', '#d0d7de')}${rules(0).join('')}`,
    `@media(prefers-color-scheme:dark){${page('#e6edf3', '#3d444d')}${rules(1).join('')}}`,
  ].join('');
}

/** 1, 2, 5, 10, ... that are between the two. */
function ticks(least: number, most: number): number[] {
  const all: number[] = [];
  for (let power = -3; power < 5; power++) {
    for (const digit of [1, 2, 5]) all.push(digit * 10 ** power);
  }
  return all.filter((tick) => tick >= least && tick <= most);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
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
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>Medians and quartiles in ${unit}, logarithmic: less is better</title>`,
    `<style>${style(names.length)}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
