/**
 * A host of the tests' own, for networks: mounts, processes and a network that end with it, and beyond
 * it a network of others. Needs root.
 *
 *     outside 192.0.2.9 ---- out0, 192.0.2.1 the world ---- containers
 *
 * Nobody outside has a route to the containers: what they answer was sent by the world's address.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AttachTarget, NetworkOptions, NetworkRecord } from '../index.js';

const DRIVER = fileURLToPath(new URL('driver.js', import.meta.url));
export const OUTSIDE = '192.0.2.9';
export const WORLD = '192.0.2.1';

/** What takes longer has come to a stop. */
const TIMEOUT_MS = 180_000;

const SET_UP = `
mount -t tmpfs tmpfs /run
mkdir /run/netns
# Rootless programs open this node; the machine's keeps its mode.
mknod -m 666 /run/tun c 10 200 && mount --bind /run/tun /dev/net/tun
ip link set lo up
ip netns add outside
ip link add out0 type veth peer name out0 netns outside
ip address add ${WORLD}/24 dev out0
ip link set out0 up
ip route add default via ${OUTSIDE}
ip -n outside address add ${OUTSIDE}/24 dev out0
ip -n outside link set out0 up
ip -n outside link set lo up
echo ready
while read -r _; do :; done
`;

/** A place in the world: the world itself, what is outside, or a container (its first process). */
export type Place = 'world' | 'outside' | number;

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly cleanup: readonly string[];
}

