/** oom_score_adj, written from outside: lowering it takes the host's privileges. */
import { OcirtError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { Runtime } from './context.js';
import { errnoText } from './errno.js';

export function writeOomScore(runtime: Runtime, plan: Plan, pid: number): void {
  const score = plan.commit.oomScoreAdj;
  if (score === undefined) return;
  const path = `/proc/${pid}/oom_score_adj`;
  const [failure] = runtime.native.writeFiles([{ path, data: String(score) }]);
  if (failure === undefined) return;
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
