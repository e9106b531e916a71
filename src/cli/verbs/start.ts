import { start as startContainer } from '../../runtime/start.js';
import type { Verb } from '../verb.js';

export const start: Verb = {
  name: 'start',
  usage: '<container-id>',
  summary: 'start a created container',
  options: [],
  minArguments: 1,
  maxArguments: 1,
  run(context, _options, [id = '']) {
    startContainer(context.runtime, id);
    return 0;
  },
};
