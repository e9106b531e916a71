import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seccomp } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import { compileSeccomp, NEW_LISTENER } from './seccomp.js';
import { type Changes, createInput, only, ops, refusal, stepsOf } from './testing/fixtures.js';

const ERRNO: Seccomp = { defaultAction: 'SCMP_ACT_ERRNO' };

for (const [name, kind, value] of [
  ['SCMP_ACT_KILL', 'kill_thread', 0],
  ['SCMP_ACT_KILL_THREAD', 'kill_thread', 0],
  ['SCMP_ACT_KILL_PROCESS', 'kill_process', 0],
  ['SCMP_ACT_TRAP', 'trap', 0],
  ['SCMP_ACT_ERRNO', 'errno', 1],
  ['SCMP_ACT_TRACE', 'trace', 1],
  ['SCMP_ACT_ALLOW', 'allow', 0],
  ['SCMP_ACT_LOG', 'log', 0],
] as const) {
  test(`${name}`, () => {
    assert.deepEqual(compileSeccomp({ defaultAction: name }).request.defaultAction, {
      kind,
      value,
    });
  });
}

test('defaultErrnoRet', () => {
  const { request } = compileSeccomp({ ...ERRNO, defaultErrnoRet: 38 });
  assert.deepEqual(request.defaultAction, { kind: 'errno', value: 38 });
});

test('a tracer is told more than there are errnos', () => {
  const syscalls = [{ names: ['read'], action: 'SCMP_ACT_TRACE' as const, errnoRet: 65535 }];
  const { request } = compileSeccomp({ defaultAction: 'SCMP_ACT_ALLOW', syscalls });
  assert.deepEqual(request.rules[0]?.action, { kind: 'trace', value: 65535 });
  assert.throws(
    () => compileSeccomp({ ...ERRNO, defaultErrnoRet: 4096 }),
    refusal('invalid-config', '/linux/seccomp/defaultErrnoRet'),
  );
});

test('errnoRet with an action that takes none is an error, as specified', () => {
  assert.throws(
    () =>
      compileSeccomp({
        ...ERRNO,
        syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', errnoRet: 1 }],
      }),
    refusal('invalid-config', '/linux/seccomp/syscalls/0/errnoRet'),
  );
  assert.throws(
    () => compileSeccomp({ defaultAction: 'SCMP_ACT_KILL', defaultErrnoRet: 1 }),
    refusal('invalid-config', '/linux/seccomp/defaultErrnoRet'),
  );
});

test('rules with arguments keep 64 bits', () => {
  const { request } = compileSeccomp({
    ...ERRNO,
    syscalls: [
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 2114060288, valueTwo: 0xffffffffffffffffn, op: 'SCMP_CMP_MASKED_EQ' },
        ],
      },
    ],
  });
  assert.deepEqual(request.rules, [
    {
      names: ['clone'],
      action: { kind: 'allow', value: 0 },
      args: [{ index: 0, op: 'masked_eq', value: 2114060288, valueTwo: 0xffffffffffffffffn }],
    },
  ]);
});

for (const [name, op] of [
  ['SCMP_CMP_NE', 'ne'],
  ['SCMP_CMP_LT', 'lt'],
  ['SCMP_CMP_LE', 'le'],
  ['SCMP_CMP_EQ', 'eq'],
  ['SCMP_CMP_GE', 'ge'],
  ['SCMP_CMP_GT', 'gt'],
] as const) {
  test(`${name}`, () => {
    const { request } = compileSeccomp({
      ...ERRNO,
      syscalls: [
        { names: ['x'], action: 'SCMP_ACT_ALLOW', args: [{ index: 1, value: 2, op: name }] },
      ],
    });
    assert.deepEqual(request.rules[0]?.args, [{ index: 1, op, value: 2, valueTwo: 0 }]);
  });
}

test('conditions on different arguments hold together', () => {
  const { request } = compileSeccomp({
    ...ERRNO,
    syscalls: [
      {
        names: ['x'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
          { index: 1, value: 1, op: 'SCMP_CMP_EQ' },
        ],
      },
    ],
  });
  assert.equal(request.rules.length, 1);
});

test('several conditions on one argument are a rule each', () => {
  const { request } = compileSeccomp({
    ...ERRNO,
    syscalls: [
      {
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW',
        args: [
          { index: 0, value: 0, op: 'SCMP_CMP_EQ' },
          { index: 0, value: 8, op: 'SCMP_CMP_EQ' },
        ],
      },
    ],
  });
  assert.deepEqual(
    request.rules.map((rule) => rule.args.map((arg) => arg.value)),
    [[0], [8]],
  );
});

