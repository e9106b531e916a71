/** What is done where the kernel does not let us do what config.json asks for: said by name. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Change, without, withUserNamespace } from '../lib/config.js';
import { notRoot, ROOTLESS, SYSTEMD } from '../lib/groups.js';
import { at } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import { execute, KIND, type Result, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const USER = 4711;
const SETPRIV = ['--clear-groups', '--inh-caps=-all', `--reuid=${USER}`, `--regid=${USER}`];

/**
 * `run` by an ordinary user without an entry in /etc/subuid, in a mount namespace that `prepare`,
 * a script of root's, has been at.
 */
function runAsUser(
  s: Sandbox,
  prepare: string,
  change: Change,
  global = KIND === 'ocirt' ? ['--debug'] : [],
): Result {
  const container = s.container((c) => {
    withUserNamespace(c);
    const one = [{ containerID: 0, hostID: USER, size: 1 }];
    Object.assign(c.linux, { uidMappings: one, gidMappings: one, resources: {} });
    delete c.linux.cgroupsPath;
    c.mounts = c.mounts.filter(({ type }) => !['devpts', 'cgroup'].includes(type ?? ''));
    c.process.args = ['/payload', 'report', 'cat', '/proc/self/cgroup'];
    change(c);
  });
  mkdirSync(s.path('user'));
  chownSync(s.path('user'), USER, USER);
  const inner = ['setpriv', ...SETPRIV, RUNTIME, ...global, '--root', s.path('user')];
  return execute(
    'unshare',
    [
      ...['--mount', 'sh', '-ec', `${prepare}\nexec "$@"`, 'sh', ...inner],
      ...['run', '--bundle', container.bundle, container.id],
    ],
    { stdout: s.path('out'), stderr: s.path('err') },
  );
}

const asRoot = notRoot || (SYSTEMD && 'it is about cgroups by their files');

scenario(
  'a user without any right to cgroups: it is told, and the container is in the same ones',
  { skip: asRoot },
  (s) => {
    const { status, stdout, stderr } = runAsUser(s, '', () => {});
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [readFileSync('/proc/self/cgroup', 'utf8')]);
    if (KIND === 'ocirt') assert.match(stderr, /=debug msg="no right to make cgroups \(\w/);
  },
);

scenario(
  '... and a log that is kept apart has it as a warning',
  { own: true, skip: asRoot },
  (s) => {
    const log = s.path('user.log');
    writeFileSync(log, '');
    chownSync(log, USER, USER);
    const { status, stderr } = runAsUser(s, '', () => {}, ['--log', log]);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    assert.match(readFileSync(log, 'utf8'), /=warning msg="no right to make cgroups \(\w/);
  },
);

/** In a mount namespace of its own: there is nothing else on such a machine. */
const ONLY_V2 = 'umount --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup';

/** A cgroup of the user's on v2, with no controller in it, as where none is delegated. */
function withoutControllers(s: Sandbox): string {
  const group = `/sys/fs/cgroup/${path.basename(s.dir)}`;
  s.defer(() => {
    const mount = `${ONLY_V2}; cd /sys/fs/cgroup`;
    const remove = `find ${path.basename(s.dir)} -depth -type d -exec rmdir {} ';'`;
    execFileSync('unshare', ['--mount', 'sh', '-c', `${mount}; ${remove}`]);
  });
  return [
    ONLY_V2,
    `mkdir -p ${group}/user/self`,
    `echo $$ >${group}/user/self/cgroup.procs`,
    `chown -R ${USER} ${group}/user`,
  ].join('\n');
}

scenario(
  'a cgroup without delegated controllers does for a container',
  { skip: asRoot, not: { crun: "stays in the caller's" } },
  (s) => {
    const { status, stdout, stderr } = runAsUser(s, withoutControllers(s), () => {});
    assert.equal(status, 0, stderr);
    const [groups] = JSON.parse(stdout) as [string];
    assert.match(groups, new RegExp(`^0::/${path.basename(s.dir)}/user/(?!self)[^/]+$`, 'm'));
  },
);

for (const [name, resources] of [
  ['memory', { memory: { limit: 2 ** 26 } }],
  ['pids', { pids: { limit: 20 } }],
] as const) {
  scenario(
    `and a ${name} limit without its controller is refused by name`,
    { skip: asRoot, not: { crun: 'goes on without' } },
    (s) => {
      const result = runAsUser(s, withoutControllers(s), (c) => {
        Object.assign(c.linux.resources, resources);
      });
      refused(result);
      // The host lacks the controller on cgroup v1; on v2 it has it, and the user's cgroup has not.
      says(result.stderr, /code=cgroup-controller-missing/);
      says(result.stderr, new RegExp(`cannot set ${name} limit|to ${name}\\.max: ENOENT`));
    },
  );
}

/** In a user namespace, with the host's namespace of that type. */
const sharing =
  (type: string): Change =>
  (c) => {
    if (!ROOTLESS) withUserNamespace(c);
    c.linux.namespaces = without(c, type);
    c.process.args = ['/payload', 'report', 'mountinfo'];
  };

for (const [type, namespace, target] of [
  ['sysfs', 'network', '/sys'],
  ['mqueue', 'ipc', '/dev/mqueue'],
] as const) {
  scenario(
    `${type} with the host's ${namespace} namespace: the host's, with a warning`,
    {
      skip: !existsSync(target) && `the host has no ${target}`,
      not: { runc: 'an error' },
      // runtime.md#create has an error for what cannot be mounted: for mqueues both references go by that.
      own: type === 'mqueue',
    },
    (s) => {
      const result = s.run(sharing(namespace));
      assert.equal(result.status, 0, result.stderr);
      if (KIND === 'ocirt') {
        assert.match(result.stderr, new RegExp(`=warning.*${type} cannot be mounted on ${target}`));
      }
      const [mounts] = JSON.parse(result.stdout) as [Reports['mountinfo']];
      assert.equal(at(mounts, target).type, type);
      if (type === 'sysfs') assert.ok(at(mounts, target).options.includes('ro'));
    },
  );
}
