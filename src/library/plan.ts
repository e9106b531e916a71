/** What a create would do, as data. */
import type { CgroupPlan } from '../cgroup/types.js';
import type { Plan } from '../plan/plan.js';
import type { Runtime } from '../runtime/context.js';
import { type CreateOptions, prepare } from '../runtime/prepare.js';

export interface Planned {
  /** The steps that the helper would run, and what the host does before and after. */
  readonly plan: Plan;
  /** The cgroup's folders and what would be written into its files. */
  readonly cgroup: CgroupPlan;
}

/**
 * Decides all that `create` with these options would do, and does none of it.
 *
 * @throws OcirtError what `create` would refuse, too
 */
export function plan(
  runtime: Runtime,
  options: Omit<CreateOptions, 'dry' | 'foreground'>,
): Planned {
  // Without a console socket a terminal is taken as of a foreground container: nothing is connected.
  const foreground = options.consoleSocket === undefined;
  const prepared = prepare(runtime, { ...options, dry: true, foreground });
  return { plan: prepared.plan, cgroup: prepared.cgroup };
}
