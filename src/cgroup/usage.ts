/**
 * What the processes of a container have used: the few numbers that a person asks for (`stats`,
 * `top`), the same on cgroup v1 and v2. Pure. What engines read is in stats.ts.
 */
import type { CgroupPlace } from './stats.js';
import { type FileText, parseCount, parseKeyed, parsePressure } from './stats-text.js';
import type { PressureStats } from './stats-types.js';

/** A number that the kernel keeps on this host; null where it doesn't. */
export type Known = bigint | null;

/** Times in nanoseconds, sizes in bytes; counters are since the cgroup was made. */
export interface Usage {
  readonly cpu: {
    readonly totalNs: Known;
    readonly userNs: Known;
    readonly systemNs: Known;
    /** Of the quota (cpu.max): how many have passed, and in how many it was used up. */
    readonly periods: Known;
    readonly throttledPeriods: Known;
    readonly throttledNs: Known;
  };
  readonly memory: {
    /** The page cache is in it. */
    readonly bytes: Known;
    readonly peakBytes: Known;
    /** null: none. */
    readonly limitBytes: Known;
    readonly swapBytes: Known;
    /** How often the limit was met, and memory had to be taken back for it. */
    readonly limitHits: Known;
    readonly oomKills: Known;
  };
  /** Threads count. */
  readonly pids: {
    readonly current: Known;
    readonly peak: Known;
    /** null: none. */
    readonly limit: Known;
  };
  /** Of all block devices together. */
  readonly io: {
    readonly readBytes: Known;
    readonly writtenBytes: Known;
    readonly reads: Known;
    readonly writes: Known;
  };
  /** Pressure stall information; null where the kernel keeps none, as on cgroup v1. */
  readonly pressure: {
    readonly cpu: PressureStats | null;
    readonly memory: PressureStats | null;
    readonly io: PressureStats | null;
  };
}

const PRESSURES = ['cpu.pressure', 'memory.pressure', 'io.pressure'];

const V2: readonly string[] = [
  'cpu.stat',
  'memory.current',
  'memory.peak',
  'memory.max',
  'memory.swap.current',
  'memory.events',
  'pids.current',
  'pids.peak',
  'pids.max',
  'io.stat',
  ...PRESSURES,
];

/** The scheduler bfq counts what no other does; throttling always counts. The first with lines holds. */
const BYTES = ['blkio.bfq.io_service_bytes_recursive', 'blkio.throttle.io_service_bytes_recursive'];
const OPERATIONS = ['blkio.bfq.io_serviced_recursive', 'blkio.throttle.io_serviced_recursive'];

const V1: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu.stat'],
  cpuacct: ['cpuacct.usage', 'cpuacct.stat'],
  memory: [
    'memory.usage_in_bytes',
    'memory.max_usage_in_bytes',
    'memory.limit_in_bytes',
    'memory.memsw.usage_in_bytes',
    'memory.failcnt',
    'memory.memsw.failcnt',
    'memory.oom_control',
  ],
  pids: ['pids.current', 'pids.peak', 'pids.max'],
  blkio: [...BYTES, ...OPERATIONS],
};

const NANOSECONDS = 1_000_000_000n;
/** From here on a limit is none: v1 says the largest number of whole pages. */
const NO_LIMIT = 1n << 62n;

/** Absolute paths of all files that `usageOf` looks at; not all of them exist. */
export function usageFiles({ mode, paths }: CgroupPlace): string[] {
  const below = (controller: string, names: readonly string[]): string[] =>
    paths[controller] === undefined ? [] : names.map((name) => `${paths[controller]}/${name}`);
  if (mode === 'v2') return below('', V2);
  const v1 = Object.entries(V1).flatMap(([controller, names]) => below(controller, names));
  return [...v1, ...below('', PRESSURES)];
}

/**
 * What has been used.
 *
 * @param textOf the text of one of `usageFiles`
 * @param clockTicks ticks of the kernel's clock in a second (v1)
 */
export function usageOf(
  { mode, paths }: CgroupPlace,
  clockTicks: number,
  textOf: (path: string) => FileText,
): Usage {
  const read = (controller: string, file: string): FileText =>
    paths[controller] === undefined ? undefined : textOf(`${paths[controller]}/${file}`);
  const unified = (file: string): FileText => read('', file);
  const rest = mode === 'v2' ? usageV2(unified) : usageV1(read, BigInt(clockTicks));
  const [cpu = null, memory = null, io = null] = PRESSURES.map(
    (file) => parsePressure(unified(file)) ?? null,
  );
  return { ...rest, pressure: { cpu, memory, io } };
}

function known(text: FileText): Known {
  return parseCount(text) ?? null;
}

function limitOf(text: FileText): Known {
  const limit = known(text);
  return limit === null || limit >= NO_LIMIT ? null : limit;
}

