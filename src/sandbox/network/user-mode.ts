/**
 * A container of who is not root: pasta(1) or slirp4netns(1), an ordinary program of the user's, reads
 * the container's packets from a tap device and talks to the world with sockets of its own.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkFailed, portTaken } from './errors.js';
import { USER_MODE } from './files.js';
import { isThere, markOf } from './marks.js';
import { writeNames } from './names.js';
import { checkFree } from './ports.js';
import { findProgram, searchPath } from './programs.js';
import { portText } from './publish.js';
import { addForward } from './slirp-api.js';
import { parseRoutes } from './subnet.js';
import type {
  AttachTarget,
  NetworkKind,
  NetworkRequest,
  ProcessMark,
  PublishedPort,
  UserModeRecord,
} from './types.js';

const DEVICE = 'eth0';
const READY_MS = 30_000;
const END_MS = 3_000;
const POLL_MS = 10;

/**
 * Runs a program ("$@") until it ends or a process ("$1") does, whichever is first. Neither program
 * ends with the container by itself, at least not in all versions. Leads a process group.
 */
const SUPERVISOR = `
container=$1
shift
"$@" &
program=$!
{ tail --pid="$container" -f /dev/null; kill "$program"; } &
wait "$program"
status=$?
trap '' TERM
kill 0
exit $status
`;

/** How many ports one argument of pasta's has at most: arguments have a greatest length. */
const PORTS_PER_ARGUMENT = 500;

/** The arguments that publish ports. pasta(1), --tcp-ports. */
export function pastaPorts(ports: readonly PublishedPort[]): string[] {
  return (['tcp', 'udp'] as const).flatMap((protocol) => {
    const option = protocol === 'tcp' ? '-t' : '-u';
    const groups = new Map<string, string[]>();
    for (const port of ports.filter((one) => one.protocol === protocol)) {
      const before = port.hostIP === undefined ? '' : `${port.hostIP}/`;
      const specs = groups.get(before) ?? [];
      groups.set(before, [...specs, `${port.hostPort}:${port.containerPort}`]);
    }
    if (groups.size === 0) return [option, 'none'];
    return [...groups].flatMap(([before, specs]) =>
      Array.from({ length: Math.ceil(specs.length / PORTS_PER_ARGUMENT) }, (_, index) =>
        specs.slice(index * PORTS_PER_ARGUMENT, (index + 1) * PORTS_PER_ARGUMENT),
      ).flatMap((some) => [option, `${before}${some.join(',')}`]),
    );
  });
}

const SOCKET = 'slirp.sock';

/** The whole command. Neither lets the container at what listens on the host's loopback only. */
export function commandOf(
  { program, path }: { program: 'pasta' | 'slirp4netns'; path: string },
  pid: number,
  ports: readonly PublishedPort[],
): string[] {
  const { address, prefix, gateway, resolver } = USER_MODE;
  if (program === 'slirp4netns') {
    // Its socket is named from the working directory, for its path may be too long.
    const api = ports.length > 0 ? ['--api-socket', SOCKET] : [];
    const walls = ['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'];
    return [path, '--configure', '--mtu=65520', ...walls, ...api, `${pid}`, DEVICE];
  }
  return [
    path,
    ...['--foreground', '--quiet', '--ipv4-only', '--config-net', '--ns-ifname', DEVICE],
    ...['--address', address, '--netmask', `${prefix}`, '--gateway', gateway],
    ...['--dns-forward', resolver, '--no-map-gw'],
    // What listens in the container on its loopback stays there, and the host's as well.
    ...[...pastaPorts(ports), '-T', 'none', '-U', 'none'],
    `${pid}`,
  ];
}

