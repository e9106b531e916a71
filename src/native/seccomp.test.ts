import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeccompAction, SeccompRequest } from './binding.js';
import { AUDIT_ARCH, RET, runFilter } from './testing/bpf.js';
import { native, needsX86 } from './testing/helper.js';

const ALLOW: SeccompAction = { kind: 'allow', value: 0 };
const EPERM: SeccompAction = { kind: 'errno', value: 1 };
const ENOSYS_RESULT = RET.ERRNO | 38;
const EPERM_RESULT = RET.ERRNO | 1;
const X32 = 0x40000000;

function build(request: Partial<SeccompRequest>) {
  return native.buildSeccomp({
    defaultAction: EPERM,
    architectures: ['x86_64', 'x86', 'x32'],
    rules: [],
    enosysForNewer: false,
    ...request,
  });
}

const allow = (...names: string[]) => ({ names, action: ALLOW, args: [] });
const x86 = { skip: needsX86 };

test('rules by name, for each architecture by its own number', x86, () => {
  const { program, unknownSyscalls } = build({ rules: [allow('write', 'no_such_call')] });
  assert.deepEqual(unknownSyscalls, ['no_such_call']);
  assert.equal(program.length % 8, 0);
  const run = (arch: number, nr: number) => runFilter(program, { arch, nr });
  // write is 1 on x86_64, 4 on i386.
  assert.equal(run(AUDIT_ARCH.x86_64, 1), RET.ALLOW);
  assert.equal(run(AUDIT_ARCH.x86_64, 4), EPERM_RESULT);
  assert.equal(run(AUDIT_ARCH.i386, 4), RET.ALLOW);
  assert.equal(run(AUDIT_ARCH.x86_64, X32 + 1), RET.ALLOW);
  // An architecture that the profile does not name is killed.
  assert.equal(run(AUDIT_ARCH.aarch64, 64), RET.KILL_THREAD);
});

test('conditions on arguments, 64 bits wide', x86, () => {
  const big = 18446744073709551615n;
  const { program } = build({
    rules: [
      {
        names: ['clone'],
        action: ALLOW,
        args: [{ index: 0, op: 'masked_eq', value: 0x7e020000, valueTwo: 0 }],
      },
      { names: ['lseek'], action: ALLOW, args: [{ index: 1, op: 'eq', value: big, valueTwo: 0 }] },
      {
        names: ['socket'],
        action: ALLOW,
        args: [
          { index: 0, op: 'eq', value: 1, valueTwo: 0 },
          { index: 1, op: 'ge', value: 2, valueTwo: 0 },
        ],
      },
    ],
  });
  const run = (nr: number, ...args: bigint[]) =>
    runFilter(program, { arch: AUDIT_ARCH.x86_64, nr, args });
  assert.equal(run(56, 0x11n), RET.ALLOW);
  assert.equal(run(56, 0x10000000n), EPERM_RESULT);
  assert.equal(run(8, 0n, big), RET.ALLOW);
  assert.equal(run(8, 0n, 0xffffffffn), EPERM_RESULT);
  // Both conditions must hold.
  assert.equal(run(41, 1n, 2n), RET.ALLOW);
  assert.equal(run(41, 1n, 1n), EPERM_RESULT);
  assert.equal(run(41, 2n, 2n), EPERM_RESULT);
});

test('an argument that is named twice: either condition', x86, () => {
  const eq = (value: number) => ({ index: 0, op: 'eq', value, valueTwo: 0 }) as const;
  const { program } = build({
    rules: [{ names: ['personality'], action: ALLOW, args: [eq(0), eq(8)] }],
  });
  const run = (value: bigint) =>
    runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: 135, args: [value] });
  assert.deepEqual([run(0n), run(8n), run(9n)], [RET.ALLOW, RET.ALLOW, EPERM_RESULT]);
});

test('a rule that says what happens anyway is passed over', x86, () => {
  const { program } = build({
    rules: [{ names: ['read'], action: EPERM, args: [] }, allow('write')],
  });
  assert.equal(runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: 0 }), EPERM_RESULT);
});

