/**
 * The comparison as a picture: a block of lines for each area, a line for each runtime. The filled
 * part of a line is the share of its tests that passed, the framed part what failed, and the rest
 * was skipped.
 */

import { byArea, type Comparison, totals } from './comparison.js';
import type { Counts } from './results.js';
import { escaped, MOST_SERIES, svg } from './svg.js';

const WIDTH = 900;
const LEFT = 190;
const RIGHT = 70;
const TOP = 44;
const BAR = 9;
const GAP = 11;
const FULL = WIDTH - LEFT - RIGHT;

/** Where in the palette a runtime's color is: the first is gray, for what is only a measure. */
const color = (index: number): string => `c${1 + (index % (MOST_SERIES - 1))}`;

function bar({ passed, failed, skipped }: Counts, index: number, y: number): string[] {
  const all = passed + failed + skipped;
  if (all === 0) return [];
  const width = (some: number) => ((some / all) * FULL).toFixed(1);
  const rect = (kind: string, from: number, some: number) =>
    `<rect class="${kind} ${color(index)}" x="${(LEFT + (from / all) * FULL).toFixed(1)}" ` +
    `y="${y}" width="${width(some)}" height="${BAR - 2}"/>`;
  const end = y + BAR - 2;
  return [
    ...(passed > 0 ? [rect('passed', 0, passed)] : []),
    ...(failed > 0 ? [rect('failed', passed, failed)] : []),
    `<text class="number" x="${LEFT + FULL + 8}" y="${end}">${passed}/${passed + failed}</text>`,
  ];
}

export function picture(comparison: Comparison): string {
  const { subjects } = comparison;
  const rows: [string, Counts[]][] = [...byArea(comparison), ['all', totals(comparison)]];
  const block = subjects.length * BAR + GAP;
  const parts = subjects.flatMap(({ name, version }, index) => {
    const at = LEFT + index * 190;
    return [
      `<rect class="passed ${color(index)}" x="${at}" y="9" width="10" height="10"/>`,
      `<text x="${at + 16}" y="19">${escaped(`${name} ${version}`)}</text>`,
    ];
  });
  rows.forEach(([area, counts], row) => {
    const y = TOP + row * block;
    const middle = y + (subjects.length * BAR) / 2 + 4;
    parts.push(`<text x="${LEFT - 12}" y="${middle}" text-anchor="end">${escaped(area)}</text>`);
    counts.forEach((count, index) => {
      parts.push(...bar(count, index, y + index * BAR));
    });
  });
  return svg({
    width: Math.max(WIDTH, LEFT + subjects.length * 190),
    height: TOP + rows.length * block + 8,
    title: 'Share of the tests of each area that each runtime passes (filled) and fails (framed)',
    style: '.failed{fill-opacity:.12;stroke-dasharray:2 2}.number{font-size:9px}',
    parts,
  });
}
