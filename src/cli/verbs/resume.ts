import { resume as resumeContainer } from '../../runtime/pause.js';
import type { Verb } from '../verb.js';

export const resume: Verb = {
  name: 'resume',
  usage: '<container-id>',
  summary: 'resume a paused container',
  options: [],
  minArguments: 1,
  maxArguments: 1,
  run(context, _options, [id = '']) {
    resumeContainer(context.runtime, id);
    return 0;
  },
};
