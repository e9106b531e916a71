import { remove as removeContainer } from '../../runtime/delete.js';
import { forEachMatching } from '../../runtime/matching.js';
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
    {
      name: 'regex',
      short: 'r',
      description: 'the argument is a regular expression: all containers whose IDs match',
    },
  ],
  minArguments: 1,
  maxArguments: 1,
  run(context, options, [id = '']) {
    const { runtime } = context;
    const remove = (which: string): void =>
      removeContainer(runtime, { id: which, force: options.flag('force') });
    if (options.flag('regex') === true) return forEachMatching(runtime, id, remove) ? 0 : 1;
    remove(id);
    return 0;
  },
};
