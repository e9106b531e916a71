/** Whether a process that was written down is still there. */
import { readFileSync } from 'node:fs';
import { parseStat } from '../../state/process.js';
import type { ProcessMark } from './types.js';

function statOf(pid: number) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The mark of a process; undefined if there is none of that number, or it has ended. */
export function markOf(pid: number): ProcessMark | undefined {
  const stat = statOf(pid);
  return stat === undefined || 'ZXx'.includes(stat.state)
    ? undefined
    : { pid, startTime: stat.startTime };
}

/** Whether it runs still: the same process, and no zombie. */
export function isThere(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.startTime === mark.startTime;
}
