/**
 * One container after another of the same ID, or in the same cgroup, while a verb on the first is still at it: what
 * that verb does then, it does to nobody else.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { notRoot } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { endOf } from '../lib/limit.js';
import { OPTIONS, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

/** A verb beside others, to be stopped and to go on. */
function begin(container: Container, ...words: string[]): ChildProcess {
  const s = container.sandbox;
  const output = openSync(s.path(`begun-${words[0]}`), 'a');
  const child = spawn(RUNTIME, ['--root', s.stateRoot, ...OPTIONS, ...words], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  s.defer(() => child.kill('SIGKILL'));
  return child;
}

/** Lets it go on, to its end. */
async function goOn(child: ChildProcess): Promise<number | null> {
  const end = endOf(child, 'the verb that was stopped');
  child.kill('SIGCONT');
  return (await end).status;
}

const pausing = (s: Sandbox): Container =>
  s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });

/** Another one of the same ID, which runs. */
async function succeed(container: Container): Promise<void> {
  container.must('create', ['--bundle', container.bundle]);
  container.must('start');
  await container.until('running');
}

function assertUntouched(container: Container): void {
  assert.equal(container.state().status, 'running', 'the other container was ended');
  container.must('exec', [], ['/payload', 'exit', '0']);
}

const NEXT = 'it deletes the next one';

scenario(
  'run, when another has deleted its container, leaves the next one alone',
  { not: { runc: NEXT, crun: NEXT } },
  async (s) => {
    const container = pausing(s);
    const run = begin(container, 'run', '--bundle', container.bundle, container.id);
    await waitFor('it to run', () => container.call('state').stdout.includes('"running"'));
    run.kill('SIGSTOP');
    container.must('delete', ['--force']);
    await succeed(container);
    await goOn(run);
    assertUntouched(container);
  },
);

scenario(
  'a delete that waits until another has deleted leaves the next one alone',
  { own: true },
  async (s) => {
    const container = pausing(s);
    await succeed(container);
    const lock = path.join(s.stateRoot, container.id, 'lock');
    const holder = s.spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat']);
    let held = '';
    holder.stdout?.on('data', (chunk) => {
      held += chunk;
    });
    await waitFor('the lock to be held', () => held !== '');
    const waiting = begin(container, 'delete', '--force', container.id);
    // It has killed the first process, and waits for the lock.
    await container.until('stopped');
    waiting.kill('SIGSTOP');
    holder.stdin?.end();
    await endOf(holder, 'flock');
    container.must('delete', ['--force']);
    await succeed(container);
    assert.equal(await goOn(waiting), 0);
    assertUntouched(container);
  },
);

const POSTSTART = {
  runc: 'delete waits for the hook',
  crun: 'a failed poststart hook is no failure of start',
};

scenario(
  'a poststart hook that fails too late ends nothing but its own',
  { not: POSTSTART, skip: notRoot },
  async (s) => {
    const waits = s.path('waits');
    writeFileSync(waits, '');
    const script = `while [ -e ${waits} ]; do sleep 0.05; done; exit 1`;
    const container = s.created((c) => {
      c.process.args = ['/payload', 'pause'];
      c.hooks = {
        poststart: [{ path: '/bin/sh', args: ['sh', '-c', script], env: ['PATH=/bin:/usr/bin'] }],
      };
    });
    const start = begin(container, 'start', container.id);
    await container.until('running');
    container.must('delete', ['--force']);
    const { hooks: _, ...rest } = s.readConfig(container.bundle);
    s.writeConfig(container.bundle, rest);
    await succeed(container);
    rmSync(waits);
    assert.notEqual(await goOn(start), 0);
    assertUntouched(container);
  },
);

const REMAINS = { crun: 'state names a file that is missing, not that there is no such container' };

scenario(
  'delete ends no process of another container in the same cgroup',
  { not: REMAINS, skip: notRoot },
  async (s) => {
    const group = s.groupPath('shared');
    const share = (c: { linux: { cgroupsPath?: string } }): void => {
      c.linux.cgroupsPath = group;
    };
    const first = await s.running(share);
    first.must('kill', [], ['KILL']);
    await first.until('stopped');
    const second = await s.running(share);
    first.must('delete');
    assert.match(first.call('state').stderr, /does not exist/);
    assertUntouched(second);
    second.must('delete', ['--force']);
    s.assertClean();
  },
);
