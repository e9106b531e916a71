import { list as listContainers, type StateDocument } from '../../runtime/state.js';
import { FORMAT, formatOf } from '../options.js';
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
  options: [FORMAT, { name: 'quiet', short: 'q', description: 'print the IDs only' }],
  minArguments: 0,
  maxArguments: 0,
  run(context, options) {
    const documents = listContainers(context.runtime, context.globals.rootGiven);
    if (options.flag('quiet') === true) {
      context.print(documents.map((document) => `${document.id}\n`).join(''));
    } else if (formatOf(options) === 'json') {
      // What runc prints where there is none.
      context.print(`${documents.length === 0 ? 'null' : JSON.stringify(documents)}\n`);
    } else {
      context.print(containerTable(documents));
    }
    return 0;
  },
};
