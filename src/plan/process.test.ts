import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Process } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import { compileExec } from './compile-exec.js';
import { cleanEnvironment } from './environment.js';
import { parseNumberList } from './lists.js';
import { RLIMITS } from './rlimits.js';
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
const process = (changes: Partial<Process>) => compile({ process: changes });

test('user, group and further groups', () => {
  const step = only(process({ user: { uid: 7, gid: 8, additionalGids: [9, 10] } }), 'user');
  assert.deepEqual([step.uid, step.gid, step.groups], [7, 8, [9, 10]]);
});

test('without further groups those of the caller are cleared', () => {
  assert.deepEqual(only(compile(), 'user').groups, []);
});

test('where setgroups is denied it is not called, and groups are a warning', () => {
  const plan = compile({
    facts: { setgroupsDenied: true },
    process: { user: { uid: 0, gid: 0, additionalGids: [5] } },
  });
  assert.equal(only(plan, 'user').groups, undefined);
  assert.equal(plan.warnings[0]?.at, '/process/user/additionalGids');
});

test('uid -1 is no user', () => {
  assert.throws(
    () => process({ user: { uid: 4294967295, gid: 0 } }),
    refusal('invalid-config', '/process/user/uid'),
  );
});

test('umask is 022 unless it is said', () => {
  assert.equal(only(compile(), 'umask').mask, 0o022);
  assert.equal(only(process({ user: { uid: 0, gid: 0, umask: 0 } }), 'umask').mask, 0);
});

test('the working directory: as root first, denied is tolerated; then as the user', () => {
  const steps = stepsOf(process({ cwd: '/w' }), 'cwd');
  assert.deepEqual(
    steps.map((s) => [s.path, s.tolerateDenied]),
    [
      ['/w', true],
      ['/w', false],
    ],
  );
  const order = ops(process({ cwd: '/w' }));
  assert.ok(order.indexOf('cwd') < order.indexOf('user'));
  assert.ok(order.indexOf('user') < order.lastIndexOf('cwd'));
});

test('the environment, and whose HOME', () => {
  const step = only(
    process({ env: ['A=1', 'B=2', 'A=3'], user: { uid: 5, gid: 0 } }),
    'environment',
  );
  assert.deepEqual(step.env, ['B=2', 'A=3']);
  assert.equal(step.homeOf, 5);
});

test('sockets of the caller are announced', () => {
  const plan = compile({ input: { listenFds: 2, preserveFds: 2 } });
  assert.deepEqual(only(plan, 'environment').env, ['PATH=/bin', 'LISTEN_FDS=2', 'LISTEN_PID=1']);
  assert.equal(only(plan, 'exec').preserveFds, 2);
});

test('cleanEnvironment: an empty HOME is none, an empty other one stays', () => {
  assert.deepEqual(cleanEnvironment(['HOME=', 'X=', 'HOME=/h', 'HOME='], '/e'), ['X=']);
});

for (const [entry, words] of [
  ['A', /missing '='/],
  ['=x', /name cannot be empty/],
  ['A=\0', /nul byte/],
] as const) {
  test(`the environment entry ${JSON.stringify(entry)} is refused`, () => {
    assert.throws(
      () => cleanEnvironment(['B=1', entry], '/process/env'),
      refusal('invalid-config', '/process/env/1', words),
    );
  });
}

test('the executable is looked up before ready', () => {
  const plan = process({ args: ['sh', '-c', 'x'] });
  assert.equal(only(plan, 'find_executable').name, 'sh');
  assert.deepEqual(only(plan, 'exec').args, ['sh', '-c', 'x']);
});

test('all sixteen limits have the numbers of the kernel', () => {
  assert.deepEqual(Object.values(RLIMITS), [...Array(16).keys()]);
});

test('limits keep 64 bits', () => {
  const plan = process({
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 18446744073709551615n }],
  });
  assert.deepEqual(plan.commit.rlimits, [
    { resource: 7, soft: 1024, hard: 18446744073709551615n, at: '/process/rlimits/0' },
  ]);
});

