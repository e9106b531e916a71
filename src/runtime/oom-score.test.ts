import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from '../native/fake.js';
import { openStore } from '../state/store.js';
import { SILENT } from './context.js';
import { withOomScore, writeOomScore } from './oom-score.js';

/** What is written, with a refusal of paths that match. */
function setUp(euid: number, refused: RegExp, inherited = '0') {
  const written: string[] = [];
  const { binding } = createFake({
    identity: () => ({ euid }) as never,
    readFiles: (paths) => paths.map((path) => (path.includes('self') ? '5\n' : `${inherited}\n`)),
    writeFiles: (writes) =>
      writes.flatMap(({ path, data }, index) => {
        written.push(`${path}=${data}`);
        return refused.test(path)
          ? [{ index, syscall: 'open', errno: 13, code: 'EACCES', path }]
          : [];
      }),
  });
  const runtime = {
    native: binding,
    store: openStore(binding, '/root'),
    log: SILENT,
    rootless: 'auto',
  } as const;
  return { runtime, written };
}

const plan = (oomScoreAdj?: number) =>
  ({ commit: { rlimits: [], ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }) } }) as never;
const SELF = '/proc/self/oom_score_adj';

test('not root: the score is inherited, and our own put back', () => {
  const { runtime, written } = setUp(1000, /none/);
  assert.equal(
    withOomScore(runtime, plan(100), () => written.push('spawn')),
    2,
  );
  assert.deepEqual(written, [`${SELF}=100`, 'spawn', `${SELF}=5`]);
});

test('put back also where the spawn fails', () => {
  const { runtime, written } = setUp(1000, /none/);
  assert.throws(() =>
    withOomScore(runtime, plan(100), () => {
      throw new Error('x');
    }),
  );
  assert.equal(written.at(-1), `${SELF}=5`);
});

test('root, and who asks for none, has nothing to do', () => {
  for (const [euid, score] of [
    [0, 100],
    [1000, undefined],
  ] as const) {
    const { runtime, written } = setUp(euid, /none/);
    withOomScore(runtime, plan(score), () => {});
    assert.deepEqual(written, []);
  }
});

test('what cannot be written is fine if it is so already, and an error if not', () => {
  writeOomScore(setUp(1000, /7/, '100').runtime, plan(100), 7);
  assert.throws(() => writeOomScore(setUp(1000, /7/, '5').runtime, plan(100), 7), {
    code: 'oom-score-failed',
    pointer: '/process/oomScoreAdj',
  });
});
