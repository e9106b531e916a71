/** What our pictures share: colors for light and dark pages, and the document around them. */

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

/** How many series have colors of their own: classes c0, c1, ... */
export const MOST_SERIES = COLORS.length;

function style(own: string): string {
  const rules = (dark: 0 | 1) =>
    COLORS.map((pair, index) => `.c${index}{fill:${pair[dark]};stroke:${pair[dark]}}`);
  const page = (text: string, grid: string) => `text{fill:${text}}.grid{stroke:${grid}}`;
  return [
    `text{font:13px system-ui,sans-serif}${own}`,
    `${page('#1f2328', '#d0d7de')}${rules(0).join('')}`,
    `@media(prefers-color-scheme:dark){${page('#e6edf3', '#3d444d')}${rules(1).join('')}}`,
  ].join('');
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** What it shows, for who cannot see it. */
  readonly title: string;
  /** Rules for classes of its own. */
  readonly style: string;
  /** The elements. */
  readonly parts: readonly string[];
}

export function svg({ width, height, title, style: own, parts }: Picture): string {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style(own)}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
