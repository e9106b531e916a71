/**
 * The config.json that tests begin with: what `runc spec` writes, without a terminal, with the
 * payload program as the process. A test changes what it is about.
 */

import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { IDENTITY } from './groups.js';

export interface Mount {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
  [key: string]: unknown;
}

export interface Namespace {
  type: string;
  path?: string;
}

export interface Mapping {
  containerID: number;
  hostID: number;
  size: number;
}

export interface ProcessConfig {
  terminal: boolean;
  consoleSize?: { height: number; width: number };
  user: { uid: number; gid: number; umask?: number; additionalGids?: number[] };
  args: string[];
  env: string[];
  cwd: string;
  capabilities?: Partial<
    Record<'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient', string[]>
  >;
  rlimits?: { type: string; soft: number | bigint; hard: number | bigint }[];
  noNewPrivileges?: boolean;
  oomScoreAdj?: number;
  [key: string]: unknown;
}

export interface Hook {
  path: string;
  args?: string[];
  env?: string[];
  timeout?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: tests put in anything, wrong things too
type Anything = any;

export interface Config {
  ociVersion: string;
  process: ProcessConfig;
  root: { path: string; readonly?: boolean };
  hostname?: string;
  domainname?: string;
  mounts: Mount[];
  hooks?: Record<string, Hook[]>;
  annotations?: Record<string, string>;
  linux: {
    namespaces: Namespace[];
    uidMappings?: Mapping[];
    gidMappings?: Mapping[];
    cgroupsPath?: string;
    maskedPaths?: string[];
    readonlyPaths?: string[];
    devices?: Record<string, unknown>[];
    resources?: Anything;
    sysctl?: Record<string, string>;
    seccomp?: Anything;
    rootfsPropagation?: string;
    [key: string]: Anything;
  };
  [key: string]: unknown;
}

export type Change = (config: Config) => void;

/** What `process.capabilities` of the base config holds in three of its sets. */
export const BASE_CAPABILITIES = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'] as const;

/** For an ordinary user: a user namespace in which he is root, and his range of ids is the rest. */
function rootless(config: Config): Config {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  // Device rules are for root alone.
  if (IDENTITY !== 'root') config.linux.resources = {};
  if (uid === 0) return config;
  const range = (file: string) => {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${userInfo().username}:`));
    const [, first, size] = line?.split(':') ?? [];
    return { containerID: 1, hostID: Number(first), size: Number(size) };
  };
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: uid, size: 1 }, range('/etc/subuid')];
  config.linux.gidMappings = [{ containerID: 0, hostID: gid, size: 1 }, range('/etc/subgid')];
  return config;
}

export function baseConfig(): Config {
  return rootless({
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['/payload', 'print', 'hello'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: {
        bounding: [...BASE_CAPABILITIES],
        effective: [...BASE_CAPABILITIES],
        permitted: [...BASE_CAPABILITIES],
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'box',
    mounts: [
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
        options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
      },
      {
        destination: '/dev/mqueue',
        type: 'mqueue',
        source: 'mqueue',
        options: ['nosuid', 'noexec', 'nodev'],
      },
      {
        destination: '/sys',
        type: 'sysfs',
        source: 'sysfs',
        options: ['nosuid', 'noexec', 'nodev', 'ro'],
      },
      {
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
      },
    ],
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces: [
        { type: 'pid' },
        { type: 'network' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
      ],
      maskedPaths: [
        '/proc/acpi',
        '/proc/asound',
        '/proc/kcore',
        '/proc/keys',
        '/proc/latency_stats',
        '/proc/timer_list',
        '/proc/timer_stats',
        '/proc/sched_debug',
        '/sys/firmware',
        '/proc/scsi',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  });
}

/** JSON text with 64-bit integers kept: bigint members become bare numbers. */
export function toJson(value: unknown): string {
  const marked = JSON.stringify(
    value,
    (_key, member) => (typeof member === 'bigint' ? `@bigint:${member}` : member),
    2,
  );
  return marked.replace(/"@bigint:(-?\d+)"/g, '$1');
}

/** The namespaces of the base config but those of the given types. */
export function without(config: Config, ...types: string[]): Namespace[] {
  return config.linux.namespaces.filter((namespace) => !types.includes(namespace.type));
}

const nested = IDENTITY === 'root in a user namespace';

/** The first of the ids that containers may have: root of a user namespace has few to give. */
export const FIRST_ID = nested ? 1 : 100000;

/** 65536 of them, or all that there are but root. */
export const MAPPED: readonly Mapping[] = [
  { containerID: 0, hostID: FIRST_ID, size: nested ? 65535 : 65536 },
];

/** A user namespace that maps 0..65535 to FIRST_ID.. on the host; an ordinary user's has one already. */
export function withUserNamespace(config: Config): void {
  if (config.linux.namespaces.some(({ type }) => type === 'user')) return;
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [...MAPPED];
  config.linux.gidMappings = [...MAPPED];
}

/** The id that one of the container's is outside of its user namespace. */
export function outside(config: Config, id: number): number {
  const range = config.linux.uidMappings?.find(
    ({ containerID, size }) => id >= containerID && id < containerID + size,
  );
  return range === undefined ? id : range.hostID + id - range.containerID;
}

/**
 * Joins namespaces of a process. One of an ordinary user's container has to be in its user namespace
 * for that.
 */
export function join(
  config: Config,
  pid: number,
  ...types: readonly (readonly [type: string, link: string])[]
): void {
  const all = [...types];
  const mapped = config.linux.namespaces.some(({ type }) => type === 'user');
  if (mapped && !all.some(([type]) => type === 'user')) all.push(['user', 'user']);
  config.linux.namespaces = [
    ...without(config, ...all.map(([type]) => type)),
    ...all.map(([type, link]) => ({ type, path: `/proc/${pid}/ns/${link}` })),
  ];
}