test('a limit twice is refused', () => {
  const limit = { type: 'RLIMIT_CPU' as const, soft: 1, hard: 1 };
  assert.throws(
    () => process({ rlimits: [limit, limit] }),
    refusal('invalid-config', '/process/rlimits/1/type'),
  );
});

test('an unknown limit is refused', () => {
  assert.throws(
    () => process({ rlimits: [{ type: 'RLIMIT_X' as 'RLIMIT_CPU', soft: 1, hard: 1 }] }),
    refusal('invalid-config', '/process/rlimits/0/type'),
  );
});

test('oomScoreAdj is left alone unless it is set', () => {
  assert.equal(compile().commit.oomScoreAdj, undefined);
  assert.equal(process({ oomScoreAdj: 0 }).commit.oomScoreAdj, 0);
});

test('scheduler with flags', () => {
  const step = only(
    process({
      scheduler: {
        policy: 'SCHED_DEADLINE',
        flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_DL_OVERRUN'],
        runtime: 10n,
        deadline: 20,
        period: 30,
      },
    }),
    'scheduler',
  );
  assert.deepEqual(
    [step.policy, step.flags, step.runtime, step.deadline, step.period],
    [6, 1 | 4, 10n, 20, 30],
  );
});

for (const [name, scheduler, property] of [
  ['priority with SCHED_OTHER', { policy: 'SCHED_OTHER', priority: 1 }, 'priority'],
  ['nice out of range', { policy: 'SCHED_BATCH', nice: 20 }, 'nice'],
  ['runtime without SCHED_DEADLINE', { policy: 'SCHED_FIFO', runtime: 1 }, 'runtime'],
] as const) {
  test(`scheduler: ${name} is refused`, () => {
    assert.throws(
      () => process({ scheduler }),
      refusal('invalid-config', `/process/scheduler/${property}`),
    );
  });
}

for (const [name, number] of [
  ['IOPRIO_CLASS_RT', 1],
  ['IOPRIO_CLASS_BE', 2],
  ['IOPRIO_CLASS_IDLE', 3],
] as const) {
  test(`${name} is in the upper bits`, () => {
    const step = only(process({ ioPriority: { class: name, priority: 5 } }), 'io_priority');
    assert.equal(step.value, number * 8192 + 5);
  });
}

test('an I/O priority of 8 is refused', () => {
  assert.throws(
    () => process({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 8 } }),
    refusal('invalid-config', '/process/ioPriority/priority'),
  );
});

test('number lists', () => {
  assert.deepEqual(parseNumberList('0-3,7, 5'), [0, 1, 2, 3, 5, 7]);
  assert.deepEqual(parseNumberList(''), []);
  for (const bad of ['a', '3-1', '1-', '-1', '1-2-3', '0-99999999']) {
    assert.equal(parseNumberList(bad), undefined, bad);
  }
});

test('create resets the affinity to all CPUs', () => {
  assert.deepEqual(only(compile({ facts: { cpus: [0, 1, 2] } }), 'affinity').cpus, [0, 1, 2]);
});

/** What it is born with, and the steps. */
const affinities = (execCPUAffinity: NonNullable<Process['execCPUAffinity']>) => {
  const plan = compileExec(execInput({ process: { ...PROCESS, execCPUAffinity } }));
  return [plan.spawn.affinity?.cpus, ...stepsOf(plan, 'affinity').map(({ cpus }) => cpus)];
};

test('execCPUAffinity: it is born with initial, final comes later', () => {
  assert.deepEqual(affinities({ initial: '0', final: '1' }), [[0], [1]]);
});

test('execCPUAffinity: initial alone stays, final alone replaces the reset', () => {
  assert.deepEqual(affinities({ initial: '1' }), [[1]]);
  assert.deepEqual(affinities({ final: '0-1' }), [undefined, [0, 1]]);
  assert.deepEqual(affinities({}), [undefined, [0, 1]]);
});

test('a malformed affinity is refused', () => {
  assert.throws(
    () => affinities({ final: 'x' }),
    refusal('invalid-config', '/process/execCPUAffinity/final'),
  );
});

