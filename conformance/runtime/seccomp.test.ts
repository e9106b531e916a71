/** linux.seccomp: what a filter answers. config-linux.md, "Seccomp". */

import assert from 'node:assert/strict';
import type { Change } from '../lib/config.js';
import { refused } from '../lib/refusal.js';
import { WITHOUT } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

const ERRNO = 'SCMP_ACT_ERRNO';

/** Everything allowed but what the rules say. */
const filter =
  (...syscalls: Record<string, unknown>[]): Change =>
  (c) => {
    c.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls,
    };
  };

const skip = WITHOUT.length > 0 && 'the filter of --without is inherited';

scenario('without seccomp there is no filter', { skip }, (s) => {
  const [flags] = s.report(() => {}, 'flags');
  assert.equal(flags.seccomp, 0);
});

scenario('a filter is there, and only one', { skip }, (s) => {
  const [mode, count] = s.report(
    filter({ names: ['bpf'], action: ERRNO }),
    'status Seccomp',
    'status Seccomp_filters',
  );
  assert.equal(mode, '2');
  assert.equal(count, '1');
});

scenario('SCMP_ACT_ERRNO without a number is EPERM', {}, (s) => {
  const [call] = s.report(filter({ names: ['getppid'], action: ERRNO }), 'syscall getppid');
  assert.deepEqual(call, { errno: 'EPERM' });
});

scenario('SCMP_ACT_ERRNO with a number', {}, (s) => {
  const [call] = s.report(
    filter({ names: ['getppid'], action: ERRNO, errnoRet: 38 }),
    'syscall getppid',
  );
  assert.deepEqual(call, { errno: 'ENOSYS' });
});

scenario('several names in one rule, several rules', {}, (s) => {
  const [a, b, c, d] = s.report(
    filter(
      { names: ['getppid', 'sysinfo'], action: ERRNO, errnoRet: 1 },
      { names: ['syncfs'], action: ERRNO, errnoRet: 22 },
    ),
    'syscall getppid',
    'syscall sysinfo 0',
    'syscall syncfs 0',
    'syscall getpid',
  );
  assert.deepEqual([a, b, c], [{ errno: 'EPERM' }, { errno: 'EPERM' }, { errno: 'EINVAL' }]);
  assert.ok('result' in d);
});

for (const [op, refused, allowed] of [
  ['SCMP_CMP_EQ', 7, 8],
  ['SCMP_CMP_NE', 8, 7],
  ['SCMP_CMP_LT', 6, 7],
  ['SCMP_CMP_LE', 7, 8],
  ['SCMP_CMP_GT', 8, 7],
  ['SCMP_CMP_GE', 7, 6],
] as const) {
  scenario(`an argument is compared with ${op}`, {}, (s) => {
    const [no, yes] = s.report(
      filter({
        names: ['getpriority'],
        action: ERRNO,
        errnoRet: 95,
        args: [{ index: 0, value: 7, op }],
      }),
      `syscall getpriority ${refused} 0` as 'syscall',
      `syscall getpriority ${allowed} 0` as 'syscall',
    );
    assert.deepEqual(no, { errno: 'EOPNOTSUPP' });
    // The kernel itself: there is no priority of that kind.
    assert.deepEqual(yes, { errno: 'EINVAL' });
  });
}

scenario('an argument is compared through a mask', {}, (s) => {
  const [no, yes] = s.report(
    filter({
      names: ['getpriority'],
      action: ERRNO,
      errnoRet: 95,
      args: [{ index: 0, value: 0xf0, valueTwo: 0x50, op: 'SCMP_CMP_MASKED_EQ' }],
    }),
    'syscall getpriority 0x5a 0',
    'syscall getpriority 0x6a 0',
  );
  assert.deepEqual([no, yes], [{ errno: 'EOPNOTSUPP' }, { errno: 'EINVAL' }]);
});

scenario('an argument of 64 bits', {}, (s) => {
  const [no, yes] = s.report(
    filter({
      names: ['sysinfo'],
      action: ERRNO,
      errnoRet: 95,
      args: [{ index: 0, value: 9223372036854775000n, op: 'SCMP_CMP_EQ' }],
    }),
    'syscall sysinfo 9223372036854775000',
    'syscall sysinfo 9223372036854775001',
  );
  assert.deepEqual([no, yes], [{ errno: 'EOPNOTSUPP' }, { errno: 'EFAULT' }]);
});

