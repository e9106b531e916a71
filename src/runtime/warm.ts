/** The kernel's lock for moves between cgroups, taken early. */
import type { CgroupFacts } from '../cgroup/types.js';
import type { Binding } from '../native/binding.js';

/**
 * Has the wait for the kernel's lock begin now, while there is other work to do. Only v1 cgroups
 * need it: in v2 the process is born in its cgroup.
 */
export function warmCgroups(native: Binding, facts: CgroupFacts): void {
  const hierarchy = facts.v1[0];
  if (hierarchy !== undefined) native.warmCgroupLock(`${hierarchy.mountpoint}/cgroup.procs`);
}
