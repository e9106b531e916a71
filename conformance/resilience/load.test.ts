/**
 * Many verbs at once. LIFE_CYCLES says how many life cycles sixteen workers share; a few without it.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { endOf } from '../lib/limit.js';
import { OPTIONS, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';
import { assertTruth, settled } from './aftermath.js';

const LIFE_CYCLES = Number(process.env.LIFE_CYCLES ?? 64);
const WORKERS = 16;

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

let count = 0;

/** Runs a verb beside others. */
function begin(container: Container, words: string[]): Promise<Ended> {
  const s = container.sandbox;
  const file = s.path(`begun-${count++}`);
  const output = openSync(file, 'a');
  const child = spawn(RUNTIME, ['--root', s.stateRoot, ...OPTIONS, ...words], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  s.defer(() => child.kill('SIGKILL'));
  return endOf(child, words.join(' ')).then(({ status }) => ({
    status,
    stderr: readFileSync(file, 'utf8'),
  }));
}

const createWords = ({ id, bundle }: Container): string[] => ['create', '--bundle', bundle, id];

function pausing(s: Sandbox): Container {
  return s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
}

async function lifeCycle(container: Container): Promise<void> {
  const { id } = container;
  for (const words of [
    createWords(container),
    ['start', id],
    ['state', id],
    ['exec', id, '/payload', 'exit', '0'],
    ['kill', id, 'KILL'],
    ['delete', '--force', id],
  ]) {
    const { status, stderr } = await begin(container, words);
    assert.equal(status, 0, `${words[0]} ${id}: ${stderr}`);
  }
}

scenario(`${LIFE_CYCLES} life cycles by ${WORKERS} workers: none fails`, {}, async (s) => {
  const containers = Array.from({ length: WORKERS }, () => pausing(s));
  let left = LIFE_CYCLES;
  await Promise.all(
    containers.map(async (container) => {
      while (left-- > 0) await lifeCycle(container);
    }),
  );
  assert.deepEqual(await settled(s), []);
});

/** Two verbs at once, many times: whoever wins, the truth is told and all can be removed. */
function race(
  name: string,
  prepare: (container: Container) => void,
  first: (container: Container) => string[],
  second: (container: Container) => string[],
): void {
  scenario(`at once: ${name}`, {}, async (s) => {
    const container = pausing(s);
    for (let turn = 0; turn < 8; turn++) {
      prepare(container);
      const both = [first(container), second(container)];
      if (turn % 2 === 1) both.reverse();
      const ended = await Promise.all(both.map((words) => begin(container, words)));
      for (const { status, stderr } of ended) {
        assert.notEqual(status, null, stderr);
        // From 128 on it is the status of an exec whose process the other verb has killed.
        if (status !== 0 && (status ?? 0) < 128) assert.notEqual(stderr.trim(), '');
      }
      await assertTruth(s, container);
      container.must('delete', ['--force']);
      assert.deepEqual(await settled(s), []);
    }
  });
}

const none = (): void => {};
const created = (container: Container): void => {
  container.must('create', ['--bundle', container.bundle]);
};
const running = (container: Container): void => {
  created(container);
  container.must('start');
};
const verb =
  (...words: string[]) =>
  ({ id }: Container): string[] => [...words, id];

race('start and delete --force', created, verb('start'), verb('delete', '--force'));
race('create and create', none, createWords, createWords);
race('create and delete --force', none, createWords, verb('delete', '--force'));
race('create and kill', none, createWords, ({ id }) => ['kill', id, 'KILL']);
race(
  'exec and delete --force',
  running,
  ({ id }) => ['exec', id, '/payload', 'exit', '0'],
  verb('delete', '--force'),
);
race('pause and kill', running, verb('pause'), ({ id }) => ['kill', id, 'KILL']);
race(
  'update and delete --force',
  running,
  ({ id }) => ['update', '--pids-limit', '9', id],
  verb('delete', '--force'),
);
