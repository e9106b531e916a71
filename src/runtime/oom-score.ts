/** oom_score_adj, written from outside: lowering it takes the host's privileges. */
import { OcirtError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { Runtime } from './context.js';
import { errnoText } from './errno.js';

const OWN = '/proc/self/oom_score_adj';

/**
 * Spawns with the score inherited, for a caller who is not root. The files of a helper that is not
 * dumpable belong to root, so its score could be written only in the moment before it is.
 */
export function withOomScore<T>(runtime: Runtime, plan: Plan, spawn: () => T): T {
  const { native } = runtime;
  const score = plan.commit.oomScoreAdj;
  if (score === undefined || native.identity().euid === 0) return spawn();
  const [own] = native.readFiles([OWN]);
  if (own === null || own === undefined) return spawn();
  // Refused: lower than ours. The write from outside says so.
  if (native.writeFiles([{ path: OWN, data: String(score) }]).length > 0) return spawn();
  try {
    return spawn();
  } finally {
    native.writeFiles([{ path: OWN, data: own.trim() }]);
  }
}

export function writeOomScore(runtime: Runtime, plan: Plan, pid: number): void {
  const score = plan.commit.oomScoreAdj;
  if (score === undefined) return;
  const path = `/proc/${pid}/oom_score_adj`;
  const [failure] = runtime.native.writeFiles([{ path, data: String(score) }]);
  if (failure === undefined) return;
  const [inherited] = runtime.native.readFiles([path]);
  if (inherited?.trim() === String(score)) return;
  throw new OcirtError(
    'oom-score-failed',
    `unable to start container process: write ${path}: ${errnoText(failure.errno)}`,
    {
      pointer: '/process/oomScoreAdj',
      syscall: failure.syscall,
      errno: failure.code,
      path,
      hint: 'lowering it takes CAP_SYS_RESOURCE',
    },
  );
}
