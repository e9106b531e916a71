/**
 * A create is a transaction: killed at any point, `delete --force` removes all of it. And many
 * containers at once do not get into each other's way.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sleep, waitFor } from '../lib/host.js';
import { type Ended, endOf } from '../lib/limit.js';
import { OPTIONS, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const NOT = {
  runc: 'leaves what a killed create had made',
  crun: 'leaves what a killed create had made',
} as const;

/** Starts a program that is to be killed or to end, and tells how it ended. */
function begin(
  s: Sandbox,
  program: string,
  args: string[],
): { pid: number; ended: Promise<Ended> } {
  const out = openSync(s.path('begun.out'), 'a');
  const child = spawn(program, args, { stdio: ['ignore', out, out] });
  closeSync(out);
  return { pid: child.pid ?? -1, ended: endOf(child, 'create') };
}

function createOf(s: Sandbox, container: Container): string[] {
  return ['--root', s.stateRoot, ...OPTIONS, 'create', '--bundle', container.bundle, container.id];
}

/** What is left after a forced delete; a process that was killed gets a moment to be gone. */
async function leftAfterDelete(s: Sandbox, container: Container): Promise<string[]> {
  container.must('delete', ['--force']);
  for (let tries = 0; tries < 250 && s.leftovers().length > 0; tries++) await sleep(20);
  return s.leftovers();
}

const MOMENTS = 40;

