/** Statistics from the files of cgroup v2. Pure. The kernel's admin-guide/cgroup-v2.rst. */
import {
  countOf,
  type FileText,
  keyedObject,
  memoryEntry,
  nonzero,
  parseCount,
  parseIds,
  parseKeyed,
  parsePressure,
  UNLIMITED,
} from './stats-text.js';
import type {
  BlkioEntry,
  BlkioStats,
  CgroupStats,
  CpuStats,
  CpusetStats,
  HugetlbStats,
  MemoryEntry,
  MemoryStats,
} from './stats-types.js';

/** The text of a file of the container's cgroup. */
export type ReadV2 = (file: string) => FileText;

/** Kept also where the controllers are on v1. */
export const PRESSURE_FILES: readonly string[] = ['cpu.pressure', 'memory.pressure', 'io.pressure'];

/** Where the kernel counts reserved pages, those; they are what limits are on. */
const HUGETLB_KINDS = ['.rsvd', ''];

export function hugetlbFilesV2(pageSizes: readonly string[]): string[] {
  return pageSizes.flatMap((size) => [
    `hugetlb.${size}.events`,
    ...HUGETLB_KINDS.map((kind) => `hugetlb.${size}${kind}.current`),
  ]);
}

/** The files that statsV2 looks at. @param pageSizes such as `2MB` */
export function filesV2(pageSizes: readonly string[]): string[] {
  return [
    'cpu.stat',
    'cpuset.cpus.effective',
    'cpuset.mems.effective',
    'memory.stat',
    'memory.events',
    'memory.current',
    'memory.peak',
    'memory.max',
    'memory.swap.current',
    'memory.swap.max',
    'pids.current',
    'pids.max',
    'cgroup.procs',
    'io.stat',
    ...PRESSURE_FILES,
    ...hugetlbFilesV2(pageSizes),
  ];
}

export function statsV2(read: ReadV2, pageSizes: readonly string[]): CgroupStats {
  return {
    cpu: cpuStats(read),
    cpuset: cpusetStats(read),
    memory: memoryStats(read),
    pids: pidsStats(read),
    blkio: blkioStats(read),
    hugetlb: hugetlbStatsV2(read, pageSizes),
  };
}

function cpuStats(read: ReadV2): CpuStats {
  const stat = parseKeyed(read('cpu.stat'));
  const nanoseconds = (name: string): bigint => (stat.get(name) ?? 0n) * 1000n;
  return {
    usage: {
      total: nonzero(nanoseconds('usage_usec')),
      percpu: undefined,
      percpu_kernel: undefined,
      percpu_user: undefined,
      kernel: nanoseconds('system_usec'),
      user: nanoseconds('user_usec'),
    },
    throttling: {
      periods: nonzero(stat.get('nr_periods')),
      throttledPeriods: nonzero(stat.get('nr_throttled')),
      throttledTime: nonzero(nanoseconds('throttled_usec')),
    },
    psi: parsePressure(read('cpu.pressure')),
  };
}

function cpusetStats(read: ReadV2): CpusetStats {
  return {
    cpus: parseIds(read('cpuset.cpus.effective')),
    cpu_exclusive: 0n,
    mems: parseIds(read('cpuset.mems.effective')),
    mem_hardwall: 0n,
    mem_exclusive: 0n,
    memory_migrate: 0n,
    memory_spread_page: 0n,
    memory_spread_slab: 0n,
    memory_pressure: 0n,
    sched_load_balance: 0n,
    sched_relax_domain_level: 0n,
  };
}

const NO_ENTRY: MemoryEntry = { limit: 0n, usage: undefined, max: undefined, failcnt: 0n };

function memoryStats(read: ReadV2): MemoryStats {
  const raw = keyedObject(read('memory.stat'));
  const usage = memoryEntry(
    read('memory.current'),
    read('memory.peak'),
    undefined,
    read('memory.max'),
  );
  return {
    cache: nonzero(raw?.file),
    usage,
    swap: withSwap(usage, read('memory.swap.current'), read('memory.swap.max')),
    kernel: NO_ENTRY,
    kernelTCP: NO_ENTRY,
    raw,
    events: keyedObject(read('memory.events')),
    psi: parsePressure(read('memory.pressure')),
  };
}

/** v2 counts swap by itself, v1 together with memory. Two peaks have no sum. */
function withSwap(memory: MemoryEntry, current: FileText, max: FileText): MemoryEntry {
  const limit = countOf(max);
  const unlimited = limit === UNLIMITED || memory.limit === UNLIMITED;
  return {
    limit: unlimited ? UNLIMITED : memory.limit + limit,
    usage: nonzero((memory.usage ?? 0n) + countOf(current)),
    max: undefined,
    failcnt: 0n,
  };
}

function pidsStats(read: ReadV2): CgroupStats['pids'] {
  const current = parseCount(read('pids.current'));
  if (current === undefined) {
    // Without the controller: the processes, if not their threads.
    const processes = (read('cgroup.procs') ?? '').split('\n').filter((line) => line !== '');
    return { current: nonzero(BigInt(processes.length)), limit: undefined };
  }
  const limit = parseCount(read('pids.max'));
  return { current: nonzero(current), limit: limit === UNLIMITED ? undefined : nonzero(limit) };
}

/** What io.stat calls by one word, v1 has in two lists by operation. */
const IO: Readonly<Record<string, readonly ['bytes' | 'operations', string]>> = {
  rbytes: ['bytes', 'Read'],
  wbytes: ['bytes', 'Write'],
  dbytes: ['bytes', 'Discard'],
  rios: ['operations', 'Read'],
  wios: ['operations', 'Write'],
  dios: ['operations', 'Discard'],
};

function blkioStats(read: ReadV2): BlkioStats {
  const lists: Record<'bytes' | 'operations', BlkioEntry[]> = { bytes: [], operations: [] };
  for (const line of (read('io.stat') ?? '').split('\n')) {
    const [device = '', ...fields] = line.split(' ');
    const numbers = /^(\d+):(\d+)$/.exec(device);
    if (numbers === null) continue;
    for (const field of fields) {
      const [key = '', text] = field.split('=');
      const [list, op] = IO[key] ?? [];
      const value = parseCount(text);
      if (list === undefined || value === undefined) continue;
      lists[list].push({
        major: nonzero(parseCount(numbers[1])),
        minor: nonzero(parseCount(numbers[2])),
        op,
        value: nonzero(value),
      });
    }
  }
  const filled = (list: BlkioEntry[]): BlkioEntry[] | undefined =>
    list.length > 0 ? list : undefined;
  return {
    ioServiceBytesRecursive: filled(lists.bytes),
    ioServicedRecursive: filled(lists.operations),
    ioQueueRecursive: undefined,
    ioServiceTimeRecursive: undefined,
    ioWaitTimeRecursive: undefined,
    ioMergedRecursive: undefined,
    ioTimeRecursive: undefined,
    sectorsRecursive: undefined,
    psi: parsePressure(read('io.pressure')),
  };
}

export function hugetlbStatsV2(
  read: ReadV2,
  pageSizes: readonly string[],
): Readonly<Record<string, HugetlbStats>> {
  const stats: Record<string, HugetlbStats> = {};
  for (const size of pageSizes) {
    const usage = HUGETLB_KINDS.map((kind) =>
      parseCount(read(`hugetlb.${size}${kind}.current`)),
    ).find((count) => count !== undefined);
    if (usage === undefined) continue;
    const failcnt = parseKeyed(read(`hugetlb.${size}.events`)).get('max') ?? 0n;
    stats[size] = { usage: nonzero(usage), max: undefined, failcnt };
  }
  return stats;
}
