import { processes, processTable } from '../../runtime/ps.js';
import { FORMAT, formatOf } from '../options.js';
import type { Verb } from '../verb.js';

export const ps: Verb = {
  name: 'ps',
  usage: '<container-id> [options of ps]',
  summary: 'show the processes of a container',
  description: "Runs the host's ps, with -ef if no options for it are given.",
  options: [FORMAT],
  minArguments: 1,
  maxArguments: Number.POSITIVE_INFINITY,
  passThrough: true,
  run(context, options, [id = '', ...args]) {
    if (formatOf(options) === 'json') {
      context.print(`${JSON.stringify(processes(context.runtime, id))}\n`);
    } else {
      context.print(`${processTable(context.runtime, id, args).join('\n')}\n`);
    }
    return 0;
  },
};
