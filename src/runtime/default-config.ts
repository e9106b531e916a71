/** The config.json that `spec` writes. */
import type { Config, Mount, Namespace } from '../spec/config.gen.js';
import { SPEC_VERSION } from '../version.js';

/** What a process that is root in name only can do. */
const CAPABILITIES = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

const HARDENED = ['nosuid', 'noexec', 'nodev'];

const MOUNTS: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: [...HARDENED, 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: HARDENED },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...HARDENED, 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: [...HARDENED, 'relatime', 'ro'],
  },
];

/** Files of the kernel that tell of the host, or crash it. */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
];

const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

const NAMESPACES: readonly Namespace[] = [
  { type: 'pid' },
  { type: 'network' },
  { type: 'ipc' },
  { type: 'uts' },
  { type: 'mount' },
];

/** @param cgroupNamespace on v2 hosts the container gets its own view of the hierarchy */
export function defaultConfig(cgroupNamespace: boolean): Config {
  return {
    ociVersion: SPEC_VERSION,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: {
        bounding: CAPABILITIES,
        effective: CAPABILITIES,
        permitted: CAPABILITIES,
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'ocirt',
    mounts: [...MOUNTS],
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces: cgroupNamespace ? [...NAMESPACES, { type: 'cgroup' }] : [...NAMESPACES],
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/**
 * The same for who has no privileges: a user namespace with one id, the host's network and its
 * /sys (a new sysfs takes a network namespace of one's own), no limits, no group but one's own.
 */
export function rootlessConfig(base: Config, uid: number, gid: number): Config {
  const namespaces = (base.linux?.namespaces ?? []).filter(({ type }) => type !== 'network');
  const { resources: _resources, ...linux } = base.linux ?? {};
  return {
    ...base,
    mounts: (base.mounts ?? []).map((mount) => {
      if (mount.destination === '/sys') {
        return {
          destination: '/sys',
          type: 'none',
          source: '/sys',
          options: ['rbind', ...HARDENED, 'ro'],
        };
      }
      if (mount.options === undefined) return mount;
      return { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) };
    }),
    linux: {
      ...linux,
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      namespaces: [...namespaces, { type: 'user' }],
    },
  };
}
