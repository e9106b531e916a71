/**
 * The runtime under test: `bin/ocirt`, which is the standalone host where that is built, or the
 * binary that the environment variable RUNTIME names.
 * Any other runtime can be given, to compare it and to see that a test is right. What is known
 * that runc or crun lack, a test says with `not`; what only ocirt has, with `own`.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, CALL_LIMIT_MS } from './limit.js';

/** The project's folder; this file is compiled to dist/conformance/lib. */
export const PROJECT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** The static payload program. */
export const PAYLOAD = path.join(PROJECT, 'dist/native/ocirt-payload');

export const RUNTIME = process.env.RUNTIME ?? path.join(PROJECT, 'bin/ocirt');

/** Options before every verb: RUNTIME_OPTIONS, such as --systemd-cgroup. */
export const OPTIONS: readonly string[] = (process.env.RUNTIME_OPTIONS ?? '')
  .split(' ')
  .filter((word) => word !== '');

/** System calls that the suite is run without: WITHOUT, as of an older kernel. */
export const WITHOUT: readonly string[] = (process.env.WITHOUT ?? '')
  .split(',')
  .filter((call) => call !== '');

/** The system calls that an id-mapped mount takes. */
export const MAPPING: readonly string[] = ['open_tree', 'mount_setattr', 'move_mount'];
/** Why a test that means nothing without id-mapped mounts is skipped here, or false. */
export const noIdMaps: string | false =
  WITHOUT.some((call) => MAPPING.includes(call)) && 'id-mapped mounts take all three calls';

export type Kind = 'ocirt' | 'runc' | 'crun' | 'other';

/** Which runtime a program is, from how its file's name begins. */
export function kindOf(program: string): Kind {
  const name = path.basename(program);
  return (['ocirt', 'runc', 'crun'] as const).find((kind) => name.startsWith(kind)) ?? 'other';
}

export const KIND: Kind = kindOf(RUNTIME);

/** How the names of tests begin that are about what ocirt adds to specification and runc. */
export const OWN = "ocirt's own: ";

/** Why such a test is skipped, or false. */
export const notOwn: string | false = KIND !== 'ocirt' && 'it is about what only ocirt has';

/** How the message of a failure begins that a test's `not` tells of. */
export const KNOWN = 'known of this runtime: ';

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
      timeout: atMost(options.timeoutMs ?? CALL_LIMIT_MS),
      killSignal: 'SIGKILL',
    });
    // EPIPE: it has ended without reading what it was given; why, it says itself.
    const { code } = (result.error ?? {}) as NodeJS.ErrnoException;
    if (result.error !== undefined && code !== 'EPIPE') throw result.error;
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
