/** What /proc says about whether a recorded process is still there. */
import type { Binding } from '../native/binding.js';
import type { ProcessMark } from './record.js';

export interface ProcessStat {
  /** One letter, as in proc(5). */
  readonly state: string;
  readonly parent: number;
  readonly startTime: string;
}

/**
 * Reads the text of /proc/PID/stat, see proc_pid_stat(5). The name in parentheses may hold
 * anything, parentheses and spaces too, so what follows the last one counts.
 */
export function parseStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(')');
  if (end < 0) return undefined;
  const fields = text
    .slice(end + 2)
    .trim()
    .split(' ');
  const [state, parent] = fields;
  const startTime = fields[19];
  if (state === undefined || parent === undefined || startTime === undefined) return undefined;
  return { state, parent: Number(parent), startTime };
}

/** The stat of a process; undefined if there is none of that pid. */
export function readStat(native: Binding, pid: number): ProcessStat | undefined {
  const [text] = native.readFiles([`/proc/${pid}/stat`]);
  return text === null || text === undefined ? undefined : parseStat(text);
}

/** The mark to recognise a process by later. An ended one gets a start time that none has. */
export function markProcess(native: Binding, pid: number): ProcessMark {
  return { pid, startTime: readStat(native, pid)?.startTime ?? '0' };
}

/** Whether it runs still: the same process, and not a zombie that waits for its parent. */
export function isAlive(native: Binding, mark: ProcessMark | undefined): boolean {
  if (mark === undefined) return false;
  const stat = readStat(native, mark.pid);
  if (stat === undefined || stat.startTime !== mark.startTime) return false;
  return stat.state !== 'Z' && stat.state !== 'X' && stat.state !== 'x';
}

/** PF_EXITING among the flags of proc_pid_stat(5). */
const EXITING = 4;

/**
 * Whether it has ended or is about to: before a killed process becomes a zombie, its descriptors
 * are closed, by which others may have learnt of it.
 */
export function isEnding(native: Binding, mark: ProcessMark): boolean {
  const [text] = native.readFiles([`/proc/${mark.pid}/stat`]);
  const stat = text === null || text === undefined ? undefined : parseStat(text);
  if (text === null || text === undefined || stat?.startTime !== mark.startTime) return true;
  const flags = text.slice(text.lastIndexOf(')') + 2).split(' ')[6];
  return (Number(flags) & EXITING) !== 0 || 'ZXx'.includes(stat.state);
}
