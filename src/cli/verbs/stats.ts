import { usage, usageOfAll } from '../../runtime/usage.js';
import { choiceOf, FORMATS, yamlText } from '../options.js';
import { toJson } from '../plan-text.js';
import { usageReport, usageTable } from '../usage-text.js';
import type { Verb } from '../verb.js';

const FORMAT_NAMES = ['table', 'report', 'json', 'yaml'] as const;

export const stats: Verb = {
  name: 'stats',
  usage: '[container-id...]',
  summary: 'show what containers have used: time, memory, pids, I/O',
  description:
    'Of these containers, or of all. A stopped one is told of as long as its cgroup is there: until\n' +
    'it is deleted, or, where systemd made the cgroup, until its last process has ended. "-" is what\n' +
    'the kernel does not count, or a limit that there is not.',
  options: [
    {
      ...FORMATS,
      description: "'table', 'report' (in words), 'json' or 'yaml'",
      choices: FORMAT_NAMES,
    },
  ],
  minArguments: 0,
  maxArguments: Number.POSITIVE_INFINITY,
  async run({ runtime, globals, print }, options, ids) {
    const format = choiceOf(options, FORMAT_NAMES);
    const containers =
      ids.length > 0
        ? ids.map((id) => usage(runtime, id))
        : usageOfAll(runtime, globals.rootGiven, (message) => runtime.log.warn(message));
    switch (format) {
      case 'json':
        print(toJson(containers));
        break;
      case 'yaml':
        print(await yamlText(containers));
        break;
      case 'report':
        print(usageReport(containers));
        break;
      default:
        print(usageTable(containers));
    }
    return 0;
  },
};
