/** How long a life takes while many other containers of the same runtime are alive. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { processExists } from '../../conformance/lib/host.js';
import type { Place } from '../place.js';
import type { Runtime } from '../runtimes.js';
import { Script } from '../timer.js';
import { lifeCycle } from './times.js';

export const crowdRow = (alive: number): string => `life cycle, ${alive} alive`;

/**
 * Calls `sample` with the milliseconds of `runs` lives for each number of containers alive, the one
 * whose life is timed among them. The numbers go up.
 */
export function measureCrowd(
  runtime: Runtime,
  place: Place,
  numbers: readonly number[],
  runs: number,
  sample: (row: string, ms: number) => void,
): void {
  const crowd: { id: string; pidFile: string }[] = [];
  try {
    for (const alive of [...numbers].sort((a, b) => a - b)) {
      while (crowd.length < alive - 1) crowd.push(add(runtime, place));
      lifeCycle('', runtime, place);
      for (let turn = 0; turn < runs; turn++) {
        sample(crowdRow(alive), lifeCycle('', runtime, place).ms);
      }
    }
  } finally {
    for (const member of crowd) remove(runtime, place, member);
  }
}

function add(runtime: Runtime, place: Place): { id: string; pidFile: string } {
  const member = place.container(runtime);
  new Script(runtime, place.waiting)
    .quiet('create', '--pid-file', member.pidFile, member.id)
    .quiet('start', member.id)
    .run(place.scratch);
  return member;
}

function remove(
  runtime: Runtime,
  place: Place,
  { id, pidFile }: { id: string; pidFile: string },
): void {
  const pid = Number(readFileSync(pidFile, 'utf8'));
  // Not by the runtime: a start of it less for each of hundreds.
  process.kill(pid, 'SIGKILL');
  // The timer that started it is gone, so it is a child of the subreaper above, which reaps it.
  while (processExists(pid)) spawnSync('sleep', ['0.002']);
  new Script(runtime, place.waiting).quiet('delete', id).run(place.scratch);
  place.gone(id);
}