export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there can be none; undefined: there can. */
export function noWorld(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = ['ip', 'iptables', 'nsenter'].filter(
    (name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${name}`]).status !== 0,
  );
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
}

export class World {
  readonly #init: ChildProcess;
  readonly #pid: number;
  readonly folder: string;

  private constructor(init: ChildProcess, pid: number, folder: string) {
    this.#init = init;
    this.#pid = pid;
    this.folder = folder;
  }

  static async make(): Promise<World> {
    const spaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const init = spawn('unshare', [...spaces, '--propagation', 'private', 'sh', '-ec', SET_UP], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: withSystemFolders(),
    });
    const [text] = (await once(init.stdout, 'data')) as [Buffer];
    if (!`${text}`.includes('ready')) throw new Error(`no world: ${text}`);
    const pid = Number(readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8'));
    return new World(init, pid, mkdtempSync(join(tmpdir(), 'ocirt-world-')));
  }

  async end(): Promise<void> {
    const ended = once(this.#init, 'exit');
    this.#init.stdin?.end();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(place: Place, command: readonly string[]): [string, string[]] {
    const inside =
      place === 'world'
        ? []
        : place === 'outside'
          ? ['ip', 'netns', 'exec', 'outside']
          : ['nsenter', '--target', `${place}`, '--net'];
    return ['nsenter', ['--target', `${this.#pid}`, '--all', '--', ...inside, ...command]];
  }

  /** Runs a command to its end. */
  run(place: Place, command: readonly string[], env: NodeJS.ProcessEnv = {}): Said {
    const [file, args] = this.#command(place, command);
    const { status, stdout, stderr } = spawnSync(file, args, {
      encoding: 'utf8',
      env: { ...withSystemFolders(), ...env },
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    return { status, stdout, stderr };
  }

  /** A shell command that must succeed. */
  sh(place: Place, script: string): string {
    const { status, stdout, stderr } = this.run(place, ['sh', '-ec', script]);
    if (status !== 0) throw new Error(`${script}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Starts a command that goes on, and waits for its first line. */
  async start(
    place: Place,
    command: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ line: string; child: ChildProcess }> {
    const [file, args] = this.#command(place, command);
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...withSystemFolders(), ...env },
    });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    return { line: `${text}`.trim(), child };
  }

  /** A process in a network namespace of its own, such as a container has before its start. */
  async container(unshare: readonly string[] = ['unshare', '--net']): Promise<number> {
    const script = 'ip link set lo up; echo $$; exec sleep 1000';
    return Number((await this.start('world', [...unshare, 'sh', '-ec', script])).line);
  }

  /** Ends a process of the world, and waits until it is gone, or a zombie: nobody reaps what is left to the world. */
  kill(pid: number): void {
    const runs = `[ -e /proc/${pid} ] && ! grep -qs '^State:.*zombie' /proc/${pid}/status`;
    this.sh('world', `kill -9 ${pid}; while ${runs}; do sleep 0.02; done`);
  }

  /** Answers with these words to what comes on a port. */
  async serve(place: Place, port: number, words: string, protocol = 'tcp'): Promise<void> {
    const server =
      protocol === 'tcp'
        ? `require('net').createServer((s) => s.on('error', () => {}).once('data', () => s.end('${words} to ' + s.remoteAddress))).listen(${port}, '0.0.0.0', ready)`
        : `const s = require('dgram').createSocket('udp4'); s.on('message', (_, from) => s.send('${words} to ' + from.address, from.port, from.address)).bind(${port}, ready)`;
    const script = `const ready = () => console.log('ready'); ${server}`;
    await this.start(place, [process.execPath, '-e', script]);
  }

  /** What a server answers; an error's code if there is none. */
  ask(place: Place, address: string, port: number, protocol = 'tcp'): string {
    const client =
      protocol === 'tcp'
        ? `const s = require('net').connect(${port}, '${address}'); s.on('data', say).on('error', (e) => say(e.code)).write('?\\n')`
        : `const s = require('dgram').createSocket('udp4'); s.on('message', say).on('error', (e) => say(e.code)).send('?', ${port}, '${address}')`;
    const script = `const say = (text) => { console.log(String(text)); process.exit() };
      setTimeout(() => say('ETIMEDOUT'), 5000); ${client}`;
    return this.run(place, [process.execPath, '-e', script]).stdout.trim();
  }

  /** attach() in the world. @param as words before the command, such as those of setpriv */
  attach(
    options: Partial<NetworkOptions>,
    target: AttachTarget,
    { env = {}, as = [] }: { env?: NodeJS.ProcessEnv; as?: readonly string[] } = {},
  ): { record: NetworkRecord; refusal?: undefined } | { record?: undefined; refusal: Refusal } {
    const { status, stdout, stderr } = this.run(
      'world',
      [...as, ...attachCommand(options, target)],
      env,
    );
    if (stdout === '') throw new Error(stderr);
    const answer = JSON.parse(stdout);
    return status === 0 ? { record: answer } : { refusal: answer };
  }

  /** sweepNetworks() in the world. */
  sweep(): void {
    const { status, stdout, stderr } = this.run('world', [process.execPath, DRIVER, 'sweep']);
    if (status !== 0) throw new Error(`${stderr}${stdout}`);
  }

  /** The same, while this process goes on with other things. */
  async sweepMeanwhile(): Promise<void> {
    const [file, args] = this.#command('world', [process.execPath, DRIVER, 'sweep']);
    const child = spawn(file, args, { stdio: 'inherit', env: withSystemFolders() });
    const [status] = await once(child, 'exit');
    if (status !== 0) throw new Error(`a sweep that ended with ${status}`);
  }

  /** check() or detach(); a refusal, or undefined. */
  tell(
    word: 'check' | 'detach',
    record: NetworkRecord,
    { env = {}, as = [] }: { env?: NodeJS.ProcessEnv; as?: readonly string[] } = {},
  ): Refusal | undefined {
    const command = [...as, process.execPath, DRIVER, word, JSON.stringify(record)];
    const { status, stdout, stderr } = this.run('world', command, env);
    if (status === 0) return undefined;
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }
}

export function attachCommand(options: Partial<NetworkOptions>, target: AttachTarget): string[] {
  return [process.execPath, DRIVER, 'attach', JSON.stringify({ options, target })];
}

function withSystemFolders(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
