import { absolutePath, loadBundle, readBundle } from '../../runtime/bundle.js';
import { validate as judge } from '../../runtime/validate.js';
import { checkFormat } from '../../spec/load.js';
import { FORMAT, formatOf, textOf } from '../options.js';
import type { Verb } from '../verb.js';

export const validate: Verb = {
  name: 'validate',
  usage: '',
  summary: 'check the config.json of a bundle',
  description:
    'Says nothing where all is well; names every fault otherwise. Touches nothing. With the format\n' +
    'json, both are an object: "valid", "faults" and "warnings".',
  options: [
    {
      name: 'bundle',
      short: 'b',
      argument: 'DIR',
      description: 'the bundle (default: the current directory)',
    },
    FORMAT,
    {
      name: 'format-only',
      description:
        "only the form, as the specification's JSON schema has it: not what properties mean together",
    },
  ],
  minArguments: 0,
  maxArguments: 0,
  run({ runtime, print }, options) {
    const path = absolutePath(runtime.native, textOf(options, 'bundle') ?? '.');
    const formatOnly = options.flag('format-only') === true;
    if (formatOf(options) === 'json') {
      const verdict = judge(runtime, { bundle: path, formatOnly });
      print(`${JSON.stringify(verdict, null, 2)}\n`);
      return verdict.valid ? 0 : 1;
    }
    if (formatOnly) {
      const { file, text } = readBundle(runtime.native, path);
      for (const { pointer, message } of checkFormat(text, file)) {
        runtime.log.warn(`config.json ${pointer}: ${message}`);
      }
    } else loadBundle(runtime.native, runtime.log, path);
    return 0;
  },
};