test('a rule that says what the default says is left out', () => {
  const { request } = compileSeccomp({
    ...ERRNO,
    syscalls: [
      { names: ['a'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
      { names: ['b'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  });
  assert.deepEqual(
    request.rules.map((rule) => rule.names),
    [['b']],
  );
});

test('architectures by libseccomp’s names', () => {
  const { request } = compileSeccomp({
    ...ERRNO,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_MIPSEL64N32'],
  });
  assert.deepEqual(request.architectures, ['x86_64', 'x86', 'mipsel64n32']);
});

for (const [flags, value] of [
  [undefined, 4],
  [[], 0],
  [['SECCOMP_FILTER_FLAG_LOG'], 2],
  [['SECCOMP_FILTER_FLAG_SPEC_ALLOW'], 4],
  [['SECCOMP_FILTER_FLAG_TSYNC'], 0],
  [['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'], 6],
] as const) {
  test(`seccomp flags ${flags === undefined ? '(no key)' : JSON.stringify(flags)}`, () => {
    const seccomp = flags === undefined ? ERRNO : { ...ERRNO, flags: [...flags] };
    assert.equal(compileSeccomp(seccomp).flags, value);
  });
}

for (const [name, seccomp, newer] of [
  ['errno', ERRNO, true],
  ['kill', { defaultAction: 'SCMP_ACT_KILL' }, true],
  ['errno ENOSYS', { ...ERRNO, defaultErrnoRet: 38 }, false],
  ['allow', { defaultAction: 'SCMP_ACT_ALLOW' }, false],
  ['log', { defaultAction: 'SCMP_ACT_LOG' }, false],
  ['trace', { defaultAction: 'SCMP_ACT_TRACE' }, false],
] as const satisfies readonly (readonly [string, Seccomp, boolean])[]) {
  test(`default ${name}: ENOSYS for newer calls: ${newer}`, () => {
    assert.equal(compileSeccomp(seccomp).request.enosysForNewer, newer);
  });
}

const NOTIFY: Seccomp = { ...ERRNO, syscalls: [{ names: ['a'], action: 'SCMP_ACT_NOTIFY' }] };

test('SCMP_ACT_NOTIFY makes a listener', () => {
  const { request, flags, warnings } = compileSeccomp({ ...NOTIFY, listenerPath: '/x' });
  assert.deepEqual(request.rules[0]?.action, { kind: 'notify', value: 0 });
  assert.deepEqual([flags, warnings], [4 | NEW_LISTENER, []]);
});

test('SCMP_ACT_NOTIFY needs a listenerPath, and is no default', () => {
  for (const listenerPath of ['', undefined]) {
    assert.throws(
      () => compileSeccomp({ ...NOTIFY, ...(listenerPath === undefined ? {} : { listenerPath }) }),
      refusal('invalid-config', '/linux/seccomp/listenerPath', /listenerPath is not set/),
    );
  }
  assert.throws(
    () => compileSeccomp({ defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/x' }),
    refusal('invalid-config', '/linux/seccomp/defaultAction', /cannot be used as default/),
  );
});

test('the flag that only a listener has a meaning for is dropped without one', () => {
  const flag = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';
  const without = compileSeccomp({ ...ERRNO, flags: [flag] });
  assert.deepEqual([without.flags, without.warnings[0]?.at], [0, '/linux/seccomp/flags']);
  const notify = compileSeccomp({ ...NOTIFY, listenerPath: '/x', flags: [flag] });
  assert.deepEqual([notify.flags, notify.warnings], [0x20 | NEW_LISTENER, []]);
});

test('listenerPath without it is a warning', () => {
  const { warnings } = compileSeccomp({ ...ERRNO, listenerPath: '/x' });
  assert.equal(warnings[0]?.at, '/linux/seccomp/listenerPath');
});

test('an argument index of 6 is refused', () => {
  assert.throws(
    () =>
      compileSeccomp({
        ...ERRNO,
        syscalls: [
          {
            names: ['a'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }],
          },
        ],
      }),
    refusal('invalid-config', '/linux/seccomp/syscalls/0/args/0/index'),
  );
});

const compile = (changes: Changes) => compileCreate(createInput(changes));

test('with noNewPrivileges all capabilities are gone before the filter', () => {
  const plan = compile({
    linux: { seccomp: ERRNO },
    process: { noNewPrivileges: true, capabilities: {} },
  });
  assert.equal(only(plan, 'caps').permitted, 0);
  assert.deepEqual(ops(plan).slice(-4), ['ready', 'wait_start', 'seccomp', 'exec']);
});

test('without it CAP_SYS_ADMIN stays until the filter is there, and goes right after', () => {
  const plan = compile({
    linux: { seccomp: ERRNO },
    process: {
      user: { uid: 1000, gid: 1000 },
      capabilities: { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'], effective: ['CAP_KILL'] },
    },
    config: { hooks: { startContainer: [{ path: '/h' }] } },
  });
  const [first, second] = stepsOf(plan, 'caps');
  assert.equal(first?.permitted, 32 + 2 ** 21);
  assert.equal(first?.effective, 32 + 2 ** 21);
  assert.deepEqual([second?.permitted, second?.effective], [32, 32]);
  assert.deepEqual(ops(plan).slice(-5), ['wait_start', 'seccomp', 'caps', 'hook', 'exec']);
  // The bounding set never has more than config says.
  assert.equal(only(plan, 'bounding_caps').mask, 32);
});

test('a process that has CAP_SYS_ADMIN anyway needs no second step', () => {
  const names = ['CAP_SYS_ADMIN'];
  const plan = compile({
    linux: { seccomp: ERRNO },
    process: { capabilities: { bounding: names, permitted: names, effective: names } },
  });
  assert.equal(stepsOf(plan, 'caps').length, 1);
});

test('the program is put in later', () => {
  const step = only(compile({ linux: { seccomp: ERRNO } }), 'seccomp');
  assert.deepEqual([step.program.length, step.flags], [0, 4]);
});