scenario(
  `create killed at ${MOMENTS} moments of its run: delete --force leaves nothing`,
  { not: NOT },
  async (s) => {
    const whole = s.container();
    const from = Date.now();
    whole.must('create', ['--bundle', whole.bundle]);
    let duration = Date.now() - from;
    assert.deepEqual(await leftAfterDelete(s, whole), []);
    let killed = 0;
    const container = s.container();
    for (let moment = 0; moment < MOMENTS; moment++) {
      const begun = Date.now();
      let took = Infinity;
      const create = begin(s, RUNTIME, createOf(s, container));
      const ended = create.ended.then((how) => {
        took = Date.now() - begun;
        return how;
      });
      await sleep((duration * moment) / MOMENTS);
      try {
        process.kill(create.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
      if ((await ended).signal === 'SIGKILL') killed++;
      // The machine has less to do now than when it was measured.
      else duration = Math.min(duration, took);
      assert.deepEqual(await leftAfterDelete(s, container), [], `killed at moment ${moment}`);
    }
    assert.ok(killed > MOMENTS / 4, `only ${killed} were killed in time`);
  },
);

/**
 * The system calls by which create changes the world, or hands something on. strace ends the
 * create as it makes the Nth of a kind; the numbers are spread over as many as a whole create makes.
 */
const KINDS = [
  ...['mkdir', 'mkdirat', 'rename', 'renameat2', 'openat', 'openat2', 'write', 'bind', 'listen'],
  ...['memfd_create', 'clone3', 'sendmsg', 'sendto', 'recvmsg', 'recvfrom', 'unlink', 'fchmod'],
] as const;

const MOST_OF_A_KIND = 6;
/** With one call of each kind there would be as many. */
const FEWEST_POINTS = 12;
const STRACE = '/usr/bin/strace';

/** A create that strace has seen end: its calls by name, and whether it was killed. */
interface Traced {
  readonly calls: readonly string[];
  readonly killed: boolean;
}

/**
 * The main thread's part of a trace, which begins with its execve; undefined while it goes on.
 * Other processes and threads, whose pids are other ones, may go on, such as the container.
 */
function mainOf(trace: string): Traced | undefined {
  const lines = trace.split('\n');
  // strace pads a pid to five places.
  const pid = /^(\d+) +execve\(/.exec(lines[0] ?? '')?.[1];
  const mine = lines.map((line) => new RegExp(`^${pid} +(.*)$`).exec(line)?.[1] ?? '');
  const end = mine.find((line) => line.startsWith('+++ '));
  if (pid === undefined || end === undefined) return undefined;
  const calls = mine.flatMap((line) => /^(\w+)\(/.exec(line)?.[1] ?? []);
  return { calls, killed: end.includes('killed by SIGKILL') };
}

/** Runs `create` under strace until it has ended, whatever of the container goes on. */
async function createUnderStrace(
  s: Sandbox,
  container: Container,
  kinds: readonly string[],
  options: string[] = [],
): Promise<Traced> {
  const trace = s.path('trace');
  rmSync(trace, { force: true });
  // -I 1: strace itself can be ended while the container it has seen begin goes on.
  const traced = begin(s, STRACE, [
    ...['-I', '1', '-f', '-q', '-o', trace, '-e', `trace=execve,${kinds.join(',')}`, ...options],
    ...[RUNTIME, '--root', s.stateRoot, ...OPTIONS],
    ...['create', '--bundle', container.bundle, container.id],
  ]);
  let over = false;
  const ended = traced.ended.finally(() => {
    over = true;
  });
  ended.catch(() => {});
  const main = () => (existsSync(trace) ? mainOf(readFileSync(trace, 'utf8')) : undefined);
  await waitFor('the end of the create', () => over || main() !== undefined);
  if (!over) process.kill(traced.pid, 'SIGTERM');
  await ended;
  const result = main();
  assert.ok(result, `strace has not seen create end: ${readFileSync(trace, 'utf8').slice(-500)}`);
  return result;
}

/** How often the main thread of a create makes each of the calls. */
async function countCalls(s: Sandbox): Promise<Map<string, number>> {
  const container = s.container();
  const { calls } = await createUnderStrace(s, container, KINDS);
  assert.deepEqual(await leftAfterDelete(s, container), []);
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return counts;
}

scenario(
  'create killed at the system calls that it makes: delete --force leaves nothing',
  { not: NOT, skip: !existsSync(STRACE) && 'strace is not installed' },
  async (s) => {
    const counts = await countCalls(s);
    const container = s.container();
    const notMet: string[] = [];
    let points = 0;
    for (const kind of KINDS) {
      const count = counts.get(kind) ?? 0;
      const tries = Math.min(count, MOST_OF_A_KIND);
      for (let at = 1; at <= tries; at++) {
        // The last ones first: the beginning of a create is the start of its interpreter.
        const when = count - Math.floor(((tries - at) * count) / (2 * tries));
        const { killed } = await createUnderStrace(
          s,
          container,
          [kind],
          ['-e', `inject=${kind}:signal=KILL:when=${when}`],
        );
        points++;
        if (!killed) notMet.push(`${kind} ${when} of ${count}`);
        assert.deepEqual(await leftAfterDelete(s, container), [], `killed at ${kind} ${when}`);
      }
    }
    assert.ok(points >= FEWEST_POINTS, `only ${points} points`);
    // strace counts for each process, and another one that makes as many calls may be killed in its place.
    assert.ok(notMet.length <= points / 5, `not killed at ${notMet} (${points} points in all)`);
  },
);

scenario('a record without its lock, as of a delete that was killed', { own: true }, async (s) => {
  const container = await s.running();
  rmSync(path.join(s.stateRoot, container.id, 'lock'));
  assert.equal(container.state().status, 'running');
  assert.notEqual(container.call('delete').status, 0, 'it runs');
  assert.deepEqual(await leftAfterDelete(s, container), []);
});

const MANY = 50;

scenario(`${MANY} containers created, started and deleted at once`, {}, async (s) => {
  const containers = Array.from({ length: MANY }, () => s.container());
  const all = async (args: (container: Container) => string[]) => {
    const ended = containers.map(
      (container) =>
        begin(s, RUNTIME, ['--root', s.stateRoot, ...OPTIONS, ...args(container)]).ended,
    );
    for (const { status, signal } of await Promise.all(ended)) {
      assert.deepEqual({ status, signal }, { status: 0, signal: null });
    }
  };
  await all((container) => ['create', '--bundle', container.bundle, container.id]);
  const listed = s.runtime(['list', '-q']).stdout.trim().split('\n');
  assert.deepEqual(listed.sort(), containers.map((container) => container.id).sort());
  await all((container) => ['start', container.id]);
  await all((container) => ['delete', '--force', container.id]);
  for (let tries = 0; tries < 250 && s.leftovers().length > 0; tries++) await sleep(20);
  s.assertClean();
});

scenario('one id created by ten at once: one gets it', {}, async (s) => {
  const container = s.container();
  const ended = Array.from({ length: 10 }, () => begin(s, RUNTIME, createOf(s, container)).ended);
  const good = (await Promise.all(ended)).filter(({ status }) => status === 0);
  assert.equal(good.length, 1);
  assert.equal(container.state().status, 'created');
});
