/**
 * A runtime under strace(1), which makes chosen system calls of it fail or kills it as it makes
 * them: `-e inject`, strace(1).
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execute, OPTIONS, type Result, RUNTIME } from '../lib/runtime.js';
import type { Sandbox } from '../lib/sandbox.js';

export const STRACE = '/usr/bin/strace';

/** Why no fault can be injected here, or false. */
export const noStrace: string | false =
  (!existsSync(STRACE) && 'strace is not installed') ||
  (path.basename(RUNTIME) === 'ocirt-node' &&
    'most system calls of the Node.js host are its interpreter’s, and fail before our code runs') ||
  false;

/** A fault: the `nth` call (from 1) of this name, made by the runtime or by what it starts. */
export interface Fault {
  readonly call: string;
  readonly nth: number;
  /** An errno's name that the call fails with, undone; or KILL, sent as it is made. */
  readonly how: string;
}

export const nameOf = ({ call, nth, how }: Fault): string => `${how} at ${call} ${nth}`;

/** Whether the fault was to end the runtime. */
export const kills = (fault: Fault): boolean => fault.how === 'KILL';

function inject({ call, nth, how }: Fault): string[] {
  const what = how === 'KILL' ? 'signal=KILL' : `error=${how}`;
  return ['-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${nth}`];
}

/**
 * Runs the runtime under strace to the end of the runtime. Only its own calls are traced, not
 * those of the helper, so that what it leaves running keeps nobody waiting.
 */
function trace(s: Sandbox, options: string[], words: string[]): Result {
  const own = s.path('traced');
  return execute(
    STRACE,
    ['-q', ...options, RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...words],
    { stdout: `${own}.out`, stderr: `${own}.err` },
    { timeoutMs: 20_000 },
  );
}

/** Runs a verb with a fault. `met`: the verb came to that call, and the fault was carried out. */
export function withFault(s: Sandbox, fault: Fault, words: string[]): Result & { met: boolean } {
  const file = s.path('injected');
  const result = trace(s, ['-o', file, ...inject(fault)], words);
  const log = readFileSync(file, 'utf8');
  const met = kills(fault) ? log.includes('killed by SIGKILL') : log.includes('(INJECTED)');
  return { ...result, met };
}

/** How often a verb makes each of these calls; those that it never makes are left out. */
export function countCalls(
  s: Sandbox,
  calls: readonly string[],
  words: string[],
): Map<string, number> {
  const file = s.path('trace');
  // "?": no architecture has all of them.
  const result = trace(
    s,
    ['-o', file, '-e', `trace=${calls.map((call) => `?${call}`).join(',')}`],
    words,
  );
  assert.equal(result.status, 0, result.stderr);
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const call = /^(\w+)\(/.exec(line)?.[1];
    if (call !== undefined) counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return counts;
}
