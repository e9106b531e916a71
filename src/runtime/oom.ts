/** Whether the kernel ran out of the cgroup's memory and killed something. */
import type { ContainerRecord } from '../state/record.js';
import type { Runtime } from './context.js';

/** The count of `oom_kill` in memory.events (v2) or memory.oom_control (v1). */
export function parseOomKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** The files that may count them; none need be there. */
export function oomFiles(cgroup: ContainerRecord['cgroup']): string[] {
  const { memory, '': unified } = cgroup.paths;
  return [
    ...(memory === undefined ? [] : [`${memory}/memory.oom_control`]),
    ...(unified === undefined ? [] : [`${unified}/memory.events`]),
  ];
}

/** How many of the cgroup's processes the kernel has killed; undefined where nobody counts. */
export function oomKills(runtime: Runtime, cgroup: ContainerRecord['cgroup']): number | undefined {
  try {
    const texts = runtime.native.readFiles(oomFiles(cgroup)).filter((text) => text !== null);
    return texts.length === 0 ? undefined : Math.max(...texts.map(parseOomKills));
  } catch {
    // A cgroup that is removed meanwhile: ENODEV.
    return undefined;
  }
}

/** What to do about a process that was killed. @param known the words of explainDeath */
export function deathHint(known: string | undefined): string {
  return known === undefined
    ? 'kill or delete --force may have been called meanwhile'
    : 'a higher limit: linux.resources.memory.limit of config.json, --memory';
}

/** What to do where there is no memory for a program of ours: no cgroup refuses any, it kills. */
export const MEMORY_HINT =
  'the caller has a limit of address space (ulimit -v), or the machine has no more to promise';

/** Words for a helper that was killed before it was ready; undefined if it was not the OOM killer. */
export function explainDeath(
  runtime: Runtime,
  cgroup: ContainerRecord['cgroup'],
  signal: number,
  what = 'container init',
): string | undefined {
  if (signal !== 9) return undefined;
  return (oomKills(runtime, cgroup) ?? 0) > 0
    ? `${what} was OOM-killed (memory limit too low?)`
    : undefined;
}
