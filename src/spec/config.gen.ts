// Made by scripts/generate.mjs from schemas/. Do not edit.

/**
 * A user or group id. The highest 32-bit number means "no id" to the kernel.
 */
export type Id = number;
export type CapabilitySet = Capability[];
/**
 * Name of a capability. One that is not known is passed over with a warning.
 */
export type Capability = string;
export type RlimitType =
  | 'RLIMIT_CPU'
  | 'RLIMIT_FSIZE'
  | 'RLIMIT_DATA'
  | 'RLIMIT_STACK'
  | 'RLIMIT_CORE'
  | 'RLIMIT_RSS'
  | 'RLIMIT_NPROC'
  | 'RLIMIT_NOFILE'
  | 'RLIMIT_MEMLOCK'
  | 'RLIMIT_AS'
  | 'RLIMIT_LOCKS'
  | 'RLIMIT_SIGPENDING'
  | 'RLIMIT_MSGQUEUE'
  | 'RLIMIT_NICE'
  | 'RLIMIT_RTPRIO'
  | 'RLIMIT_RTTIME';
export type SchedulerPolicy =
  | 'SCHED_OTHER'
  | 'SCHED_FIFO'
  | 'SCHED_RR'
  | 'SCHED_BATCH'
  | 'SCHED_ISO'
  | 'SCHED_IDLE'
  | 'SCHED_DEADLINE';
export type SchedulerFlag =
  | 'SCHED_FLAG_RESET_ON_FORK'
  | 'SCHED_FLAG_RECLAIM'
  | 'SCHED_FLAG_DL_OVERRUN'
  | 'SCHED_FLAG_KEEP_POLICY'
  | 'SCHED_FLAG_KEEP_PARAMS'
  | 'SCHED_FLAG_UTIL_CLAMP_MIN'
  | 'SCHED_FLAG_UTIL_CLAMP_MAX';
export type IoPriorityClass = 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE';
export type IdMappings = IdMapping[];
export type HookList = Hook[];
export type Strings = string[];
export type NamespaceType =
  'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time';
/**
 * c and u: character; b: block; p: named pipe.
 */
export type DeviceType = 'c' | 'b' | 'u' | 'p';
/**
 * a: all (also when absent); c: character; b: block.
 */
export type DeviceRuleType = 'a' | 'c' | 'b';
export type ThrottleDevices = ThrottleDevice[];
/**
 * Mount propagation of the root; with r for the whole tree.
 */
export type RootfsPropagation =
  'shared' | 'slave' | 'private' | 'unbindable' | 'rshared' | 'rslave' | 'rprivate' | 'runbindable';
export type SeccompAction =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY';
export type SeccompArch =
  | 'SCMP_ARCH_X86'
  | 'SCMP_ARCH_X86_64'
  | 'SCMP_ARCH_X32'
  | 'SCMP_ARCH_ARM'
  | 'SCMP_ARCH_AARCH64'
  | 'SCMP_ARCH_MIPS'
  | 'SCMP_ARCH_MIPS64'
  | 'SCMP_ARCH_MIPS64N32'
  | 'SCMP_ARCH_MIPSEL'
  | 'SCMP_ARCH_MIPSEL64'
  | 'SCMP_ARCH_MIPSEL64N32'
  | 'SCMP_ARCH_PPC'
  | 'SCMP_ARCH_PPC64'
  | 'SCMP_ARCH_PPC64LE'
  | 'SCMP_ARCH_S390'
  | 'SCMP_ARCH_S390X'
  | 'SCMP_ARCH_PARISC'
  | 'SCMP_ARCH_PARISC64'
  | 'SCMP_ARCH_RISCV64'
  | 'SCMP_ARCH_LOONGARCH64'
  | 'SCMP_ARCH_M68K'
  | 'SCMP_ARCH_SH'
  | 'SCMP_ARCH_SHEB';
export type SeccompFlag =
  | 'SECCOMP_FILTER_FLAG_TSYNC'
  | 'SECCOMP_FILTER_FLAG_LOG'
  | 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
  | 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';
export type SeccompOperator =
  | 'SCMP_CMP_NE'
  | 'SCMP_CMP_LT'
  | 'SCMP_CMP_LE'
  | 'SCMP_CMP_EQ'
  | 'SCMP_CMP_GE'
  | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ';
export type MemoryPolicyMode =
  | 'MPOL_DEFAULT'
  | 'MPOL_BIND'
  | 'MPOL_INTERLEAVE'
  | 'MPOL_WEIGHTED_INTERLEAVE'
  | 'MPOL_PREFERRED'
  | 'MPOL_PREFERRED_MANY'
  | 'MPOL_LOCAL';
