/**
 * An engine in a world of its own (private.sh), for the time of one test file: how to run programs
 * in it, to look at what they gave, and to leave nothing of it behind.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { cgroupDirectories, cgroupMounts, removeCgroups, waitFor } from '../lib/host.js';
import { execute, type Invocation, KIND, type Kind, PROJECT } from '../lib/runtime.js';
import { makeRootfs } from './image.js';

/** The environment of everything that is run: nothing of the caller's. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  TERM: 'xterm',
  LC_ALL: 'C',
};

type Expected = string | RegExp;

/** What a command gave. Each look at it fails with all of it. */
export class Outcome {
  readonly command: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(command: string, exit: number, stdout: string, stderr: string) {
    this.command = command;
    this.exit = exit;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  get text(): string {
    return this.stdout.trim();
  }

  describe(what: string): string {
    return `${what}\n  $ ${this.command}\n  exit: ${this.exit}\n  stdout: ${this.stdout}\n  stderr: ${this.stderr}`;
  }

  status(expected: number): this {
    assert.equal(this.exit, expected, this.describe(`exit status is not ${expected}`));
    return this;
  }

  fails(): this {
    assert.notEqual(this.exit, 0, this.describe('it should have failed'));
    return this;
  }

  /** Standard output is this text (but for white space around it), or matches. */
  says(expected: Expected): this {
    this.#is('stdout', this.stdout.trim(), expected);
    return this;
  }

  complains(expected: Expected): this {
    this.#is('stderr', this.stderr.trim(), expected);
    return this;
  }

  #is(stream: string, text: string, expected: Expected): void {
    const what = this.describe(`${stream} is not ${expected}`);
    if (typeof expected === 'string') assert.equal(text, expected, what);
    else assert.match(text, expected, what);
  }
}

/** A program at a terminal or with open pipes: what it has said so far, and its end. */
export class Conversation {
  text = '';
  #status: number | null | undefined;
  readonly #child: ChildProcess;
  readonly #command: string;

