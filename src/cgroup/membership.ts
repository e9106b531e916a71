/** How a process comes to be in its cgroups. Pure. */
import type { Membership } from './types.js';

/**
 * Into these directories, by controller as state.json names them; '' is the v2 hierarchy.
 *
 * The quick ways come first: clone3(2) into a v2 cgroup, and a new process that moves its only
 * thread by the v1 file `tasks`. Writing a pid to cgroup.procs does the same from outside, and
 * waits for an RCU grace period of the kernel's.
 */
export function membership(paths: Readonly<Record<string, string>>): Membership {
  const v1 = Object.entries(paths).filter(([controller]) => controller !== '');
  const tasks = new Set(v1.map(([, path]) => `${path}/tasks`));
  const attach = new Set(Object.values(paths).map((path) => `${path}/cgroup.procs`));
  return { bornIn: paths[''] ?? null, tasks: [...tasks], attach: [...attach] };
}
