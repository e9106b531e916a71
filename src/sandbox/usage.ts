/** What a sandbox has used: its cgroup's files, read when the process has ended and before they go. */
import { parseKeyed } from '../cgroup/stats-text.js';
import type { Runtime } from '../runtime/context.js';
import { readTexts } from '../runtime/statistics.js';
import { usageOfRecord } from '../runtime/usage.js';
import type { ContainerRecord } from '../state/record.js';
import type { Report } from './report.js';

/** Nothing of it is known if it had no cgroup of its own, or that is gone: systemd removes a scope with its last process. */
export function usageOf(
  runtime: Runtime,
  record: ContainerRecord,
): Pick<Report, 'usage' | 'pidsRefused'> {
  const { usage } = usageOfRecord(runtime, record);
  const { pids, '': unified } = record.cgroup.paths;
  const events = `${pids ?? unified}/pids.events`;
  const refused = parseKeyed(readTexts(runtime.native, [events])(events)).get('max');
  return { usage, pidsRefused: refused ?? null };
}
