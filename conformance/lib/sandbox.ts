/**
 * A place for one test: a folder, a state root and a cgroup of its own. Whatever the test did,
 * nothing of it is left afterwards, and what the runtime should have removed but has not fails
 * the test.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { baseConfig, type Change, type Config, toJson } from './config.js';
import { groupDirectory, groupPath, groupsOf } from './groups.js';
import { processExists, removeCgroups, sleep, waitFor } from './host.js';
import { type Reported, reportArgs } from './reports.js';
import {
  execute,
  type Invocation,
  KIND,
  type Kind,
  KNOWN,
  notOwn,
  OPTIONS,
  type Outputs,
  OWN,
  PAYLOAD,
  type Result,
  RUNTIME,
  WITHOUT,
} from './runtime.js';

export interface State {
  ociVersion: string;
  id: string;
  status: 'creating' | 'created' | 'running' | 'stopped' | 'paused';
  pid: number;
  bundle: string;
  annotations?: Record<string, string>;
  rootfs?: string;
  created?: string;
  owner?: string;
}

export interface Call extends Invocation {
  /** Options before the verb. */
  global?: string[] | undefined;
  /** A system call that is not there, as before the kernel had it. By root. */
  without?: string | undefined;
  outputs?: Outputs | undefined;
}

/** A container of a sandbox: the verbs on it, and what it printed. */
export class Container {
  readonly sandbox: Sandbox;
  readonly id: string;
  readonly bundle: string;
  readonly #outputs: Outputs;

  constructor(sandbox: Sandbox, id: string, bundle: string) {
    this.sandbox = sandbox;
    this.id = id;
    this.bundle = bundle;
    this.#outputs = { stdout: path.join(bundle, 'stdout'), stderr: path.join(bundle, 'stderr') };
  }

  /** Runs `runtime VERB OPTIONS ID REST`. */
  call(verb: string, options: string[] = [], rest: string[] = [], how: Call = {}): Result {
    // What these verbs leave running goes on writing where they wrote.
    const lasting = ['create', 'run'].includes(verb) || options.includes('--detach');
    return this.sandbox.runtime([verb, ...options, this.id, ...rest], {
      ...how,
      outputs: lasting ? this.#outputs : undefined,
    });
  }

  /** The same, and it must succeed. */
  must(verb: string, options: string[] = [], rest: string[] = [], how: Call = {}): Result {
    const result = this.call(verb, options, rest, how);
    assert.equal(result.status, 0, `${verb} ${this.id}: ${result.stderr}`);
    return result;
  }

  /** `update`s it by a file: not every runtime reads a standard input that is a socket, as Node.js makes it. */
  update(resources: object): Result {
    const file = path.join(this.bundle, 'resources.json');
    writeFileSync(file, JSON.stringify(resources));
    return this.call('update', ['--resources', file]);
  }

  mustUpdate(resources: object): void {
    const result = this.update(resources);
    assert.equal(result.status, 0, result.stderr);
  }

  state(): State {
    return JSON.parse(this.must('state').stdout) as State;
  }

  /** The directory of its cgroup; on v2 they are all one. @param controller of v1 */
  group(controller = ''): string {
    return groupDirectory(path.basename(this.sandbox.dir), path.basename(this.bundle), controller);
  }

