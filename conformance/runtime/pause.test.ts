/** pause and resume, and processes that outlive the first one of their container. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { groupsOf, noHostPids } from '../lib/groups.js';
import { processesOf, waitFor } from '../lib/host.js';
import { refused } from '../lib/refusal.js';
import { notOwn } from '../lib/runtime.js';
import { type Container, scenario } from '../lib/sandbox.js';

scenario('pause stops it, resume lets it go on', {}, async (s) => {
  const container = await s.running((c) => {
    c.process.args = ['/payload', 'count', '/tmp/count'];
    c.mounts.push({ destination: '/tmp', type: 'bind', source: s.dir, options: ['bind', 'rw'] });
  });
  const count = () => Number(readFileSync(s.path('count'), 'utf8'));
  const moves = async () => {
    const from = count();
    await waitFor('the count to move', () => count() !== from);
  };
  await moves();
  container.must('pause');
  assert.equal(container.state().status, 'paused');
  const still = count();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(count(), still);
  container.must('resume');
  assert.equal(container.state().status, 'running');
  await moves();
});

scenario('pause does not wait for an exec that hangs', { skip: notOwn }, async (s) => {
  const container = await s.running();
  // As an exec does whose helper is held, which a process in the container can do.
  const held = path.join(s.stateRoot, container.id, 'lock');
  const program = `: > '${s.path('held')}'; exec sleep 60`;
  const holder = s.spawn('flock', ['--shared', '--no-fork', held, 'sh', '-c', program]);
  await waitFor('the lock to be held', () => existsSync(s.path('held')));
  const result = s.runtime(['pause', container.id], { timeoutMs: 30_000 });
  assert.deepEqual([result.status, result.stderr], [0, '']);
  assert.equal(container.state().status, 'paused');
  container.must('resume');
  const ended = new Promise((resolve) => holder.on('exit', resolve));
  holder.kill('SIGKILL');
  await ended;
});

scenario('pause and resume of an unknown container', {}, (s) => {
  assert.equal(s.runtime(['pause', 'none']).status, 1);
  assert.equal(s.runtime(['resume', 'none']).status, 1);
});

scenario('resume of a container that is not paused', {}, async (s) => {
  const container = await s.running();
  refused(container.call('resume'));
});

scenario('pause of a stopped container', {}, async (s) => {
  const container = s.created();
  container.must('start');
  await container.until('stopped');
  refused(container.call('pause'));
});

scenario('a paused container can be deleted by force', {}, async (s) => {
  const container = await s.running();
  container.must('pause');
  container.must('delete', ['--force']);
  s.assertClean();
});

scenario('a paused container: kill KILL ends it', {}, async (s) => {
  const container = await s.running();
  container.must('pause');
  container.must('kill', [], ['KILL']);
  if (container.state().status === 'paused') container.must('resume');
  await container.until('stopped');
});

/** procfs in a user namespace takes a pid namespace of the same user. */

const leftInCgroup = (container: Container): number[] => processesOf(container.group('pids'));

scenario(
  'without a pid namespace, kill KILL ends every process of the cgroup',
  { skip: noHostPids, not: { runc: 'newer than runc 1.1' } },
  async (s) => {
    const container = s.created((c) => {
      c.linux.namespaces = c.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
      c.process.args = ['/payload', 'fork-many', '3', 'stay'];
    });
    container.must('start');
    await container.untilPrinted('made');
    assert.equal(leftInCgroup(container).length, 4);
    container.must('kill', [], ['KILL']);
    await waitFor('the cgroup to be empty', () => leftInCgroup(container).length === 0);
  },
);

// The helper of an exec is in the container's cgroup, and its runtime waits for it with the lock held.
scenario(
  'without a pid namespace, delete --force ends an exec whose helper is held',
  { skip: noHostPids || notOwn },
  async (s) => {
    const container = await s.running((c) => {
      c.linux.namespaces = c.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
    });
    const lock = path.join(s.stateRoot, container.id, 'lock');
    const groups = groupsOf(path.basename(s.dir), false);
    const enter = groups.map((group) => `echo $$ > '${group}/cgroup.procs'`).join(' && ');
    const program = `${enter} && : > '${s.path('held')}' && kill -STOP $$`;
    s.spawn('flock', ['--shared', '--no-fork', lock, 'sh', '-c', program]);
    await waitFor('the lock to be held', () => existsSync(s.path('held')));
    container.must('delete', ['--force']);
    s.assertClean();
  },
);

scenario(
  'without a pid namespace, delete ends what init left behind',
  { skip: noHostPids },
  async (s) => {
    const container = s.created((c) => {
      c.linux.namespaces = c.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
      c.process.args = ['/payload', 'fork-many', '3', 'stay'];
    });
    container.must('start');
    await container.untilPrinted('made');
    process.kill(container.state().pid, 'SIGKILL');
    await container.until('stopped');
    assert.equal(leftInCgroup(container).length, 3);
    container.must('delete');
    s.assertClean();
  },
);

scenario(
  'kill --all on a stopped container ends what is left in its cgroup',
  { skip: noHostPids },
  async (s) => {
    const container = s.created((c) => {
      c.linux.namespaces = c.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
      c.process.args = ['/payload', 'fork-many', '3', 'stay'];
    });
    container.must('start');
    await container.untilPrinted('made');
    process.kill(container.state().pid, 'SIGKILL');
    await container.until('stopped');
    container.must('kill', ['--all'], ['9']);
    await waitFor('the cgroup to be empty', () => leftInCgroup(container).length === 0);
  },
);