test('ENOSYS for what is newer than the profile, for each architecture', x86, () => {
  // openat2 is 437 everywhere; getpid 39 on x86_64, 20 on i386.
  const both = build({ rules: [allow('getpid', 'openat2')], enosysForNewer: true }).program;
  for (const [arch, base] of [
    [AUDIT_ARCH.x86_64, 0],
    [AUDIT_ARCH.i386, 0],
    [AUDIT_ARCH.x86_64, X32],
  ] as const) {
    const run = (nr: number) => runFilter(both, { arch, nr: base + nr });
    assert.equal(run(437), RET.ALLOW);
    assert.equal(run(438), ENOSYS_RESULT);
    assert.equal(run(9999), ENOSYS_RESULT);
    assert.equal(run(83), EPERM_RESULT);
  }
  assert.equal(runFilter(both, { arch: AUDIT_ARCH.aarch64, nr: 438 }), RET.KILL_THREAD);

  // The greatest number is each architecture's own.
  const one = build({ rules: [allow('getpid')], enosysForNewer: true }).program;
  assert.equal(runFilter(one, { arch: AUDIT_ARCH.x86_64, nr: 40 }), ENOSYS_RESULT);
  assert.equal(runFilter(one, { arch: AUDIT_ARCH.i386, nr: 21 }), ENOSYS_RESULT);
  assert.equal(runFilter(one, { arch: AUDIT_ARCH.x86_64, nr: 21 }), EPERM_RESULT);
});

test('x32 is not taken for x86_64 where the profile leaves it out', x86, () => {
  const { program } = build({ architectures: [], rules: [allow('getpid')], enosysForNewer: true });
  assert.equal(runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: 39 }), RET.ALLOW);
  assert.equal(runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: 40 }), ENOSYS_RESULT);
  assert.equal(runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: X32 + 39 }), RET.KILL_THREAD);
});

test('a profile of hundreds of rules stays right (it is made as a tree)', x86, () => {
  const names = Array.from({ length: 300 }, (_, nr) => nr).flatMap((nr) => SOME[nr] ?? []);
  const { program } = build({ rules: [allow(...names)], enosysForNewer: true });
  for (const [nr, name] of Object.entries(SOME)) {
    assert.equal(runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: Number(nr) }), RET.ALLOW, name);
  }
  // ptrace is 101, and not among them.
  assert.equal(runFilter(program, { arch: AUDIT_ARCH.x86_64, nr: 101 }), EPERM_RESULT);
});

/** Numbers of x86_64, <asm/unistd_64.h>. */
const SOME: Record<number, string> = {
  0: 'read',
  1: 'write',
  2: 'open',
  3: 'close',
  4: 'stat',
  5: 'fstat',
  6: 'lstat',
  7: 'poll',
  8: 'lseek',
  9: 'mmap',
  10: 'mprotect',
  11: 'munmap',
  12: 'brk',
  16: 'ioctl',
  17: 'pread64',
  20: 'writev',
  21: 'access',
  22: 'pipe',
  23: 'select',
  32: 'dup',
  33: 'dup2',
  35: 'nanosleep',
  39: 'getpid',
  41: 'socket',
  42: 'connect',
  43: 'accept',
  44: 'sendto',
  45: 'recvfrom',
  56: 'clone',
  57: 'fork',
  58: 'vfork',
  59: 'execve',
  60: 'exit',
  61: 'wait4',
  62: 'kill',
  63: 'uname',
  72: 'fcntl',
  79: 'getcwd',
  80: 'chdir',
  82: 'rename',
  83: 'mkdir',
  84: 'rmdir',
  87: 'unlink',
  89: 'readlink',
  90: 'chmod',
  102: 'getuid',
  104: 'getgid',
  231: 'exit_group',
  257: 'openat',
};

test('what libseccomp does not know is named', () => {
  assert.throws(() => build({ architectures: ['vax'] }), { path: 'vax', code: 'EINVAL' });
  assert.throws(() => build({ defaultAction: { kind: 'shout' as 'log', value: 0 } }), {
    path: 'shout',
  });
});

test('version and support', () => {
  assert.match(native.seccompVersion(), /^\d+\.\d+\.\d+$/);
  const support = native.seccompSupport();
  assert.ok(support.actions.includes('SCMP_ACT_ERRNO'));
  assert.ok(support.flags.includes('SECCOMP_FILTER_FLAG_TSYNC'));
});
