/** What the tests of attacks have in common. None of them touches what is the machine's. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from './host.js';
import type { Result } from './runtime.js';
import { execute, OPTIONS, RUNTIME } from './runtime.js';
import type { Container, Sandbox } from './sandbox.js';

/** A folder of the host that no container is given, with one file in it. */
export class Victim {
  readonly dir: string;
  readonly file: string;
  static readonly TEXT = 'of the host\n';

  constructor(s: Sandbox) {
    this.dir = s.path('victim');
    this.file = path.join(this.dir, 'file');
    mkdirSync(this.dir);
    writeFileSync(this.file, Victim.TEXT);
  }

  /** Fails if something was made, changed or taken away in it. */
  assertUntouched(): void {
    assert.deepEqual(readdirSync(this.dir), ['file'], 'something was made on the host');
    assert.equal(readFileSync(this.file, 'utf8'), Victim.TEXT, 'a file of the host was written to');
  }
}

/** Puts a link in the place of what a root file system has at a path. */
export function relink(container: Container, inRoot: string, target: string): void {
  const file = path.join(container.bundle, 'rootfs', inRoot);
  rmSync(file, { recursive: true, force: true });
  mkdirSync(path.dirname(file), { recursive: true });
  symlinkSync(target, file);
}

/** Goes on exchanging two paths until the test is over. */
export async function swapping(s: Sandbox, one: string, other: string): Promise<void> {
  const child = s.helper(['swap', one, other]);
  let said = '';
  child.stdout?.on('data', (data) => {
    said += String(data);
  });
  await waitFor('the swapping to begin', () => said.includes('ready'));
}

/**
 * Calls the runtime in a mount namespace of its own, after a shell script that changes what is
 * mounted there; `$1` and so on are `args`.
 */
export function callInMounts(
  container: Container,
  script: string,
  args: readonly string[],
  ...verb: string[]
): Result {
  const { sandbox: s } = container;
  const inner = `${script} && shift ${args.length} && exec "$@"`;
  return execute(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', 'sh', '-c', inner, 'sh', ...args],
      ...[RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...verb],
    ],
    {
      stdout: path.join(container.bundle, 'stdout'),
      stderr: path.join(container.bundle, 'stderr'),
    },
  );
}

/** Calls the runtime as what another program, such as setpriv(1), makes of its caller. */
export function callUnder(
  container: Container,
  program: string,
  options: readonly string[],
  ...verb: string[]
): Result {
  const { sandbox: s } = container;
  return execute(program, [...options, RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...verb], {
    stdout: path.join(container.bundle, 'stdout'),
    stderr: path.join(container.bundle, 'stderr'),
  });
}

/** A shell that leaks two folders of the host to what it becomes, at numbers that nobody looks at. */
export function leaking(dir: string): [program: string, options: string[]] {
  return ['bash', ['-c', 'exec 40<"$0" 41</ && exec "$@"', dir]];
}

/** How often a race is run: RACES in the environment, a thousand on demand. */
export const RACES = Number(process.env.RACES ?? 25);

/** It was refused, or has ended well: anything but a crash, with nothing left of it. */
export function survived(s: Sandbox, result: Result): void {
  assert.equal(result.signal, null, result.stderr);
  if (result.status !== 0) assert.match(result.stderr, /\S/, 'it failed without a word');
  s.assertClean();
}

/** Calls the runtime on a terminal of its own, to its end; what the terminal said. */
export function callOnTerminal(s: Sandbox, ...verb: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = s.helper(['pty', RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...verb]);
    let text = '';
    child.stdout?.on('data', (data) => {
      text += String(data);
    });
    child.on('close', () => resolve(text));
  });
}
