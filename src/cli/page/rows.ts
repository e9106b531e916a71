/** A plan as the rows of a table: all that the host and the helper do, in order, in words. Pure. */
import type { CgroupPlan } from '../../cgroup/types.js';
import { explainStep, type Told } from '../../plan/explain.js';
import { explainBefore, explainCommit, type ToldAct } from '../../plan/explain-host.js';
import type { Plan, Step } from '../../plan/plan.js';
import { groupOf } from '../plan-mermaid.js';
import { fields } from '../plan-text.js';
import type { Timings } from './timings.js';

export interface PageRow extends Told {
  /** Whose system calls these are: the runtime's, or the helper's, which becomes the container. */
  readonly who: 'host' | 'helper';
  /** Index of the helper's step. */
  readonly index?: number;
  readonly name: string;
  /** JSON pointer into config.json; '' for what every container gets. */
  readonly at: string;
  /** The values of the step, as `plan` prints them. */
  readonly values: string;
  /** Microseconds; absent: not traced. */
  readonly us?: number;
}

export interface PageGroup {
  readonly title: string;
  readonly rows: readonly PageRow[];
}

/** The operation that does an act, as traces name it. Those of one call share its time: the first has it. */
const OPERATIONS: Readonly<Partial<Record<ToldAct['act'], string>>> = {
  devices: 'attachDeviceProgram',
  spawn: 'spawn',
  rlimit: 'setLimits',
};

function hostRow(act: ToldAct, us: number | undefined): PageRow {
  const { act: name, at, ...told } = act;
  return {
    ...told,
    who: 'host',
    name: name.replaceAll('_', ' '),
    at,
    values: '',
    ...(us === undefined ? {} : { us }),
  };
}

function stepRow(step: Step, index: number, us: number | undefined): PageRow {
  return {
    ...explainStep(step),
    who: 'helper',
    index,
    name: step.op,
    at: step.at,
    values: fields(step, ['op', 'at']),
    ...(us === undefined ? {} : { us }),
  };
}

/** Everything that is done, in groups. */
export function pageGroups(plan: Plan, cgroup: CgroupPlan, timings?: Timings): PageGroup[] {
  const timed = new Set<string>();
  const hostRows = (acts: readonly ToldAct[]): PageRow[] =>
    acts.map((act) => {
      const operation =
        act.act === 'cgroup'
          ? `makeDirectory ${act.what.slice(act.what.indexOf('/'))}`
          : OPERATIONS[act.act];
      if (operation === undefined || timed.has(operation)) return hostRow(act, undefined);
      timed.add(operation);
      return hostRow(act, timings?.operations.get(operation));
    });
  const commit = explainCommit(plan);
  const devices = commit.filter(({ act }) => act === 'net_device');
  const limits = commit.filter(({ act }) => act !== 'net_device');
  const early = plan.steps.some((step) => step.op === 'sync' && step.name === 'limits');
  const groups: { title: string; rows: PageRow[] }[] = [
    { title: 'before the process', rows: hostRows(explainBefore(plan, cgroup)) },
  ];
  for (const [index, step] of plan.steps.entries()) {
    const title = groupOf(step);
    let group = groups.at(-1);
    if (
      group === undefined ||
      groups.length === 1 ||
      (title !== undefined && title !== group.title)
    ) {
      group = { title: title ?? 'the helper', rows: [] };
      groups.push(group);
    }
    group.rows.push(stepRow(step, index, timings?.steps.get(index)));
    // While the helper waits.
    if (step.op === 'sync' && step.name === 'network') group.rows.push(...hostRows(devices));
    if (early ? step.op === 'sync' && step.name === 'limits' : step.op === 'ready') {
      group.rows.push(...hostRows(limits));
    }
  }
  return groups;
}
