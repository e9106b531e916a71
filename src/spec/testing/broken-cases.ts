/**
 * Broken configs: each is a good one (fixtures.ts) with one thing changed, and the JSON pointer
 * that the refusal must name, reasoned from the specification. The unit tests and the tests on
 * the real kernel both go around this table. It is long because it is a table.
 */
import { parseJson } from '../json.js';
import { GOOD, type JsonObject, toJson } from './fixtures.js';

/** In place of a value: the property or element is removed. */
const REMOVED = Symbol('removed');

type Row = readonly [
  base: keyof typeof GOOD,
  /** Pointer of what is changed. */
  at: string,
  to: unknown,
  /** Pointer that must be named, if it is another one. */
  pointer?: string,
  /** How many faults it makes, if more than one. */
  faults?: number,
];

export interface BrokenCase {
  /** What was changed, and unique. */
  readonly name: string;
  /** The text of the broken config.json. */
  readonly text: string;
  /** The pointer of the first fault. */
  readonly pointer: string;
  /** How many faults there are. */
  readonly faults: number;
}

const MAPPING = { containerID: 0, hostID: 1000, size: 1 };
const LONG = 'x'.repeat(65);
const TOO_BIG = 18446744073709551616n;

const ROWS: readonly Row[] = [
  // config.md, "Specification version"
  ['default', '/ociVersion', REMOVED],
  ['default', '/ociVersion', ''],
  ['default', '/ociVersion', 1],
  ['default', '/ociVersion', '1.0'],
  ['default', '/ociVersion', 'v1.0.0'],
  ['default', '/ociVersion', '1.0.0-'],
  ['default', '/ociVersion', '01.0.0'],
  ['default', '/ociVersion', '2.0.0'],
  ['default', '/ociVersion', '0.5.0'],
  ['podman', '/ociVersion', null],

  // config.md, "Root"
  ['default', '/root', REMOVED],
  ['default', '/root', 'rootfs'],
  ['default', '/root', null],
  ['default', '/root/path', REMOVED],
  ['default', '/root/path', ''],
  ['default', '/root/path', 7],
  ['podman', '/root/path', 'a\0b'],
  ['default', '/root/readonly', 'true'],
  ['default', '/root/readonly', 1],

  // config.md, "Mounts"
  ['default', '/mounts', {}],
  ['default', '/mounts/0', 'proc'],
  ['default', '/mounts/1', null],
  ['default', '/mounts/0/destination', REMOVED],
  ['default', '/mounts/2/destination', ''],
  ['podman', '/mounts/2/destination', ['/dev']],
  ['default', '/mounts/0/type', REMOVED],
  ['default', '/mounts/0/type', 3],
  ['default', '/mounts/1/source', true],
  ['podman', '/mounts/7/source', REMOVED],
  ['podman', '/mounts/7/source', ''],
  ['containerd', '/mounts/7/source', REMOVED],
  ['podman', '/mounts/7/source', '/etc/\0hosts'],
  ['default', '/mounts/1/options', 'nosuid'],
  ['default', '/mounts/1/options/2', 755],
  ['default', '/mounts/1/options/0', 'no\0suid'],
  ['default', '/mounts/1/options/0', 'idmap'],
  ['full', '/mounts/7/options/0', 'ro', '/mounts/7/type', 2],
  ['full', '/mounts/7/uidMappings', REMOVED],
  ['full', '/mounts/7/gidMappings', REMOVED],
  ['full', '/mounts/7/gidMappings', []],
  ['full', '/mounts/7/uidMappings/0/size', 0],
  ['full', '/mounts/7/uidMappings/0/hostID', -1],
  ['containerd', '/mounts/0/uidMappings', [MAPPING], '/mounts/0'],
  ['podman', '/mounts/7/options/1', 'idmap'],

  // config.md, "Process"
  ['default', '/process', REMOVED],
  ['default', '/process', []],
  ['default', '/process', null],
  ['default', '/process/terminal', 'yes'],
  ['full', '/process/consoleSize', [25, 80]],
  ['full', '/process/consoleSize/height', REMOVED],
  ['full', '/process/consoleSize/width', REMOVED],
  ['full', '/process/consoleSize/width', 65536],
  ['full', '/process/consoleSize/height', -1],
  ['default', '/process/cwd', REMOVED],
  ['default', '/process/cwd', ''],
  ['default', '/process/cwd', 'tmp'],
  ['default', '/process/cwd', './'],
  ['default', '/process/cwd', '/a\0'],
  ['default', '/process/env', 'TERM=xterm'],
  ['default', '/process/env/1', 'TERM'],
  ['default', '/process/env/1', '=xterm'],
  ['default', '/process/env/1', ''],
  ['default', '/process/env/1', 5],
  ['default', '/process/env/1', 'A=b\0c'],
  ['default', '/process/args', REMOVED],
  ['default', '/process/args', []],
  ['default', '/process/args', 'sh'],
  ['default', '/process/args/0', ''],
  ['default', '/process/args/0', null],
  ['podman', '/process/args/2', 'echo \0'],
  ['podman', '/process/args/1', 1],

  // config.md, "User"
  ['default', '/process/user', 'root'],
  ['default', '/process/user/uid', REMOVED],
  ['default', '/process/user/gid', REMOVED],
  ['default', '/process/user/uid', -1],
  ['default', '/process/user/uid', 4294967295],
  ['default', '/process/user/gid', 4294967296],
  ['default', '/process/user/gid', 1.5],
  ['default', '/process/user/uid', '0'],
  ['podman', '/process/user/umask', 512],
  ['podman', '/process/user/umask', '0022'],
  ['podman', '/process/user/umask', -1],
  ['podman', '/process/user/additionalGids', 10],
  ['podman', '/process/user/additionalGids/3', -10],
  ['podman', '/process/user/additionalGids/3', 'wheel'],

  // config.md, "POSIX process"
  ['default', '/process/rlimits', {}],
  ['default', '/process/rlimits/0/type', REMOVED],
  ['default', '/process/rlimits/0/type', 'RLIMIT_NOFILES'],
  ['default', '/process/rlimits/0/type', 'NOFILE'],
  ['default', '/process/rlimits/0/soft', REMOVED],
  ['default', '/process/rlimits/0/hard', REMOVED],
  ['default', '/process/rlimits/0/soft', 1025],
  ['default', '/process/rlimits/0/hard', 1023, '/process/rlimits/0/soft'],
  ['default', '/process/rlimits/0/hard', -1],
  ['default', '/process/rlimits/0/hard', TOO_BIG],
  ['default', '/process/rlimits/0/soft', 'unlimited'],
  ['podman', '/process/rlimits/1/type', 'RLIMIT_NOFILE'],
  ['full', '/process/rlimits/0/hard', 18446744073709551614n + 2n],

  // config.md, "Linux Process"
  ['full', '/process/apparmorProfile', 1],
  ['full', '/process/apparmorProfile', 'a\0'],
  ['default', '/process/capabilities', ['CAP_KILL']],
  ['default', '/process/capabilities/bounding', 'CAP_KILL'],
  ['default', '/process/capabilities/effective', {}],
  ['default', '/process/capabilities/permitted/1', 5],
  ['full', '/process/capabilities/inheritable', 'all'],
  ['full', '/process/capabilities/ambient/0', ['CAP_KILL']],
  ['default', '/process/noNewPrivileges', 'yes'],
  ['podman', '/process/oomScoreAdj', 1001],
  ['podman', '/process/oomScoreAdj', -1001],
  ['podman', '/process/oomScoreAdj', '0'],
  ['containerd', '/process/oomScoreAdj', 0.5],
  ['full', '/process/scheduler/policy', REMOVED],
  ['full', '/process/scheduler/policy', 'SCHED_FAIR'],
  ['full', '/process/scheduler/policy', 'deadline'],
  ['full', '/process/scheduler/priority', 1],
  ['full', '/process/scheduler/flags', 'SCHED_FLAG_RECLAIM'],
  ['full', '/process/scheduler/flags/0', 'RESET_ON_FORK'],
  ['full', '/process/scheduler/runtime', -1],
  ['full', '/process/scheduler/runtime', 30000000],
  ['full', '/process/scheduler/runtime', REMOVED],
  ['full', '/process/scheduler/period', 15000000, '/process/scheduler/deadline'],
  ['full', '/process/scheduler', { policy: 'SCHED_OTHER', nice: 20 }, '/process/scheduler/nice'],
  ['full', '/process/scheduler', { policy: 'SCHED_BATCH', nice: -21 }, '/process/scheduler/nice'],
  ['full', '/process/scheduler', { policy: 'SCHED_FIFO' }, '/process/scheduler/priority'],
  [
    'full',
    '/process/scheduler',
    { policy: 'SCHED_RR', priority: 100 },
    '/process/scheduler/priority',
  ],
  [
    'full',
    '/process/scheduler',
    { policy: 'SCHED_OTHER', runtime: 5 },
    '/process/scheduler/runtime',
  ],
  ['full', '/process/scheduler/nice', 2147483648],
  ['full', '/process/selinuxLabel', {}],
  ['full', '/process/ioPriority/class', REMOVED],
  ['full', '/process/ioPriority/class', 'IOPRIO_CLASS_NONE'],
  ['full', '/process/ioPriority/priority', REMOVED],
  ['full', '/process/ioPriority/priority', 8],
  ['full', '/process/ioPriority/priority', -1],
  ['full', '/process/execCPUAffinity/initial', '7-'],
  ['full', '/process/execCPUAffinity/final', '3-0'],
  ['full', '/process/execCPUAffinity/final', 3],

  // config.md, "Hostname", "Domainname"
  ['default', '/hostname', 5],
  ['default', '/hostname', LONG],
  ['default', '/hostname', 'a\0b'],
  ['full', '/domainname', LONG],
  ['full', '/domainname', ['test']],
  ['default', '/linux/namespaces/3', REMOVED, '/hostname'],

  // config.md, "Hooks"
  ['full', '/hooks', []],
  ['full', '/hooks/prestart', {}],
  ['full', '/hooks/createRuntime/0', '/usr/bin/b'],
  ['full', '/hooks/prestart/0/path', REMOVED],
  ['full', '/hooks/prestart/0/path', ''],
  ['full', '/hooks/createRuntime/0/path', 'usr/bin/b'],
  ['full', '/hooks/createContainer/0/path', './c'],
  ['full', '/hooks/startContainer/0/path', 'd'],
  ['full', '/hooks/poststart/0/path', 'e'],
  ['podman', '/hooks/poststop/0/path', 'podman'],
  ['full', '/hooks/prestart/0/args', 'a b'],
  ['full', '/hooks/prestart/0/args/1', false],
  ['full', '/hooks/prestart/0/env', { K: 'V' }],
  ['full', '/hooks/prestart/0/env/0', 'K=\0'],
  ['full', '/hooks/prestart/0/timeout', 0],
  ['full', '/hooks/prestart/0/timeout', -5],
  ['full', '/hooks/prestart/0/timeout', '5s'],

  // config.md, "Annotations"
  ['podman', '/annotations', ['a']],
  ['podman', '/annotations/io.container.manager', 1],
  ['podman', '/annotations/', 'nameless'],
  ['containerd', '/annotations/io.kubernetes.cri.container-type', null],

  // config-linux.md, "Namespaces"
  ['default', '/linux', []],
  ['default', '/linux', 'x'],
  ['default', '/linux/namespaces', { type: 'pid' }],
  ['default', '/linux/namespaces/0', 'pid'],
  ['default', '/linux/namespaces/0/type', REMOVED],
  ['default', '/linux/namespaces/0/type', 'pids'],
  ['default', '/linux/namespaces/1/type', 'net'],
  ['default', '/linux/namespaces/4/type', 'mnt'],
  ['default', '/linux/namespaces/3/type', 'UTS'],
  ['default', '/linux/namespaces/5/type', 'pid'],
  ['podman', '/linux/namespaces/5/type', 'ipc'],
  ['podman', '/linux/namespaces/1/path', 'run/netns/x'],
  ['podman', '/linux/namespaces/1/path', 4],
  ['podman', '/linux/namespaces/1/path', '/run/\0'],

  // config-linux.md, "User namespace mappings"
  ['containerd', '/linux/uidMappings', REMOVED],
  ['containerd', '/linux/gidMappings', []],
  ['default', '/linux/uidMappings', [MAPPING]],
  ['default', '/linux/gidMappings', [MAPPING]],
  ['default', '/linux/namespaces/5/type', 'user', '/linux/namespaces/5'],
  ['containerd', '/linux/uidMappings/0/containerID', REMOVED],
  ['containerd', '/linux/uidMappings/0/hostID', REMOVED],
  ['containerd', '/linux/gidMappings/0/size', REMOVED],
  ['containerd', '/linux/gidMappings/0/size', 0],
  ['containerd', '/linux/gidMappings/0/size', 4294967296],
  ['containerd', '/linux/uidMappings/0/hostID', 4294967295],
  ['containerd', '/linux/uidMappings/0/containerID', '0'],
  ['full', '/linux/uidMappings/1/containerID', 0],
  ['full', '/linux/uidMappings/1/hostID', 1000],

  // config-linux.md, "Offset for Time Namespace"
  ['full', '/linux/timeOffsets', 5],
  ['full', '/linux/timeOffsets/monotonic', 5],
  ['full', '/linux/timeOffsets/realtime', { secs: 1 }],
  ['full', '/linux/timeOffsets/monotonic/secs', 'x'],
  ['full', '/linux/timeOffsets/monotonic/secs', 9223372036854775808n],
  ['full', '/linux/timeOffsets/monotonic/nanosecs', 1000000000],
  ['full', '/linux/timeOffsets/monotonic/nanosecs', -1],
  ['full', '/linux/namespaces/7', REMOVED, '/linux/timeOffsets'],
  ['full', '/linux/namespaces/7/path', '/proc/1/ns/time', '/linux/timeOffsets'],

  // config-linux.md, "Devices"
  ['full', '/linux/devices', {}],
  ['full', '/linux/devices/0/type', REMOVED],
  ['full', '/linux/devices/0/type', 'a'],
  ['full', '/linux/devices/0/type', 'char'],
  ['full', '/linux/devices/0/path', REMOVED],
  ['full', '/linux/devices/0/path', 'dev/fuse'],
  ['full', '/linux/devices/0/path', '/dev/fu\0se'],
  ['full', '/linux/devices/1/path', '/dev/fuse'],
  ['full', '/linux/devices/0/major', REMOVED],
  ['full', '/linux/devices/1/minor', REMOVED],
  ['full', '/linux/devices/0/major', -1],
  ['full', '/linux/devices/0/major', 4096],
  ['full', '/linux/devices/0/minor', 1048576],
  ['full', '/linux/devices/2/type', 'c', '/linux/devices/2/major', 2],
  ['full', '/linux/devices/0/fileMode', '0666'],
  ['full', '/linux/devices/0/fileMode', -1],
  ['full', '/linux/devices/0/uid', 4294967295],
  ['full', '/linux/devices/0/gid', 'tty'],

  // config-linux.md, "Network Devices"
  ['full', '/linux/netDevices', ['eth0']],
  ['full', '/linux/netDevices/eth0', 'eth0'],
  ['full', '/linux/netDevices/eth0/name', 23],
  ['full', '/linux/netDevices/eth0/name', 'a/b'],
  ['full', '/linux/netDevices/eth0/name', '0123456789abcdef'],
  ['full', '/linux/netDevices/eth0/name', '..'],
  ['full', '/linux/netDevices/eth0/name', 'eth1', '/linux/netDevices/eth1'],
  ['full', '/linux/netDevices/a b', {}],
  ['containerd', '/linux/netDevices', { 'e:0': {} }, '/linux/netDevices/e:0'],
  [
    'default',
    '/linux',
    { namespaces: [{ type: 'uts' }], netDevices: { eth0: {} } },
    '/linux/netDevices',
  ],

  // config-linux.md, "Control groups"
  ['podman', '/linux/cgroupsPath', 5],
  ['podman', '/linux/cgroupsPath', '/a/../../b'],
  ['podman', '/linux/cgroupsPath', '..'],
  ['podman', '/linux/cgroupsPath', '/a\0'],
  ['podman', '/linux/resources', []],
  ['default', '/linux/resources/devices', {}],
  ['default', '/linux/resources/devices/0/allow', REMOVED],
  ['default', '/linux/resources/devices/0/allow', 'false'],
  ['default', '/linux/resources/devices/0/access', REMOVED],
  ['default', '/linux/resources/devices/0/access', ''],
  ['default', '/linux/resources/devices/0/access', 'rwx'],
  ['default', '/linux/resources/devices/0/access', 'rr'],
  ['containerd', '/linux/resources/devices/1/type', 'p'],
  ['containerd', '/linux/resources/devices/1/type', 'char'],
  ['containerd', '/linux/resources/devices/1/major', -2],
  ['containerd', '/linux/resources/devices/1/minor', '*'],
  ['podman', '/linux/resources/memory', 67108864],
  ['podman', '/linux/resources/memory/limit', '64m'],
  ['podman', '/linux/resources/memory/limit', -2],
  ['podman', '/linux/resources/memory/limit', 9223372036854775808n],
  ['podman', '/linux/resources/memory/limit', REMOVED, '/linux/resources/memory/swap'],
  ['podman', '/linux/resources/memory/swap', 67108863],
  ['full', '/linux/resources/memory/reservation', -2],
  ['full', '/linux/resources/memory/kernel', 1.5],
  ['full', '/linux/resources/memory/kernelTCP', -3],
  ['full', '/linux/resources/memory/swappiness', 101],
  ['full', '/linux/resources/memory/swappiness', -1],
  ['full', '/linux/resources/memory/disableOOMKiller', 'no'],
  ['full', '/linux/resources/memory/useHierarchy', 0],
  ['full', '/linux/resources/memory/checkBeforeUpdate', 1],
  ['containerd', '/linux/resources/cpu/shares', -2],
  ['containerd', '/linux/resources/cpu/shares', '2'],
  ['podman', '/linux/resources/cpu/quota', 999],
  ['podman', '/linux/resources/cpu/period', 999],
  ['podman', '/linux/resources/cpu/period', 1000001],
  ['podman', '/linux/resources/cpu/period', -1],
  ['full', '/linux/resources/cpu/burst', 1000001],
  ['full', '/linux/resources/cpu/realtimeRuntime', 1000001],
  ['full', '/linux/resources/cpu/realtimePeriod', 'x'],
  ['full', '/linux/resources/cpu/cpus', 'two'],
  ['full', '/linux/resources/cpu/cpus', '3-2'],
  ['full', '/linux/resources/cpu/mems', '0,,1'],
  ['full', '/linux/resources/cpu/mems', 0],
  ['full', '/linux/resources/cpu/idle', 2],
  ['full', '/linux/resources/cpu/idle', -1],
  ['podman', '/linux/resources/pids', 2048],
  ['podman', '/linux/resources/pids/limit', '2048'],
  ['podman', '/linux/resources/pids/limit', -2],
  ['full', '/linux/resources/blockIO/weight', 1001],
  ['full', '/linux/resources/blockIO/leafWeight', 65536],
  ['full', '/linux/resources/blockIO/weightDevice/0/major', REMOVED],
  ['full', '/linux/resources/blockIO/weightDevice/0/minor', -1],
  ['full', '/linux/resources/blockIO/weightDevice/0/leafWeight', 2000],
  [
    'full',
    '/linux/resources/blockIO/weightDevice/0',
    { major: 8, minor: 0 },
    '/linux/resources/blockIO/weightDevice/0',
  ],
  ['full', '/linux/resources/blockIO/throttleReadBpsDevice/0/rate', REMOVED],
  ['full', '/linux/resources/blockIO/throttleWriteBpsDevice/0/rate', TOO_BIG],
  ['full', '/linux/resources/blockIO/throttleReadIOPSDevice', {}],
  ['full', '/linux/resources/blockIO/throttleWriteIOPSDevice/0/major', -8],
  ['full', '/linux/resources/hugepageLimits/0/pageSize', '2mb'],
  ['full', '/linux/resources/hugepageLimits/0/pageSize', '0MB'],
  ['full', '/linux/resources/hugepageLimits/1/pageSize', '2MB'],
  ['full', '/linux/resources/hugepageLimits/1/limit', -1],
  ['full', '/linux/resources/hugepageLimits/1/pageSize', REMOVED],
  ['full', '/linux/resources/network/classID', '0x100001'],
  ['full', '/linux/resources/network/priorities/0/name', REMOVED],
  ['full', '/linux/resources/network/priorities/0/priority', -1],
  ['full', '/linux/resources/rdma/mlx5_1/hcaHandles', 'many'],
  ['full', '/linux/resources/rdma/rxe3/hcaObjects', REMOVED, '/linux/resources/rdma/rxe3'],
  ['full', '/linux/resources/unified/io.max', 5],
  ['full', '/linux/resources/unified/..~1memory.max', '1'],
  ['full', '/linux/resources/unified/memory', '1'],
  ['full', '/linux/resources/unified/.max', '1'],

  // config-linux.md, "IntelRdt"
  ['full', '/linux/intelRdt/closID', '..'],
  ['full', '/linux/intelRdt/closID', 'a/b'],
  ['full', '/linux/intelRdt/memBwSchema', 'L3:0=1'],
  ['full', '/linux/intelRdt/memBwSchema', 'MB:0=20\nMB:1=30'],
  ['full', '/linux/intelRdt/schemata/0', 'L3:0=1\nL3:1=1'],
  ['full', '/linux/intelRdt/schemata', 'L3:0=1'],
  ['full', '/linux/intelRdt/enableMonitoring', 'on'],

  // config-linux.md, "Memory policy"
  ['full', '/linux/memoryPolicy/mode', REMOVED],
  ['full', '/linux/memoryPolicy/mode', 'MPOL_BOUND'],
  ['full', '/linux/memoryPolicy/mode', 'MPOL_LOCAL', '/linux/memoryPolicy/nodes'],
  ['full', '/linux/memoryPolicy/nodes', 'a-b'],
  ['full', '/linux/memoryPolicy/nodes', REMOVED],
  ['full', '/linux/memoryPolicy/flags/0', 'MPOL_F_STATIC'],
  [
    'full',
    '/linux/memoryPolicy/flags',
    ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'],
    '/linux/memoryPolicy/flags/1',
  ],

  // config-linux.md, "Sysctl"
  ['podman', '/linux/sysctl', ['a=b']],
  ['podman', '/linux/sysctl/net.ipv4.ping_group_range', 0],
  ['podman', '/linux/sysctl/vm.swappiness', '1'],
  ['podman', '/linux/sysctl/kernel.hostname', 'x'],
  ['podman', '/linux/sysctl/user.max_user_namespaces', '1'],
  ['podman', '/linux/sysctl/kernel.core_pattern', '|/x'],
  ['podman', '/linux/sysctl/net~1..~1kernel~1core_pattern', '|/x'],
  ['podman', '/linux/sysctl/net..ipv4', '1'],
  ['podman', '/linux/namespaces/1', { type: 'time' }, '/linux/sysctl/net.ipv4.ping_group_range'],
  ['full', '/linux/namespaces/3', REMOVED, '/linux/sysctl/kernel.shmmax', 2],

  // config-linux.md, "Seccomp"
  ['podman', '/linux/seccomp', []],
  ['podman', '/linux/seccomp/defaultAction', REMOVED],
  ['podman', '/linux/seccomp/defaultAction', 'SCMP_ACT_DENY'],
  ['podman', '/linux/seccomp/defaultAction', 'SCMP_ACT_NOTIFY'],
  ['podman', '/linux/seccomp/defaultAction', 'SCMP_ACT_KILL', '/linux/seccomp/defaultErrnoRet'],
  ['podman', '/linux/seccomp/defaultErrnoRet', 4096],
  ['podman', '/linux/seccomp/defaultErrnoRet', -1],
  ['podman', '/linux/seccomp/architectures/0', 'x86_64'],
  ['podman', '/linux/seccomp/architectures', 'SCMP_ARCH_X86'],
  ['podman', '/linux/seccomp/flags', ['SECCOMP_FILTER_FLAG_SYNC'], '/linux/seccomp/flags/0'],
  ['podman', '/linux/seccomp/listenerMetadata', 'x'],
  ['full', '/linux/seccomp/listenerPath', REMOVED, '/linux/seccomp/listenerPath', 2],
  ['full', '/linux/seccomp/listenerPath', 5],
  ['full', '/linux/seccomp/syscalls/1/names/0', 'write'],
  ['podman', '/linux/seccomp/syscalls', {}],
  ['podman', '/linux/seccomp/syscalls/0/names', REMOVED],
  ['podman', '/linux/seccomp/syscalls/0/names', []],
  ['podman', '/linux/seccomp/syscalls/0/names', 'read'],
  ['podman', '/linux/seccomp/syscalls/0/names/1', ''],
  ['podman', '/linux/seccomp/syscalls/0/names/1', 1],
  ['podman', '/linux/seccomp/syscalls/0/action', REMOVED],
  ['podman', '/linux/seccomp/syscalls/0/action', 'ALLOW'],
  ['podman', '/linux/seccomp/syscalls/0/errnoRet', 1],
  ['podman', '/linux/seccomp/syscalls/1/errnoRet', 65536],
  ['podman', '/linux/seccomp/syscalls/2/args', {}],
  ['podman', '/linux/seccomp/syscalls/2/args/0/index', 6],
  ['podman', '/linux/seccomp/syscalls/2/args/0/index', -1],
  ['podman', '/linux/seccomp/syscalls/2/args/0/index', REMOVED],
  ['podman', '/linux/seccomp/syscalls/2/args/0/value', REMOVED],
  ['podman', '/linux/seccomp/syscalls/2/args/0/value', -1],
  ['podman', '/linux/seccomp/syscalls/2/args/0/value', TOO_BIG],
  ['podman', '/linux/seccomp/syscalls/2/args/0/value', '0xffffffff'],
  ['podman', '/linux/seccomp/syscalls/2/args/0/op', REMOVED],
  ['podman', '/linux/seccomp/syscalls/2/args/0/op', 'EQ'],
  ['podman', '/linux/seccomp/syscalls/3/args/0/valueTwo', TOO_BIG],

  // config-linux.md, the rest
  ['full', '/linux/rootfsPropagation', 'sharde'],
  ['full', '/linux/rootfsPropagation', true],
  ['default', '/linux/maskedPaths', '/proc/kcore'],
  ['default', '/linux/maskedPaths/1', 'proc/kcore'],
  ['default', '/linux/maskedPaths/1', 7],
  ['default', '/linux/readonlyPaths/0', './proc'],
  ['default', '/linux/readonlyPaths/0', ''],
  ['default', '/linux/readonlyPaths/0', '/proc\0'],
  ['containerd', '/linux/namespaces/3', { type: 'time' }, '/linux/maskedPaths', 2],
  ['full', '/linux/mountLabel', 1],
  ['full', '/linux/personality/domain', REMOVED],
  ['full', '/linux/personality/domain', 'LINUX64'],
  ['full', '/linux/personality/flags', 'ADDR_NO_RANDOMIZE'],
];

/** The whole table. The cases' names are unique. */
export function brokenCases(): BrokenCase[] {
  return ROWS.map(([base, at, to, pointer = at, faults = 1]) => {
    const config = parseJson(toJson(GOOD[base])) as JsonObject;
    change(config, at, to);
    const shown = to === REMOVED ? 'removed' : toJson(to).replace(/\s+/g, ' ').slice(0, 60);
    return { name: `${base}: ${at} ${shown}`, text: `${toJson(config)}\n`, pointer, faults };
  });
}

function change(config: JsonObject, pointer: string, to: unknown): void {
  const parts = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = parts.pop() ?? '';
  let inside = config as Record<string, unknown>;
  for (const part of parts) {
    inside = inside[part] as Record<string, unknown>;
    if (inside === undefined) throw new Error(`${pointer}: nothing at ${part}`);
  }
  if (to !== REMOVED) inside[last] = to;
  else if (Array.isArray(inside)) inside.splice(Number(last), 1);
  else delete inside[last];
}
