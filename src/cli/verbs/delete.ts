import { remove as removeContainer } from '../../runtime/delete.js';
import type { Verb } from '../verb.js';

export const remove: Verb = {
  name: 'delete',
  usage: '<container-id>',
  summary: 'delete a container and all that was made for it',
  options: [
    {
      name: 'force',
      short: 'f',
      description: 'kill its processes first; say nothing if there is no such container',
    },
  ],
  minArguments: 1,
  maxArguments: 1,
  run(context, options, [id = '']) {
    removeContainer(context.runtime, { id, force: options.flag('force') });
    return 0;
  },
};
