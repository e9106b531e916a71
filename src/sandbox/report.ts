/** What was used, as a few lines for people. Pure. */
import type { BlkioEntry, CgroupStats } from '../cgroup/stats-types.js';

export interface Usage {
  readonly name: string;
  readonly exitCode: number;
  /** Nanoseconds from the start to the end. */
  readonly elapsed: bigint;
  /** Absent: there was no cgroup that counts. */
  readonly stats?: Pick<CgroupStats, 'cpu' | 'memory' | 'pids' | 'blkio'> | undefined;
  /** Most processes and threads at a time; where the kernel counts that. */
  readonly pidsPeak?: bigint | undefined;
  /** How often the limit has refused one. */
  readonly pidsRefused?: bigint | undefined;
  readonly limits: {
    /** Bytes. */
    readonly memory?: number | undefined;
    readonly cpus?: number | undefined;
    readonly pids?: number | undefined;
  };
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes with a unit and at most three digits that count. */
export function bytesText(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Nanoseconds as seconds, or minutes where it is long. */
export function timeText(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 3 : 2)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}

const times = (count: bigint): string => (count === 1n ? 'once' : `${count} times`);

/** The report, each line with its end. */
export function reportText(usage: Usage): string {
  const { name, exitCode, elapsed, stats } = usage;
  const lines = [`${name}: ended with status ${exitCode} after ${timeText(elapsed)}`];
  if (stats === undefined)
    lines.push('  not counted: it had no cgroup of its own, or systemd has removed it already');
  else {
    const rows = [
      ['memory', memoryText(stats, usage)],
      ['processor', processorText(stats, usage)],
      ['processes', processesText(usage)],
      ['disk', diskText(stats)],
    ];
    for (const [what = '', text] of rows) {
      if (text !== undefined) lines.push(`  ${what.padEnd(10)} ${text}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

type Known = NonNullable<Usage['stats']>;

function memoryText({ memory }: Known, { limits }: Usage): string | undefined {
  const peak = memory.usage.max ?? memory.usage.usage;
  const kills = memory.events?.oom_kill ?? 0n;
  const parts = [
    peak === undefined
      ? undefined
      : `at most ${bytesText(peak)}${limits.memory === undefined ? '' : ` of ${bytesText(BigInt(limits.memory))}`}`,
    kills === 0n ? undefined : `out of memory: the kernel has killed ${times(kills)}`,
  ];
  return joined(parts);
}

/** How much of the processors that is says nothing of what ended at once: setting it up counts, too. */
const SHARE_FROM = 1_000_000_000n;

function processorText({ cpu }: Known, { elapsed, limits }: Usage): string | undefined {
  const { total, user, kernel } = cpu.usage;
  if (total === undefined) return undefined;
  const parts = user + kernel > 0n ? ` (${timeText(user)} user, ${timeText(kernel)} kernel)` : '';
  const most = limits.cpus === undefined ? '' : ` of ${limits.cpus}`;
  const share =
    elapsed < SHARE_FROM ? '' : `, ${(Number(total) / Number(elapsed)).toFixed(2)}${most} in use`;
  const { throttledPeriods = 0n, throttledTime = 0n } = cpu.throttling;
  return joined([
    `${timeText(total)}${parts}${share}`,
    throttledPeriods === 0n
      ? undefined
      : `held back ${times(throttledPeriods)}, for ${timeText(throttledTime)}`,
  ]);
}

function processesText({ pidsPeak, pidsRefused = 0n, limits }: Usage): string | undefined {
  const most = limits.pids === undefined ? '' : ` of ${limits.pids}`;
  return joined([
    pidsPeak === undefined ? undefined : `at most ${pidsPeak}${most} at a time`,
    pidsRefused === 0n ? undefined : `the limit has refused one ${times(pidsRefused)}`,
  ]);
}

function sum(entries: readonly BlkioEntry[] | undefined, op: string): bigint | undefined {
  if (entries === undefined) return undefined;
  return entries
    .filter((entry) => entry.op?.toLowerCase() === op)
    .reduce((all, { value = 0n }) => all + value, 0n);
}

function diskText({ blkio }: Known): string | undefined {
  const read = sum(blkio.ioServiceBytesRecursive, 'read');
  const written = sum(blkio.ioServiceBytesRecursive, 'write');
  if (read === undefined || written === undefined) return undefined;
  return `${bytesText(read)} read, ${bytesText(written)} written`;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : said.join('; ');
}
