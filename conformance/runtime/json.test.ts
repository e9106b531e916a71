/** Every verb that prints says it as JSON, too. A verb without a row here fails. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Container, Sandbox } from '../lib/sandbox.js';
import { scenario } from '../lib/sandbox.js';

interface Place {
  readonly s: Sandbox;
  /** Runs, with a monitor. */
  readonly container: Container;
  /** Has ended, with status 3. */
  readonly ended: Container;
}

/** What is called, and what has to be true of the answer; 'nothing' for verbs that print nothing. */
type Row =
  | 'nothing'
  | {
      readonly args: (place: Place) => readonly string[];
      readonly holds: (answer: never, place: Place) => void;
      readonly status: number;
      /** The answer is an array of what each line says. */
      readonly lines: boolean;
    };

const row = <Answer>(
  args: (place: Place) => readonly string[],
  holds: (answer: Answer, place: Place) => void,
  { status = 0, lines = false }: { readonly status?: number; readonly lines?: boolean } = {},
): Row => ({ args, holds: holds as (answer: never, place: Place) => void, status, lines });

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const ROWS: Readonly<Record<string, Row>> = {
  bundle: 'nothing',
  checkpoint: 'nothing',
  completion: row<{ verbs: { name: string }[]; globals: { names: string[] }[] }>(
    () => ['completion', 'json'],
    ({ verbs, globals }) => {
      assert.ok(verbs.some(({ name }) => name === 'create'));
      assert.ok(globals.some(({ names }) => names.includes('--root')));
    },
  ),
  create: 'nothing',
  delete: 'nothing',
  doctor: row<{ usable: boolean; checks: { area: string; name: string; grade: string }[] }>(
    () => ['doctor', '--format', 'json'],
    ({ usable, checks }) => {
      assert.equal(usable, true);
      assert.ok(checks.some(({ area, grade }) => area === 'kernel' && grade === 'good'));
    },
  ),
  events: row<{ type: string; id: string; data: { pids: { current: number } } }>(
    ({ container }) => ['events', '--stats', container.id],
    ({ type, id, data }, { container }) => {
      assert.deepEqual([type, id], ['stats', container.id]);
      assert.ok(data.pids.current >= 1);
    },
  ),
  // What the process prints is its own.
  exec: 'nothing',
  sandbox: 'nothing',
  run: 'nothing',
  restore: 'nothing',
  features: row<{ ociVersionMin: string; hooks: string[] }>(
    () => ['features'],
    ({ ociVersionMin, hooks }) => {
      assert.match(ociVersionMin, /^1\./);
      assert.ok(hooks.includes('poststop'));
    },
  ),
  kill: 'nothing',
  list: row<{ id: string; status: string }[]>(
    () => ['list', '--format', 'json'],
    (list, { container, ended }) => {
      const statuses = new Map(list.map(({ id, status }) => [id, status]));
      assert.equal(statuses.get(container.id), 'running');
      assert.equal(statuses.get(ended.id), 'stopped');
    },
  ),
  mounts: 'nothing',
  pause: 'nothing',
  plan: row<{ plan: { steps: { op: string }[] } }>(
    ({ container }) => ['plan', '--format', 'json', '--bundle', container.bundle],
    ({ plan }) => assert.ok(plan.steps.some(({ op }) => op === 'pivot')),
  ),
  ps: row<number[]>(
    ({ container }) => ['ps', '--format', 'json', container.id],
    (pids, { container }) => assert.deepEqual(pids, [container.state().pid]),
  ),
  resume: 'nothing',
  // It writes a file of JSON.
  spec: 'nothing',
  start: 'nothing',
  state: row<{ id: string; status: string; exit?: { exitCode: number } }>(
    ({ ended }) => ['state', ended.id],
    ({ id, status, exit }, { ended }) => {
      assert.deepEqual([id, status], [ended.id, 'stopped']);
      assert.ok(exit !== undefined && 'exitCode' in exit);
    },
  ),
  stats: row<unknown>(
    ({ container }) => ['stats', '--format', 'json', container.id],
    (answer, { container }) => assert.ok(JSON.stringify(answer).includes(`"${container.id}"`)),
  ),
  top: row<unknown>(
    () => ['top', '--once', '--format', 'json'],
    (answer, { container }) => assert.ok(JSON.stringify(answer).includes(`"${container.id}"`)),
    { lines: true },
  ),
  update: 'nothing',
  validate: row<{ valid: boolean; faults: { pointer: string; line: number; code: string }[] }>(
    ({ s }) => {
      const bundle = s.bundle((c) => {
        Object.assign(c.root, { path: 5 });
      });
      return ['validate', '--format', 'json', '--bundle', bundle];
    },
    ({ valid, faults }) => {
      assert.equal(valid, false);
      assert.deepEqual(
        faults.map(({ pointer }) => pointer),
        ['/root/path'],
      );
      assert.ok((faults[0]?.line ?? 0) >= 1);
      assert.equal(faults[0]?.code, 'config-invalid');
    },
    { status: 1 },
  ),
  wait: row<{ id: string; exitCode: number | null }>(
    ({ ended }) => ['wait', '--format', 'json', ended.id],
    (answer, { ended }) => {
      assert.equal(answer.id, ended.id);
      // Before Linux 6.15 a parent that reaps at once may be faster than the monitor.
      assert.ok(answer.exitCode === 3 || answer.exitCode === null);
    },
  ),
};

scenario('JSON of every verb that prints', { own: true }, async (s) => {
  const container = await s.running();
  const ended = s.created(
    (c) => {
      c.process.args = ['/payload', 'exit', '3'];
    },
    ['--monitor'],
  );
  ended.must('start');
  await ended.until('stopped');
  const help = s.runtime(['--help']).stdout;
  const [, listed = ''] = /\nCOMMANDS:\n((?:.+\n)+)/.exec(help) ?? [];
  const verbs = [...listed.matchAll(/^ {3}([a-z]+)/gm)].map(([, name = '']) => name);
  assert.deepEqual([...verbs].sort(), Object.keys(ROWS).sort());
  const place = { s, container, ended };
  for (const verb of verbs) {
    const row = ROWS[verb];
    if (row === undefined || row === 'nothing') continue;
    const result = s.runtime([...row.args(place)]);
    assert.equal(result.status, row.status, `${verb}: ${result.stderr}`);
    row.holds((row.lines ? lines(result.stdout) : JSON.parse(result.stdout)) as never, place);
  }
});

scenario('verbs that print nothing do print nothing', { own: true }, async (s) => {
  const container = await s.running();
  const mounts = s.path('mounts.json');
  s.writeConfig(s.dir, []);
  for (const args of [
    ['mounts', 'add', container.id, path.join(s.dir, 'config.json')],
    ['pause', container.id],
    ['resume', container.id],
    ['update', '--pids-limit', '50', container.id],
    ['spec', '--bundle', s.dir, '--file', mounts],
    ['kill', container.id, 'KILL'],
    ['delete', '--force', container.id],
  ]) {
    const result = s.runtime(args);
    assert.deepEqual([result.status, result.stdout], [0, ''], `${args.join(' ')} ${result.stderr}`);
  }
  assert.ok(JSON.parse(readFileSync(mounts, 'utf8')).ociVersion);
});
