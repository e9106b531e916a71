import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CgroupPlan } from '../cgroup/types.js';
import { CLONE, MS } from '../native/constants.js';
import { compileCreate } from './compile.js';
import { explainStep, STEPS } from './explain.js';
import { explainBefore, explainCommit, HOST_ACTS } from './explain-host.js';
import { mountFlagNames, namespaceNames, propagationName, some } from './explain-words.js';
import { STEP_OPS, type Step } from './plan.js';
import { createInput } from './testing/fixtures.js';

/** One step of kinds that no plan of a create has. */
const RARE: readonly Step[] = [
  { op: 'unmount', at: '', target: '/data' },
  { op: 'monitor', at: '', pidfd: 3, pid: 7, directory: 4, oom: -1 },
  { op: 'join', at: '', namespaces: [{ type: CLONE.NEWPID, resource: 0 }] },
  { op: 'umask', at: '', mask: 0o22 },
  { op: 'io_priority', at: '', value: (2 << 13) | 4 },
];

test('every kind of step has a system call of a manual page, and reads as a sentence does', () => {
  assert.deepEqual(Object.keys(STEPS), [...STEP_OPS]);
  for (const { syscall, why } of [...Object.values(STEPS), ...Object.values(HOST_ACTS)]) {
    assert.match(syscall, /^[a-z_0-9]+\(2\)|^none|netlink/);
    assert.doesNotMatch(why, /\.$/);
  }
});

test('a plan is told from its first step to its exec', () => {
  const plan = compileCreate(
    createInput({ process: { args: ['sh', '-c', 'true'], user: { uid: 5, gid: 6 } } }),
  );
  const told = plan.steps.map(explainStep);
  assert.deepEqual(told.at(-1), {
    syscall: 'close_range(2), execve(2)',
    what: 'becomes sh -c true',
    why: STEPS.exec.why,
  });
  for (const { what } of [...told, ...RARE.map(explainStep)]) {
    assert.doesNotMatch(what, /undefined|\[object|NaN|\.$/);
  }
  assert.ok(told.some(({ what }) => what === 'becomes user 5, group 6'));
});

test('steps with their own values', () => {
  const [unmount, monitor, join, umask, priority] = RARE.map((step) => explainStep(step).what);
  assert.equal(unmount, 'takes away what is mounted on /data');
  assert.match(monitor ?? '', /process 7/);
  assert.equal(join, 'enters pid namespaces that exist');
  assert.equal(umask, 'sets the umask to 022');
  assert.equal(priority, 'takes I/O class 2, level 4');
});

test('what the host does, in its order', () => {
  const plan = compileCreate(
    createInput({ process: { rlimits: [{ type: 'RLIMIT_NOFILE', hard: 20, soft: 10 }] } }),
  );
  const cgroup: CgroupPlan = {
    mode: 'v2',
    paths: { '': '/c/x' },
    directories: ['/c/x'],
    inheritCpuset: [],
    enableControllers: [{ path: '/c/cgroup.subtree_control', data: '+pids', at: '' }],
    limits: [{ path: '/c/x/pids.max', data: '9', at: '/linux/resources/pids/limit' }],
    deviceProgram: { path: '/c/x', program: new Uint8Array(16) },
    owner: null,
    systemd: null,
    warnings: [],
    bestEffort: false,
    bornIn: '/c/x',
    tasks: [],
    attach: [],
  };
  const before = explainBefore(plan, cgroup);
  assert.deepEqual(
    before.map(({ act }) => act).filter((act) => act !== 'given'),
    ['cgroup', 'controllers', 'limit', 'devices', 'spawn'],
  );
  assert.equal(before[2]?.what, 'writes "9" to /c/x/pids.max');
  assert.equal(before[2]?.at, '/linux/resources/pids/limit');
  assert.match(before[3]?.what ?? '', /2 instructions/);
  assert.match(before.at(-1)?.what ?? '', /its own .*pid.* namespaces/);
  assert.equal(explainCommit(plan)[0]?.what, 'sets resource limit 7 to 10, at most 20');

  const mapped = { ...plan, spawn: { cloneFlags: CLONE.NEWUSER, mapping: MAPPING } };
  const maps = explainBefore(mapped, cgroup).find(({ act }) => act === 'maps');
  assert.equal(
    maps?.what,
    'maps the users of the container: 0 is 1000 of the host and 9 from 1 on are those from 100000 on of the host',
  );
});

const MAPPING = {
  uidMap: '0 1000 1\n1 100000 9\n',
  gidMap: '0 1000 1\n',
  uid: 0,
  gid: 0,
  denySetgroups: false,
  viaHelpers: true,
};

test('numbers in words', () => {
  assert.deepEqual(namespaceNames(CLONE.NEWPID | CLONE.NEWNET), ['pid', 'network']);
  assert.deepEqual(mountFlagNames(MS.RDONLY | MS.NODEV | MS.BIND), ['read-only', 'nodev']);
  assert.equal(propagationName(MS.SLAVE | MS.REC), 'slave');
  assert.equal(some([]), 'nothing');
  assert.equal(some(['a', 'b', 'c'], 2), 'a, b and 1 more');
});
