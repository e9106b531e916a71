/** doctor: as root and as an ordinary user; what it finds is so, and nothing of its trials is left. */

import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { notRoot } from '../lib/groups.js';
import { cgroupMounts, hasCapability } from '../lib/host.js';
import { execute, type Result, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

interface Check {
  area: string;
  name: string;
  grade: 'good' | 'limited' | 'missing';
  reason: string;
  mend?: string;
  needed?: boolean;
}

function read(result: Result): { usable: boolean; checks: Check[] } {
  assert.equal(result.stderr, '');
  return JSON.parse(result.stdout);
}

function find(checks: readonly Check[], name: string): Check {
  const found = checks.find((check) => check.name === name);
  assert.ok(found, `no check "${name}"`);
  return found;
}

/** Folders and cgroups that are called after a trial. */
function leftovers(): string[] {
  const folders = ['/var/tmp', '/tmp', '/run', ...new Set(cgroupMounts().values())];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.includes('ocirt-doctor'))
      .map((name) => path.join(folder, name)),
  );
}

function asUser(s: Sandbox, args: string[], env: NodeJS.ProcessEnv, before: string[] = []): Result {
  const own = s.path(`u${readdirSync(s.dir).length}`);
  return execute(
    '/usr/bin/setpriv',
    [
      ...before,
      '--reuid=4711',
      '--regid=4711',
      '--clear-groups',
      '--inh-caps=-all',
      RUNTIME,
      ...args,
    ],
    { stdout: `${own}.out`, stderr: `${own}.err` },
    { env: { PATH: process.env.PATH, ...env }, cwd: '/' },
  );
}

scenario(
  'doctor: every check says what it found, and a way out where there is one',
  { own: true },
  (s) => {
    const result = s.runtime(['doctor', '--format', 'json']);
    assert.equal(result.status, 0, result.stderr);
    const { usable, checks } = read(result);
    assert.equal(usable, true);
    for (const check of checks) {
      assert.match(check.reason, /\S/, check.name);
      assert.ok(['good', 'limited', 'missing'].includes(check.grade), check.name);
    }
    for (const name of ['version', 'namespaces', 'a container', 'system calls', 'seccomp']) {
      assert.equal(find(checks, name).area, 'kernel');
    }
    assert.equal(find(checks, 'a container').grade, 'good');
    assert.match(find(checks, 'state root').reason, new RegExp(s.stateRoot));
    for (const area of ['cgroups', 'file systems', 'privileges', 'systemd', 'programs']) {
      assert.ok(
        checks.some((check) => check.area === area),
        area,
      );
    }
    assert.deepEqual(readdirSync(s.stateRoot), []);
    assert.deepEqual(leftovers(), []);
  },
);

scenario('doctor: as text, the findings by area and the verdict last', { own: true }, (s) => {
  const { status, stdout } = s.runtime(['doctor']);
  assert.equal(status, 0);
  assert.match(stdout, /^kernel\n {2}good {5}version +\d/);
  assert.match(stdout, /\nocirt can run containers here\n$/);
  for (const line of stdout.split('\n')) {
    assert.match(line, /^$|^[a-z ]+$|^ {2}(good|limited|missing) +\S.* \S|^ +-> \S|^ocirt /);
  }
});

scenario('doctor: what the capabilities of the caller are', { own: true, skip: notRoot }, (s) => {
  const { checks } = read(s.runtime(['doctor', '--format', 'json']));
  const resource = checks.find(({ name }) => name === 'CAP_SYS_RESOURCE');
  assert.equal(resource === undefined, hasCapability(24));
  const bounded = execute(
    '/usr/bin/setpriv',
    [
      '--bounding-set=-mknod',
      '--inh-caps=-all',
      RUNTIME,
      '--root',
      s.stateRoot,
      'doctor',
      '--format=json',
    ],
    { stdout: s.path('o'), stderr: s.path('e') },
  );
  assert.equal(bounded.status, 0);
  assert.equal(find(read(bounded).checks, 'CAP_MKNOD').grade, 'limited');
});

scenario('doctor: programs and engines, by their files', { own: true }, (s) => {
  mkdirSync(s.path('bin'));
  mkdirSync(s.path('home/.config/containers'), { recursive: true });
  for (const name of ['criu', 'podman']) {
    writeFileSync(s.path('bin', name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
  const look = () =>
    read(
      s.runtime(['doctor', '--format', 'json'], {
        env: { PATH: s.path('bin'), HOME: s.path('home') },
      }),
    ).checks;
  const before = look();
  assert.equal(find(before, 'criu').reason, s.path('bin/criu'));
  const conf = s.path('home/.config/containers/containers.conf');
  writeFileSync(conf, '[engine]\n# runtime = "ocirt"\nruntime = "crun"\n');
  assert.equal(find(look(), 'Podman').grade, 'limited');
  writeFileSync(conf, '[engine]\nruntime = "/usr/bin/ocirt"\n');
  const known = find(look(), 'Podman');
  assert.deepEqual([known.grade, known.reason], ['good', `${conf} names ocirt`]);
});

scenario('doctor: an ordinary user', { own: true, skip: notRoot }, (s) => {
  mkdirSync(s.path('runtime'));
  chownSync(s.path('runtime'), 4711, 4711);
  const result = asUser(s, ['doctor', '--format', 'json'], { XDG_RUNTIME_DIR: s.path('runtime') });
  assert.equal(result.status, 0, result.stdout);
  const { checks } = read(result);
  assert.equal(find(checks, 'user namespaces').grade, 'good');
  assert.equal(find(checks, 'a container').grade, 'good');
  assert.equal(find(checks, 'XDG_RUNTIME_DIR').reason, s.path('runtime'));
  const subuid = find(checks, 'subuid');
  assert.equal(subuid.grade, 'missing');
  assert.match(subuid.mend ?? '', /usermod --add-subuids/);
  assert.ok(existsSync(s.path('runtime')));
  assert.deepEqual(readdirSync(s.path('runtime')), []);
  assert.deepEqual(leftovers(), []);
});

scenario(
  'doctor: where no container can be run, the status is 1 and the reason is told',
  { own: true, skip: notRoot },
  (s) => {
    const result = asUser(s, ['--root', s.path('not-mine/x'), 'doctor', '--format', 'json'], {});
    assert.equal(result.status, 1);
    const { usable, checks } = read(result);
    assert.equal(usable, false);
    const root = find(checks, 'state root');
    assert.deepEqual([root.grade, root.needed], ['missing', true]);
    assert.match(root.reason, /permission denied/);
    assert.match(root.mend ?? '', /XDG_RUNTIME_DIR/);
  },
);
