import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MS } from '../native/constants.js';
import type { Hook, RootfsPropagation } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import { compileExec } from './compile-exec.js';
import { type Plan, STEP_OPS } from './plan.js';
import {
  type Changes,
  createInput,
  execInput,
  only,
  ops,
  PROCESS,
  refusal,
  stepsOf,
} from './testing/fixtures.js';

const compile = (changes: Changes = {}) => compileCreate(createInput(changes));
const HOOK: Hook = { path: '/bin/hook' };

/** Everything at once that one container can have. */
const FULL: Changes = {
  config: {
    hostname: 'box',
    domainname: 'lab',
    root: { path: 'rootfs', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc' },
      { destination: '/dev', type: 'tmpfs', options: ['ro'] },
      { destination: '/data', source: 'data', options: ['rbind', 'ro'] },
      { destination: '/sys/fs/cgroup', type: 'cgroup', options: ['ro'] },
    ],
    hooks: {
      createRuntime: [HOOK],
      createContainer: [HOOK],
      startContainer: [HOOK],
    },
  },
  process: {
    terminal: true,
    cwd: '/work',
    user: { uid: 1000, gid: 1000, umask: 0o077, additionalGids: [5] },
    capabilities: { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'] },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 18446744073709551615n }],
    oomScoreAdj: 100,
    noNewPrivileges: true,
    scheduler: { policy: 'SCHED_BATCH', nice: 5 },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 4 },
    apparmorProfile: 'p',
  },
  linux: {
    namespaces: [
      { type: 'mount' },
      { type: 'pid' },
      { type: 'uts' },
      { type: 'ipc' },
      { type: 'network' },
      { type: 'cgroup' },
      { type: 'time' },
    ],
    sysctl: { 'net.ipv4.ip_forward': '1' },
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
    personality: { domain: 'LINUX' },
    memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' },
  },
  facts: { apparmor: true },
  input: { console: true },
};

function before(plan: Plan, ...names: string[]): void {
  const order: string[] = ops(plan);
  const places = names.map((name) => order.indexOf(name));
  assert.ok(!places.includes(-1), `missing: ${names[places.indexOf(-1)]}`);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    order.join(' '),
  );
}

test('the smallest container', () => {
  assert.deepEqual(ops(compile()), [
    'open_proc',
    'keyring',
    'session',
    'propagation',
    'root',
    ...Array(6).fill('device'),
    ...Array(6).fill('symlink'),
    'pivot',
    'umask',
    'affinity',
    'cwd',
    'environment',
    'bounding_caps',
    'user',
    'cwd',
    'caps',
    'find_executable',
    'ready',
    'wait_start',
    'exec',
  ]);
});

test('the order of everything', () => {
  const plan = compile(FULL);
  before(
    plan,
    'open_proc',
    'unshare',
    'time_namespace',
    'keyring',
    'session',
    'loopback',
    'hostname',
    'domainname',
    'propagation',
    'root',
    'mount',
    'bind',
    'device',
    'symlink',
    'console',
    'sync',
    'hook',
    'directory',
    'readonly_late',
    'readonly_paths',
    'mask',
    'root_readonly',
    'pivot',
    'sysctl',
    'umask',
    'lsm',
    'no_new_privs',
    'affinity',
    'scheduler',
    'io_priority',
    'personality',
    'memory_policy',
    'cwd',
    'environment',
    'bounding_caps',
    'user',
    'caps',
    'find_executable',
    'ready',
    'wait_start',
    'seccomp',
    'exec',
  );
  assert.equal(ops(plan).at(-2), 'hook');
});

for (const [name, plan] of [
  ['small', compile()],
  ['full', compile(FULL)],
  ['exec', compileExec(execInput())],
] as const) {
  test(`${name}: every step is one the helper knows, and the exec is the last`, () => {
    for (const op of ops(plan)) assert.ok(STEP_OPS.includes(op), op);
    assert.equal(ops(plan).at(-1), 'exec');
    assert.equal(stepsOf(plan, 'exec').length, 1);
  });
  test(`${name}: one ready, all checks before it`, () => {
    assert.equal(stepsOf(plan, 'ready').length, 1);
    before(plan, 'cwd', 'user', 'find_executable', 'ready');
  });
  test(`${name}: every resource is used, every index exists`, () => {
    const used = new Set<number>();
    if (plan.spawn.pidNamespace !== undefined) used.add(plan.spawn.pidNamespace);
    for (const { resource } of plan.spawn.joined ?? []) used.add(resource);
    for (const step of plan.steps) {
      if ('resource' in step && step.resource !== undefined) used.add(step.resource);
      if (step.op === 'join') for (const n of step.namespaces) used.add(n.resource);
    }
    assert.deepEqual([...used].sort(), [...plan.resources.keys()]);
  });
  test(`${name}: nothing after pivot names a path of the host`, () => {
    const at = Math.max(ops(plan).indexOf('pivot'), 0);
    const text = JSON.stringify(plan.steps.slice(at), (_, v) =>
      typeof v === 'bigint' ? `${v}` : v,
    );
    assert.ok(!text.includes('/bundle'), text);
    for (const step of plan.steps.slice(at)) {
      assert.ok(!['mount', 'bind', 'root', 'propagation', 'device'].includes(step.op) || at === 0);
    }
  });
  test(`${name}: each pointer is empty or a pointer`, () => {
    for (const step of plan.steps) assert.match(step.at, /^(\/[^/]+)*$/);
  });
}

