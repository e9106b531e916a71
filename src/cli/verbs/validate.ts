import { absolutePath, loadBundle, readBundle } from '../../runtime/bundle.js';
import { checkFormat } from '../../spec/load.js';
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
    {
      name: 'format-only',
      description:
        "only the form, as the specification's JSON schema has it: not what properties mean together",
    },
  ],
  minArguments: 0,
  maxArguments: 0,
  run({ runtime }, options) {
    const bundle = textOf(options, 'bundle') ?? '.';
    const path = absolutePath(runtime.native, bundle);
    if (options.flag('format-only') === true) {
      const { file, text } = readBundle(runtime.native, path);
      for (const { pointer, message } of checkFormat(text, file)) {
        runtime.log.warn(`config.json ${pointer}: ${message}`);
      }
    } else loadBundle(runtime.native, runtime.log, path);
    return 0;
  },
};
