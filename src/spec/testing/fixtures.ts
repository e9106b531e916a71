/**
 * Good configs for tests: what the runtime's own `spec` verb, Podman and containerd write by
 * default, and one that uses everything.
 */

type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

export type JsonObject = { [key: string]: Json };

const CAPABILITIES = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

const MASKED = ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'];

const READONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

function mount(
  destination: string,
  type: string,
  source: string,
  ...options: string[]
): JsonObject {
  return { destination, type, source, ...(options.length > 0 ? { options } : {}) };
}

const SYSTEM_MOUNTS = [
  mount('/proc', 'proc', 'proc', 'nosuid', 'noexec', 'nodev'),
  mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
  mount('/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'mode=0620', 'gid=5'),
  mount('/dev/shm', 'tmpfs', 'shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'),
  mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
  mount('/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'),
  mount('/sys/fs/cgroup', 'cgroup', 'cgroup', 'nosuid', 'noexec', 'nodev', 'relatime', 'ro'),
];

const namespaces = (...types: string[]): Json[] => types.map((type) => ({ type }));

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const DEFAULT: JsonObject = {
  ociVersion: '1.3.0',
  process: {
    terminal: true,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: [PATH, 'TERM=xterm'],
    cwd: '/',
    capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'ocirt',
  mounts: SYSTEM_MOUNTS,
  linux: {
    resources: { devices: [{ allow: false, access: 'rwm' }] },
    namespaces: namespaces('pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'),
    maskedPaths: MASKED,
    readonlyPaths: READONLY,
  },
};

export const PODMAN: JsonObject = {
  ociVersion: '1.0.2-dev',
  process: {
    user: { uid: 0, gid: 0, umask: 18, additionalGids: [0, 1, 2, 10] },
    args: ['/bin/sh', '-c', 'echo hello'],
    env: [PATH, 'TERM=xterm', 'container=podman', 'HOSTNAME=8d1f4c0a77be', 'HOME=/root'],
    cwd: '/',
    capabilities: {
      bounding: ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SYS_CHROOT'],
      effective: ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SYS_CHROOT'],
      inheritable: ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SYS_CHROOT'],
      permitted: ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SYS_CHROOT'],
    },
    rlimits: [
      { type: 'RLIMIT_NOFILE', hard: 1048576, soft: 1048576 },
      { type: 'RLIMIT_NPROC', hard: 4194304, soft: 4194304 },
    ],
    apparmorProfile: '',
    oomScoreAdj: 0,
  },
  root: { path: '/var/lib/containers/storage/overlay/0d5c/merged' },
  hostname: '8d1f4c0a77be',
  mounts: [
    ...SYSTEM_MOUNTS,
    mount('/etc/hosts', 'bind', '/run/containers/storage/userdata/hosts', 'bind', 'rprivate'),
    mount(
      '/run/.containerenv',
      'bind',
      '/run/containers/storage/.containerenv',
      'bind',
      'rprivate',
    ),
  ],
  hooks: { poststop: [{ path: '/usr/bin/podman', args: ['podman', 'container', 'cleanup'] }] },
  annotations: {
    'io.container.manager': 'libpod',
    'io.podman.annotations.init': 'FALSE',
    'org.opencontainers.image.stopSignal': '15',
  },
  linux: {
    sysctl: { 'net.ipv4.ping_group_range': '0 0' },
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      memory: { limit: 67108864, swap: 134217728 },
      cpu: { quota: 50000, period: 100000 },
      pids: { limit: 2048 },
    },
    cgroupsPath: '/libpod_parent/libpod-8d1f4c0a77be1212121212121212121212121212',
    namespaces: [
      ...namespaces('pid'),
      { type: 'network', path: '/run/netns/netns-1a2b' },
      ...namespaces('ipc', 'uts', 'mount', 'cgroup'),
    ],
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
      syscalls: [
        { names: ['read', 'write', 'close', 'execve'], action: 'SCMP_ACT_ALLOW' },
        { names: ['bdflush', 'io_pgetevents'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
        {
          names: ['personality'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 4294967295, op: 'SCMP_CMP_EQ' }],
        },
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 2114060288, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    },
    maskedPaths: MASKED,
    readonlyPaths: READONLY,
  },
};

export const CONTAINERD: JsonObject = {
  ociVersion: '1.1.0',
  process: {
    user: { uid: 1000, gid: 1000, additionalGids: [1000] },
    args: ['/pause'],
    env: [PATH],
    cwd: '/',
    capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
    rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    noNewPrivileges: true,
    oomScoreAdj: -998,
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'pod-1',
  mounts: [
    ...SYSTEM_MOUNTS,
    mount('/etc/resolv.conf', 'bind', '/etc/resolv.conf', 'rbind', 'ro', 'rprivate'),
  ],
  annotations: { 'io.kubernetes.cri.container-type': 'sandbox' },
  linux: {
    resources: {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
        { allow: true, type: 'c', major: 136, access: 'rwm' },
      ],
      cpu: { shares: 2 },
    },
    cgroupsPath: '/k8s.io/pod-1',
    namespaces: [
      ...namespaces('pid', 'ipc', 'uts', 'mount', 'user'),
      { type: 'network', path: '/var/run/netns/cni-1' },
    ],
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    maskedPaths: MASKED,
    readonlyPaths: READONLY,
  },
};

/** Every property of the specification, in a config that contradicts itself nowhere. */
export const FULL: JsonObject = {
  ociVersion: '1.3.0-rc.1+build.5',
  process: {
    terminal: true,
    consoleSize: { height: 25, width: 80 },
    user: { uid: 1, gid: 1, umask: 63, additionalGids: [5, 6] },
    args: ['sh', '-c', 'true'],
    env: [PATH, 'EMPTY='],
    cwd: '/root',
    capabilities: {
      bounding: CAPABILITIES,
      permitted: CAPABILITIES,
      inheritable: CAPABILITIES,
      effective: ['CAP_KILL'],
      ambient: ['CAP_NET_BIND_SERVICE'],
    },
    rlimits: [
      { type: 'RLIMIT_CORE', hard: 18446744073709551615n, soft: 0 },
      { type: 'RLIMIT_MEMLOCK', hard: 18446744073709551615n, soft: 18446744073709551615n },
    ],
    noNewPrivileges: true,
    apparmorProfile: 'profile',
    oomScoreAdj: 100,
    scheduler: {
      policy: 'SCHED_DEADLINE',
      nice: 0,
      priority: 0,
      flags: ['SCHED_FLAG_RESET_ON_FORK'],
      runtime: 10000000,
      deadline: 20000000,
      period: 20000000,
    },
    selinuxLabel: 'system_u:system_r:svirt_lxc_net_t:s0:c124,c675',
    ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 4 },
    execCPUAffinity: { initial: '7', final: '0-3,7' },
  },
  root: { path: '/srv/rootfs', readonly: false },
  hostname: 'host',
  domainname: 'example.test',
  mounts: [
    ...SYSTEM_MOUNTS,
    {
      destination: '/data',
      source: '/srv/data',
      options: ['rbind', 'ridmap'],
      uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
    },
  ],
  hooks: {
    prestart: [{ path: '/usr/bin/a', args: ['a', 'b'], env: ['K=V'], timeout: 5 }],
    createRuntime: [{ path: '/usr/bin/b' }],
    createContainer: [{ path: '/usr/bin/c' }],
    startContainer: [{ path: '/usr/bin/d' }],
    poststart: [{ path: '/usr/bin/e' }],
    poststop: [{ path: '/usr/bin/f' }],
  },
  annotations: { 'com.example.key': 'value', 'com.example.empty': '' },
  linux: {
    namespaces: namespaces('pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'),
    uidMappings: [
      { containerID: 0, hostID: 1000, size: 1 },
      { containerID: 1, hostID: 100000, size: 65535 },
    ],
    gidMappings: [{ containerID: 0, hostID: 1000, size: 32000 }],
    timeOffsets: { monotonic: { secs: 172800, nanosecs: 5 }, boottime: { secs: -604800 } },
    devices: [
      { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 },
      { path: '/dev/sda', type: 'b', major: 8, minor: 0 },
      { path: '/dev/pipe', type: 'p' },
    ],
    netDevices: { eth0: { name: 'container_eth0' }, eth1: {} },
    cgroupsPath: '/runtime/container',
    resources: {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 10, minor: -1, access: 'rw' },
      ],
      memory: {
        limit: 536870912,
        reservation: 536870912,
        swap: 536870912,
        kernel: -1,
        kernelTCP: -1,
        swappiness: 60,
        disableOOMKiller: false,
        useHierarchy: true,
        checkBeforeUpdate: true,
      },
      cpu: {
        shares: 1024,
        quota: 1000000,
        burst: 1000000,
        period: 500000,
        realtimeRuntime: 950000,
        realtimePeriod: 1000000,
        cpus: '2-3',
        mems: '0-7',
        idle: 1,
      },
      pids: { limit: 32771 },
      blockIO: {
        weight: 10,
        leafWeight: 10,
        weightDevice: [{ major: 8, minor: 0, weight: 500, leafWeight: 300 }],
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 600 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 18446744073709551615n }],
        throttleReadIOPSDevice: [{ major: 8, minor: 16, rate: 300 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 300 }],
      },
      hugepageLimits: [
        { pageSize: '2MB', limit: 9223372036854772000n },
        { pageSize: '64KB', limit: 1000000 },
      ],
      network: { classID: 1048577, priorities: [{ name: 'eth0', priority: 500 }] },
      rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 }, rxe3: { hcaObjects: 10000 } },
      unified: { 'io.max': '259:0 rbps=2097152 wiops=120', 'hugetlb.1GB.max': '1073741824' },
    },
    rootfsPropagation: 'slave',
    seccomp: {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      listenerPath: '/run/agent.sock',
      listenerMetadata: 'MKNOD=/dev/null',
      syscalls: [
        { names: ['getcwd', 'chmod'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
        {
          names: ['mknod'],
          action: 'SCMP_ACT_NOTIFY',
          args: [{ index: 1, value: 18446744073709551615n, valueTwo: 1, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    },
    sysctl: {
      'net.ipv4.ip_forward': '1',
      'net/ipv4/conf/eno2.100/rp_filter': '1',
      'kernel.shmmax': '1024',
      'fs.mqueue.msg_max': '10',
      'kernel.domainname': 'example.test',
      'user.max_user_namespaces': '1',
    },
    maskedPaths: MASKED,
    readonlyPaths: READONLY,
    mountLabel: 'system_u:object_r:svirt_sandbox_file_t:s0:c715,c811',
    intelRdt: {
      closID: 'guaranteed_group',
      schemata: ['L3:0=7f0;1=1f', 'MB:0=20;1=70'],
      l3CacheSchema: 'L3:0=7f0',
      memBwSchema: 'MB:0=20',
      enableMonitoring: true,
    },
    memoryPolicy: { mode: 'MPOL_INTERLEAVE', nodes: '2-3', flags: ['MPOL_F_STATIC_NODES'] },
    personality: { domain: 'LINUX32' },
  },
};

/** The good configs, by name. */
export const GOOD: Readonly<Record<string, JsonObject>> = {
  default: DEFAULT,
  podman: PODMAN,
  containerd: CONTAINERD,
  full: FULL,
};

/** As JSON.stringify with an indent of two, and with bigints as they are. */
export function toJson(value: unknown, indent = ''): string {
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((element) => toJson(element, inner))
    : Object.entries(value).map(([key, v]) => `${JSON.stringify(key)}: ${toJson(v, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
