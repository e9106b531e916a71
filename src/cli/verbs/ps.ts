import { processes, processTable } from '../../runtime/ps.js';
import { choiceOf, FORMATS, yamlText } from '../options.js';
import type { Verb } from '../verb.js';

export const ps: Verb = {
  name: 'ps',
  usage: '<container-id> [options of ps]',
  summary: 'show the processes of a container',
  description: "Runs the host's ps, with -ef if no options for it are given.",
  options: [FORMATS],
  minArguments: 1,
  maxArguments: Number.POSITIVE_INFINITY,
  passThrough: true,
  async run({ runtime, print }, options, [id = '', ...args]) {
    switch (choiceOf(options, ['table', 'json', 'yaml'])) {
      case 'json':
        print(`${JSON.stringify(processes(runtime, id))}\n`);
        break;
      case 'yaml':
        print(await yamlText(processes(runtime, id)));
        break;
      default:
        print(`${processTable(runtime, id, args).join('\n')}\n`);
    }
    return 0;
  },
};
