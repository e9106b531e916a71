/**
 * The runtime under test: `bin/ocirt`, which is the standalone host where that is built, or the
 * binary that the environment variable RUNTIME names.
 * runc and crun are given to see that a test is right; where they lack something, a test says so
 * with `not`.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder; this file is compiled to dist/conformance/lib. */
export const PROJECT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** The static payload program. */
export const PAYLOAD = path.join(PROJECT, 'dist/native/ocirt-payload');

export const RUNTIME = process.env.RUNTIME ?? path.join(PROJECT, 'bin/ocirt');

/** Options before every verb: RUNTIME_OPTIONS, such as --systemd-cgroup. */
export const OPTIONS: readonly string[] = (process.env.RUNTIME_OPTIONS ?? '')
  .split(' ')
  .filter((word) => word !== '');

export type Kind = 'ocirt' | 'runc' | 'crun';

/** Which runtime it is, from its name; what is neither runc nor crun is held to all of it. */
export const KIND: Kind = path.basename(RUNTIME).startsWith('crun')
  ? 'crun'
  : path.basename(RUNTIME).startsWith('runc')
    ? 'runc'
    : 'ocirt';

export interface Result {
  /** Exit status; -1 where a signal ended it. */
  status: number;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface Invocation {
  /** Text for standard input; absent: /dev/null. */
  input?: string | undefined;
  cwd?: string | undefined;
  env?: NodeJS.ProcessEnv | undefined;
  /** Descriptors to give on from 3 up. */
  extraFds?: readonly number[] | undefined;
  timeoutMs?: number | undefined;
}

/** Files that a program's output is appended to. */
export interface Outputs {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. Its output goes to files, not pipes: what it leaves running keeps
 * pipes open, and the caller would wait for them.
 */
export function execute(
  program: string,
  args: readonly string[],
  outputs: Outputs,
  options: Invocation = {},
): Result {
  const out = openSync(outputs.stdout, 'a');
  const err = openSync(outputs.stderr, 'a');
  const from = { out: fstatSync(out).size, err: fstatSync(err).size };
  try {
    const result = spawnSync(program, args, {
      stdio: [
        options.input === undefined ? 'ignore' : 'pipe',
        out,
        err,
        ...(options.extraFds ?? []),
      ],
      input: options.input,
      cwd: options.cwd,
      env: options.env ?? process.env,
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
    });
    if (result.error !== undefined) throw result.error;
    return {
      status: result.status ?? -1,
      signal: result.signal,
      stdout: readFileSync(outputs.stdout).subarray(from.out).toString(),
      stderr: readFileSync(outputs.stderr).subarray(from.err).toString(),
    };
  } finally {
    closeSync(out);
    closeSync(err);
  }
}
