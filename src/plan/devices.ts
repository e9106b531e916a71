/** Device nodes and the links in /dev. config-linux.md, "Devices" and "Default Devices". */
import type { Device, Mount } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import { isBind } from './mounts.js';
import { cleanAbsolute } from './paths.js';
import type { Step, StepOf } from './plan.js';

/** The nodes that every container has. Their rules are in src/cgroup/devices.ts. */
export const DEFAULT_DEVICES: readonly {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}[] = [
  { path: '/dev/null', major: 1, minor: 3 },
  { path: '/dev/zero', major: 1, minor: 5 },
  { path: '/dev/full', major: 1, minor: 7 },
  { path: '/dev/random', major: 1, minor: 8 },
  { path: '/dev/urandom', major: 1, minor: 9 },
  { path: '/dev/tty', major: 5, minor: 0 },
];

const DEFAULT_MODE = 0o666;

/** Links that the specification names, and what they hold. */
const LINKS: readonly (readonly [string, string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
];

/** Whether /dev is the container's own: not where the caller has bound one there. */
export function needsDevices(mounts: readonly Mount[]): boolean {
  return !mounts.some((mount) => isBind(mount) && cleanAbsolute(mount.destination) === '/dev');
}

function number(value: number | bigint | undefined, what: string, at: string): number {
  if (value === undefined) throw invalid(at, `the device has no ${what} number`);
  const result = Number(value);
  if (result < 0 || result > 0xffffffff) throw invalid(`${at}/${what}`, `invalid ${what} number`);
  return result;
}

function deviceStep(device: Device, at: string, inUserNamespace: boolean): StepOf<'device'> {
  const fifo = device.type === 'p';
  const type = device.type === 'u' ? 'c' : device.type;
  return {
    op: 'device',
    at,
    target: cleanAbsolute(device.path),
    type,
    major: fifo ? 0 : number(device.major, 'major', at),
    minor: fifo ? 0 : number(device.minor, 'minor', at),
    mode: (device.fileMode ?? DEFAULT_MODE) & 0o7777,
    uid: device.uid ?? 0,
    gid: device.gid ?? 0,
    // mknod(2) makes no device for a user namespace, but a fifo it does.
    bind: inUserNamespace && !fifo,
  };
}

/**
 * The default nodes, those of config.linux.devices (which take the place of a default one of the
 * same path), and the links.
 *
 * @param inUserNamespace nodes can't be made: the host's are bound.
 * @param kcore /proc/kcore exists, and /dev/core points to it.
 */
export function deviceSteps(
  devices: readonly Device[],
  inUserNamespace: boolean,
  kcore: boolean,
): Step[] {
  const own = new Set(devices.map((device) => cleanAbsolute(device.path)));
  const steps: Step[] = [];
  for (const device of DEFAULT_DEVICES) {
    if (own.has(device.path)) continue;
    steps.push({
      op: 'device',
      at: '',
      target: device.path,
      type: 'c',
      major: device.major,
      minor: device.minor,
      mode: DEFAULT_MODE,
      uid: 0,
      gid: 0,
      bind: inUserNamespace,
    });
  }
  devices.forEach((device, index) => {
    // /dev/ptmx is always the link below: another instance's would be the host's ptys.
    if (cleanAbsolute(device.path) === '/dev/ptmx') return;
    steps.push(deviceStep(device, `/linux/devices/${index}`, inUserNamespace));
  });
  steps.push({ op: 'symlink', at: '', target: '/dev/ptmx', content: 'pts/ptmx', replace: true });
  const links = kcore ? [...LINKS, ['/dev/core', '/proc/kcore'] as const] : LINKS;
  for (const [target, content] of links) steps.push({ op: 'symlink', at: '', target, content });
  return steps;
}