  constructor(child: ChildProcess, command: string) {
    this.#child = child;
    this.#command = command;
    const hear = (data: Buffer): void => {
      this.text += data.toString();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.stdin?.on('error', () => {});
    child.on('close', (status) => {
      this.#status = status;
    });
  }

  say(text: string): void {
    this.#child.stdin?.write(text);
  }

  close(): void {
    this.#child.stdin?.end();
  }

  async until(pattern: RegExp): Promise<RegExpMatchArray> {
    const what = `${pattern} from: ${this.#command}\n  it said: `;
    try {
      return (await waitFor(what, () => this.text.match(pattern))) as RegExpMatchArray;
    } catch (error) {
      throw new Error(String(error) + JSON.stringify(this.text));
    }
  }

  async end(): Promise<Outcome> {
    await waitFor(`the end of: ${this.#command}`, () => this.#status !== undefined);
    return new Outcome(this.#command, this.#status ?? -1, this.text, '');
  }
}

export interface How extends Invocation {
  /** Merged into the fixed environment. */
  env?: NodeJS.ProcessEnv | undefined;
}

/** A world, a folder for the files of its tests, and the parent of its cgroups. */
export class World {
  readonly dir: string;
  /** `/NAME`, for the engine's containers. */
  readonly cgroup: string;
  readonly #talks: ChildProcess[] = [];
  readonly #groupsBefore = new Set(topGroups());
  #shell: ChildProcess | undefined;
  #init = 0;
  #count = 0;

  constructor() {
    this.dir = mkdtempSync(path.join(tmpdir(), 'ocirt-engine-'));
    chmodSync(this.dir, 0o755);
    this.cgroup = `/${path.basename(this.dir)}`;
    makeRootfs(this.path('image'));
  }

  path(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }

  /** The first process of the world, by its pid on the machine. */
  get init(): number {
    return this.#init;
  }

  async start(): Promise<void> {
    const script = path.join(PROJECT, 'conformance/engines/private.sh');
    const shell = spawn('/bin/bash', [script], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: ENVIRONMENT,
    });
    this.#shell = shell;
    const talk = new Conversation(shell, script);
    await talk.until(/^ready$/m);
    const children = readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8');
    this.#init = Number(children.trim());
    assert.ok(this.#init > 1, `the first process of the namespaces: '${children}'`);
  }

  #enter(command: readonly string[]): string[] {
    // conmon leaves a file named `oom` in its working directory.
    const where = [
      '--target',
      String(this.#init),
      '--mount',
      '--net',
      '--uts',
      '--pid',
      `--wdns=${this.dir}`,
    ];
    return [...where, '--', ...command];
  }

  /** Runs a command in the world, to its end; what it leaves running doesn't matter. */
  run(command: readonly string[], how: How = {}): Outcome {
    const own = this.path(`output${this.#count++}`);
    const outputs = { stdout: `${own}.out`, stderr: `${own}.err` };
    const result = execute('/usr/bin/nsenter', this.#enter(command), outputs, {
      timeoutMs: 60_000,
      ...how,
      env: { ...ENVIRONMENT, ...how.env },
    });
    return new Outcome(command.join(' '), result.status, result.stdout, result.stderr);
  }

  /** A shell command in the world; it must succeed. */
  sh(script: string, how: How = {}): Outcome {
    return this.run(['sh', '-c', script], how).status(0);
  }

  /** Starts a command in the world, to talk with it. */
  talk(command: readonly string[], env: NodeJS.ProcessEnv = {}): Conversation {
    const child = spawn('/usr/bin/nsenter', this.#enter(command), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...ENVIRONMENT, ...env },
    });
    this.#talks.push(child);
    return new Conversation(child, command.join(' '));
  }

  /** Starts a command at a terminal of 33 rows and 111 columns. */
  atTerminal(command: readonly string[], env: NodeJS.ProcessEnv = {}): Conversation {
    const line = `stty rows 33 cols 111; exec ${command.map(quoted).join(' ')}`;
    return this.talk(['script', '--quiet', '--return', '--command', line, '/dev/null'], env);
  }

  /** Ends the world; what its end doesn't end is removed and told. */
  async end(): Promise<void> {
    for (const child of this.#talks) await ended(child);
    const shell = this.#shell;
    if (shell !== undefined) {
      shell.stdin?.end();
      await ended(shell, 10_000);
    }
    // Of monitors, builds and pods: the engines' own.
    const own = /^(conmon|build(ah|kit).*|[0-9a-f]{64})$/;
    const left = cgroupDirectories(this.cgroup).filter(
      (dir) => !own.test(path.basename(dir)) && !dir.endsWith(this.cgroup),
    );
    await removeCgroups(() => cgroupDirectories(this.cgroup));
    for (const group of topGroups()) {
      if (!this.#groupsBefore.has(group) && !group.startsWith('/ocirt-')) removeEmpty(group);
    }
    rmSync(this.dir, { recursive: true, force: true });
    assert.deepEqual(left, [], 'cgroups of containers were left');
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function ended(child: ChildProcess, patience = 0): Promise<void> {
  const over = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const deadline = Date.now() + patience;
  while (!over() && Date.now() < deadline) await new Promise((next) => setTimeout(next, 20));
  if (over()) return;
  child.kill('SIGKILL');
  await new Promise((next) => child.once('exit', next));
}

/** The cgroups directly below the mounts, as '/NAME'. */
function topGroups(): string[] {
  const found = new Set<string>();
  for (const mount of new Set(cgroupMounts().values())) {
    for (const entry of readdirSync(mount, { withFileTypes: true })) {
      if (entry.isDirectory()) found.add(`/${entry.name}`);
    }
  }
  return [...found];
}

/** Removes what has no processes: another engine's tests may be at work beside these. */
function removeEmpty(group: string): void {
  const dirs = cgroupDirectories(group);
  if (dirs.length > 0) spawnSync('rmdir', dirs, { stdio: 'ignore' });
}

function missing(program: string): boolean {
  return !ENVIRONMENT.PATH.split(':').some((dir) => existsSync(path.join(dir, program)));
}

export interface CheckOptions {
  /** Reference runtimes that cannot do this, and why; ocirt must. */
  not?: Partial<Record<Kind, string>>;
  skip?: string | undefined;
}

export type Check = (
  name: string,
  body: (world: World) => void | Promise<void>,
  options?: CheckOptions,
) => void;

/**
 * Sets up the world of a test file, and gives the function that makes a test in it. `prepare`
 * starts the engine.
 */
export function checks(
  engine: string,
  programs: readonly string[],
  prepare: (world: World) => void | Promise<void>,
): Check {
  const absent = ['unshare', 'nsenter', 'script', 'busybox', ...programs].filter(missing);
  const reason =
    process.getuid?.() !== 0
      ? 'needs root'
      : absent.length > 0
        ? `not installed: ${absent.join(', ')}`
        : undefined;
  let world: World | undefined;
  if (reason === undefined) {
    before(async () => {
      world = new World();
      await world.start();
      await prepare(world);
    });
    after(async () => {
      await world?.end();
    });
  }
  return (name, body, options = {}) => {
    const skip = reason ?? options.skip ?? options.not?.[KIND] ?? false;
    test(`${engine}: ${name}`, { skip, timeout: 180_000 }, async () => {
      assert.ok(world !== undefined);
      await body(world);
    });
  };
}
