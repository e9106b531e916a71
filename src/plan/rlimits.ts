/** Resource limits: getrlimit(2), config.md "POSIX process". */
import type { Rlimit } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import type { CommitPlan } from './plan.js';

/** <asm-generic/resource.h>: x86, arm, riscv, s390, powerpc. (MIPS, SPARC and Alpha differ.) */
export const RLIMITS: Readonly<Record<string, number>> = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
};

/** @throws OcirtError for an unknown type and for one that is named twice. */
export function rlimits(limits: readonly Rlimit[] | undefined): CommitPlan['rlimits'] {
  const seen = new Set<string>();
  return (limits ?? []).map((limit, index) => {
    const at = `/process/rlimits/${index}`;
    const resource = Object.hasOwn(RLIMITS, limit.type) ? RLIMITS[limit.type] : undefined;
    if (resource === undefined) throw invalid(`${at}/type`, `unknown rlimit "${limit.type}"`);
    if (seen.has(limit.type)) throw invalid(`${at}/type`, `duplicate rlimit "${limit.type}"`);
    seen.add(limit.type);
    return { resource, soft: limit.soft, hard: limit.hard, at };
  });
}
