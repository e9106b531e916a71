/** The config.json files of the bench: the plain one of the tests, and what engines write. */

import { baseConfig, type Config } from '../../conformance/lib/config.js';
import { containerdSeccomp, podmanSeccomp } from './seccomp.js';

const NAMESPACES = ['pid', 'network', 'ipc', 'uts', 'mount'];
const HARDENED = ['nosuid', 'noexec', 'nodev'];
const MEMORY_LIMIT = 256 * 1024 * 1024;
const ONE_CPU = { quota: 100_000, period: 100_000 };

const PODMAN_CAPABILITIES = [
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT',
];
const CONTAINERD_CAPABILITIES = [
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP',
  'NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE',
];

function capabilities(lines: string[]): NonNullable<Config['process']['capabilities']> {
  const names = lines
    .join(' ')
    .split(' ')
    .map((name) => `CAP_${name}`);
  return { bounding: names, effective: names, permitted: names };
}

/** What `runc spec` writes, in its essentials: the base of all comparisons. */
export function plainConfig(args: string[]): Config {
  const config = baseConfig();
  config.process.args = args;
  config.root.readonly = false;
  // Runtimes differ much in what they show of v1 cgroups here; the engines' configs have it.
  config.mounts = config.mounts.filter((mount) => mount.type !== 'cgroup');
  return config;
}

/**
 * What `podman run --memory 256m --pids-limit 100 --cpus 1` (4.3) writes. `files` is a folder with
 * the files hostname, hosts and containerenv and the folder shm, which Podman binds.
 */
export function podmanConfig(args: string[], files: string, cgroupsPath: string): Config {
  const config = plainConfig(args);
  const bind = (destination: string, name: string, options: string[] = []) => ({
    destination,
    type: 'bind',
    source: `${files}/${name}`,
    options: ['bind', 'rprivate', ...options],
  });
  const mount = (destination: string, type: string, options: string[]) => ({
    destination,
    type,
    source: type,
    options,
  });
  const { rlimits: _rlimits, noNewPrivileges: _none, ...process } = config.process;
  return {
    ...config,
    ociVersion: '1.0.2-dev',
    process: {
      ...process,
      user: { uid: 0, gid: 0, umask: 0o22 },
      env: [...process.env, 'HOSTNAME=0123456789ab'],
      capabilities: capabilities(PODMAN_CAPABILITIES),
    },
    hostname: '0123456789ab',
    mounts: [
      mount('/proc', 'proc', HARDENED),
      mount('/dev', 'tmpfs', ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=65536k']),
      mount('/sys', 'sysfs', [...HARDENED, 'ro']),
      ...config.mounts.filter(({ destination }) => destination === '/dev/pts'),
      mount('/dev/mqueue', 'mqueue', HARDENED),
      bind('/etc/hostname', 'hostname'),
      bind('/etc/hosts', 'hosts'),
      bind('/dev/shm', 'shm', HARDENED),
      bind('/run/.containerenv', 'containerenv'),
      mount('/sys/fs/cgroup', 'cgroup', ['rprivate', ...HARDENED, 'relatime', 'ro']),
    ],
    annotations: {
      'io.container.manager': 'libpod',
      'io.kubernetes.cri-o.Created': '2024-01-01T00:00:00Z',
      'io.kubernetes.cri-o.TTY': 'false',
      'io.podman.annotations.autoremove': 'TRUE',
      'io.podman.annotations.init': 'FALSE',
      'io.podman.annotations.privileged': 'FALSE',
      'io.podman.annotations.publish-all': 'FALSE',
      'org.opencontainers.image.stopSignal': '15',
    },
    linux: {
      sysctl: { 'net.ipv4.ping_group_range': '0 0' },
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: { limit: MEMORY_LIMIT, swap: 2 * MEMORY_LIMIT },
        cpu: ONE_CPU,
        pids: { limit: 100 },
      },
      cgroupsPath,
      namespaces: NAMESPACES.map((type) => ({ type })),
      seccomp: podmanSeccomp(),
      maskedPaths: [
        ...(config.linux.maskedPaths ?? []).filter((path) => path !== '/proc/asound'),
        '/sys/fs/selinux',
        '/sys/dev/block',
      ],
      readonlyPaths: ['/proc/asound', ...(config.linux.readonlyPaths ?? [])],
    },
  };
}

/** The devices that containerd allows beside the wish to refuse all, as major and minor. */
const CONTAINERD_DEVICES: [number, number?][] = [
  [1, 3],
  [1, 8],
  [1, 7],
  [5, 0],
  [1, 5],
  [1, 9],
  [5, 1],
  [136],
  [5, 2],
];

/** What `ctr run --seccomp --memory-limit 256M --cpus 1` (containerd 1.6) writes. */
export function containerdConfig(args: string[], cgroupsPath: string): Config {
  const config = plainConfig(args);
  const { hostname: _hostname, ...rest } = config;
  return {
    ...rest,
    ociVersion: '1.0.2-dev',
    process: { ...config.process, capabilities: capabilities(CONTAINERD_CAPABILITIES) },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: HARDENED },
      ...config.mounts.slice(1),
      {
        destination: '/run',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
    ],
    linux: {
      ...config.linux,
      resources: {
        devices: [
          { allow: false, access: 'rwm' },
          ...CONTAINERD_DEVICES.map(([major, minor]) => ({
            allow: true,
            type: 'c',
            major,
            ...(minor !== undefined && { minor }),
            access: 'rwm',
          })),
        ],
        memory: { limit: MEMORY_LIMIT },
        cpu: { shares: 1024, ...ONE_CPU },
      },
      cgroupsPath,
      namespaces: NAMESPACES.map((type) => ({ type })),
      seccomp: containerdSeccomp(),
    },
  };
}
