/**
 * Every verb, made to fail and killed at the system calls that it makes: afterwards `state` tells the
 * truth, a transaction has left nothing, `delete --force` removes all, and a second try works.
 *
 * FAULTS=all goes through each call with each error; without it, a selection that takes a minute.
 */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';
import { assertCivil, assertTruth, settled } from './aftermath.js';
import { CALLS, faultsOf } from './points.js';
import { countCalls, type Fault, kills, nameOf, noStrace, withFault } from './strace.js';
import { containerOf, VERBS, type Verb } from './verbs.js';

const MOST_OF_A_KIND = process.env.FAULTS === 'all' ? Infinity : 2;

/** How often a point is tried that the verb does not come to. */
const TRIES = 3;

const NOT = {
  runc: 'Go ends it with SIGSEGV where it gets no memory for a thread',
  crun: 'of what a killed create has left, state names a file that is missing, not that there is none',
} as const;

/** One point. Throws what is not as it must be. @returns whether the verb came to it */
async function tryPoint(
  s: Sandbox,
  verb: Verb,
  container: Container,
  fault: Fault,
): Promise<boolean> {
  await verb.prepare(s, container);
  const result = withFault(s, fault, verb.words(s, container));
  if (!kills(fault)) assertCivil(result);
  const state = await assertTruth(s, container);
  if (verb.undoes && result.status !== 0 && !kills(fault)) {
    assert.deepEqual(await settled(s), [], `left by a failure: ${result.stderr}`);
  }
  if (verb.keeps) assert.notEqual(state, undefined, 'the container is gone');
  const forced = container.call('delete', ['--force']);
  assert.equal(forced.status, 0, `delete --force: ${forced.stderr}`);
  assert.deepEqual(await settled(s), [], 'after delete --force');
  return result.met;
}

/** Ends a runtime that hangs: with it the next points would fail. */
function killLeft(s: Sandbox): void {
  for (const line of s.leftovers()) {
    const pid = /^process (\d+) /.exec(line)?.[1];
    if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
  }
}

async function tryAll(s: Sandbox, verb: Verb): Promise<void> {
  const container = containerOf(s);
  await verb.prepare(s, container);
  const counts = countCalls(s, CALLS, verb.words(s, container));
  assert.ok(counts.size >= 5, `calls of ${counts.size} kinds only`);
  container.call('delete', ['--force']);
  assert.deepEqual(await settled(s), []);

  const faults = faultsOf(counts, MOST_OF_A_KIND, verb.spared);
  console.log(`# ${verb.name}: ${faults.length} points`);
  assert.ok(faults.length >= 10);
  const problems: string[] = [];
  let met = 0;
  for (const fault of faults) {
    try {
      // The second try is the next point: the same container, made anew. A verb that waited for less than it
      // did when its calls were counted does not come to the last of them: then once more.
      for (let tries = 0; tries < TRIES; tries++) {
        if (!(await tryPoint(s, verb, container, fault))) continue;
        met++;
        break;
      }
    } catch (error) {
      problems.push(`${nameOf(fault)}: ${(error as Error).message}`);
      killLeft(s);
      container.call('delete', ['--force']);
      await settled(s);
      // Where even that leaves it, the next points are still to be tried.
      rmSync(path.join(s.stateRoot, container.id), { recursive: true, force: true });
    }
  }
  console.log(`# ${verb.name}: ${met} met, ${problems.length} failed`);
  assert.deepEqual(problems, []);
  // How often a call is made may differ by a few from one run to the next.
  assert.ok(met > faults.length * 0.9, `only ${met} of ${faults.length} faults were met`);
}

for (const verb of VERBS) {
  scenario(
    `${verb.name}: where it fails or is killed, nothing is lost and nothing stays`,
    { not: NOT, skip: noStrace },
    (s) => tryAll(s, verb),
  );
}
