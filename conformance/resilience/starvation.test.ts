/**
 * Too little of something: descriptors, memory, processes, room or rights in the state folder. Each
 * verb says what it lacks or does its work; nothing half done stays, and with enough it works.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { notRoot } from '../lib/groups.js';
import { cgroupMounts } from '../lib/host.js';
import { execute, OPTIONS, type Result, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';
import { assertCivil, assertTruth, settled } from './aftermath.js';
import { VERBS } from './verbs.js';

/** Of crun 1.8.1: what a create that was killed has left of a state's folder, `state` cannot read. */
const REMAINS = 'state names a file that is missing, not that there is no such container';

/** Node.js itself needs some 30 descriptors and hundreds of MB of address space. */
const big = path.basename(RUNTIME) === 'ocirt-node';

const pausing = (s: Sandbox): Container =>
  s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });

/** Runs a verb below a program that takes something from it. */
function below(s: Sandbox, program: string, args: string[], words: string[]): Result {
  const own = s.path('starved');
  return execute(
    program,
    [...args, RUNTIME, '--root', s.stateRoot, ...OPTIONS, ...words],
    { stdout: `${own}.out`, stderr: `${own}.err` },
    { timeoutMs: 60_000 },
  );
}

/** All verbs but `run`, whose process would have the limit as well, with each of these limits. */
async function withLimits(s: Sandbox, option: string, limits: readonly number[]): Promise<void> {
  const container = pausing(s);
  let refused = 0;
  for (const verb of VERBS.filter(({ name }) => name !== 'run')) {
    for (const limit of limits) {
      const point = `${verb.name} with ${option} ${limit}`;
      await verb.prepare(s, container);
      const words = verb.words(s, container);
      const result = below(s, 'prlimit', [`${option}=${limit}:${limit}`], words);
      // Below what its start takes, the kernel ends a program before it can say anything.
      if (result.signal === null) assertCivil(result);
      const state = await assertTruth(s, container);
      if (result.status !== 0) {
        refused++;
        if (verb.undoes) assert.deepEqual(await settled(s), [], `${point}: ${result.stderr}`);
      }
      if (verb.keeps) assert.notEqual(state, undefined, `${point}: the container is gone`);
      container.must('delete', ['--force']);
      assert.deepEqual(await settled(s), [], point);
    }
  }
  assert.ok(refused > 5, `only ${refused} were refused: the limits are too high`);
}

scenario(
  'descriptors run out',
  {
    not: { runc: 'with few descriptors it hangs', crun: REMAINS },
    skip: big && 'Node.js needs more descriptors than the verbs',
  },
  (s) => withLimits(s, '--nofile', [3, 4, 6, 8, 12, 20]),
);

scenario(
  'memory runs out',
  { not: { crun: REMAINS }, skip: big && 'Node.js reserves gigabytes of address space' },
  (s) =>
    withLimits(
      s,
      '--as',
      [5, 6, 7, 8, 10].map((megabytes) => megabytes << 20),
    ),
);

/** A state root that is a file system of its own. */
function mountRoot(s: Sandbox, options: string): void {
  const mount = (...args: string[]): void => {
    const result = spawnSync('mount', args, { encoding: 'utf8' });
    assert.equal(result.status, 0, result.stderr);
  };
  mount('-t', 'tmpfs', '-o', options, 'tmpfs', s.stateRoot);
  s.defer(() => spawnSync('umount', ['--lazy', s.stateRoot]));
}

function remount(s: Sandbox, options: string): void {
  const result = spawnSync('mount', ['-o', `remount,${options}`, s.stateRoot], {
    encoding: 'utf8',
  });
  assert.equal(result.status, 0, result.stderr);
}

/** What is left but for the mount that is the test's own. */
const left = async (s: Sandbox): Promise<string[]> =>
  (await settledBut(s)).filter((line) => !line.startsWith('mount '));