test('memory policy: mode, flags and nodes', () => {
  const plan = compile({
    linux: {
      memoryPolicy: { mode: 'MPOL_INTERLEAVE', nodes: '0-1', flags: ['MPOL_F_STATIC_NODES'] },
    },
  });
  assert.deepEqual(
    [only(plan, 'memory_policy').mode, only(plan, 'memory_policy').nodes],
    [3 | 32768, [0, 1]],
  );
});

test('memory policy: nodes where the mode takes none are refused', () => {
  assert.throws(
    () => compile({ linux: { memoryPolicy: { mode: 'MPOL_DEFAULT', nodes: '0-7' } } }),
    refusal('invalid-config', '/linux/memoryPolicy/nodes', /mode requires 0 nodes but got 8/),
  );
});

test('memory policy: no nodes where the mode needs them are refused', () => {
  assert.throws(
    () => compile({ linux: { memoryPolicy: { mode: 'MPOL_BIND' } } }),
    refusal('invalid-config', '/linux/memoryPolicy/nodes'),
  );
});

test('the personality of 32 bits', () => {
  const plan = compile({ linux: { personality: { domain: 'LINUX32' } } });
  assert.equal(only(plan, 'personality').persona, 8);
});

test('an AppArmor profile', () => {
  const plan = compile({ facts: { apparmor: true }, process: { apparmorProfile: 'box' } });
  assert.deepEqual(
    [only(plan, 'lsm').attribute, only(plan, 'lsm').value],
    ['apparmor/exec', 'exec box'],
  );
});

test('an AppArmor profile without AppArmor is refused', () => {
  assert.throws(
    () => process({ apparmorProfile: 'box' }),
    refusal('invalid-config', '/process/apparmorProfile', /unable to apply apparmor profile/),
  );
});

test('but "unconfined" is no more than a warning', () => {
  const plan = process({ apparmorProfile: 'unconfined' });
  assert.equal(stepsOf(plan, 'lsm').length, 0);
  assert.equal(plan.warnings[0]?.at, '/process/apparmorProfile');
});

test('an SELinux label: on the keyring, and at the exec', () => {
  const plan = compile({ facts: { selinux: true }, process: { selinuxLabel: 'u:r:t' } });
  assert.deepEqual(
    stepsOf(plan, 'lsm').map((s) => [s.attribute, s.value]),
    [
      ['keycreate', 'u:r:t'],
      ['keycreate', ''],
      ['exec', 'u:r:t'],
    ],
  );
  assert.equal(ops(plan)[2], 'keyring');
});

test('an SELinux label without SELinux is refused', () => {
  assert.throws(
    () => process({ selinuxLabel: 'u:r:t' }),
    refusal('invalid-config', '/process/selinuxLabel'),
  );
});

test('a session keyring of its own, unless it is not wanted', () => {
  assert.equal(only(compile(), 'keyring').name, '_ses.c1');
  assert.equal(stepsOf(compile({ input: { noNewKeyring: true } }), 'keyring').length, 0);
});

test('a terminal: the size of config', () => {
  const plan = compile({
    input: { console: true, windowSize: { rows: 1, columns: 2 } },
    process: { terminal: true, consoleSize: { height: 10, width: 110 }, user: { uid: 3, gid: 0 } },
  });
  const { op: _, at: __, resource, ...step } = only(plan, 'console');
  assert.deepEqual(step, { rows: 10, columns: 110, mount: true, uid: 3 });
  assert.deepEqual(plan.resources[resource], {
    kind: 'given',
    name: 'console',
    at: '/process/terminal',
  });
});

test('a terminal without a console is refused', () => {
  assert.throws(
    () => process({ terminal: true }),
    refusal('invalid-config', '/process/terminal', /console socket/),
  );
});

test('without a terminal consoleSize is ignored, as specified', () => {
  const plan = process({ consoleSize: { height: 1, width: 1 } });
  assert.equal(stepsOf(plan, 'console').length, 0);
});
