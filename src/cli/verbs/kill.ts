import { OcirtError } from '../../errors.js';
import { parseSignal, SIGNALS } from '../../plan/signals.js';
import { kill as killContainer } from '../../runtime/kill.js';
import type { Verb } from '../verb.js';

export const kill: Verb = {
  name: 'kill',
  usage: '<container-id> [signal]',
  summary: "send a signal to a container's first process",
  description: 'The signal is a number or a name, with SIG or without; SIGTERM if none is given.',
  options: [
    {
      name: 'all',
      short: 'a',
      description: 'to all processes of the container, also of a stopped one',
    },
  ],
  minArguments: 1,
  maxArguments: 2,
  choices: { at: 1, words: Object.keys(SIGNALS) },
  run(context, options, [id = '', signal = 'SIGTERM']) {
    const number = parseSignal(signal);
    if (number === undefined) throw new OcirtError('usage', `unknown signal "${signal}"`);
    killContainer(context.runtime, {
      id,
      signal: number,
      all: options.flag('all'),
    });
    return 0;
  },
};
