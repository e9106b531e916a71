/** One picture of `top` as the text that a terminal is sent (ECMA-48, xterm's ctlseqs). Pure. */
import type { WindowSize } from '../../native/binding.js';
import { COLUMNS, cell, cut, layoutOf } from './columns.js';
import { type Row, type SortKey, sortRows } from './sample.js';

/** What the one at the terminal has chosen. */
export interface View {
  readonly sort: SortKey;
  readonly reverse: boolean;
  /** So many rows are above the first one that is shown. */
  readonly offset: number;
}

export interface Picture {
  readonly rows: readonly Row[];
  readonly view: View;
  /** Of the day, as it is shown. */
  readonly time: string;
  readonly intervalMs: number;
  readonly size: WindowSize;
  readonly colors: boolean;
  /** A fault to tell of, '' for none. */
  readonly message: string;
}

const HELP =
  'q quit  sort: c CPU  m memory  p pids  i I/O  w waiting  n ID  r reverse  arrows: scroll';
const SORTED_BY: Readonly<Record<SortKey, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  pids: 'pids',
  io: 'I/O',
  pressure: 'waiting',
  id: 'ID',
};

/** Lines that are not rows: the summary, the header, the last one. */
const OTHER_LINES = 3;

/** Attributes of a text; each ends where the text does. */
const style =
  (...codes: readonly number[]) =>
  (text: string): string =>
    `\x1b[${codes.join(';')}m${text}\x1b[0m`;
const INVERSE = style(7);
const INVERSE_BOLD = style(7, 1);
const DIM = style(2);
const ALARM = style(1, 31);
const BOLD = style(1);

/** How many rows there is room for. */
export function roomFor(size: WindowSize): number {
  return Math.max(0, size.rows - OTHER_LINES);
}

/** The offset, so that the last row is not above the last line. */
export function clampOffset(offset: number, rows: number, size: WindowSize): number {
  return Math.max(0, Math.min(offset, rows - roomFor(size)));
}

function summary({ rows, view, time, intervalMs }: Picture): string {
  const counts = new Map<string, number>();
  for (const { status } of rows) counts.set(status, (counts.get(status) ?? 0) + 1);
  const states = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  const what = rows.length === 1 ? '1 container' : `${rows.length} containers`;
  const order = `by ${SORTED_BY[view.sort]}${view.reverse ? ', reversed' : ''}`;
  return `ocirt top ${time}  ${what}${states === '' ? '' : `: ${states}`}  every ${intervalMs / 1000}s  ${order}`;
}

/** The lines, none wider than the terminal. */
export function pictureLines(picture: Picture): string[] {
  const { view, size, colors, message } = picture;
  const width = size.columns;
  const rows = sortRows(picture.rows, view.sort, view.reverse);
  const { idWidth, columns } = layoutOf(width, Math.max(2, ...rows.map(({ id }) => id.length)));
  const header = [
    (view.sort === 'id' ? INVERSE_BOLD : INVERSE)(cut('ID', idWidth).padEnd(idWidth)),
    ...columns.map((column) =>
      (column.key === view.sort ? INVERSE_BOLD : INVERSE)(` ${cell(column, column.title)}`),
    ),
  ].join('');
  const shown = rows.slice(view.offset, view.offset + roomFor(size));
  const lines = shown.map((row) => {
    const alive = row.status === 'running' || row.status === 'paused';
    const cells = columns.map((column) => {
      const text = ` ${cell(column, column.text(row))}`;
      return colors && column.alarming?.(row) === true ? ALARM(text) : text;
    });
    const line = cut(row.id, idWidth).padEnd(idWidth) + cells.join('');
    return alive ? line : DIM(line);
  });
  const below = rows.length - view.offset - shown.length;
  const more = below > 0 ? `${below} more below  ` : '';
  const last = cut(message === '' ? more + HELP : message, width);
  const blank = Array<string>(Math.max(0, roomFor(size) - lines.length)).fill('');
  return [
    BOLD(cut(summary(picture), width)),
    header,
    ...lines,
    ...blank,
    colors && message !== '' ? ALARM(last) : DIM(last),
  ].slice(0, Math.max(1, size.rows));
}

/** Written over what is there, line by line: nothing flickers. */
export function pictureText(picture: Picture): string {
  return `\x1b[H${pictureLines(picture)
    .map((line) => `${line}\x1b[K`)
    .join('\r\n')}\x1b[J`;
}

/** The header of the lines that a pipe gets. @param idWidth as wide as the ID's column is */
export function plainHeader(idWidth: number): string {
  const titles = COLUMNS.map((column) => cell(column, column.title));
  return `${'TIME'.padEnd(20)} ${'ID'.padEnd(idWidth)} ${titles.join(' ')}\n`;
}

/** A line for each row: all columns, in one width. @param time RFC 3339 */
export function plainLines(rows: readonly Row[], time: string, idWidth: number): string {
  return rows
    .map((row) => {
      const cells = COLUMNS.map((column) => cell(column, column.text(row)));
      return `${time} ${row.id.padEnd(idWidth)} ${cells.join(' ')}\n`;
    })
    .join('');
}
