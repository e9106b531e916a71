/**
 * How long anything that a test waits for may take. Generous by default, for slow machines; a runtime
 * that hangs fails sooner with a shorter one (CALL_SECONDS, `npm run conformance -- --seconds N`).
 */

import type { ChildProcess } from 'node:child_process';

/** For a call of the runtime, in milliseconds. */
export const CALL_LIMIT_MS = Number(process.env.CALL_SECONDS ?? 120) * 1000;

/** A limit of a test's own, or a shorter one where that was asked for. */
export const atMost = (ms: number): number => Math.min(ms, CALL_LIMIT_MS);

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a child ends. One that does not is killed, and the promise rejected. */
export function endOf(child: ChildProcess, what: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`waited in vain for the end of ${what}`));
    }, CALL_LIMIT_MS);
    child.once('exit', (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal });
    });
  });
}
