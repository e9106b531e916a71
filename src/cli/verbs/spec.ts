import { writeSpec } from '../../runtime/spec.js';
import { textOf } from '../options.js';
import type { Verb } from '../verb.js';

export const spec: Verb = {
  name: 'spec',
  usage: '',
  summary: 'write a config.json to start from',
  description:
    'It runs "sh" in the directory "rootfs" of the bundle, with a terminal, few capabilities and\nno network. Edit it to your needs.',
  options: [
    {
      name: 'bundle',
      short: 'b',
      argument: 'DIR',
      description: 'where to write it (default: the current directory)',
    },
    {
      name: 'file',
      short: 'f',
      argument: 'FILE',
      description: 'its name (default: config.json)',
    },
    { name: 'rootless', description: 'for a user without privileges' },
  ],
  minArguments: 0,
  maxArguments: 0,
  run(context, options) {
    writeSpec(context.runtime, {
      bundle: textOf(options, 'bundle'),
      file: textOf(options, 'file'),
      rootless: options.flag('rootless') === true,
    });
    return 0;
  },
};
