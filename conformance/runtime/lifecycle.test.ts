/** The life of a container: create, start, state, kill, delete, run, list, ps. runtime.md. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { processExists, waitFor } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { KIND } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

scenario('created, running, stopped, gone', {}, async (s) => {
  const container = s.created((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  assert.equal(container.state().status, 'created');
  assert.equal(container.output(), '');
  container.must('start');
  assert.equal(container.state().status, 'running');
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  container.must('delete');
  refused(container.call('state'));
});

scenario('state: what it says', {}, (s) => {
  const container = s.created((c) => {
    c.annotations = { 'org.example.a': 'b', 'org.example.c': 'd' };
  });
  const state = container.state();
  assert.match(state.ociVersion, /^1\.\d+\.\d+/);
  assert.equal(state.id, container.id);
  assert.equal(state.bundle, container.bundle);
  assert.equal(state.annotations?.['org.example.a'], 'b');
  assert.equal(state.annotations?.['org.example.c'], 'd');
  // Of runc, and an absolute path there.
  if (KIND === 'ocirt' || KIND === 'runc') {
    assert.equal(state.rootfs, path.join(container.bundle, 'rootfs'));
  }
  assert.ok(Math.abs(Date.parse(String(state.created)) - Date.now()) < 120_000);
  assert.equal(typeof state.owner, 'string');
  assert.ok(processExists(state.pid));
});

scenario('state of a stopped container has pid 0', {}, async (s) => {
  const container = s.created();
  container.must('start');
  const state = await container.until('stopped');
  assert.equal(state.pid, 0);
});

scenario('the process does not run before start', {}, (s) => {
  const container = s.created();
  assert.equal(container.output(), '');
  container.must('start');
});

scenario('start twice', {}, async (s) => {
  const container = await s.running();
  const result = container.call('start');
  refused(result);
  says(result.stderr, /running container|cannot start/i);
  assert.equal(container.state().status, 'running');
});

scenario('start of a stopped container', {}, async (s) => {
  const container = s.created();
  container.must('start');
  await container.until('stopped');
  const result = container.call('start');
  refused(result);
  says(result.stderr, /stopped/);
});

scenario('an id that is taken', {}, (s) => {
  const first = s.created();
  const result = s.runtime(['create', '--bundle', s.bundle(), first.id]);
  refused(result);
  says(result.stderr, /exist/);
  assert.equal(first.state().status, 'created');
});

for (const id of ['a/b', '..', '.', '', 'with space', 'new\nline', '../../tmp/x', 'ä']) {
  scenario(`the id ${JSON.stringify(id)} is refused`, {}, (s) => {
    const result = s.runtime(['create', '--bundle', s.bundle(), id]);
    refused(result);
    s.assertClean();
  });
}

for (const id of ['a', 'A_b-c.d+9', '0', 'x'.repeat(64)]) {
  scenario(`the id ${id} is taken`, {}, (s) => {
    assert.equal(s.runtime(['run', '--bundle', s.bundle(), id]).status, 0);
  });
}

for (const verb of ['state', 'start', 'kill', 'delete', 'ps']) {
  scenario(`${verb} of an unknown container`, {}, (s) => {
    const result = s.runtime([verb, 'nobody']);
    refused(result);
    says(result.stderr, /does not exist/);
  });
}

scenario('delete --force of an unknown container is no error', {}, (s) => {
  assert.equal(s.runtime(['delete', '--force', 'nobody']).status, 0);
});

scenario('delete of a running container is refused', {}, async (s) => {
  const container = await s.running();
  const result = container.call('delete');
  refused(result);
  says(result.stderr, /not stopped/);
  assert.equal(container.state().status, 'running');
});

scenario('delete --force of a running container', {}, async (s) => {
  const container = await s.running();
  const { pid } = container.state();
  container.must('delete', ['--force']);
  await waitFor('the process to end', () => !processExists(pid));
  s.assertClean();
});

scenario('delete --force of a created container', {}, (s) => {
  const container = s.created();
  container.must('delete', ['-f']);
  s.assertClean();
});

scenario('kill: the signal by name, with and without SIG, and by number', {}, async (s) => {
  const container = s.created((c) => {
    c.process.args = ['/payload', 'trap', '1', '10', '12', '15'];
  });
  container.must('start');
  await container.untilPrinted('ready');
  container.must('kill', [], ['HUP']);
  await container.untilPrinted('signal 1\n');
  container.must('kill', [], ['SIGUSR1']);
  await container.untilPrinted('signal 10\n');
  container.must('kill', [], ['12']);
  await container.untilPrinted('signal 12\n');
  // Without a signal it is SIGTERM.
  container.must('kill');
  await container.untilPrinted('signal 15\n');
  await container.until('stopped');
});

scenario('kill with signal 0 looks only', {}, async (s) => {
  const container = await s.running();
  container.must('kill', [], ['0']);
  assert.equal(container.state().status, 'running');
});

scenario('kill with a signal that there is not', {}, async (s) => {
  const container = await s.running();
  for (const signal of ['SIGNONE', '-1', '4711']) {
    const result = container.call('kill', [], ['--', signal]);
    assert.equal(result.status, 1, signal);
  }
  assert.equal(container.state().status, 'running');
});

scenario('kill of a stopped container', {}, async (s) => {
  const container = s.created();
  container.must('start');
  await container.until('stopped');
  const result = container.call('kill', [], ['KILL']);
  refused(result);
  says(result.stderr, /container not running/);
});

scenario('kill --all of a stopped container is no error', {}, async (s) => {
  const container = s.created();
  container.must('start');
  await container.until('stopped');
  container.must('kill', ['--all'], ['KILL']);
});

scenario('kill of a created container', {}, async (s) => {
  const container = s.created();
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  container.must('delete');
});

scenario('kill takes the signal before the options of the verb too', {}, async (s) => {
  const container = await s.running();
  assert.equal(s.runtime(['kill', container.id, 'KILL', '--all']).status, 0);
  await container.until('stopped');
});

// run -----------------------------------------------------------------------------------------

scenario('run removes the container when it has ended', {}, (s) => {
  const container = s.container();
  assert.equal(container.must('run', ['--bundle', container.bundle]).stdout, 'hello\n');
  refused(container.call('state'));
  s.assertClean();
});

scenario('run uses the current folder as the bundle', {}, (s) => {
  const container = s.container();
  assert.equal(container.must('run', [], [], { cwd: container.bundle }).stdout, 'hello\n');
});

scenario('run --detach comes back at once', {}, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  container.must('run', ['--bundle', container.bundle, '--detach']);
  assert.equal(container.state().status, 'running');
});

scenario('run --keep leaves a stopped container', {}, (s) => {
  const container = s.container();
  container.must('run', ['--bundle', container.bundle, '--keep']);
  assert.equal(container.state().status, 'stopped');
  container.must('delete');
});

scenario('run --pid-file', {}, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  container.must('run', ['--bundle', container.bundle, '--detach', '--pid-file', s.path('pid')]);
  assert.equal(readFileSync(s.path('pid'), 'utf8'), String(container.state().pid));
});

scenario('create --pid-file is relative to the current folder', {}, (s) => {
  const container = s.container();
  container.must('create', ['--bundle', container.bundle, '--pid-file', 'pid'], [], { cwd: s.dir });
  assert.equal(readFileSync(s.path('pid'), 'utf8'), String(container.state().pid));
  assert.ok(!existsSync(path.join(container.bundle, 'pid')));
});

scenario('a pid file that cannot be written fails the create, and nothing is left', {}, (s) => {
  const container = s.container();
  const result = container.call('create', [
    '--bundle',
    container.bundle,
    '--pid-file',
    s.path('none/pid'),
  ]);
  refused(result);
  s.assertClean();
});

scenario("create comes back although the container keeps the caller's pipes", {}, (s) => {
  const container = s.created((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  assert.equal(container.state().status, 'created');
});

scenario(
  'create holds nothing open but what the process is to have',
  { not: { runc: 'keeps its fifo and binary' } },
  (s) => {
    const container = s.created();
    const { pid } = container.state();
    const links = openFilesOf(pid);
    for (const link of links) {
      assert.match(
        link,
        /^(\/dev\/null|\/tmp\/ocirt-test-.*|socket:\[\d+\]|pipe:\[\d+\]|anon_inode:.*|\/|\/proc.*|\/memfd:.*|\/dev\/pts\/\d+)$/,
      );
    }
  },
);

function openFilesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

scenario('--root keeps containers apart', {}, (s) => {
  const container = s.created();
  const result = s.runtime(['state', container.id], { global: ['--root', s.path('other')] });
  refused(result);
});

scenario('two containers of one bundle', {}, (s) => {
  const bundle = s.bundle((c) => {
    delete c.linux.cgroupsPath;
  });
  for (const id of ['bundleA', 'bundleB']) {
    const result = s.runtime(['run', '--bundle', bundle, id]);
    assert.equal(result.stdout, 'hello\n', result.stderr);
  }
});

scenario('a bundle without config.json', {}, (s) => {
  const result = s.runtime(['create', '--bundle', s.dir, 'x']);
  refused(result);
  says(result.stderr, /config\.json/);
});

scenario('a bundle that does not exist', {}, (s) => {
  const result = s.runtime(['create', '--bundle', s.path('none'), 'x']);
  refused(result);
  says(result.stderr, /no such file or directory/i);
});

scenario('config.json may be changed after create without effect', {}, (s) => {
  const container = s.created();
  const config = s.readConfig(container.bundle);
  config.process.args = ['/payload', 'print', 'changed'];
  s.writeConfig(container.bundle, config);
  container.must('start');
  return waitFor('the output', () => container.output() === 'hello\n').then(() => {});
});

// list and ps ---------------------------------------------------------------------------------

scenario('list --quiet: an id a line', {}, (s) => {
  const a = s.created();
  const b = s.created();
  assert.equal(s.runtime(['list', '--quiet']).stdout, `${a.id}\n${b.id}\n`);
  assert.equal(s.runtime(['list', '-q']).stdout, `${a.id}\n${b.id}\n`);
});

scenario('list: a table', {}, (s) => {
  const container = s.created();
  const { pid } = container.state();
  const lines = s.runtime(['list']).stdout.split('\n');
  assert.match(lines[0] ?? '', /^ID +PID +STATUS +BUNDLE +CREATED +OWNER$/);
  const [id, shown, status, bundle, created, by] = (lines[1] ?? '').split(/ +/);
  assert.deepEqual(
    [id, shown, status, bundle, by],
    [container.id, String(pid), 'created', container.bundle, userInfo().username],
  );
  assert.ok(!Number.isNaN(Date.parse(String(created))));
});

scenario('list --format json', {}, (s) => {
  const container = s.created();
  const { stdout } = s.runtime(['list', '--format', 'json']);
  assert.match(
    stdout,
    /^\[\{"ociVersion":"[^"]+","id":"[^"]+","pid":\d+,"status":"created","bundle":"[^"]+","rootfs":"[^"]+","created":"[^"]+".*\}\]\n?$/,
  );
  assert.equal(JSON.parse(stdout)[0].id, container.id);
});

scenario('list with nothing to list', {}, (s) => {
  assert.match(s.runtime(['list']).stdout, /^ID +PID +STATUS +BUNDLE +CREATED +OWNER\n$/);
  assert.deepEqual(JSON.parse(s.runtime(['list', '--format', 'json']).stdout) ?? [], []);
  assert.equal(s.runtime(['list', '-q']).stdout, '');
});

scenario(
  'list with a root that does not exist is an error',
  { not: { runc: 'newer than runc 1.1' } },
  (s) => {
    assert.equal(s.runtime(['list'], { global: ['--root', s.path('none')] }).status, 1);
  },
);

scenario('list --format with a format that there is not', {}, (s) => {
  assert.equal(s.runtime(['list', '--format', 'xml']).status, 1);
});

scenario('ps: a table with the processes of the container only', {}, async (s) => {
  const container = await s.running();
  const { pid } = container.state();
  const lines = container.must('ps').stdout.trim().split('\n');
  assert.match(lines[0] ?? '', /^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', new RegExp(`^${userInfo().username} +${pid} .*/payload pause$`));
});

scenario('ps --format json', {}, async (s) => {
  const container = await s.running();
  assert.deepEqual(JSON.parse(container.must('ps', ['--format', 'json']).stdout), [
    container.state().pid,
  ]);
});

scenario('ps with options of ps', {}, async (s) => {
  const container = await s.running();
  const { stdout } = container.must('ps', [], ['-e', '-x']);
  assert.match(stdout, / +PID +TTY +STAT +TIME +COMMAND/);
  assert.match(stdout, new RegExp(`${container.state().pid} .*/payload pause`));
});

scenario('ps of a stopped container has only the header', {}, async (s) => {
  const container = s.created();
  container.must('start');
  await container.until('stopped');
  const { stdout } = container.must('ps');
  assert.match(stdout, /^UID +PID.*\n$/);
});

scenario('orphans in the container go to its process 1, which is told', {}, (s) => {
  const result = s.run((c) => {
    c.process.args = ['/payload', 'orphan'];
  });
  assert.equal(result.stdout, 'done\n');
});
