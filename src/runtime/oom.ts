/** Whether the kernel ran out of the cgroup's memory and killed something. */
import type { ContainerRecord } from '../state/record.js';
import type { Runtime } from './context.js';

/** The count of `oom_kill` in memory.events (v2) or memory.oom_control (v1). */
export function parseOomKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Words for a helper that was killed before it was ready; undefined if it was not the OOM killer. */
export function explainDeath(
  runtime: Runtime,
  cgroup: ContainerRecord['cgroup'],
  signal: number,
): string | undefined {
  if (signal !== 9) return undefined;
  const files: string[] = [];
  if (cgroup.paths.memory !== undefined) files.push(`${cgroup.paths.memory}/memory.oom_control`);
  if (cgroup.paths[''] !== undefined) files.push(`${cgroup.paths['']}/memory.events`);
  const killed = runtime.native.readFiles(files).some((text) => parseOomKills(text ?? '') > 0);
  return killed ? 'container init was OOM-killed (memory limit too low?)' : undefined;
}
