import { features as supported } from '../../runtime/features.js';
import type { Verb } from '../verb.js';

export const features: Verb = {
  name: 'features',
  usage: '',
  summary: 'print what this runtime supports, as JSON',
  options: [],
  minArguments: 0,
  maxArguments: 0,
  run(context) {
    context.print(`${JSON.stringify(supported(context.runtime), null, 4)}\n`);
    return 0;
  },
};
