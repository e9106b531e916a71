import type { CgroupPlan } from '../../cgroup/types.js';
import { OcirtError } from '../../errors.js';
import type { Plan } from '../../plan/plan.js';
import { prepare } from '../../runtime/prepare.js';
import { CREATE_OPTIONS, createOptions, FORMAT } from '../options.js';
import { planMermaid } from '../plan-mermaid.js';
import { planTable, toJson } from '../plan-text.js';
import type { Verb } from '../verb.js';

/** Refuses a format before anything is looked at. */
function printerOf(format: string): (plan: Plan, cgroup: CgroupPlan) => string {
  switch (format) {
    case 'table':
      return planTable;
    case 'json':
      return (plan, cgroup) => toJson({ plan, cgroup });
    case 'mermaid':
      return planMermaid;
    default:
      throw new OcirtError('usage', 'invalid format option');
  }
}

export const plan: Verb = {
  name: 'plan',
  usage: '[container-id]',
  summary: 'print what create would do, and do nothing',
  options: [
    ...CREATE_OPTIONS,
    {
      ...FORMAT,
      description: "'table', 'json' or 'mermaid'",
      choices: ['table', 'json', 'mermaid'],
    },
  ],
  minArguments: 0,
  maxArguments: 1,
  run(context, options, [id = 'example']) {
    const print = printerOf(options.text('format') ?? 'table');
    const prepared = prepare(context.runtime, {
      ...createOptions(context, options, id),
      dry: true,
      // A console socket is not asked for: nothing is connected.
      foreground: options.text('console-socket') === undefined,
    });
    const { plan, cgroup } = prepared;
    context.print(print(plan, cgroup));
    return 0;
  },
};
