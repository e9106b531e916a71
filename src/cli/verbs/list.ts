import { list as listContainers, type StateDocument } from '../../runtime/state.js';
import { choiceOf, FORMATS, yamlText } from '../options.js';
import { formatTable } from '../table.js';
import type { Verb } from '../verb.js';

const HEADER = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];

/** The table of `list`. */
export function containerTable(documents: readonly StateDocument[]): string {
  return formatTable([
    HEADER,
    ...documents.map((document) => [
      document.id,
      String(document.pid),
      document.status,
      document.bundle,
      document.created,
      document.owner,
    ]),
  ]);
}

export const list: Verb = {
  name: 'list',
  usage: '',
  summary: 'list the containers of a root',
  options: [FORMATS, { name: 'quiet', short: 'q', description: 'print the IDs only' }],
  minArguments: 0,
  maxArguments: 0,
  async run(context, options) {
    const documents = listContainers(context.runtime, context.globals.rootGiven);
    if (options.flag('quiet') === true) {
      context.print(documents.map((document) => `${document.id}\n`).join(''));
      return 0;
    }
    switch (choiceOf(options, ['table', 'json', 'yaml'])) {
      case 'json':
        // What runc prints where there is none.
        context.print(`${documents.length === 0 ? 'null' : JSON.stringify(documents)}\n`);
        break;
      case 'yaml':
        context.print(await yamlText(documents));
        break;
      default:
        context.print(containerTable(documents));
    }
    return 0;
  },
};
