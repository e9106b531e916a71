/**
 * config.json with one thing wrong, many times, against the real program: a container that runs or a
 * clear error, never a crash, a hang or anything left.
 *
 * CONFIGS says how many (10,000 take a quarter of an hour), SEED which: the same seed, the same ones.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { notRoot } from '../lib/groups.js';
import { execute, OPTIONS, type Result, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';
import { assertCivil, settled } from './aftermath.js';

const CONFIGS = Number(process.env.CONFIGS ?? 200);
const SEED = Number(process.env.SEED ?? 1);

const NOT = { crun: 'leaves the state of a run that failed' } as const;

/** mulberry32: numbers in [0, 1), the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** As JSON text, so that numbers can be greater than a double's and keys come twice. */
const VALUES: readonly string[] = [
  ...['null', 'true', '0', '-1', '1.5', '4294967296', '18446744073709551615', '1e400', '-0'],
  ...['""', '"/"', '"../.."', '"a"', '"a\\u0000b"', '"\\ud800"', '"/payload"', '"./payload"'],
  ...[JSON.stringify('x'.repeat(5000)), JSON.stringify('/y'.repeat(500))],
  ...['[]', '[null]', '[[]]', '{}', '{"a":1}', '{"path":"/dev/null"}', '["CAP_SYS_ADMIN"]'],
  ...[`${'['.repeat(300)}${']'.repeat(300)}`],
];

/** Paths to everything in it. Not to the cgroup's path: that of another group is a valid one. */
function places(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value)
    .filter(([key]) => key !== 'cgroupsPath')
    .flatMap(([key, member]) => places(member, [...at, key]));
  return at.length === 0 ? inner : [at, ...inner];
}

/** The text with another value, or none, or a second one, at a place. */
function changed(value: unknown, at: readonly string[], how: string, text: string): string {
  if (at.length === 0) return text;
  const [key = '', ...rest] = at;
  const parts = Object.entries(value as object).flatMap(([name, member]) => {
    const label = Array.isArray(value) ? '' : `${JSON.stringify(name)}:`;
    if (name !== key) return [label + JSON.stringify(member)];
    if (rest.length > 0) return [label + changed(member, rest, how, text)];
    if (how === 'missing') return [];
    return how === 'twice' ? [label + JSON.stringify(member), label + text] : [label + text];
  });
  return Array.isArray(value) ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
}

/** In a mount namespace of its own: a config.json without one has its mounts made where we are. */
function run(s: Sandbox, container: Container): Result {
  const own = s.path('run');
  return execute(
    'unshare',
    [
      '--mount',
      RUNTIME,
      '--root',
      s.stateRoot,
      ...OPTIONS,
      'run',
      '-b',
      container.bundle,
      container.id,
    ],
    { stdout: `${own}.out`, stderr: `${own}.err` },
    { timeoutMs: 30_000 },
  );
}

scenario(`${CONFIGS} broken configurations`, { not: NOT, skip: notRoot }, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'exit', '0'];
    c.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['mode=1777'] });
    c.linux.resources = { pids: { limit: 20 }, memory: { limit: 64 << 20 } };
  });
  const config = s.readConfig(container.bundle);
  const all = places(config);
  const next = random(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const problems: string[] = [];
  let refused = 0;
  for (let turn = 0; turn < CONFIGS; turn++) {
    const at = pick(all);
    const how = pick(['other', 'other', 'other', 'missing', 'twice', 'cut']);
    const value = pick(VALUES);
    let text = changed(config, at, how, value);
    if (how === 'cut') text = text.slice(0, Math.floor(next() * text.length));
    writeFileSync(path.join(container.bundle, 'config.json'), text);
    try {
      const result = run(s, container);
      if (result.status !== 0) refused++;
      assertCivil(result);
      const left = await settled(s);
      assert.deepEqual(left, []);
    } catch (error) {
      const file = s.path(`broken-${turn}.json`);
      writeFileSync(file, text);
      problems.push(`/${at.join('/')} ${how} ${value.slice(0, 40)}: ${(error as Error).message}`);
      container.call('delete', ['--force']);
    }
  }
  assert.deepEqual(problems, []);
  // Some change nothing that matters.
  assert.ok(refused > CONFIGS / 3, `only ${refused} of ${CONFIGS} were refused`);
  assert.ok(refused < CONFIGS, 'all were refused: the one that is not broken, too?');
});
