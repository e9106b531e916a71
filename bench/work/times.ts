/** Work whose time is measured: each entry is one turn of one runtime, and gives some rows. */

import type { Place } from '../place.js';
import type { Runtime } from '../runtimes.js';
import { type Measure, Script } from '../timer.js';

export interface Work {
  /** The rows that a turn gives. */
  readonly rows: readonly string[];
  turn(runtime: Runtime, place: Place): Measure[];
}

const AT_ONCE = 8;

/** `run` of a program that ends at once, of a bundle. */
function run(row: string, bundle: (place: Place) => string): Work {
  return {
    rows: [row],
    turn(runtime, place) {
      const { id } = place.container(runtime);
      const measures = new Script(runtime, bundle(place)).time(row, 'run', id).run(place.scratch);
      place.gone(id);
      return measures;
    },
  };
}

const version: Work = {
  rows: ['--version'],
  turn: (runtime, place) =>
    new Script(runtime, place.scratch).time('--version', '--version').run(place.scratch),
};

/** Each verb alone, of a container that waits until it is killed. */
const verbs: Work = {
  rows: ['create', 'start', 'state', 'exec of true', 'kill', 'delete'],
  turn(runtime, place) {
    const { id, pidFile } = place.container(runtime);
    const measures = new Script(runtime, place.waiting)
      .time('create', 'create', '--pid-file', pidFile, id)
      .time('start', 'start', id)
      .time('state', 'state', id)
      .time('exec of true', 'exec', id, '/payload', 'exit', '0')
      .time('kill', 'kill', id, 'KILL')
      .reap(pidFile)
      .time('delete', 'delete', id)
      .run(place.scratch);
    place.gone(id);
    return measures;
  },
};

/** The life of a container whose program ends at once, as an engine leads it. */
export function lifeCycle(row: string, runtime: Runtime, place: Place): Measure {
  const { id, pidFile } = place.container(runtime);
  const measures = new Script(runtime, place.ending)
    .time(row, 'create', '--pid-file', pidFile, id)
    .time(row, 'start', id)
    .reap(pidFile)
    .time(row, 'delete', id)
    .run(place.scratch);
  place.gone(id);
  const ms = measures.reduce((sum, measure) => sum + measure.ms, 0);
  return { label: row, ms, megabytes: Math.max(...measures.map((each) => each.megabytes)) };
}

const LIFE_CYCLE = 'create + start + delete';

const atOnce: Work = {
  rows: [`${AT_ONCE} times run at once`],
  turn(runtime, place) {
    const containers = Array.from({ length: AT_ONCE }, () => place.container(runtime));
    const measures = new Script(runtime, place.ending)
      .together(
        `${AT_ONCE} times run at once`,
        containers.map(({ id }) => ['run', id]),
      )
      .run(place.scratch);
    for (const { id } of containers) place.gone(id);
    return measures;
  },
};

export const WORKS: readonly Work[] = [
  version,
  verbs,
  run('run of true', (place) => place.ending),
  {
    rows: [LIFE_CYCLE],
    turn: (runtime, place) => [lifeCycle(LIFE_CYCLE, runtime, place)],
  },
  run("run, Podman's config", (place) => place.podman),
  run("run, containerd's config", (place) => place.containerd),
  atOnce,
];