export type MemoryPolicyFlag =
  'MPOL_F_NUMA_BALANCING' | 'MPOL_F_RELATIVE_NODES' | 'MPOL_F_STATIC_NODES';
export type PersonalityDomain = 'LINUX' | 'LINUX32';
export type JailSharingOrNew = 'new' | 'inherit';
export type JailSharing = 'disable' | 'new' | 'inherit';

/**
 * The whole of config.json.
 */
export interface Config {
  /**
   * The specification version that the bundle was written for, as SemVer 2.0.0.
   */
  ociVersion: string;
  process?: Process;
  root: Root;
  /**
   * Host name inside the UTS namespace.
   */
  hostname?: string;
  /**
   * NIS domain name inside the UTS namespace.
   */
  domainname?: string;
  /**
   * Mounts beyond the root, made in this order.
   */
  mounts?: Mount[];
  hooks?: Hooks;
  annotations?: Annotations;
  linux?: Linux;
  windows?: unknown;
  solaris?: unknown;
  vm?: unknown;
  zos?: unknown;
  freebsd?: FreeBsd;
}
/**
 * What is executed, and as whom.
 */
export interface Process {
  /**
   * Whether it gets a pseudoterminal; by default not.
   */
  terminal?: boolean;
  consoleSize?: ConsoleSize;
  user?: User;
  /**
   * The arguments; the first one names the program, looked up as execvp(3) does.
   */
  args?: string[];
  commandLine?: unknown;
  /**
   * The environment, as NAME=VALUE strings.
   */
  env?: string[];
  /**
   * Working directory, absolute.
   */
  cwd: string;
  capabilities?: Capabilities;
  /**
   * Resource limits, each type once.
   */
  rlimits?: Rlimit[];
  /**
   * Whether executing a program can no longer gain privileges.
   */
  noNewPrivileges?: boolean;
  /**
   * Name of an AppArmor profile.
   */
  apparmorProfile?: string;
  /**
   * For /proc/PID/oom_score_adj; absent: left as it is.
   */
  oomScoreAdj?: number;
  scheduler?: Scheduler;
  /**
   * SELinux label of the process.
   */
  selinuxLabel?: string;
  ioPriority?: IoPriority;
  execCPUAffinity?: ExecCpuAffinity;
}
/**
 * Size of the terminal in characters; means nothing without one.
 */
export interface ConsoleSize {
  /**
   * Rows.
   */
  height: number;
  /**
   * Columns.
   */
  width: number;
}
/**
 * Ids inside the container.
 */
export interface User {
  /**
   * User id.
   */
  uid: Id;
  /**
   * Group id.
   */
  gid: Id;
  /**
   * File creation mask; absent: that of the caller.
   */
  umask?: number;
  /**
   * Supplementary groups.
   */
  additionalGids?: Id[];
  username?: unknown;
}
/**
 * The capability sets (capabilities(7)); an absent one is empty.
 */
export interface Capabilities {
  /**
   * What executing a program can ever give.
   */
  bounding?: CapabilitySet;
  /**
   * What counts.
   */
  effective?: CapabilitySet;
  /**
   * What programs with file capabilities can keep.
   */
  inheritable?: CapabilitySet;
  /**
   * What may be made effective.
   */
  permitted?: CapabilitySet;
  /**
   * What an unprivileged program keeps over exec; has to be permitted and inheritable too.
   */
  ambient?: CapabilitySet;
}
/**
 * One resource limit (getrlimit(2)).
 */
export interface Rlimit {
  type: RlimitType;
  /**
   * What the kernel enforces; 18446744073709551615 for no limit.
   */
  soft: number | bigint;
  /**
   * What the soft limit can be raised to; 18446744073709551615 for no limit.
   */
  hard: number | bigint;
}
/**
 * Scheduling of the process (sched_setattr(2)).
 */
export interface Scheduler {
  policy: SchedulerPolicy;
  /**
   * Nice value; a lower one gets more.
   */
  nice?: number;
  /**
   * Static priority, for SCHED_FIFO and SCHED_RR.
   */
  priority?: number;
  flags?: SchedulerFlag[];
  /**
   * Nanoseconds, for SCHED_DEADLINE.
   */
  runtime?: number | bigint;
  /**
   * Nanoseconds, for SCHED_DEADLINE.
   */
  deadline?: number | bigint;
  /**
   * Nanoseconds, for SCHED_DEADLINE.
   */
  period?: number | bigint;
}
/**
 * I/O priority of the process (ioprio_set(2)).
 */