  /** All that the container's process wrote to standard output so far. */
  output(): string {
    return existsSync(this.#outputs.stdout) ? readFileSync(this.#outputs.stdout, 'utf8') : '';
  }

  errors(): string {
    return existsSync(this.#outputs.stderr) ? readFileSync(this.#outputs.stderr, 'utf8') : '';
  }

  async until(status: State['status']): Promise<State> {
    return waitFor(`${this.id} to be ${status}`, () => {
      const state = this.state();
      return state.status === status ? state : undefined;
    }) as Promise<State>;
  }

  async untilPrinted(text: string): Promise<void> {
    await waitFor(`'${text}' in the output`, () => this.output().includes(text));
  }

  /** `exec`s the payload's report and gives what it says. */
  report<const Lines extends readonly string[]>(
    options: string[],
    ...lines: Lines
  ): Reported<Lines> {
    const result = this.call('exec', options, ['/payload', ...reportArgs(lines)]);
    assert.equal(result.status, 0, `exec: ${result.stderr}`);
    return JSON.parse(result.stdout) as Reported<Lines>;
  }
}

export class Sandbox {
  readonly dir: string;
  readonly stateRoot: string;
  /** Parent of the cgroups of this test's containers: '/NAME'. */
  readonly cgroup: string;
  readonly #children: ChildProcess[] = [];
  readonly #undo: (() => void)[] = [];
  #count = 0;

  constructor() {
    this.dir = mkdtempSync(path.join(tmpdir(), 'ocirt-test-'));
    // Root of a user namespace must be able to get to the bundle.
    chmodSync(this.dir, 0o755);
    this.stateRoot = path.join(this.dir, 'state');
    this.cgroup = `/${path.basename(this.dir)}`;
    mkdirSync(this.stateRoot, { mode: 0o700 });
  }

  path(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }

  /** `cgroupsPath` of a container of this sandbox. */
  groupPath(name: string): string {
    return groupPath(path.basename(this.dir), name);
  }

  /** Makes a bundle with a config that `change` has been at; returns its folder. */
  bundle(change: Change = () => {}, name = `bundle${this.#count++}`): string {
    const dir = this.path(name);
    const config = baseConfig();
    config.linux.cgroupsPath = this.groupPath(name);
    for (const part of ['proc', 'sys', 'dev', 'tmp', 'etc', 'dir', 'srv']) {
      mkdirSync(path.join(dir, 'rootfs', part), { recursive: true });
    }
    copyFileSync(PAYLOAD, path.join(dir, 'rootfs/payload'));
    writeFileSync(
      path.join(dir, 'rootfs/etc/passwd'),
      'root:x:0:0::/root:/bin/sh\ngrace:x:1000:1000::/home/grace:/bin/sh\n',
    );
    writeFileSync(path.join(dir, 'rootfs/etc/group'), 'root:x:0:\ngrace:x:1000:\n');
    writeFileSync(path.join(dir, 'rootfs/dir/file'), 'of the root file system\n');
    change(config);
    this.writeConfig(dir, config);
    return dir;
  }

  writeConfig(bundle: string, config: unknown): void {
    writeFileSync(path.join(bundle, 'config.json'), toJson(config));
  }

  readConfig(bundle: string): Config {
    return JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8')) as Config;
  }

  /** A container for a bundle that is made for it; nothing has been created yet. */
  container(change: Change = () => {}): Container {
    const bundle = this.bundle(change);
    return new Container(this, path.basename(this.dir) + path.basename(bundle), bundle);
  }

  /** Runs the runtime with this sandbox's state root. */
  runtime(args: string[], how: Call = {}): Result {
    const own = this.path(`output${this.#count++}`);
    const outputs = how.outputs ?? { stdout: `${own}.out`, stderr: `${own}.err` };
    const words = ['--root', this.stateRoot, ...OPTIONS, ...(how.global ?? []), ...args];
    return how.without === undefined
      ? execute(RUNTIME, words, outputs, how)
      : execute(PAYLOAD, ['without', how.without, RUNTIME, ...words], outputs, how);
  }

  /** `run`s a container in the foreground, to its end. */
  run(change: Change = () => {}, how: Call & { options?: string[] } = {}): Result {
    const container = this.container(change);
    return container.call('run', ['--bundle', container.bundle, ...(how.options ?? [])], [], how);
  }

  /** `run`s the payload with these lines as its process and gives what it reports. */
  report<const Lines extends readonly string[]>(change: Change, ...lines: Lines): Reported<Lines> {
    const result = this.run((config) => {
      config.process.args = ['/payload', ...reportArgs(lines)];
      change(config);
    });
    assert.equal(result.status, 0, `run: ${result.stderr}`);
    return JSON.parse(result.stdout) as Reported<Lines>;
  }

  /** A container that has been created. */
  created(change: Change = () => {}, options: string[] = [], how: Call = {}): Container {
    const container = this.container(change);
    container.must('create', ['--bundle', container.bundle, ...options], [], how);
    return container;
  }

  /** A container that runs the payload's `pause` and has said that it is there. */
  async running(change: Change = () => {}): Promise<Container> {
    const container = this.created((config) => {
      config.process.args = ['/payload', 'pause'];
      change(config);
    });
    container.must('start');
    await container.untilPrinted('ready\n');
    return container;
  }

  /** Starts the payload on the host, to be ended with the test. */
  helper(args: string[], options: { detached?: boolean } = {}): ChildProcess {
    return this.spawn(PAYLOAD, args, options);
  }

  spawn(
    program: string,
    args: string[],
    options: { detached?: boolean; env?: NodeJS.ProcessEnv } = {},
  ): ChildProcess {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    child.stdin?.on('error', () => {});
    this.#children.push(child);
    return child;
  }

  /** What to undo on the host when the test is over, last first. */
  defer(undo: () => void): void {
    this.#undo.unshift(undo);
  }

  /** Fails if anything of the containers is left, when all have been deleted. */
  assertClean(): void {
    assert.deepEqual(this.leftovers(), []);
  }

  leftovers(): string[] {
    const states = existsSync(this.stateRoot)
      ? readdirSync(this.stateRoot).filter((name) => name.includes('bundle'))
      : [];
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.dir));
    const groups = groupsOf(path.basename(this.dir), false);
    return [
      ...states.map((name) => `state ${name}`),
      ...mounts.map((line) => `mount ${line}`),
      ...groups.map((dir) => `cgroup ${dir}`),
      ...this.#processes().map((line) => `process ${line}`),
    ];
  }

