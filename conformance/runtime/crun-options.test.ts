/** Options that crun has and runc has not. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../lib/config.js';
import { notRoot, SYSTEMD } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { KIND } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const skip = KIND === 'runc' && 'it is about what only crun has';

const pausing: Change = (c) => {
  c.process.args = ['/payload', 'pause'];
};

scenario('kill and delete --regex', { skip }, async (s) => {
  const [one, two, other] = [s.created(pausing), s.created(pausing), s.created(pausing)] as const;
  for (const container of [one, two, other]) container.must('start');
  const pattern = `^(${one.id}|${two.id})$`;
  const call = (...words: string[]) => {
    const result = s.runtime(words);
    assert.equal(result.status, 0, result.stderr);
  };
  call('kill', '--regex', pattern, 'KILL');
  await one.until('stopped');
  await two.until('stopped');
  assert.equal(other.state().status, 'running');
  call('delete', '--regex', pattern);
  assert.notEqual(one.call('state').status, 0);
  assert.equal(other.state().status, 'running');
  // None that matches is no error.
  call('kill', '--regex', '^no-such-', 'KILL');
  call('delete', '--force', '--regex', '.');
  assert.notEqual(other.call('state').status, 0);
});

scenario('delete --regex goes on after one that fails, and tells', { own: true }, async (s) => {
  const [running, stopped] = [s.created(pausing), s.created(pausing)] as const;
  running.must('start');
  stopped.must('kill', [], ['KILL']);
  await stopped.until('stopped');
  const result = s.runtime(['delete', '--regex', '.']);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /not stopped/);
  assert.notEqual(stopped.call('state').status, 0);
  assert.equal(s.runtime(['kill', '--regex', '(']).status, 1);
});

scenario('--config: another file, relative to the working directory', { own: true }, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'print', 'of the other'];
  });
  renameSync(path.join(container.bundle, 'config.json'), s.path('other.json'));
  const options = ['--bundle', container.bundle, '--config', 'other.json'];
  const result = container.call('run', options, [], { cwd: s.dir });
  assert.equal(result.status, 0, result.stderr);
  assert.equal(result.stdout, 'of the other\n');
  const missing = container.call('run', ['--bundle', container.bundle, '--config', '/no/such']);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /\/no\/such not found/);
});

scenario('create --no-subreaper is taken', { skip }, (s) => {
  s.created(pausing, ['--no-subreaper']);
});

/** What a verb that fails says with these options. */
function said(s: Sandbox, ...global: string[]): string {
  const { stderr, status } = s.runtime(['state', 'none'], { global });
  assert.equal(status, 1);
  return stderr;
}

scenario('--log-level and --log=file:FILE', { own: true }, (s) => {
  const container = s.created((c) => {
    pausing(c);
    c.process.capabilities = { bounding: ['CAP_NO_SUCH'] };
  });
  const warns = (...global: string[]): boolean =>
    /level=warning/.test(
      s.runtime(['create', '--bundle', container.bundle, 'again'], { global }).stderr,
    );
  assert.equal(warns(), true);
  assert.equal(warns('--log-level', 'error'), false);
  assert.match(said(s, '--log-level=debug', '--log-format=text'), /does not exist/);
  const file = s.path('log');
  assert.match(said(s, '--log', `file:${file}`), /does not exist/);
  assert.match(readFileSync(file, 'utf8'), /level=error/);
  assert.match(said(s, '--log-level', 'loud'), /log-level/);
});

scenario(
  '--log=journald:ID where there is no journal is refused by name',
  {
    own: true,
    skip: existsSync('/run/systemd/journal/socket') && 'there is a journal',
  },
  (s) => {
    assert.match(said(s, '--log', 'journald:x'), /journald is not there/);
  },
);

scenario("--root '' is refused", { own: true }, (s) => {
  const result = s.runtime(['--root', '', 'list']);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /--root/);
});

const bySystemd = SYSTEMD && '--systemd-cgroup says otherwise';

scenario('--cgroup-manager disabled: no cgroup of its own', { skip: skip || bySystemd }, (s) => {
  const container = s.container((c) => {
    pausing(c);
    c.linux.resources = { pids: { limit: 7 } };
  });
  const global = ['--cgroup-manager', 'disabled'];
  container.must('create', ['--bundle', container.bundle], [], { global });
  const { pid } = container.state();
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  assert.equal(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), own);
  container.must('start');
  assert.notEqual(container.call('pause').status, 0);
  assert.notEqual(container.call('ps').status, 0);
  const result = container.call('exec', [], ['/payload', 'print', 'in']);
  assert.equal(result.stdout, 'in\n', result.stderr);
  container.must('kill', [], ['KILL']);
  container.must('delete', ['--force']);
});

scenario(
  'exec: a process that the kernel kills for want of memory',
  {
    own: true,
    skip: notRoot,
  },
  async (s) => {
    const container = await s.running((c) => {
      Object.assign(c.linux.resources, { memory: { limit: 64 << 20, swap: 64 << 20 } });
    });
    // Nothing more can be charged, and of the two the new one is to be killed.
    // The kernel says EBUSY until what it holds for each processor has come back.
    const limit = ['--memory', '400K', '--memory-swap', '400K'];
    await waitFor('the limit', () => container.call('update', limit).status === 0);
    const file = s.path('process.json');
    writeFileSync(
      file,
      JSON.stringify({
        args: ['/payload', 'mem', '64'],
        cwd: '/',
        oomScoreAdj: 1000,
        user: { uid: 0, gid: 0 },
      }),
    );
    const result = container.call('exec', ['--process', file]);
    assert.ok([137, 255].includes(result.status), `${result.status} ${result.stderr}`);
    if (result.status === 255) assert.match(result.stderr, /OOM-killed|memory limit/);
  },
);