export interface IoPriority {
  class: IoPriorityClass;
  /**
   * From 0, the highest, to 7.
   */
  priority: number;
}
/**
 * CPUs of processes that are executed in a running container.
 */
export interface ExecCpuAffinity {
  /**
   * Before the process is moved to the cgroup: a list such as 0-3,7.
   */
  initial?: string;
  /**
   * After that: a list such as 0-3,7.
   */
  final?: string;
}
/**
 * The container's root file system.
 */
export interface Root {
  /**
   * Its directory: absolute, or relative to the bundle.
   */
  path: string;
  /**
   * Whether the container sees it read-only; by default not.
   */
  readonly?: boolean;
}
/**
 * One mount inside the container.
 */
export interface Mount {
  /**
   * Where, inside the container. A relative path is old-fashioned and counts from /.
   */
  destination: string;
  /**
   * File system type; means nothing for a bind mount.
   */
  type?: string;
  /**
   * Device, or for a bind mount a path on the host: absolute, or relative to the bundle.
   */
  source?: string;
  /**
   * Options as fstab has them; what is not a generic one goes to the file system.
   */
  options?: string[];
  /**
   * User ids of an id-mapped mount; together with gidMappings.
   */
  uidMappings?: IdMappings;
  /**
   * Group ids of an id-mapped mount; together with uidMappings.
   */
  gidMappings?: IdMappings;
}
/**
 * A range of ids and what it is outside.
 */
export interface IdMapping {
  /**
   * First id inside.
   */
  containerID: number;
  /**
   * First id outside.
   */
  hostID: number;
  /**
   * How many ids.
   */
  size: number;
}
/**
 * Lists of hooks, each run in order.
 */
export interface Hooks {
  /**
   * The old name of what createRuntime is; run before those.
   */
  prestart?: HookList;
  /**
   * On the host, when the namespaces are there, before the root is changed.
   */
  createRuntime?: HookList;
  /**
   * A program of the host in the container's namespaces, before the root is changed.
   */
  createContainer?: HookList;
  /**
   * A program of the container, right before its process is executed.
   */
  startContainer?: HookList;
  /**
   * On the host, when the process has been executed.
   */
  poststart?: HookList;
  /**
   * On the host, when the container has been deleted.
   */
  poststop?: HookList;
}
/**
 * One program; it reads the container's state on its standard input.
 */
export interface Hook {
  /**
   * The program, absolute.
   */
  path: string;
  /**
   * All of argv, with argv[0].
   */
  args?: Strings;
  /**
   * Its environment.
   */
  env?: Strings;
  /**
   * Seconds until it is killed and counts as failed; absent: no limit.
   */
  timeout?: number;
}
/**
 * Arbitrary metadata: names to strings.
 */
export interface Annotations {
  [k: string]: string;
}
/**
 * The Linux part of config.json.
 */
export interface Linux {
  /**
   * Namespaces to make or join; those not listed are the caller's.
   */
  namespaces?: Namespace[];
  /**
   * User ids of the user namespace.
   */
  uidMappings?: IdMappings;
  /**
   * Group ids of the user namespace.
   */
  gidMappings?: IdMappings;
  timeOffsets?: TimeOffsets;
  /**
   * Device nodes beyond the default ones.
   */
  devices?: Device[];
  /**
   * Network interfaces to move in, by their name on the host.
   */
  netDevices?: {
    [k: string]: NetDevice;
  };
  /**
   * Where the container's cgroup is: from the hierarchies' root if absolute; slice:prefix:name under systemd.
   */
  cgroupsPath?: string;
  resources?: Resources;
  rootfsPropagation?: RootfsPropagation;
  seccomp?: Seccomp;
  /**
   * Kernel parameters of the container's own namespaces.
   */
  sysctl?: {
    [k: string]: string;
  };
  /**
   * Absolute paths that the container can't read.
   */
  maskedPaths?: Strings;
  /**
   * Absolute paths that the container can't write.
   */
  readonlyPaths?: Strings;
  /**
   * SELinux context of the mounts.
   */
  mountLabel?: string;
  intelRdt?: IntelRdt;
  memoryPolicy?: MemoryPolicy;
  personality?: Personality;
}
/**
 * A namespace of the container.
 */
export interface Namespace {
  type: NamespaceType;
  /**
   * File of the namespace to join, absolute; absent: a new one is made.
   */
  path?: string;
}
/**
 * Offsets of the time namespace's clocks.
 */
