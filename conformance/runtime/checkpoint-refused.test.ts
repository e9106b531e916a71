/** checkpoint and restore that cannot be: what is said, and what is left as it was. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import {
  ANYWAY,
  checkpoint,
  counting,
  env,
  moves,
  mustCheckpoint,
  restore,
  test,
} from '../lib/checkpoints.js';
import { notRoot } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { OPTIONS, PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

test('without --tcp-established it is refused, and goes on', ANYWAY, async (s) => {
  const container = await s.running(counting(s, 'talk', '/srv/count'));
  const result = checkpoint(container);
  assert.notEqual(result.status, 0);
  says(result.stderr, /criu failed: .*Connected TCP socket.*dump\.log/);
  assert.equal(container.state().status, 'running');
  await moves(s);
});

test('a hook that fails ends the restore, and nothing is left', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  mustCheckpoint(container);
  const config = s.readConfig(container.bundle);
  const args = ['ocirt-payload', 'hook', s.path('calls'), 'createRuntime', '3'];
  config.hooks = { createRuntime: [{ path: PAYLOAD, args }] };
  s.writeConfig(container.bundle, config);
  const result = restore(container);
  refused(result);
  says(container.errors(), /error running createRuntime hook #0: exit status 3/);
  s.assertClean();
});

test('a restore that CRIU refuses leaves nothing', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  mustCheckpoint(container);
  writeFileSync(s.path('images', 'pstree.img'), 'no image');
  refused(restore(container));
  says(container.errors(), /criu failed: .*restore\.log/);
  s.assertClean();
});

test('a restore that is killed: delete --force removes all of it', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  mustCheckpoint(container);
  const config = s.readConfig(container.bundle);
  const script = `touch ${s.path('hooked')}; exec sleep 3`;
  config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
  s.writeConfig(container.bundle, config);
  const images = ['--image-path', s.path('images')];
  const options = ['--bundle', container.bundle, '--detach', ...images, container.id];
  const args = ['--root', s.stateRoot, ...OPTIONS, 'restore', ...options];
  const child = s.spawn('/bin/sh', ['-c', 'exec "$@" </dev/null', 'sh', RUNTIME, ...args], { env });
  await waitFor('the hook', () => existsSync(s.path('hooked')));
  child.kill('SIGKILL');
  await waitFor('its end', () => child.signalCode !== null);
  container.must('delete', ['--force']);
  assert.deepEqual(
    s.leftovers().filter((line) => !line.includes('sleep')),
    [],
  );
});

test('restore of an id that is taken leaves that container alone', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  mustCheckpoint(container, '--leave-running');
  refused(restore(container));
  assert.equal(container.state().status, 'running');
  await moves(s);
});

test('--manage-cgroups-mode strict: CRIU wants to make the cgroup itself', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  mustCheckpoint(container);
  refused(restore(container, '--manage-cgroups-mode', 'strict'));
  says(container.errors(), /Abort restore of existing cgroups/);
  s.assertClean();
});

test('created and stopped containers are refused', ANYWAY, async (s) => {
  const container = s.created();
  const created = checkpoint(container);
  refused(created);
  says(created.stderr, /Container cannot be checkpointed in created state/);
  container.must('start');
  await container.until('stopped');
  const stopped = checkpoint(container);
  refused(stopped);
  says(stopped.stderr, /Container cannot be checkpointed in stopped state/);
});

test('a --parent-path that is absolute or not there is refused', ANYWAY, async (s) => {
  const container = await s.running();
  mkdirSync(s.path('before'));
  for (const parent of [s.path('before'), 'nowhere']) {
    const result = checkpoint(container, '--parent-path', parent);
    refused(result);
    says(result.stderr, /--parent-path/);
  }
  assert.equal(container.state().status, 'running');
});

test('options that mean nothing are refused', { own: true }, async (s) => {
  const container = await s.running();
  for (const [options, words] of [
    [['--manage-cgroups-mode', 'none'], /manage-cgroups-mode/],
    [['--empty-ns', 'pid'], /namespace ."pid." is not supported/],
    [['--page-server', 'here'], /ADDRESS:PORT/],
    [['--lazy-pages', '--status-fd', '77'], /invalid --status-fd argument 77/],
    [['--network-lock', 'none'], /network-lock/],
  ] as const) {
    const result = checkpoint(container, ...options);
    refused(result);
    says(result.stderr, words);
  }
  assert.equal(container.state().status, 'running');
});

test('restore from a folder that is not there', ANYWAY, (s) => {
  const container = s.container();
  refused(restore(container));
  says(container.errors(), /images/);
  s.assertClean();
});

scenario(
  'without CRIU both are refused, and it is said what to install',
  // A restore is tried as far as to the mounts that it makes, which only root can.
  { own: true, skip: notRoot },
  async (s) => {
    const container = await s.running();
    const global = ['--criu', '/nowhere/criu'];
    const images = ['--image-path', s.path('images')];
    const result = container.call('checkpoint', images, [], { global });
    refused(result);
    says(result.stderr, /CRIU: exec: ."\/nowhere\/criu.".*criu-missing.*install the package criu/);
    assert.equal(container.state().status, 'running');
    assert.ok(!existsSync(s.path('images')));
    container.must('delete', ['--force']);
    mkdirSync(s.path('images'));
    writeFileSync(s.path('images', 'descriptors.json'), '["","",""]');
    const all = ['--bundle', container.bundle, '--detach', ...images];
    refused(container.call('restore', all, [], { global }));
    says(container.errors(), /criu-missing/);
    s.assertClean();
  },
);
