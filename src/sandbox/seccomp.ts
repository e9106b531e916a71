/**
 * The system calls that a sandbox's program may not make. All others are allowed: a list of what is
 * allowed breaks programs with each new kernel, and what is refused here is what no program in a
 * sandbox needs, and what most ways out of containers have begun with.
 */
import { CLONE } from '../native/constants.js';
import type { Config } from '../spec/config.gen.js';

type Seccomp = NonNullable<NonNullable<Config['linux']>['seccomp']>;
type Architecture = NonNullable<Seccomp['architectures']>[number];
type Rule = NonNullable<Seccomp['syscalls']>[number];

const EPERM = 1;
const ENOSYS = 38;

/** By what they are about. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'the kernel itself': [
    'init_module',
    'finit_module',
    'delete_module',
    'kexec_load',
    'kexec_file_load',
    'reboot',
    'swapon',
    'swapoff',
    'acct',
    'syslog',
    'quotactl',
  ],
  'looking into the kernel, or programs in it': [
    'bpf',
    'perf_event_open',
    'userfaultfd',
    'fanotify_init',
    'io_uring_setup',
    'io_uring_enter',
    'io_uring_register',
  ],
  'mounts and namespaces: the way to more rights than one was given': [
    'mount',
    'umount2',
    'pivot_root',
    'fsopen',
    'fsconfig',
    'fsmount',
    'fspick',
    'move_mount',
    'open_tree',
    'mount_setattr',
    'unshare',
    'setns',
  ],
  'files by handle, past every root': ['open_by_handle_at'],
  'keyrings, which know no namespaces': ['add_key', 'request_key', 'keyctl'],
  'clocks and hardware': [
    'settimeofday',
    'clock_settime',
    'clock_adjtime',
    'adjtimex',
    'iopl',
    'ioperm',
  ],
};

/** 32-bit programs run on these, too. */
const ARCHITECTURES: Readonly<Record<string, readonly Architecture[]>> = {
  x86_64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  aarch64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

/** The profile for a machine. @param machine as uname(2) says */
export function seccompProfile(machine: string): Seccomp {
  const architectures = ARCHITECTURES[machine];
  // clone(2) takes the same flags in its first argument, but for s390.
  const flags = machine.startsWith('s390') ? 1 : 0;
  const namespaces = Object.values(CLONE).filter((flag) => flag !== CLONE.NEWTIME);
  const refuse = (names: readonly string[], rule: Partial<Rule> = {}): Rule => ({
    names: [...names],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: EPERM,
    ...rule,
  });
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    ...(architectures === undefined ? {} : { architectures: [...architectures] }),
    syscalls: [
      refuse(Object.values(REFUSED).flat()),
      ...namespaces.map((flag) =>
        refuse(['clone'], {
          args: [{ index: flags, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
        }),
      ),
      // Its flags are in memory, where no filter can look; with this answer programs take clone(2).
      refuse(['clone3'], { errnoRet: ENOSYS }),
    ],
  };
}
