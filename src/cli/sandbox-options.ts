/** The options of `sandbox` and `bundle generate`: as data, and read into what the library takes. */
import { OcirtError } from '../errors.js';
import type { ConfigRequest, Overlay, Volume } from '../sandbox/request.js';
import { textOf } from './options.js';
import { sizeOf } from './size.js';
import type { OptionSpec, OptionValues } from './verb.js';

const OVERLAY_DRIVERS = ['auto', 'kernel', 'fuse'] as const;

/** What config.json is made from. */
export const CONFIG_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'rootfs',
    argument: 'ROOT',
    description: 'a folder, a tar, or an image as oci:DIR:TAG (default: busybox)',
  },
  { name: 'memory', short: 'm', argument: 'SIZE', description: 'memory limit, such as 64M' },
  { name: 'cpus', argument: 'N', description: 'processor limit, such as 0.5' },
  { name: 'pids', argument: 'N', description: 'limit of processes and threads' },
  { name: 'hostname', argument: 'NAME', description: 'host name (default: the name)' },
  {
    name: 'env',
    short: 'e',
    argument: 'K=V',
    description: "set a variable; K alone: as the caller's",
    repeat: true,
  },
  {
    name: 'volume',
    argument: 'SRC:DST[:ro]',
    description: 'a folder or file of the host, and where it is inside',
    repeat: true,
  },
  { name: 'user', short: 'u', argument: 'USER[:GROUP]', description: 'by name or number' },
  { name: 'workdir', short: 'w', argument: 'DIR', description: 'where the command begins' },
  { name: 'read-only', description: 'the root file system cannot be written to' },
  { name: 'overlay', description: 'leave the root untouched: what is written is thrown away' },
  {
    name: 'overlay-keep',
    argument: 'DIR',
    description: 'keep in DIR what is written, and go on with it the next time',
  },
  {
    name: 'overlay-driver',
    argument: 'DRIVER',
    description: "'kernel', 'fuse' (fuse-overlayfs), or 'auto': what works here",
    default: 'auto',
    choices: OVERLAY_DRIVERS,
  },
  {
    name: 'network',
    argument: 'NETWORK',
    description:
      "'none', 'host', 'bridge', and others of docs/networks.md (default: none; with --publish, bridge)",
  },
  {
    name: 'publish',
    short: 'p',
    argument: '[IP:]PORT:PORT[/udp]',
    description: 'lead a port of the host to one of the container',
    repeat: true,
  },
  { name: 'dns', argument: 'IP', description: 'ask this resolver for names', repeat: true },
  {
    name: 'rootless',
    description: 'in a user namespace, also as root; without root it always is',
  },
];

/** Reads them. @throws OcirtError `usage` */
export function configRequest(options: OptionValues, command: readonly string[]): ConfigRequest {
  return {
    rootfs: textOf(options, 'rootfs'),
    memory: positive('memory', sizeOf(textOf(options, 'memory'))),
    cpus: cpusOf(textOf(options, 'cpus')),
    pids: positive('pids', options.count('pids')),
    hostname: hostnameOf(textOf(options, 'hostname')),
    env: options.all('env').map(variableOf),
    volumes: options.all('volume').map(volumeOf),
    user: textOf(options, 'user'),
    workdir: absolute('workdir', textOf(options, 'workdir')),
    readOnly: options.flag('read-only') === true,
    overlay: overlayOf(options),
    network: textOf(options, 'network'),
    publish: options.all('publish'),
    dns: options.all('dns'),
    rootless: options.flag('rootless') === true,
    command,
  };
}

function bad(message: string): OcirtError {
  return new OcirtError('usage', message);
}

function positive(name: string, value: number | undefined): number | undefined {
  if (value === 0) throw bad(`--${name} must be more than 0`);
  return value;
}

/** The kernel's shortest quota is 1 ms of its 100. */
function cpusOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= 0.01 && value <= 100_000) return value;
  throw bad(`--cpus ${text}: give a number of processors from 0.01 on, such as 0.5 or 2`);
}

/** sethostname(2): at most 64 bytes; and what /etc/hosts can hold. */
function hostnameOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(text)) return text;
  throw bad(`--hostname ${text}: letters, digits, "-" and ".", at most 64 of them`);
}

function variableOf(text: string): string {
  if (/^[^=\0]+(=[^\0]*)?$/.test(text)) return text;
  throw bad(`--env ${text}: give NAME=VALUE, or NAME to pass on the caller's`);
}

function absolute(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('/')) return text;
  throw bad(`--${name} ${text}: give an absolute path in the container`);
}

const VOLUME_OPTIONS = ['ro', 'rw', 'nosuid', 'nodev', 'noexec'];

function volumeOf(text: string): Volume {
  const [source = '', target = '', words = '', ...more] = text.split(':');
  if (source === '' || !target.startsWith('/') || more.length > 0) {
    throw bad(`--volume ${text}: give SOURCE:/PATH or SOURCE:/PATH:ro`);
  }
  const options = words === '' ? [] : words.split(',');
  for (const option of options) {
    if (!VOLUME_OPTIONS.includes(option)) {
      throw bad(`--volume ${text}: "${option}" is none of ${VOLUME_OPTIONS.join(', ')}`);
    }
  }
  if (options.includes('ro') && options.includes('rw')) throw bad(`--volume ${text}: ro or rw?`);
  if (target.split('/').every((part) => part === '' || part === '.' || part === '..')) {
    throw bad(`--volume ${text}: the root itself is --rootfs`);
  }
  return {
    source,
    target,
    readOnly: options.includes('ro'),
    options: options.filter((option) => !['ro', 'rw'].includes(option)),
  };
}

function overlayOf(options: OptionValues): Overlay | undefined {
  const keep = textOf(options, 'overlay-keep');
  const word = textOf(options, 'overlay-driver') ?? 'auto';
  const driver = OVERLAY_DRIVERS.find((one) => one === word);
  if (driver === undefined) throw bad(`--overlay-driver ${word}: kernel, fuse or auto`);
  if (options.flag('overlay') !== true && keep === undefined) {
    if (driver !== 'auto') throw bad('--overlay-driver is for --overlay');
    return undefined;
  }
  return { driver, keep };
}
