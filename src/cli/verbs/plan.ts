import { prepare } from '../../runtime/create.js';
import { CREATE_OPTIONS, createOptions, FORMAT, formatOf } from '../options.js';
import { planTable, toJson } from '../plan-text.js';
import type { Verb } from '../verb.js';

export const plan: Verb = {
  name: 'plan',
  usage: '[container-id]',
  summary: 'print what create would do, and do nothing',
  options: [...CREATE_OPTIONS, FORMAT],
  minArguments: 0,
  maxArguments: 1,
  run(context, options, [id = 'example']) {
    const prepared = prepare(context.runtime, {
      ...createOptions(context, options, id),
      dry: true,
      // A console socket is not asked for: nothing is connected.
      foreground: options.text('console-socket') === undefined,
    });
    const { plan, cgroup } = prepared;
    context.print(
      formatOf(options) === 'json' ? toJson({ plan, cgroup }) : planTable(plan, cgroup),
    );
    return 0;
  },
};
