import { state as readState } from '../../runtime/state.js';
import type { Verb } from '../verb.js';

export const state: Verb = {
  name: 'state',
  usage: '<container-id>',
  summary: 'print the state of a container, as JSON',
  options: [],
  minArguments: 1,
  maxArguments: 1,
  run(context, _options, [id = '']) {
    context.print(`${JSON.stringify(readState(context.runtime, id), null, 2)}\n`);
    return 0;
  },
};