scenario('conditions on different arguments must all hold', {}, (s) => {
  const [both, one] = s.report(
    filter({
      names: ['getpriority'],
      action: ERRNO,
      errnoRet: 95,
      args: [
        { index: 0, value: 7, op: 'SCMP_CMP_EQ' },
        { index: 1, value: 1, op: 'SCMP_CMP_EQ' },
      ],
    }),
    'syscall getpriority 7 1',
    'syscall getpriority 7 2',
  );
  assert.deepEqual([both, one], [{ errno: 'EOPNOTSUPP' }, { errno: 'EINVAL' }]);
});

scenario('conditions on the same argument: one is enough', {}, (s) => {
  const [a, b, other] = s.report(
    filter({
      names: ['getpriority'],
      action: ERRNO,
      errnoRet: 95,
      args: [
        { index: 0, value: 7, op: 'SCMP_CMP_EQ' },
        { index: 0, value: 9, op: 'SCMP_CMP_EQ' },
      ],
    }),
    'syscall getpriority 7 0',
    'syscall getpriority 9 0',
    'syscall getpriority 8 0',
  );
  assert.deepEqual(
    [a, b, other],
    [{ errno: 'EOPNOTSUPP' }, { errno: 'EOPNOTSUPP' }, { errno: 'EINVAL' }],
  );
});

for (const action of [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_TRAP',
]) {
  scenario(`${action} ends the process with SIGSYS`, {}, (s) => {
    const result = s.run((c) => {
      filter({ names: ['getppid'], action })(c);
      c.process.args = ['/payload', 'syscall', 'getppid'];
    });
    assert.equal(result.status, 128 + 31, result.stderr);
  });
}

scenario('SCMP_ACT_LOG lets the call through', {}, (s) => {
  const [call] = s.report(
    filter({ names: ['getppid'], action: 'SCMP_ACT_LOG' }),
    'syscall getppid',
  );
  assert.deepEqual(call, { result: 0 });
});

scenario('SCMP_ACT_TRACE without a tracer is ENOSYS', {}, (s) => {
  const [call] = s.report(
    filter({ names: ['getppid'], action: 'SCMP_ACT_TRACE', errnoRet: 7 }),
    'syscall getppid',
  );
  assert.deepEqual(call, { errno: 'ENOSYS' });
});

scenario('a default action other than allow', {}, (s) => {
  const [call, allowed] = s.report(
    (c) => {
      c.linux.seccomp = {
        defaultAction: ERRNO,
        defaultErrnoRet: 95,
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: [{ names: ESSENTIAL, action: 'SCMP_ACT_ALLOW' }],
      };
    },
    'syscall getppid',
    'syscall getpid',
  );
  assert.deepEqual(call, { errno: 'EOPNOTSUPP' });
  assert.ok('result' in allowed);
});

/** What a static program of glibc, and the last steps of a runtime before its exec, need. */
const ESSENTIAL = [
  'execve',
  'brk',
  'arch_prctl',
  'set_tid_address',
  'set_robust_list',
  'rseq',
  'prlimit64',
  'readlinkat',
  'readlink',
  'getrandom',
  'mprotect',
  'mmap',
  'munmap',
  'newfstatat',
  'fstat',
  'write',
  'read',
  'close',
  'close_range',
  'exit_group',
  'exit',
  'getpid',
  'futex',
  'rt_sigreturn',
  'rt_sigprocmask',
  'sched_yield',
  'nanosleep',
  'epoll_ctl',
  'epoll_pwait',
  'openat',
  'fcntl',
  'prctl',
  'sendto',
  'recvfrom',
  'sendmsg',
  'capset',
  'capget',
  'madvise',
  'tgkill',
  'gettid',
  'setgroups',
  'setgid',
  'setuid',
  'setresgid',
  'setresuid',
  'chdir',
  'getcwd',
  'stat',
  'lseek',
  'faccessat',
  'faccessat2',
  'getdents64',
  'rt_sigaction',
  'sigaltstack',
  'clock_gettime',
  'dup3',
  'fstatfs',
];

