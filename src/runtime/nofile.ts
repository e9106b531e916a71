/**
 * Gives containers the RLIMIT_NOFILE that the caller had. Node.js raises its own soft limit to the
 * hard one when it starts, and children inherit that; bin/ocirt-node tells us what it was before.
 */
import type { Plan } from '../plan/plan.js';
import type { Runtime } from './context.js';

/** RLIMIT_NOFILE, the same number on every architecture but mips and sparc. */
const RLIMIT_NOFILE = 7;
/** RLIM_INFINITY. */
const INFINITY_LIMIT = 18446744073709551615n;

/** Soft and hard limit of open files in the text of /proc/PID/limits. */
export function parseNofile(text: string): { soft: bigint; hard: bigint } | undefined {
  const match = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text);
  if (match === null) return undefined;
  const number = (word: string | undefined): bigint =>
    word === 'unlimited' ? INFINITY_LIMIT : BigInt(word ?? 0);
  return { soft: number(match[1]), hard: number(match[2]) };
}

/** Restores the limit on a process, unless the plan sets it. */
export function restoreNofile(runtime: Runtime, plan: Plan, pid: number): void {
  if (runtime.callerNofile === undefined) return;
  if (plan.commit.rlimits.some((limit) => limit.resource === RLIMIT_NOFILE)) return;
  const [text] = runtime.native.readFiles(['/proc/self/limits']);
  const current = parseNofile(text ?? '');
  const soft = BigInt(runtime.callerNofile);
  if (current === undefined || current.soft === soft || soft > current.hard) return;
  runtime.native.setLimits(pid, [{ resource: RLIMIT_NOFILE, soft, hard: current.hard }]);
}
