import type { CgroupPlan } from '../../cgroup/types.js';
import { OcirtError } from '../../errors.js';
import type { Plan } from '../../plan/plan.js';
import { prepare } from '../../runtime/prepare.js';
import { CREATE_OPTIONS, createOptions, FORMAT } from '../options.js';
import { planMermaid } from '../plan-mermaid.js';
import { planTable, toJson } from '../plan-text.js';
import type { OptionValues, Verb } from '../verb.js';

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

/** Options that say nothing, or two things, together. */
function checkTogether(options: OptionValues): void {
  const page = options.text('html');
  if (page === '') throw new OcirtError('usage', '--html must name a file');
  if (page !== undefined && options.all('format').length > 0) {
    throw new OcirtError('usage', '--html and --format exclude each other');
  }
  if (page === undefined && options.all('trace').length > 0) {
    throw new OcirtError('usage', '--trace needs --html');
  }
}

export const plan: Verb = {
  name: 'plan',
  usage: '[container-id]',
  summary: 'print what create would do, and do nothing',
  options: [
    ...CREATE_OPTIONS,
    {
      name: 'html',
      argument: 'FILE',
      description: 'write the plan as a page that a browser shows',
    },
    {
      name: 'trace',
      argument: 'FILE',
      description: 'with --html: the times that --trace-timing has written (repeatable)',
      repeat: true,
    },
    {
      ...FORMAT,
      description: "'table', 'json' or 'mermaid'",
      choices: ['table', 'json', 'mermaid'],
    },
  ],
  minArguments: 0,
  maxArguments: 1,
  async run(context, options, [id = 'example']) {
    const page = options.text('html');
    checkTogether(options);
    const print = printerOf(options.text('format') ?? 'table');
    const prepared = prepare(context.runtime, {
      ...createOptions(context, options, id),
      dry: true,
      // A console socket is not asked for: nothing is connected.
      foreground: options.text('console-socket') === undefined,
    });
    const { plan, cgroup } = prepared;
    if (page === undefined) {
      context.print(print(plan, cgroup));
    } else {
      const { writePage } = await import('../page/write.js');
      writePage(context.runtime, page, options.all('trace'), { id, ...prepared });
    }
    return 0;
  },
};
