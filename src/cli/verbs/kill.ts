import { OcirtError } from '../../errors.js';
import { parseSignal, SIGNALS } from '../../plan/signals.js';
import { kill as killContainer } from '../../runtime/kill.js';
import { forEachMatching } from '../../runtime/matching.js';
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
    {
      name: 'regex',
      short: 'r',
      description: 'the argument is a regular expression: all containers whose IDs match',
    },
  ],
  minArguments: 1,
  maxArguments: 2,
  choices: { at: 1, words: Object.keys(SIGNALS) },
  run(context, options, [id = '', signal = 'SIGTERM']) {
    const number = parseSignal(signal);
    if (number === undefined) throw new OcirtError('usage', `unknown signal "${signal}"`);
    const send = (to: string): void =>
      killContainer(context.runtime, { id: to, signal: number, all: options.flag('all') });
    if (options.flag('regex') === true) return forEachMatching(context.runtime, id, send) ? 0 : 1;
    send(id);
    return 0;
  },
};