test('compiling twice gives the same', () => {
  assert.deepEqual(compile(FULL), compile(FULL));
});

test('the input is not changed', () => {
  const input = createInput(FULL);
  const copy = structuredClone(input.config);
  compileCreate(input);
  assert.deepEqual(input.config, copy);
});

// The root ---------------------------------------------------------------------------------------

test('the root is bound on itself, the host’s tree is a slave', () => {
  const plan = compile();
  assert.deepEqual(only(plan, 'propagation').flags, MS.SLAVE | MS.REC);
  assert.deepEqual(only(plan, 'root'), {
    op: 'root',
    at: '/root/path',
    path: '/bundle/rootfs',
    bind: true,
  });
  assert.equal(only(plan, 'pivot').propagation, 0);
});

const PROPAGATIONS: readonly (readonly [RootfsPropagation, number, number, number | undefined])[] =
  [
    ['shared', MS.SHARED, MS.SHARED, undefined],
    ['rshared', MS.SHARED | MS.REC, MS.SHARED | MS.REC, undefined],
    ['slave', MS.SLAVE | MS.REC, 0, MS.SLAVE],
    ['rslave', MS.SLAVE | MS.REC, 0, MS.SLAVE],
    ['private', MS.SLAVE | MS.REC, MS.PRIVATE, undefined],
    ['rprivate', MS.PRIVATE | MS.REC, 0, undefined],
    ['unbindable', MS.SLAVE | MS.REC, MS.UNBINDABLE, undefined],
    ['runbindable', MS.SLAVE | MS.REC, MS.UNBINDABLE | MS.REC, undefined],
  ];
for (const [name, first, last, parent] of PROPAGATIONS) {
  test(`rootfsPropagation ${name}`, () => {
    const plan = compile({ linux: { rootfsPropagation: name } });
    assert.equal(only(plan, 'propagation').flags, first);
    assert.equal(only(plan, 'pivot').propagation, last);
    assert.equal(only(plan, 'root').parentPropagation, parent);
  });
}

test('an unknown rootfsPropagation is refused', () => {
  assert.throws(
    () => compile({ linux: { rootfsPropagation: 'bind' as 'slave' } }),
    refusal('invalid-config', '/linux/rootfsPropagation'),
  );
});

test('noPivot moves the root', () => {
  const plan = compile({ input: { noPivot: true } });
  assert.equal(stepsOf(plan, 'pivot').length, 0);
  assert.equal(only(plan, 'move_root').propagation, 0);
});

test('noPivot with a private root is refused', () => {
  assert.throws(
    () => compile({ input: { noPivot: true }, linux: { rootfsPropagation: 'rprivate' } }),
    refusal('invalid-config', '/linux/rootfsPropagation'),
  );
});

test('without a mount namespace: chroot, and the host’s propagation is not touched', () => {
  const plan = compile({ linux: { namespaces: [{ type: 'pid' }] } });
  assert.equal(stepsOf(plan, 'propagation').length, 0);
  assert.equal(only(plan, 'root').bind, false);
  assert.equal(stepsOf(plan, 'chroot').length, 1);
});

test('without a mount namespace mounts and a read-only root are warned of', () => {
  const plan = compile({
    linux: { namespaces: [] },
    config: { root: { path: 'r', readonly: true }, mounts: [{ destination: '/t', type: 'tmpfs' }] },
  });
  assert.deepEqual(
    plan.warnings.map((w) => w.at),
    ['/mounts', '/root/readonly'],
  );
  assert.equal(stepsOf(plan, 'root_readonly').length, 0);
});

test('a read-only root', () => {
  assert.equal(
    only(compile({ config: { root: { path: 'r', readonly: true } } }), 'root_readonly').at,
    '/root/readonly',
  );
});

// exec -------------------------------------------------------------------------------------------

test('exec: the order of steps', () => {
  assert.deepEqual(ops(compileExec(execInput())), [
    'open_proc',
    'join',
    'fork',
    'keyring',
    'session',
    'umask',
    'affinity',
    'cwd',
    'environment',
    'bounding_caps',
    'user',
    'cwd',
    'caps',
    'find_executable',
    'ready',
    'exec',
  ]);
});

test('exec: the console is not mounted', () => {
  const plan = compileExec(
    execInput({
      process: { ...PROCESS, terminal: true },
      console: true,
      windowSize: { rows: 24, columns: 80 },
    }),
  );
  const step = only(plan, 'console');
  assert.deepEqual([step.mount, step.rows, step.columns], [false, 24, 80]);
});

test('exec: seccomp and personality are the container’s', () => {
  const config = createInput({
    linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' }, personality: { domain: 'LINUX32' } },
  }).config;
  const plan = compileExec(execInput({ config }));
  assert.equal(only(plan, 'personality').persona, 8);
  before(plan, 'ready', 'seccomp', 'exec');
});

test('exec: rlimits and oomScoreAdj are the host’s part', () => {
  const plan = compileExec(
    execInput({
      process: {
        ...PROCESS,
        oomScoreAdj: -5,
        rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }],
      },
    }),
  );
  assert.deepEqual(plan.commit, {
    rlimits: [{ resource: 4, soft: 0, hard: 0, at: '/process/rlimits/0' }],
    oomScoreAdj: -5,
  });
});