scenario('a system call newer than the profile is ENOSYS, so that programs fall back', {}, (s) => {
  const [newer] = s.report((c) => {
    c.linux.seccomp = {
      defaultAction: ERRNO,
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ESSENTIAL, action: 'SCMP_ACT_ALLOW' }],
    };
  }, 'syscall 4000');
  assert.deepEqual(newer, { errno: 'ENOSYS' });
});

scenario('a filter that lets no process end does not keep one alive', {}, (s) => {
  const result = s.run((c) => {
    c.linux.seccomp = {
      defaultAction: ERRNO,
      defaultErrnoRet: 38,
      syscalls: [{ names: ['getppid'], action: 'SCMP_ACT_ALLOW' }],
    };
  });
  assert.notEqual(result.status, 0);
});

scenario('names that this machine does not know are passed over', {}, (s) => {
  const [call] = s.report(
    filter({ names: ['no_such_system_call', 'getppid'], action: ERRNO }),
    'syscall getppid',
  );
  assert.deepEqual(call, { errno: 'EPERM' });
});

scenario('a filter with noNewPrivileges false', {}, (s) => {
  const [call, flags] = s.report(
    (c) => {
      filter({ names: ['syncfs'], action: ERRNO })(c);
      c.process.noNewPrivileges = false;
    },
    'syscall syncfs 0',
    'flags',
  );
  assert.deepEqual(call, { errno: 'EPERM' });
  assert.equal(flags.noNewPrivileges, 0);
});

scenario('a filter for another user without capabilities', {}, (s) => {
  const [call, id] = s.report(
    (c) => {
      filter({ names: ['syncfs'], action: ERRNO })(c);
      c.process.user = { uid: 1000, gid: 1000 };
      c.process.noNewPrivileges = false;
    },
    'syscall syncfs 0',
    'id',
  );
  assert.deepEqual(call, { errno: 'EPERM' });
  assert.equal(id.uid, 1000);
});

scenario('several architectures', {}, (s) => {
  const [call] = s.report((c) => {
    filter({ names: ['getppid'], action: ERRNO })(c);
    c.linux.seccomp.architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
  }, 'syscall getppid');
  assert.deepEqual(call, { errno: 'EPERM' });
});

scenario('exec is filtered as well', {}, async (s) => {
  const container = await s.running(filter({ names: ['getppid'], action: ERRNO }));
  const [call] = container.report([], 'syscall getppid');
  assert.deepEqual(call, { errno: 'EPERM' });
});

for (const flags of [
  undefined,
  [],
  ['SECCOMP_FILTER_FLAG_LOG'],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'],
  ['SECCOMP_FILTER_FLAG_TSYNC'],
]) {
  scenario(
    `filter flags ${JSON.stringify(flags) ?? 'absent'}`,
    flags?.length ? { not: { runc: 'newer than runc 1.1' } } : {},
    (s) => {
      const [call] = s.report((c) => {
        filter({ names: ['getppid'], action: ERRNO })(c);
        if (flags !== undefined) c.linux.seccomp.flags = flags;
      }, 'syscall getppid');
      assert.deepEqual(call, { errno: 'EPERM' });
    },
  );
}

for (const [what, change] of [
  ['action', { names: ['getppid'], action: 'SCMP_ACT_SHOUT' }],
  [
    'operator',
    { names: ['getppid'], action: ERRNO, args: [{ index: 0, value: 1, op: 'SCMP_CMP_LIKE' }] },
  ],
  [
    'argument index',
    { names: ['getppid'], action: ERRNO, args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] },
  ],
] as const) {
  scenario(`a wrong ${what} is refused`, {}, (s) => {
    refused(s.run(filter(change)));
  });
}

scenario('a wrong architecture is refused', {}, (s) => {
  const result = s.run((c) => {
    filter({ names: ['getppid'], action: ERRNO })(c);
    c.linux.seccomp.architectures = ['SCMP_ARCH_PDP11'];
  });
  refused(result);
});

scenario('the second container of a profile has the same filter as the first', {}, (s) => {
  for (const errnoRet of [38, 22, 38, 22]) {
    const [call] = s.report(
      filter({ names: ['getppid'], action: ERRNO, errnoRet }),
      'syscall getppid',
    );
    assert.deepEqual(call, { errno: errnoRet === 38 ? 'ENOSYS' : 'EINVAL' });
  }
});
