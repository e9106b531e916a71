/** The columns of `top`: what is in them, and which of them a terminal has room for. Pure. */
import type { PressureStats } from '../../cgroup/stats-types.js';
import type { Usage } from '../../cgroup/usage.js';
import { countText, percentText, sizeText, timeText, UNKNOWN } from '../../units.js';
import type { Row, SortKey } from './sample.js';

export interface Column {
  readonly title: string;
  readonly width: number;
  /** 1 is the last to go where there is no room. */
  readonly rank: number;
  /** Sorted by this. */
  readonly key?: SortKey;
  readonly text: (row: Row) => string;
  /** Worth a look. */
  readonly alarming?: (row: Row) => boolean;
}

/** Percent of the time in which something waited, and of memory in use, from which on it is alarming. */
const MUCH_PRESSURE = 20;
const NEARLY_FULL = 90;

const used =
  (text: (usage: Usage) => string) =>
  ({ usage }: Row): string =>
    usage === null ? UNKNOWN : text(usage);

function pressure(title: string, rank: number, of: 'cpu' | 'memory' | 'io'): Column {
  const share = ({ usage }: Row): number | null => {
    const stats: PressureStats | null = usage?.pressure[of] ?? null;
    return stats === null ? null : stats.some.avg10;
  };
  return {
    title,
    width: 4,
    rank,
    key: 'pressure',
    text: (row) => percentText(share(row)),
    alarming: (row) => (share(row) ?? 0) >= MUCH_PRESSURE,
  };
}

/** All but the ID, in their order. */
export const COLUMNS: readonly Column[] = [
  { title: 'STATUS', width: 8, rank: 1, text: ({ status }) => status },
  {
    title: 'CPU%',
    width: 5,
    rank: 1,
    key: 'cpu',
    text: ({ cpuPercent }) => percentText(cpuPercent),
  },
  {
    title: 'THR%',
    width: 4,
    rank: 7,
    text: ({ throttledPercent }) => percentText(throttledPercent),
    alarming: ({ throttledPercent }) => (throttledPercent ?? 0) >= MUCH_PRESSURE,
  },
  {
    title: 'CPUTIME',
    width: 7,
    rank: 9,
    text: used(({ cpu }) => timeText(cpu.totalNs)),
  },
  {
    title: 'MEM',
    width: 4,
    rank: 2,
    key: 'memory',
    text: used(({ memory }) => sizeText(memory.bytes)),
  },
  {
    title: 'MEM%',
    width: 4,
    rank: 4,
    text: ({ memoryPercent }) => percentText(memoryPercent),
    alarming: ({ memoryPercent }) => (memoryPercent ?? 0) >= NEARLY_FULL,
  },
  { title: 'PEAK', width: 4, rank: 8, text: used(({ memory }) => sizeText(memory.peakBytes)) },
  {
    title: 'OOM',
    width: 3,
    rank: 6,
    text: used(({ memory }) => countText(memory.oomKills)),
    alarming: ({ usage }) => (usage?.memory.oomKills ?? 0n) > 0n,
  },
  {
    title: 'PIDS',
    width: 5,
    rank: 3,
    key: 'pids',
    text: used(({ pids }) => countText(pids.current)),
    alarming: ({ usage }) =>
      usage !== null && usage.pids.limit !== null && usage.pids.current === usage.pids.limit,
  },
  {
    title: 'READ/s',
    width: 6,
    rank: 4,
    key: 'io',
    text: ({ readPerSecond }) => sizeText(readPerSecond),
  },
  {
    title: 'WRIT/s',
    width: 6,
    rank: 4,
    key: 'io',
    text: ({ writtenPerSecond }) => sizeText(writtenPerSecond),
  },
  pressure('pCPU', 5, 'cpu'),
  pressure('pMEM', 5, 'memory'),
  pressure('pI/O', 5, 'io'),
];

/** So much of an ID is worth more than another column. */
const ENOUGH_OF_ID = 12;

export interface Layout {
  readonly idWidth: number;
  readonly columns: readonly Column[];
}

/**
 * What fits into a line: columns of a rank go together, and the ID gets what is left.
 *
 * @param width of the line, in characters
 * @param longestId the longest of the IDs to show
 */
export function layoutOf(width: number, longestId: number): Layout {
  const wanted = Math.max(2, Math.min(longestId, ENOUGH_OF_ID));
  for (let rank = Math.max(...COLUMNS.map((column) => column.rank)); rank > 0; rank--) {
    const columns = COLUMNS.filter((column) => column.rank <= rank);
    const left = width - columns.reduce((sum, column) => sum + 1 + column.width, 0);
    if (left >= wanted) return { idWidth: Math.min(left, Math.max(2, longestId)), columns };
  }
  return { idWidth: Math.max(1, width), columns: [] };
}

/** Text cut to a width, with a sign that it was. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}+`;
}

/** One cell, as wide as its column: numbers to the right, the status to the left. */
export function cell({ title, width }: Column, text: string): string {
  return title === 'STATUS' ? text.padEnd(width) : text.padStart(width);
}
