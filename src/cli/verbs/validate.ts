import { absolutePath, loadBundle } from '../../runtime/bundle.js';
import { textOf } from '../options.js';
import type { Verb } from '../verb.js';

export const validate: Verb = {
  name: 'validate',
  usage: '',
  summary: 'check the config.json of a bundle',
  description: 'Says nothing where all is well; names every fault otherwise. Touches nothing.',
  options: [
    {
      name: 'bundle',
      short: 'b',
      argument: 'DIR',
      description: 'the bundle (default: the current directory)',
    },
  ],
  minArguments: 0,
  maxArguments: 0,
  run({ runtime }, options) {
    const bundle = textOf(options, 'bundle') ?? '.';
    const path = absolutePath(runtime.native, bundle);
    loadBundle(runtime.native, runtime.log, path);
    return 0;
  },
};