async function settledBut(s: Sandbox): Promise<string[]> {
  for (let tries = 0; tries < 100; tries++) {
    if (s.leftovers().every((line) => line.startsWith('mount '))) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return s.leftovers();
}

const FULL = { runc: 'it says another thing than that there is no space left', crun: REMAINS };

scenario('the state folder is full', { not: FULL, skip: notRoot }, async (s) => {
  mountRoot(s, 'size=4k,mode=711');
  const container = pausing(s);
  // One page for each file; and one inode for each file, link and directory.
  for (const options of ['size=4k', 'size=8k', 'size=12k', 'size=1m,nr_inodes=3', 'nr_inodes=5']) {
    remount(s, options);
    const result = container.call('create', ['--bundle', container.bundle]);
    if (result.status === 0) {
      container.must('delete', ['--force']);
      assert.deepEqual(await left(s), []);
      continue;
    }
    assertCivil(result);
    assert.match(result.stderr, /no space left on device/i, options);
    assert.equal(await assertTruth(s, container), undefined);
    assert.deepEqual(await left(s), [], options);
  }
  remount(s, 'size=1m,nr_inodes=100');
  container.must('create', ['--bundle', container.bundle]);
  // Full again: what ends a container needs no room.
  writeFileSync(path.join(s.stateRoot, '.filling'), 'x'.repeat(900 << 10));
  container.must('start');
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  container.must('delete');
  assert.deepEqual(await left(s), []);
});

const READ_ONLY = {
  runc: 'delete succeeds, and the record is still there',
  crun: 'it does not say why it cannot make the folder',
};

scenario('the state folder is read-only', { not: READ_ONLY, skip: notRoot }, async (s) => {
  mountRoot(s, 'size=1m,mode=711');
  const container = pausing(s);
  container.must('create', ['--bundle', container.bundle]);
  container.must('start');
  remount(s, 'ro');
  const other = pausing(s);
  const created = other.call('create', ['--bundle', other.bundle]);
  assertCivil(created);
  assert.match(created.stderr, /read-only file system/i);
  assert.equal(container.state().status, 'running');
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  const deleted = container.call('delete');
  assert.notEqual(deleted.status, 0, 'its record is still there');
  assert.match(deleted.stderr, /read-only file system/i);
  assert.equal(container.state().status, 'stopped');
  remount(s, 'rw');
  container.must('delete');
  assert.deepEqual(await left(s), []);
});

const pids = cgroupMounts().get('pids');

scenario(
  'the caller’s cgroup has no process left to give',
  { skip: notRoot || (pids === undefined && 'needs the pids controller of v1') },
  async (s) => {
    const full = path.join(pids ?? '', `${s.cgroup}-full`);
    mkdirSync(full);
    s.defer(() => rmdirSync(full));
    writeFileSync(path.join(full, 'pids.max'), '1');
    const container = pausing(s);
    const enter = ['-c', `echo $$ >${full}/cgroup.procs && exec "$@"`, 'sh'];
    const result = below(s, 'sh', enter, ['create', '--bundle', container.bundle, container.id]);
    if (result.status !== 0) {
      assertCivil(result);
      assert.deepEqual(await settled(s), [], result.stderr);
    }
    assert.match(readFileSync(path.join(full, 'cgroup.procs'), 'utf8'), /^$/);
  },
);

const LATE = 'it moves the process of an exec into the cgroup, where the limit is not asked';
const ALONE = { runc: LATE, crun: LATE };

scenario('a container that may have one process: exec is refused', { not: ALONE }, async (s) => {
  const container = await s.running((c) => {
    c.linux.resources = { ...c.linux.resources, pids: { limit: 1 } };
  });
  const result = container.call('exec', [], ['/payload', 'exit', '0']);
  assert.notEqual(result.status, 0);
  assertCivil(result);
  assert.equal(container.state().status, 'running');
});

scenario('a frozen container, and one that ignores signals, can be deleted', {}, async (s) => {
  const frozen = await s.running();
  frozen.must('pause');
  frozen.must('delete', ['--force']);
  const deaf = s.created((c) => {
    c.process.args = ['/payload', 'nap', '60000'];
  });
  deaf.must('start');
  await deaf.until('running');
  // The first process of a pid namespace gets only those signals that it handles.
  deaf.must('kill', [], ['TERM']);
  assert.notEqual(deaf.call('delete').status, 0);
  assert.equal(deaf.state().status, 'running');
  deaf.must('delete', ['--force']);
  assert.deepEqual(await settled(s), []);
});
