import { pause as pauseContainer } from '../../runtime/pause.js';
import type { Verb } from '../verb.js';

export const pause: Verb = {
  name: 'pause',
  usage: '<container-id>',
  summary: 'suspend all processes of a container',
  options: [],
  minArguments: 1,
  maxArguments: 1,
  run(context, _options, [id = '']) {
    pauseContainer(context.runtime, id);
    return 0;
  },
};
