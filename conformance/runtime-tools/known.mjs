// What is known of the upstream programs, by their names without `.t`.
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';

const FLAKY = "it looks after a fixed time; crun's own runs of the suite leave it out as flaky";
const ENDED = 'it signals a container whose process may have ended already';

/**
 * Programs with a race, which a slow machine loses, or a fast runtime: one that fails is run a
 * second time, and the second run counts.
 */
export const RACES = {
  hooks_stdin: FLAKY,
  hostname: FLAKY,
  kill: ENDED,
  killsig: 'it signals a shell that may not listen yet',
  pidfile: ENDED,
  process: FLAKY,
};

const ADDRESSES = 'it compares the addresses of two numbers (since runtime-spec 1.3)';

/** Why a program fails with a runtime that does as the specification and runc do. */
const REASONS = {
  delete: 'runc and crun delete a created container without --force; ocirt passes',
  delete_resources: ADDRESSES,
  linux_cgroups_pids: ADDRESSES,
  linux_cgroups_relative_pids: ADDRESSES,
  misc_props: 'it creates a container whose program is not there: runc and crun look at create',
  pidfile: 'it kills a process that ends at once, and wants that to work',
  process_capabilities_fail:
    'it wants an unknown capability to be an error: since 1.1 it is a warning',
  process_rlimits: "it reads a limit that Go's own start-up raises, since Go 1.19",
  start: 'it wants start without a process to work: runtime.md asks for an error',
};

const group = (file) => existsSync(`/sys/fs/cgroup/${file}`);

/** True where the kernel is older than this version. */
function before(major, minor) {
  const [ours, second] = release().split('.').map(Number);
  return ours < major || (ours === major && second < minor);
}

/** True where we may have the capability of this number. */
function capability(number) {
  const [, hex] = /CapBnd:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return ((BigInt(`0x${hex}`) >> BigInt(number)) & 1n) === 1n;
}

const NETWORK = [() => group('net_cls'), 'there is no net_cls controller of cgroup v1'];
const WEIGHT = [() => group('blkio/blkio.weight'), 'the blkio controller has no weight'];
const KERNEL_MEMORY = [
  // It takes a number since 5.16, and does nothing with it.
  () => group('memory/memory.kmem.limit_in_bytes') && before(5, 16),
  'the memory controller has no limit for the kernel',
];

/** What a program takes of the machine: whether that is there, and what its absence means. */
const NEEDS = {
  linux_cgroups_blkio: WEIGHT,
  linux_cgroups_relative_blkio: WEIGHT,
  linux_cgroups_memory: KERNEL_MEMORY,
  linux_cgroups_relative_memory: KERNEL_MEMORY,
  linux_cgroups_network: NETWORK,
  linux_cgroups_relative_network: NETWORK,
  linux_process_apparmor_profile: [
    () => existsSync('/sys/module/apparmor'),
    'the kernel has no AppArmor',
  ],
  // CAP_SYS_RESOURCE.
  process_capabilities: [() => capability(24), 'root has not every capability here'],
};

/** Why this program fails with any runtime here, or undefined. */
export function reasonFor(name) {
  const [there, absent] = NEEDS[name] ?? [];
  return there !== undefined && !there() ? absent : REASONS[name];
}

/** The cgroup below which the programs have theirs, in each hierarchy. */
export const GROUP = 'testdir';
