import { OcirtError } from '../../errors.js';
import { errnoOf } from '../../runtime/errors.js';
import { type ContainerEvent, events as follow, statisticsOfAll } from '../../runtime/events.js';
import { statistics } from '../../runtime/statistics.js';
import { NAME } from '../../version.js';
import { parseDuration } from '../duration.js';
import { toJson } from '../plan-text.js';
import type { Verb } from '../verb.js';

const STDOUT = 1;

export const events: Verb = {
  name: 'events',
  usage: '<container-id> | --all',
  summary: 'print statistics and OOM events of a container, as JSON',
  description:
    'One line each, until the container has ended: its statistics once in every interval, and\n' +
    '{"type":"oom","id":ID} when the kernel has run out of its memory.',
  options: [
    {
      name: 'all',
      short: 'a',
      description: 'of all containers of the root, those to come included',
    },
    {
      name: 'interval',
      argument: 'DURATION',
      description: 'time between two statistics, such as 100ms or 1m30s',
      default: '5s',
    },
    { name: 'stats', description: 'print the statistics once' },
  ],
  minArguments: 0,
  maxArguments: 1,
  run({ runtime }, options, [id]) {
    const all = options.flag('all') === true;
    if (all !== (id === undefined)) {
      const wanted = all ? 'no argument with --all' : 'exactly 1 argument(s)';
      throw new OcirtError('usage', `${NAME}: "events" requires ${wanted}`);
    }
    const intervalMs = parseDuration(options.text('interval') ?? '', 'interval');
    if (!(intervalMs > 0)) {
      throw new OcirtError('usage', 'duration interval must be greater than 0');
    }
    // Not context.print: that nobody reads any more is the end, and must be seen.
    const emit = (event: ContainerEvent): void => runtime.native.write(STDOUT, toJson(event, 0));
    try {
      if (options.flag('stats') !== true) {
        follow(runtime, id, { intervalMs: Math.ceil(intervalMs), reader: STDOUT }, emit);
      } else if (id === undefined) {
        statisticsOfAll(runtime, emit);
      } else {
        emit({ type: 'stats', id, data: statistics(runtime, id) });
      }
    } catch (error) {
      if (errnoOf(error) !== 'EPIPE') throw error;
    }
    return 0;
  },
};
