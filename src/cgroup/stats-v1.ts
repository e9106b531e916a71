/** Statistics from the files of cgroup v1. Pure. The kernel's admin-guide/cgroup-v1/. */
import {
  countOf,
  type FileText,
  keyedObject,
  memoryEntry,
  nonzero,
  parseCount,
  parseCounts,
  parseIds,
  parseKeyed,
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

/** The text of a file of the container's cgroup in the hierarchy of a controller. */
export type ReadV1 = (controller: string, file: string) => FileText;

const NANOSECONDS = 1_000_000_000n;
const MEMORY_KINDS = ['memory', 'memory.memsw', 'memory.kmem', 'memory.kmem.tcp'];
const MEMORY_FILES = ['usage_in_bytes', 'max_usage_in_bytes', 'failcnt', 'limit_in_bytes'];
const CPUSET_FLAGS = [
  'cpu_exclusive',
  'mem_hardwall',
  'mem_exclusive',
  'memory_migrate',
  'memory_spread_page',
  'memory_spread_slab',
  'memory_pressure',
  'sched_load_balance',
  'sched_relax_domain_level',
] as const;

type BlkioName = Exclude<keyof BlkioStats, 'psi'>;

/** By number, the files that may have it: of the scheduler bfq, of cfq, of no scheduler. */
const BLKIO: Readonly<Record<BlkioName, readonly string[]>> = {
  ioServiceBytesRecursive: [
    'bfq.io_service_bytes_recursive',
    'io_service_bytes_recursive',
    'throttle.io_service_bytes_recursive',
    'throttle.io_service_bytes',
  ],
  ioServicedRecursive: [
    'bfq.io_serviced_recursive',
    'io_serviced_recursive',
    'throttle.io_serviced_recursive',
    'throttle.io_serviced',
  ],
  ioQueueRecursive: ['bfq.io_queued_recursive', 'io_queued_recursive'],
  ioServiceTimeRecursive: ['bfq.io_service_time_recursive', 'io_service_time_recursive'],
  ioWaitTimeRecursive: ['bfq.io_wait_time_recursive', 'io_wait_time_recursive'],
  ioMergedRecursive: ['bfq.io_merged_recursive', 'io_merged_recursive'],
  ioTimeRecursive: ['bfq.time_recursive', 'time_recursive'],
  sectorsRecursive: ['bfq.sectors_recursive', 'sectors_recursive'],
};

/** Where the kernel counts reserved pages, those; they are what limits are on. */
const HUGETLB_KINDS = ['.rsvd', ''];
const HUGETLB_FILES = ['usage_in_bytes', 'max_usage_in_bytes', 'failcnt'];

/** The files that statsV1 looks at, by controller. @param pageSizes such as `2MB` */
export function filesV1(pageSizes: readonly string[]): Readonly<Record<string, string[]>> {
  return {
    cpu: ['cpu.stat'],
    cpuacct: ['cpuacct.usage', 'cpuacct.usage_percpu', 'cpuacct.usage_all', 'cpuacct.stat'],
    cpuset: ['cpuset.cpus', 'cpuset.mems', ...CPUSET_FLAGS.map((name) => `cpuset.${name}`)],
    memory: [
      'memory.stat',
      'memory.oom_control',
      ...MEMORY_KINDS.flatMap((kind) => MEMORY_FILES.map((file) => `${kind}.${file}`)),
    ],
    pids: ['pids.current', 'pids.max'],
    blkio: Object.values(BLKIO).flatMap((files) => files.map((file) => `blkio.${file}`)),
    hugetlb: pageSizes.flatMap((size) =>
      HUGETLB_KINDS.flatMap((kind) =>
        HUGETLB_FILES.map((file) => `hugetlb.${size}${kind}.${file}`),
      ),
    ),
  };
}

/**
 * @param clockTicks the unit of cpuacct.stat: so many in a second
 */
export function statsV1(
  read: ReadV1,
  pageSizes: readonly string[],
  clockTicks: number,
): CgroupStats {
  const limit = parseCount(read('pids', 'pids.max'));
  const noLimit = read('pids', 'pids.max')?.trim() === 'max';
  return {
    cpu: cpuStats(read, BigInt(clockTicks)),
    cpuset: cpusetStats(read),
    memory: memoryStats(read),
    pids: {
      current: nonzero(parseCount(read('pids', 'pids.current'))),
      limit: noLimit ? undefined : nonzero(limit),
    },
    blkio: blkioStats(read),
    hugetlb: hugetlbStats(read, pageSizes),
  };
}

function cpuStats(read: ReadV1, clockTicks: bigint): CpuStats {
  const ticks = parseKeyed(read('cpuacct', 'cpuacct.stat'));
  const stat = parseKeyed(read('cpu', 'cpu.stat'));
  const list = (values: bigint[]): bigint[] | undefined => (values.length > 0 ? values : undefined);
  // "cpu user system", then a line for each processor.
  const rows = (read('cpuacct', 'cpuacct.usage_all') ?? '')
    .split('\n')
    .slice(1)
    .map(parseCounts)
    .filter((row) => row.length >= 3);
  return {
    usage: {
      total: nonzero(parseCount(read('cpuacct', 'cpuacct.usage'))),
      percpu: list(parseCounts(read('cpuacct', 'cpuacct.usage_percpu'))),
      percpu_kernel: list(rows.map((row) => row[2] ?? 0n)),
      percpu_user: list(rows.map((row) => row[1] ?? 0n)),
      kernel: ((ticks.get('system') ?? 0n) * NANOSECONDS) / clockTicks,
      user: ((ticks.get('user') ?? 0n) * NANOSECONDS) / clockTicks,
    },
    throttling: {
      periods: nonzero(stat.get('nr_periods')),
      throttledPeriods: nonzero(stat.get('nr_throttled')),
      throttledTime: nonzero(stat.get('throttled_time')),
    },
    psi: undefined,
  };
}

function cpusetStats(read: ReadV1): CpusetStats {
  const flag = (name: (typeof CPUSET_FLAGS)[number]): bigint =>
    countOf(read('cpuset', `cpuset.${name}`));
  return {
    cpus: parseIds(read('cpuset', 'cpuset.cpus')),
    cpu_exclusive: flag('cpu_exclusive'),
    mems: parseIds(read('cpuset', 'cpuset.mems')),
    mem_hardwall: flag('mem_hardwall'),
    mem_exclusive: flag('mem_exclusive'),
    memory_migrate: flag('memory_migrate'),
    memory_spread_page: flag('memory_spread_page'),
    memory_spread_slab: flag('memory_spread_slab'),
    memory_pressure: flag('memory_pressure'),
    sched_load_balance: flag('sched_load_balance'),
    sched_relax_domain_level: flag('sched_relax_domain_level'),
  };
}

function memoryStats(read: ReadV1): MemoryStats {
  const entry = (kind: string): MemoryEntry => {
    const [usage, max, failcnt, limit] = MEMORY_FILES.map((file) =>
      read('memory', `${kind}.${file}`),
    );
    return memoryEntry(usage, max, failcnt, limit);
  };
  const raw = keyedObject(read('memory', 'memory.stat'));
  const { oom_kill_disable: _setting, ...events } =
    keyedObject(read('memory', 'memory.oom_control')) ?? {};
  return {
    cache: nonzero(raw?.cache),
    usage: entry('memory'),
    swap: entry('memory.memsw'),
    kernel: entry('memory.kmem'),
    kernelTCP: entry('memory.kmem.tcp'),
    raw,
    events: Object.keys(events).length > 0 ? events : undefined,
    psi: undefined,
  };
}

/** Lines of "MAJOR:MINOR [OPERATION] NUMBER"; the sum over all devices is left out. */
function parseBlkio(text: FileText): BlkioEntry[] {
  const entries: BlkioEntry[] = [];
  for (const line of (text ?? '').split('\n')) {
    const match = /^(\d+):(\d+) (?:(\w+) )?(\d+)$/.exec(line.trim());
    if (match === null) continue;
    const [, major = '', minor = '', op, value = ''] = match;
    entries.push({
      major: nonzero(BigInt(major)),
      minor: nonzero(BigInt(minor)),
      op,
      value: nonzero(BigInt(value)),
    });
  }
  return entries;
}

function blkioStats(read: ReadV1): BlkioStats {
  const first = (name: BlkioName): BlkioEntry[] | undefined =>
    BLKIO[name]
      .map((file) => parseBlkio(read('blkio', `blkio.${file}`)))
      .find((entries) => entries.length > 0);
  return {
    ioServiceBytesRecursive: first('ioServiceBytesRecursive'),
    ioServicedRecursive: first('ioServicedRecursive'),
    ioQueueRecursive: first('ioQueueRecursive'),
    ioServiceTimeRecursive: first('ioServiceTimeRecursive'),
    ioWaitTimeRecursive: first('ioWaitTimeRecursive'),
    ioMergedRecursive: first('ioMergedRecursive'),
    ioTimeRecursive: first('ioTimeRecursive'),
    sectorsRecursive: first('sectorsRecursive'),
    psi: undefined,
  };
}

function hugetlbStats(
  read: ReadV1,
  pageSizes: readonly string[],
): Readonly<Record<string, HugetlbStats>> {
  const stats: Record<string, HugetlbStats> = {};
  for (const size of pageSizes) {
    for (const kind of HUGETLB_KINDS) {
      const [usage, max, failcnt] = HUGETLB_FILES.map((file) =>
        read('hugetlb', `hugetlb.${size}${kind}.${file}`),
      );
      const used = parseCount(usage);
      if (used === undefined) continue;
      stats[size] = {
        usage: nonzero(used),
        max: nonzero(parseCount(max)),
        failcnt: countOf(failcnt),
      };
      break;
    }
  }
  return stats;
}
