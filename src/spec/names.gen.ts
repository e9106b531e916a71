// Made by scripts/generate.mjs from schemas/. Do not edit.

/** JailSharing of schemas/freebsd.schema.json. */
export const JAIL_SHARING: readonly string[] = [
  'disable',
  'new',
  'inherit',
];

/** JailSharingOrNew of schemas/freebsd.schema.json. */
export const JAIL_SHARING_OR_NEW: readonly string[] = [
  'new',
  'inherit',
];

/** NamespaceType of schemas/linux.schema.json. */
export const NAMESPACE_TYPE: readonly string[] = [
  'pid',
  'network',
  'mount',
  'ipc',
  'uts',
  'user',
  'cgroup',
  'time',
];

/** DeviceType of schemas/linux.schema.json. */
export const DEVICE_TYPE: readonly string[] = [
  'c',
  'b',
  'u',
  'p',
];

/** RootfsPropagation of schemas/linux.schema.json. */
export const ROOTFS_PROPAGATION: readonly string[] = [
  'shared',
  'slave',
  'private',
  'unbindable',
  'rshared',
  'rslave',
  'rprivate',
  'runbindable',
];

/** MemoryPolicyMode of schemas/linux.schema.json. */
export const MEMORY_POLICY_MODE: readonly string[] = [
  'MPOL_DEFAULT',
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_WEIGHTED_INTERLEAVE',
  'MPOL_PREFERRED',
  'MPOL_PREFERRED_MANY',
  'MPOL_LOCAL',
];

/** MemoryPolicyFlag of schemas/linux.schema.json. */
export const MEMORY_POLICY_FLAG: readonly string[] = [
  'MPOL_F_NUMA_BALANCING',
  'MPOL_F_RELATIVE_NODES',
  'MPOL_F_STATIC_NODES',
];

/** PersonalityDomain of schemas/linux.schema.json. */
export const PERSONALITY_DOMAIN: readonly string[] = [
  'LINUX',
  'LINUX32',
];

/** Capability of schemas/process.schema.json. */
export const CAPABILITY: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
];

/** RlimitType of schemas/process.schema.json. */
export const RLIMIT_TYPE: readonly string[] = [
  'RLIMIT_CPU',
  'RLIMIT_FSIZE',
  'RLIMIT_DATA',
  'RLIMIT_STACK',
  'RLIMIT_CORE',
  'RLIMIT_RSS',
  'RLIMIT_NPROC',
  'RLIMIT_NOFILE',
  'RLIMIT_MEMLOCK',
  'RLIMIT_AS',
  'RLIMIT_LOCKS',
  'RLIMIT_SIGPENDING',
  'RLIMIT_MSGQUEUE',
  'RLIMIT_NICE',
  'RLIMIT_RTPRIO',
  'RLIMIT_RTTIME',
];

/** SchedulerPolicy of schemas/process.schema.json. */
export const SCHEDULER_POLICY: readonly string[] = [
  'SCHED_OTHER',
  'SCHED_FIFO',
  'SCHED_RR',
  'SCHED_BATCH',
  'SCHED_ISO',
  'SCHED_IDLE',
  'SCHED_DEADLINE',
];

/** SchedulerFlag of schemas/process.schema.json. */
export const SCHEDULER_FLAG: readonly string[] = [
  'SCHED_FLAG_RESET_ON_FORK',
  'SCHED_FLAG_RECLAIM',
  'SCHED_FLAG_DL_OVERRUN',
  'SCHED_FLAG_KEEP_POLICY',
  'SCHED_FLAG_KEEP_PARAMS',
  'SCHED_FLAG_UTIL_CLAMP_MIN',
  'SCHED_FLAG_UTIL_CLAMP_MAX',
];

/** IoPriorityClass of schemas/process.schema.json. */
export const IO_PRIORITY_CLASS: readonly string[] = [
  'IOPRIO_CLASS_RT',
  'IOPRIO_CLASS_BE',
  'IOPRIO_CLASS_IDLE',
];

/** DeviceRuleType of schemas/resources.schema.json. */
export const DEVICE_RULE_TYPE: readonly string[] = [
  'a',
  'c',
  'b',
];

/** SeccompAction of schemas/seccomp.schema.json. */
export const SECCOMP_ACTION: readonly string[] = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
];

/** SeccompArch of schemas/seccomp.schema.json. */
export const SECCOMP_ARCH: readonly string[] = [
  'SCMP_ARCH_X86',
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X32',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_MIPS',
  'SCMP_ARCH_MIPS64',
  'SCMP_ARCH_MIPS64N32',
  'SCMP_ARCH_MIPSEL',
  'SCMP_ARCH_MIPSEL64',
  'SCMP_ARCH_MIPSEL64N32',
  'SCMP_ARCH_PPC',
  'SCMP_ARCH_PPC64',
  'SCMP_ARCH_PPC64LE',
  'SCMP_ARCH_S390',
  'SCMP_ARCH_S390X',
  'SCMP_ARCH_PARISC',
  'SCMP_ARCH_PARISC64',
  'SCMP_ARCH_RISCV64',
  'SCMP_ARCH_LOONGARCH64',
  'SCMP_ARCH_M68K',
  'SCMP_ARCH_SH',
  'SCMP_ARCH_SHEB',
];

/** SeccompFlag of schemas/seccomp.schema.json. */
export const SECCOMP_FLAG: readonly string[] = [
  'SECCOMP_FILTER_FLAG_TSYNC',
  'SECCOMP_FILTER_FLAG_LOG',
  'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
];

/** SeccompOperator of schemas/seccomp.schema.json. */
export const SECCOMP_OPERATOR: readonly string[] = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
];

/** Status of schemas/state.schema.json. */
export const STATUS: readonly string[] = [
  'creating',
  'created',
  'running',
  'stopped',
  'paused',
];

/** Every property name in Resources, for readers that don't mind the case. */
export const RESOURCE_PROPERTIES: readonly string[] = [
  'access',
  'allow',
  'blockIO',
  'burst',
  'checkBeforeUpdate',
  'classID',
  'cpu',
  'cpus',
  'devices',
  'disableOOMKiller',
  'hcaHandles',
  'hcaObjects',
  'hugepageLimits',
  'idle',
  'kernel',
  'kernelTCP',
  'leafWeight',
  'limit',
  'major',
  'memory',
  'mems',
  'minor',
  'name',
  'network',
  'pageSize',
  'period',
  'pids',
  'priorities',
  'priority',
  'quota',
  'rate',
  'rdma',
  'realtimePeriod',
  'realtimeRuntime',
  'reservation',
  'shares',
  'swap',
  'swappiness',
  'throttleReadBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteBpsDevice',
  'throttleWriteIOPSDevice',
  'type',
  'unified',
  'useHierarchy',
  'weight',
  'weightDevice',
];