export interface TimeOffsets {
  monotonic?: TimeOffset;
  boottime?: TimeOffset;
}
export interface TimeOffset {
  /**
   * Seconds.
   */
  secs?: number | bigint;
  /**
   * Nanoseconds on top.
   */
  nanosecs?: number;
}
/**
 * A device node.
 */
export interface Device {
  type: DeviceType;
  /**
   * Where, inside the container; absolute.
   */
  path: string;
  /**
   * Needed unless it is a pipe.
   */
  major?: number | bigint;
  /**
   * Needed unless it is a pipe.
   */
  minor?: number | bigint;
  /**
   * Permission bits.
   */
  fileMode?: number;
  /**
   * Owner, inside the container.
   */
  uid?: Id;
  /**
   * Group, inside the container.
   */
  gid?: Id;
}
/**
 * How a network interface is moved.
 */
export interface NetDevice {
  /**
   * Its name inside the container; %d becomes a free number. Absent: as on the host.
   */
  name?: string;
}
/**
 * Limits and device access of the cgroup.
 */
export interface Resources {
  /**
   * Device access rules; a later one wins.
   */
  devices?: DeviceRule[];
  memory?: Memory;
  cpu?: Cpu;
  pids?: Pids;
  blockIO?: BlockIo;
  /**
   * Limits per huge page size.
   */
  hugepageLimits?: HugepageLimit[];
  network?: Network;
  /**
   * Limits per RDMA device.
   */
  rdma?: {
    [k: string]: Rdma;
  };
  /**
   * Files of the cgroup v2 directory and what is written to them.
   */
  unified?: {
    [k: string]: string;
  };
}
/**
 * Allows or denies access to devices.
 */
export interface DeviceRule {
  /**
   * Allows if true.
   */
  allow: boolean;
  type?: DeviceRuleType;
  /**
   * Absent or -1: every one.
   */
  major?: number | bigint;
  /**
   * Absent or -1: every one.
   */
  minor?: number | bigint;
  /**
   * Some of r (read), w (write) and m (mknod).
   */
  access?: string;
}
/**
 * Memory limits in bytes; -1 for none.
 */
export interface Memory {
  /**
   * Hard limit.
   */
  limit?: number | bigint;
  /**
   * Soft limit.
   */
  reservation?: number | bigint;
  /**
   * Limit of memory and swap together.
   */
  swap?: number | bigint;
  /**
   * Kernel memory: kernels no longer have it.
   */
  kernel?: number | bigint;
  /**
   * TCP buffers: kernels no longer have it.
   */
  kernelTCP?: number | bigint;
  /**
   * From 0 to 100; higher swaps sooner.
   */
  swappiness?: number;
  /**
   * Whether processes over the limit wait instead of being killed.
   */
  disableOOMKiller?: boolean;
  /**
   * Whether children count into it; kernels always do now.
   */
  useHierarchy?: boolean;
  /**
   * Whether an update below the present usage is refused.
   */
  checkBeforeUpdate?: boolean;
}
/**
 * CPU time and placement.
 */
export interface Cpu {
  /**
   * Relative weight, as cgroup v1 counts it.
   */
  shares?: number | bigint;
  /**
   * Microseconds of CPU time in each period; negative for no limit.
   */
  quota?: number | bigint;
  /**
   * Microseconds that can be saved up and used on top of the quota.
   */
  burst?: number | bigint;
  /**
   * Length of a period in microseconds.
   */
  period?: number | bigint;
  /**
   * Microseconds of real-time scheduling in each real-time period.
   */
  realtimeRuntime?: number | bigint;
  /**
   * Its length in microseconds.
   */
  realtimePeriod?: number | bigint;
  /**
   * CPUs: a list such as 0-3,7.
   */
  cpus?: string;
  /**
   * Memory nodes: a list such as 0-3,7.
   */
  mems?: string;
  /**
   * 1: only what no one else wants.
   */
  idle?: number;
}
/**
 * How many tasks.
 */
export interface Pids {
  /**
   * The highest number of tasks; -1 for no limit.
   */
  limit?: number | bigint;
}
/**
 * Block I/O weights and rates.
 */
