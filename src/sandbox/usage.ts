/** What a sandbox has used: its cgroup's files, read when the process has ended and before they go. */
import { parseCount, parseKeyed } from '../cgroup/stats-text.js';
import type { Runtime } from '../runtime/context.js';
import { groupStatistics } from '../runtime/statistics.js';
import type { ContainerRecord } from '../state/record.js';
import type { Usage } from './report.js';

/** undefined: it had no cgroup of its own, or that is gone. */
export function usageOf(
  { native }: Runtime,
  { cgroup }: ContainerRecord,
): Pick<Usage, 'stats' | 'pidsPeak' | 'pidsRefused'> | undefined {
  const [directory] = Object.values(cgroup.paths);
  // systemd removes a scope with its last process.
  if (directory === undefined || native.status(directory, false) === null) return undefined;
  const pids = cgroup.paths.pids ?? cgroup.paths[''];
  try {
    const [peak, events] = native.readFiles([`${pids}/pids.peak`, `${pids}/pids.events`]);
    return {
      stats: groupStatistics(native, cgroup),
      pidsPeak: parseCount(peak),
      pidsRefused: parseKeyed(events).get('max'),
    };
  } catch {
    // The cgroup is gone: somebody has deleted the container.
    return undefined;
  }
}
