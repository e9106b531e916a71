/** How much memory a runtime needs: of its own, for a container that waits, and as a limit. */

import { spawnSync } from 'node:child_process';
import { plainConfig } from '../configs/configs.js';
import { type Place, TRUE } from '../place.js';
import { call, FLOOR, type Runtime } from '../runtimes.js';
import { Script } from '../timer.js';

export const PSS_ROW = 'PSS of a created container';
export const LIMIT_ROW = 'smallest memory limit, run of true';
export const peakRow = (work: string): string => `peak RSS, ${work}`;

/**
 * Megabytes (PSS) of all processes that are there for a container that was created and not yet
 * started; and the largest that its first process has been until then.
 */
export function measureCreated(
  runtime: Runtime,
  place: Place,
): { pss: number; peak: number; create: number } {
  const { id, pidFile } = place.container(runtime);
  const measures = new Script(runtime, place.waiting)
    .time('create', 'create', '--pid-file', pidFile, id)
    .peak('peak', pidFile)
    .left('pss')
    .quiet('start', id)
    .quiet('kill', id, 'KILL')
    .reap(pidFile)
    .quiet('delete', id)
    .run(place.scratch);
  place.gone(id);
  const of = (label: string) => measures.find((each) => each.label === label)?.megabytes ?? 0;
  return { pss: of('pss'), peak: of('peak'), create: of('create') };
}

const PAGE = 4096;
const MOST = 64 * 1024 * 1024;
/** A limit counts as enough if most of so many runs end well: near the edge chance has a say. */
const TRIES = 15;
const TIMEOUT_MS = 20_000;

/** The smallest memory limit in bytes (a multiple of 16 KB) with which `run` of true works. */
export function smallestLimit(runtime: Runtime, place: Place): number | undefined {
  // The floor sets no limits.
  if (runtime.name === FLOOR || !enough(runtime, place, MOST)) return undefined;
  let fails = 0;
  let works = MOST;
  while (works - fails > 4 * PAGE) {
    const middle = Math.round((fails + works) / 2 / (4 * PAGE)) * 4 * PAGE;
    if (middle === works || middle === fails) break;
    if (enough(runtime, place, middle)) works = middle;
    else fails = middle;
  }
  return works;
}

function enough(runtime: Runtime, place: Place, limit: number): boolean {
  const config = plainConfig(TRUE);
  config.linux.resources.memory = { limit };
  const bundle = place.bundle('limited', config);
  let well = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const { id } = place.container(runtime);
    const run = (args: string[]) => {
      const [program = '', ...words] = call(runtime, ...args);
      const options = { cwd: bundle, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
      return spawnSync(program, words, { ...options, stdio: 'ignore' }).status;
    };
    const status = run(['run', id]);
    if (status !== 0) run(['delete', '--force', id]);
    place.gone(id);
    if (status === 0) well++;
  }
  return well > TRIES / 2;
}