  /**
   * Processes of this sandbox: those that run the payload of one of its bundles (each bundle has
   * a copy of its own, so its inode tells), and those that name its folder.
   */
  #processes(): string[] {
    const payloads = new Set<string>();
    for (const name of readdirSync(this.dir)) {
      const file = this.path(name, 'rootfs/payload');
      if (existsSync(file)) payloads.add(identityOf(file));
    }
    const found: string[] = [];
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        if (
          line.includes(this.dir) ||
          (line !== '' && payloads.has(identityOf(`/proc/${pid}/exe`)))
        ) {
          found.push(`${pid} ${line}`);
        }
      } catch {
        // It has ended meanwhile, or is a thread of the kernel.
      }
    }
    return found;
  }

  /** Deletes all, checks that nothing is left, then removes what a failed check has found. */
  async end(): Promise<void> {
    for (const undo of this.#undo) undo();
    if (existsSync(this.stateRoot)) {
      for (const id of readdirSync(this.stateRoot)) this.runtime(['delete', '--force', id]);
    }
    for (const child of this.#children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('exit', resolve));
      }
    }
    // A process that was killed may need a moment to be gone.
    for (let tries = 0; tries < 100 && this.leftovers().length > 0; tries++) await sleep(20);
    const left = this.leftovers();
    for (const pid of left.flatMap((line) => /^process (\d+)/.exec(line)?.[1] ?? [])) {
      if (processExists(Number(pid))) process.kill(Number(pid), 'SIGKILL');
    }
    await removeCgroups(() => groupsOf(path.basename(this.dir), true));
    if (!left.some((line) => line.startsWith('mount'))) {
      rmSync(this.dir, { recursive: true, force: true });
    }
    assert.deepEqual(left, [], 'something was left behind');
  }
}

function identityOf(file: string): string {
  const { dev, ino } = statSync(file);
  return `${dev}:${ino}`;
}

export interface ScenarioOptions {
  /**
   * What is known of the reference runtimes, in the versions of Debian 12: why they fail this.
   * They are tried all the same, and a failure of theirs begins with it.
   */
  not?: Partial<Record<Kind, string>>;
  /** It is about what only ocirt has: others are not held to it. */
  own?: boolean;
  /** System calls without which it cannot be done: where one is missing, the refusal names it. */
  needs?: readonly string[];
  /** The reason to skip on this machine, if there is one. */
  skip?: string | false | undefined;
}

/** One black-box test, in a sandbox of its own. */
export function scenario(
  name: string,
  options: ScenarioOptions,
  body: (sandbox: Sandbox) => void | Promise<void>,
): void {
  const skip = (options.own === true && notOwn) || options.skip || false;
  const missing = options.needs?.find((call) => WITHOUT.includes(call));
  test(options.own === true ? `${OWN}${name}` : name, { skip }, async () => {
    const known = options.not?.[KIND];
    try {
      await inSandbox(body);
    } catch (error) {
      const found = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (missing !== undefined && found.includes(missing)) return;
      if (known === undefined) throw error;
      throw new Error(`${KNOWN}${known}\n${found}`);
    }
    if (missing !== undefined) throw new Error(`it works without ${missing}`);
  });
}

async function inSandbox(body: (sandbox: Sandbox) => void | Promise<void>): Promise<void> {
  const sandbox = new Sandbox();
  try {
    await body(sandbox);
  } catch (error) {
    await sandbox.end().catch((second) => console.error(`# also: ${String(second)}`));
    throw error;
  }
  await sandbox.end();
}
