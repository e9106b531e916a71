/**
 * The statistics of a container, in the shape and with the names that runc's `events` prints.
 *
 * Counters are bigints: they have 64 bits. What runc leaves out where it is 0 is undefined here.
 * Beyond runc: `memory.events`, the cpuset on v2, Discard in `blkio` on v2, pressure on hybrid
 * hosts, and `network_interfaces` of the container's own network namespace.
 */

type Optional = bigint | undefined;

/** Pressure stall information, PSI: percentages, and microseconds. psi.rst */
export interface Pressure {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: bigint;
}

export interface PressureStats {
  readonly some: Pressure;
  readonly full: Pressure;
}

export interface CpuStats {
  /** Nanoseconds. By processor on v1 only. */
  readonly usage: {
    readonly total: Optional;
    readonly percpu: readonly bigint[] | undefined;
    readonly percpu_kernel: readonly bigint[] | undefined;
    readonly percpu_user: readonly bigint[] | undefined;
    readonly kernel: bigint;
    readonly user: bigint;
  };
  /** Periods of the quota; nanoseconds. */
  readonly throttling: {
    readonly periods: Optional;
    readonly throttledPeriods: Optional;
    readonly throttledTime: Optional;
  };
  readonly psi: PressureStats | undefined;
}

/** On v2 the processors and nodes that it may use; all else is of v1. */
export interface CpusetStats {
  readonly cpus: readonly number[] | undefined;
  readonly cpu_exclusive: bigint;
  readonly mems: readonly number[] | undefined;
  readonly mem_hardwall: bigint;
  readonly mem_exclusive: bigint;
  readonly memory_migrate: bigint;
  readonly memory_spread_page: bigint;
  readonly memory_spread_slab: bigint;
  readonly memory_pressure: bigint;
  readonly sched_load_balance: bigint;
  readonly sched_relax_domain_level: bigint;
}

/** Bytes. */
export interface MemoryEntry {
  /** 2^64 - 1 without a limit on v2, on v1 what the kernel has for it. */
  readonly limit: bigint;
  readonly usage: Optional;
  readonly max: Optional;
  readonly failcnt: bigint;
}

export interface MemoryStats {
  readonly cache: Optional;
  readonly usage: MemoryEntry;
  /** Memory and swap together, as v1 counts. */
  readonly swap: MemoryEntry;
  readonly kernel: MemoryEntry;
  readonly kernelTCP: MemoryEntry;
  /** memory.stat as it is. */
  readonly raw: Readonly<Record<string, bigint>> | undefined;
  /** memory.events of v2; `under_oom` and `oom_kill` of v1's memory.oom_control. */
  readonly events: Readonly<Record<string, bigint>> | undefined;
  readonly psi: PressureStats | undefined;
}

export interface BlkioEntry {
  readonly major: Optional;
  readonly minor: Optional;
  /** Read, Write ...; absent for what is not counted by operation. */
  readonly op: string | undefined;
  readonly value: Optional;
}

type BlkioList = readonly BlkioEntry[] | undefined;

export interface BlkioStats {
  readonly ioServiceBytesRecursive: BlkioList;
  readonly ioServicedRecursive: BlkioList;
  readonly ioQueueRecursive: BlkioList;
  readonly ioServiceTimeRecursive: BlkioList;
  readonly ioWaitTimeRecursive: BlkioList;
  readonly ioMergedRecursive: BlkioList;
  readonly ioTimeRecursive: BlkioList;
  readonly sectorsRecursive: BlkioList;
  readonly psi: PressureStats | undefined;
}

/** Bytes, and failed requests. */
export interface HugetlbStats {
  readonly usage: Optional;
  readonly max: Optional;
  readonly failcnt: bigint;
}

/** What the cgroup alone says. */
export interface CgroupStats {
  readonly cpu: CpuStats;
  readonly cpuset: CpusetStats;
  readonly memory: MemoryStats;
  readonly pids: { readonly current: Optional; readonly limit: Optional };
  readonly blkio: BlkioStats;
  /** By size of the pages: `2MB`. */
  readonly hugetlb: Readonly<Record<string, HugetlbStats>>;
}

/** Of the container's group in resctrl; empty without one. */
export interface RdtStats {
  readonly l3_cache_info?: {
    readonly cbm_mask: string | undefined;
    readonly min_cbm_bits: Optional;
    readonly num_closids: Optional;
  };
  readonly l3_cache_schema_root?: string | undefined;
  readonly l3_cache_schema?: string | undefined;
  readonly mem_bw_info?: {
    readonly bandwidth_gran: Optional;
    readonly delay_linear: Optional;
    readonly min_bandwidth: Optional;
    readonly num_closids: Optional;
  };
  readonly mem_bw_schema_root?: string | undefined;
  readonly mem_bw_schema?: string | undefined;
  readonly schemata?: readonly string[];
  /** By cache domain. A counter that the hardware has no value of at the moment is left out. */
  readonly mbm_stats?: readonly {
    readonly mbm_total_bytes: Optional;
    readonly mbm_local_bytes: Optional;
  }[];
  readonly cmt_stats?: readonly { readonly llc_occupancy: Optional }[];
}

export interface NetworkStats {
  readonly Name: string;
  readonly RxBytes: bigint;
  readonly RxPackets: bigint;
  readonly RxErrors: bigint;
  readonly RxDropped: bigint;
  readonly TxBytes: bigint;
  readonly TxPackets: bigint;
  readonly TxErrors: bigint;
  readonly TxDropped: bigint;
}

export interface Stats extends CgroupStats {
  readonly intel_rdt: RdtStats;
  /** null: the network is not the container's own, or there are none but the loopback. */
  readonly network_interfaces: readonly NetworkStats[] | null;
}
