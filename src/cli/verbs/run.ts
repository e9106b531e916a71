import { run as runContainer } from '../../runtime/run.js';
import { CREATE_OPTIONS, createOptions, DETACH } from '../options.js';
import type { Verb } from '../verb.js';

export const run: Verb = {
  name: 'run',
  usage: '<container-id>',
  summary: 'create and start a container',
  description:
    'Stays with the process and ends with its status (128 + N where signal N ended it); then the\ncontainer is deleted. With --detach, returns once the process runs.',
  options: [
    ...CREATE_OPTIONS,
    DETACH,
    { name: 'keep', description: 'do not delete the container when its process has ended' },
    { name: 'no-subreaper', description: "don't become the parent of the container's orphans" },
  ],
  minArguments: 1,
  maxArguments: 1,
  failure: 'ocirt run',
  run(context, options, [id = '']) {
    return runContainer(context.runtime, {
      ...createOptions(context, options, id),
      detach: options.flag('detach'),
      keep: options.flag('keep'),
      noSubreaper: options.flag('no-subreaper'),
    });
  },
};
