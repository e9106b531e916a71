/**
 * Memory that is really out (RLIMIT_AS), at any point: a verb does its work, or ends by itself and says that
 * it is memory that it lacks. MEMORY_STEP: how many KB lie between two limits; 4 tries every page.
 */

import assert from 'node:assert/strict';
import path from 'node:path';
import { execute, OPTIONS, type Result, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';
import { assertTruth, settled } from './aftermath.js';
import { containerOf, VERBS, type Verb } from './verbs.js';

const STEP_KB = Number(process.env.MEMORY_STEP ?? 48);
/** What works with so many limits in a row works with more as well. */
const ENOUGH = 6;
/** The least that the executable takes, and the kernel beside it: below, nothing of ours runs. */
const LEAST_KB = 4_400;
const MOST_KB = 64 << 10;

const big = path.basename(RUNTIME) === 'ocirt-node';

function withMemory(s: Sandbox, kilobytes: number, words: readonly string[]): Result {
  const own = s.path('starved');
  const bytes = kilobytes << 10;
  return execute(
    'prlimit',
    [`--as=${bytes}:${bytes}`, RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...words],
    { stdout: `${own}.out`, stderr: `${own}.err` },
    { timeoutMs: 60_000 },
  );
}

/** The least with which the kernel executes it, in KB. */
function least(s: Sandbox): number {
  for (let limit = LEAST_KB; limit < LEAST_KB + 2_000; limit += 4) {
    if (withMemory(s, limit, ['--version']).signal === null) return limit;
  }
  throw new Error('what does it take so much memory for before it says a word?');
}

/** It is told what is out. */
function assertSaid(result: Result): void {
  assert.equal(result.signal, null, 'it was ended by a signal');
  if (result.status === 0) return;
  // 255: a failed exec, as runc says it.
  assert.ok([1, 255].includes(result.status), `status ${result.status}: ${result.stderr}`);
  assert.match(result.stderr, /memory/i);
}

async function tryLimit(s: Sandbox, verb: Verb, container: Container, limit: number) {
  await verb.prepare(s, container);
  const result = withMemory(s, limit, verb.words(s, container));
  const problems: string[] = [];
  const attempt = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      problems.push(`${limit} KB: ${(error as Error).message}`);
    }
  };
  await attempt(() => assertSaid(result));
  await attempt(async () => {
    const state = await assertTruth(s, container);
    if (verb.keeps) assert.notEqual(state, undefined, 'the container is gone');
  });
  await attempt(() => container.must('delete', ['--force']));
  await attempt(async () => assert.deepEqual(await settled(s), [], 'left behind'));
  return { worked: result.status === 0, problems };
}

async function tryLimits(s: Sandbox, verb: Verb): Promise<void> {
  const container = containerOf(s);
  const problems: string[] = [];
  let refused = 0;
  let worked = 0;
  for (let limit = least(s); worked < ENOUGH; limit += STEP_KB) {
    assert.ok(limit < MOST_KB, `it does not work with ${limit} KB`);
    const tried = await tryLimit(s, verb, container, limit);
    if (tried.worked) worked++;
    else {
      worked = 0;
      refused++;
    }
    problems.push(...tried.problems);
  }
  assert.deepEqual(problems, []);
  assert.ok(refused > 0, 'no limit was too low');
}

for (const verb of VERBS) {
  scenario(
    `${verb.name}: where memory is out it says so`,
    { own: true, skip: big && 'Node.js reserves gigabytes of address space' },
    (s) => tryLimits(s, verb),
  );
}
