/** From what containers have used at two times to what they use now. Pure. */
import type { Known, Usage } from '../../cgroup/usage.js';
import type { ContainerUsage } from '../../runtime/usage.js';

/** What was seen at one time. */
export interface Sample {
  /** Of the monotonic clock. */
  readonly atNs: bigint;
  readonly containers: readonly ContainerUsage[];
}

/** A container as `top` shows it; null is what is not known, or not yet. */
export interface Row extends ContainerUsage {
  /** Of one processor: two that are busy are 200. */
  readonly cpuPercent: number | null;
  /** Of the periods of its quota, those in which it was used up. */
  readonly throttledPercent: number | null;
  /** Of its limit. */
  readonly memoryPercent: number | null;
  readonly readPerSecond: number | null;
  readonly writtenPerSecond: number | null;
}

/** null where one is not known, or the counter is another one by now. */
function difference(before: Known | undefined, now: Known): number | null {
  if (before === undefined || before === null || now === null || now < before) return null;
  return Number(now - before);
}

function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}

function rowOf(one: ContainerUsage, before: Usage | null | undefined, ns: number): Row {
  const now = one.usage;
  const change = (pick: (usage: Usage) => Known): number | null =>
    now === null || before === null || before === undefined
      ? null
      : difference(pick(before), pick(now));
  const perSecond = (pick: (usage: Usage) => Known): number | null => {
    const perNs = ratio(change(pick), ns);
    return perNs === null ? null : perNs * 1e9;
  };
  const limit = now?.memory.limitBytes ?? null;
  const used = now?.memory.bytes ?? null;
  return {
    ...one,
    cpuPercent: percent(
      ratio(
        change(({ cpu }) => cpu.totalNs),
        ns,
      ),
    ),
    throttledPercent: percent(
      ratio(
        change(({ cpu }) => cpu.throttledPeriods),
        change(({ cpu }) => cpu.periods),
      ),
    ),
    memoryPercent:
      limit === null || used === null ? null : percent(ratio(Number(used), Number(limit))),
    readPerSecond: perSecond(({ io }) => io.readBytes),
    writtenPerSecond: perSecond(({ io }) => io.writtenBytes),
  };
}

/**
 * The rows of a sample, in its order.
 *
 * @param before the sample before it; a container that was not in it, or was another one of the same
 *   ID, has no rates yet
 */
export function rowsOf(before: Sample | undefined, now: Sample): Row[] {
  const ns = before === undefined ? 0 : Number(now.atNs - before.atNs);
  const known = new Map(before?.containers.map((one) => [one.id, one]));
  return now.containers.map((one) => {
    const earlier = known.get(one.id);
    return rowOf(one, earlier?.created === one.created ? earlier.usage : undefined, ns);
  });
}

/** What rows are sorted by: the values of --sort. */
export const SORT_KEYS = ['cpu', 'memory', 'pids', 'io', 'pressure', 'id'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

function weight({ usage, ...row }: Row, key: Exclude<SortKey, 'id'>): number | null {
  switch (key) {
    case 'cpu':
      return row.cpuPercent;
    case 'memory':
      return usage?.memory.bytes === null || usage === null ? null : Number(usage.memory.bytes);
    case 'pids':
      return usage?.pids.current === null || usage === null ? null : Number(usage.pids.current);
    case 'io':
      return row.readPerSecond === null && row.writtenPerSecond === null
        ? null
        : (row.readPerSecond ?? 0) + (row.writtenPerSecond ?? 0);
    case 'pressure': {
      const { cpu = null, memory = null, io = null } = usage?.pressure ?? {};
      const known = [cpu, memory, io].flatMap((stats) => stats?.some.avg10 ?? []);
      return known.length === 0 ? null : Math.max(...known);
    }
  }
}

/** The rows, the greatest first (IDs: the first); what is not known comes last, whatever the direction. */
export function sortRows(rows: readonly Row[], key: SortKey, reverse = false): Row[] {
  const sign = reverse ? -1 : 1;
  const byId = (a: Row, b: Row): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  if (key === 'id') return [...rows].sort((a, b) => sign * byId(a, b));
  return rows
    .map((row) => ({ row, value: weight(row, key) }))
    .sort((a, b) => {
      if (a.value === b.value) return byId(a.row, b.row);
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      return sign * (b.value - a.value);
    })
    .map(({ row }) => row);
}