/** Starts the program, which ends with the container. @throws OcirtError `network-failed`, `port-taken` */
export async function attachUserMode(
  { publish }: NetworkRequest,
  network: Extract<NetworkKind, { kind: 'user-mode' }>,
  { pid, folder }: AttachTarget,
): Promise<UserModeRecord> {
  const container = markOf(pid);
  if (container === undefined) throw networkFailed(ENDED);
  await checkFree(publish, []);
  checkTun();
  const log = `${folder}/network.log`;
  const process = await startProgram(commandOf(network, pid, publish), folder, log, pid);
  const record: UserModeRecord = {
    kind: 'user-mode',
    program: network.program,
    process,
    ports: publish,
    addresses: [USER_MODE.address],
    gateway: USER_MODE.gateway,
  };
  try {
    await ready(record, container, log);
    if (network.program === 'slirp4netns') await forwardAll(folder, publish);
    writeNames(folder, USER_MODE.address);
    return record;
  } catch (error) {
    await detachUserMode(record);
    throw error;
  }
}

const ENDED = 'the container has ended before it was started';

async function startProgram(
  command: readonly string[],
  folder: string,
  log: string,
  pid: number,
): Promise<ProcessMark> {
  const output = openSync(log, 'w', 0o600);
  try {
    const shell = findProgram('sh') ?? '/bin/sh';
    const child = spawn(shell, ['-c', SUPERVISOR, 'network', `${pid}`, ...command], {
      cwd: folder,
      // A session and a process group of its own: it stays when a terminal interrupts the caller.
      detached: true,
      env: { PATH: searchPath() },
      stdio: ['ignore', output, output],
    });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    failed.catch(() => {});
    if (child.pid === undefined) return await failed;
    child.unref();
    // Not reaped yet, so the number is still its own.
    return markOf(child.pid) ?? { pid: child.pid, startTime: '0' };
  } finally {
    closeSync(output);
  }
}

/** Waits until the container has a way out. */
async function ready(record: UserModeRecord, container: ProcessMark, log: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!hasWayOut(container.pid)) {
    if (!isThere(container)) throw networkFailed(ENDED);
    if (!isThere(record.process))
      throw networkFailed(`${record.program}: ${lastWords(readFileSync(log, 'utf8'))}`);
    if (Date.now() > deadline) throw networkFailed(`${record.program} is not ready in time`);
    await sleep(POLL_MS);
  }
}

/** A default route: the last thing that both programs make. */
function hasWayOut(pid: number): boolean {
  try {
    const routes = parseRoutes(readFileSync(`/proc/${pid}/net/route`, 'utf8'));
    return routes.some(({ subnet }) => subnet.prefix === 0);
  } catch {
    return false;
  }
}

/** What it said last, but for what slirp4netns says of itself each time it fails. */
export function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  const own = lines.filter((line) => !/^(WARNING: |child failed)/.test(line));
  return own.at(-1) || lines.at(-1) || 'it has ended without a word';
}

/** Both programs make a tap device in the container: without that file they say little. */
function checkTun(): void {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'EACCES' || code === 'EPERM'
        ? ['may not be opened by this user', 'as root: chmod 666 /dev/net/tun']
        : ['is not there', 'as root: modprobe tun'];
    throw networkFailed(`/dev/net/tun, which it takes to lead out, ${why[0]}`, why[1], error);
  }
}

async function forwardAll(folder: string, ports: readonly PublishedPort[]): Promise<void> {
  if (ports.length === 0) return;
  const fd = openSync(folder, 'r');
  try {
    for (const port of ports) {
      const refused = await addForward(`/proc/self/fd/${fd}/${SOCKET}`, port);
      if (refused === undefined) continue;
      throw portTaken(
        portText(port),
        `slirp4netns refuses: ${refused}`,
        'another port of the host',
      );
    }
  } finally {
    closeSync(fd);
    // It is in use by nobody now: no one may come and publish more.
    rmSync(`${folder}/${SOCKET}`, { force: true });
  }
}

/** Ends the program, and waits for its end. */
export async function detachUserMode({ process: mark }: UserModeRecord): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isThere(mark)) return;
    try {
      process.kill(-mark.pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + END_MS;
    while (isThere(mark) && Date.now() < deadline) await sleep(POLL_MS);
  }
}