function usageV2(read: (file: string) => FileText): Omit<Usage, 'pressure'> {
  const cpu = parseKeyed(read('cpu.stat'));
  const events = parseKeyed(read('memory.events'));
  const nanoseconds = (name: string): Known => {
    const microseconds = cpu.get(name);
    return microseconds === undefined ? null : microseconds * 1000n;
  };
  const io = ioStat(read('io.stat'));
  return {
    cpu: {
      totalNs: nanoseconds('usage_usec'),
      userNs: nanoseconds('user_usec'),
      systemNs: nanoseconds('system_usec'),
      periods: cpu.get('nr_periods') ?? null,
      throttledPeriods: cpu.get('nr_throttled') ?? null,
      throttledNs: nanoseconds('throttled_usec'),
    },
    memory: {
      bytes: known(read('memory.current')),
      peakBytes: known(read('memory.peak')),
      limitBytes: limitOf(read('memory.max')),
      swapBytes: known(read('memory.swap.current')),
      limitHits: events.get('max') ?? null,
      oomKills: events.get('oom_kill') ?? null,
    },
    pids: pidsOf(read),
    io: {
      readBytes: io('rbytes'),
      writtenBytes: io('wbytes'),
      reads: io('rios'),
      writes: io('wios'),
    },
  };
}

function pidsOf(read: (file: string) => FileText): Usage['pids'] {
  return {
    current: known(read('pids.current')),
    peak: known(read('pids.peak')),
    limit: limitOf(read('pids.max')),
  };
}

/** Sums over the devices of io.stat, by the name of the number. */
function ioStat(text: FileText): (name: string) => Known {
  const sums = new Map<string, bigint>();
  for (const [, name = '', digits = '0'] of (text ?? '').matchAll(/ (\w+)=(\d+)/g)) {
    sums.set(name, (sums.get(name) ?? 0n) + BigInt(digits));
  }
  return (name) => (text === null || text === undefined ? null : (sums.get(name) ?? 0n));
}

function usageV1(
  read: (controller: string, file: string) => FileText,
  clockTicks: bigint,
): Omit<Usage, 'pressure'> {
  const ticks = parseKeyed(read('cpuacct', 'cpuacct.stat'));
  const cpu = parseKeyed(read('cpu', 'cpu.stat'));
  const memory = (file: string): FileText => read('memory', `memory.${file}`);
  const nanoseconds = (name: string): Known => {
    const count = ticks.get(name);
    return count === undefined ? null : (count * NANOSECONDS) / clockTicks;
  };
  const bytes = known(memory('usage_in_bytes'));
  const withSwap = known(memory('memsw.usage_in_bytes'));
  const sum = (files: readonly string[], operation: string): Known =>
    blkioSum(
      files.map((file) => read('blkio', file)),
      operation,
    );
  return {
    cpu: {
      totalNs: known(read('cpuacct', 'cpuacct.usage')),
      userNs: nanoseconds('user'),
      systemNs: nanoseconds('system'),
      periods: cpu.get('nr_periods') ?? null,
      throttledPeriods: cpu.get('nr_throttled') ?? null,
      throttledNs: cpu.get('throttled_time') ?? null,
    },
    memory: {
      bytes,
      peakBytes: known(memory('max_usage_in_bytes')),
      limitBytes: limitOf(memory('limit_in_bytes')),
      // Read one after the other: the sum may be the older one.
      swapBytes:
        bytes === null || withSwap === null ? null : withSwap > bytes ? withSwap - bytes : 0n,
      // Where both limits are the same, that of memory and swap together is met first.
      limitHits: sumOf(known(memory('failcnt')), known(memory('memsw.failcnt'))),
      oomKills: parseKeyed(memory('oom_control')).get('oom_kill') ?? null,
    },
    pids: pidsOf((file) => read('pids', file)),
    io: {
      readBytes: sum(BYTES, 'Read'),
      writtenBytes: sum(BYTES, 'Write'),
      reads: sum(OPERATIONS, 'Read'),
      writes: sum(OPERATIONS, 'Write'),
    },
  };
}

function sumOf(a: Known, b: Known): Known {
  return a === null || b === null ? (a ?? b) : a + b;
}

/** Of the first text that is about any device: lines of "MAJOR:MINOR OPERATION NUMBER", and a total. */
function blkioSum(texts: readonly FileText[], operation: string): Known {
  const present = texts.filter((text): text is string => typeof text === 'string');
  if (present.length === 0) return null;
  const text = present.find((candidate) => /^\d+:/.test(candidate)) ?? '';
  let sum = 0n;
  for (const line of text.split('\n')) {
    const [device = '', name, digits = ''] = line.split(' ');
    if (device.includes(':') && name === operation && /^\d+$/.test(digits)) sum += BigInt(digits);
  }
  return sum;
}
