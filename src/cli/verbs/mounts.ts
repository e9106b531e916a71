import { OcirtError } from '../../errors.js';
import { changeMounts } from '../../runtime/mounts.js';
import type { Verb } from '../verb.js';

export const mounts: Verb = {
  name: 'mounts',
  usage: 'add|remove <container-id> <file>',
  summary: 'add mounts to a running container, or remove them',
  description:
    'The file is JSON: an array like "mounts" of config.json, or an object that has one. Of those to\nremove only the destinations count; no symbolic link may lead to one.',
  options: [],
  minArguments: 3,
  maxArguments: 3,
  choices: { at: 0, words: ['add', 'remove'] },
  failure: 'mounts',
  run(context, _options, [action = '', id = '', file = '']) {
    if (action !== 'add' && action !== 'remove') {
      throw new OcirtError('usage', `"${action}" is not add or remove`);
    }
    changeMounts(context.runtime, { id, action, file });
    return 0;
  },
};
