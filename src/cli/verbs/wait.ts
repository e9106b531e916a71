import { OcirtError } from '../../errors.js';
import { wait as waitForEnd } from '../../runtime/wait.js';
import { formatOf } from '../options.js';
import type { Verb } from '../verb.js';

export const wait: Verb = {
  name: 'wait',
  usage: '<container-id>',
  summary: "wait for the end of a container's first process, and print its exit status",
  description:
    'Prints the status that run would end with (128 + N where signal N ended it), or "unknown".\nA container that was created with --monitor keeps it.',
  options: [
    {
      name: 'format',
      short: 'f',
      argument: 'FORMAT',
      description: "'table' (the number alone) or 'json'",
      default: 'table',
      choices: ['table', 'json'],
    },
    { name: 'exit-code', description: "end with the container's status, too" },
  ],
  minArguments: 1,
  maxArguments: 1,
  run(context, options, [id = '']) {
    const format = formatOf(options);
    const end = waitForEnd(context.runtime, id);
    context.print(
      format === 'json' ? `${JSON.stringify({ id, ...end })}\n` : `${end.exitCode ?? 'unknown'}\n`,
    );
    if (end.exitCode === null) {
      const message = `how container ${id} ended is not known`;
      const hint = 'create it with --monitor';
      if (options.flag('exit-code') === true) {
        throw new OcirtError('exit-unknown', message, { hint });
      }
      context.runtime.log.warn(`${message}: ${hint}`);
    }
    return options.flag('exit-code') === true ? (end.exitCode ?? 1) : 0;
  },
};
