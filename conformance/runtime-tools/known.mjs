// What is known of the upstream programs, by their names without `.t`.
import { existsSync } from 'node:fs';

const FLAKY = "it looks after a fixed time; crun's own runs of the suite leave it out as flaky";
const ENDED = 'it signals a container whose process may have ended already';

/**
 * Programs with a race, which a slow machine loses: one that fails is run a second time, and the
 * second run counts.
 */
export const RACES = {
  hooks_stdin: FLAKY,
  hostname: FLAKY,
  kill: ENDED,
  misc_props: FLAKY,
  pidfile: ENDED,
  process: FLAKY,
};

/** Why a program fails with a runtime that does as runc does. */
const REASONS = {
  delete: 'it wants delete of a created container to be refused: runc, crun and engines allow it',
  linux_ns_itype: 'its clean-up hangs (runtime-tools issue 698)',
  start: 'it creates a container whose config has no process: runc and crun refuse that at create',
};

const NETWORK = ['/sys/fs/cgroup/net_cls', 'there is no net_cls controller of cgroup v1'];
const WEIGHT = ['/sys/fs/cgroup/blkio/blkio.weight', 'the blkio controller has no weight'];
const KERNEL_MEMORY = [
  '/sys/fs/cgroup/memory/memory.kmem.limit_in_bytes',
  'the memory controller has no limit for the kernel',
];

/** What a program takes of the machine: a file, and what its absence means. */
const NEEDS = {
  linux_cgroups_blkio: WEIGHT,
  linux_cgroups_relative_blkio: WEIGHT,
  linux_cgroups_memory: KERNEL_MEMORY,
  linux_cgroups_relative_memory: KERNEL_MEMORY,
  linux_cgroups_network: NETWORK,
  linux_cgroups_relative_network: NETWORK,
  linux_process_apparmor_profile: ['/sys/module/apparmor', 'the kernel has no AppArmor'],
};

/** Why this program fails with any runtime here, or undefined. */
export function reasonFor(name) {
  const [file, absent] = NEEDS[name] ?? [];
  return file !== undefined && !existsSync(file) ? absent : REASONS[name];
}