export interface BlockIo {
  /**
   * Weight on every device.
   */
  weight?: number;
  /**
   * Weight against the cgroup's children.
   */
  leafWeight?: number;
  weightDevice?: WeightDevice[];
  /**
   * Bytes read per second.
   */
  throttleReadBpsDevice?: ThrottleDevices;
  /**
   * Bytes written per second.
   */
  throttleWriteBpsDevice?: ThrottleDevices;
  /**
   * Reads per second.
   */
  throttleReadIOPSDevice?: ThrottleDevices;
  /**
   * Writes per second.
   */
  throttleWriteIOPSDevice?: ThrottleDevices;
}
/**
 * Weights on one device.
 */
export interface WeightDevice {
  major: number | bigint;
  minor: number | bigint;
  weight?: number;
  leafWeight?: number;
}
/**
 * A rate on one device.
 */
export interface ThrottleDevice {
  major: number | bigint;
  minor: number | bigint;
  rate: number | bigint;
}
/**
 * Limit of one huge page size.
 */
export interface HugepageLimit {
  /**
   * Such as 64KB, 2MB, 1GB.
   */
  pageSize: string;
  /**
   * Bytes.
   */
  limit: number | bigint;
}
/**
 * Tags and priorities of network traffic (cgroup v1).
 */
export interface Network {
  /**
   * Class of the packets (net_cls).
   */
  classID?: number;
  priorities?: InterfacePriority[];
}
/**
 * Priority on one interface (net_prio).
 */
export interface InterfacePriority {
  name: string;
  priority: number;
}
/**
 * Limits of one RDMA device.
 */
export interface Rdma {
  hcaHandles?: number;
  hcaObjects?: number;
}
/**
 * Which system calls the process can make.
 */
export interface Seccomp {
  /**
   * For what no rule speaks of.
   */
  defaultAction: SeccompAction;
  /**
   * The errno of the default action, where it has one; EPERM if absent.
   */
  defaultErrnoRet?: number;
  /**
   * Architectures of system calls; the native one is always there.
   */
  architectures?: SeccompArch[];
  /**
   * Flags of seccomp(2); absent: SPEC_ALLOW where the kernel has it.
   */
  flags?: SeccompFlag[];
  /**
   * Socket of the agent that SCMP_ACT_NOTIFY asks.
   */
  listenerPath?: string;
  /**
   * Passed to the agent as it is; only with listenerPath.
   */
  listenerMetadata?: string;
  syscalls?: SeccompRule[];
}
/**
 * What is done with some system calls.
 */
export interface SeccompRule {
  /**
   * System calls; those that this machine doesn't know are passed over.
   *
   * @minItems 1
   */
  names: string[];
  action: SeccompAction;
  /**
   * The errno of the action, where it has one; EPERM if absent.
   */
  errnoRet?: number;
  /**
   * Conditions on the arguments, all of which must hold.
   */
  args?: SeccompArg[];
}
/**
 * A condition on one argument.
 */
export interface SeccompArg {
  /**
   * Which argument, from 0.
   */
  index: number;
  /**
   * What it is compared with; for MASKED_EQ the mask.
   */
  value: number | bigint;
  /**
   * For MASKED_EQ: the masked value.
   */
  valueTwo?: number | bigint;
  op: SeccompOperator;
}
/**
 * Cache and memory bandwidth allocation (resctrl).
 */
export interface IntelRdt {
  /**
   * Class of service; / for the default one.
   */
  closID?: string;
  /**
   * Lines for the schemata file.
   */
  schemata?: Strings;
  /**
   * Line for the L3 cache.
   */
  l3CacheSchema?: string;
  /**
   * Line for the memory bandwidth, from MB: on.
   */
  memBwSchema?: string;
  /**
   * Whether the container gets a monitoring group of its own.
   */
  enableMonitoring?: boolean;
  enableCMT?: boolean;
  enableMBM?: boolean;
}
/**
 * NUMA policy (set_mempolicy(2)).
 */
export interface MemoryPolicy {
  mode: MemoryPolicyMode;
  /**
   * Memory nodes: a list such as 0-3,7.
   */
  nodes?: string;
  flags?: MemoryPolicyFlag[];
}
/**
 * Execution domain (personality(2)).
 */
export interface Personality {
  domain: PersonalityDomain;
  /**
   * None is defined yet; what is given is passed over with a warning.
   */
  flags?: Strings;
}
/**
 * What only FreeBSD has.
 */
export interface FreeBsd {
  jail?: Jail;
}
/**
 * Parameters of jail(2): those that share something or do not.
 */
export interface Jail {
  host?: JailSharingOrNew;
  ip4?: JailSharing;
  ip6?: JailSharing;
  vnet?: JailSharingOrNew;
  sysvmsg?: JailSharing;
  sysvsem?: JailSharing;
  sysvshm?: JailSharing;
}
