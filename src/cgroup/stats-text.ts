/**
 * The forms that the texts of cgroup files have. Pure. The kernel's cgroup-v2.rst, "Interface
 * Files", and cgroup-v1/.
 */
import type { MemoryEntry, Pressure, PressureStats } from './stats-types.js';

/** null or undefined: there is no such file. */
export type FileText = string | null | undefined;

/** What stands for "max": the largest number of 64 bits, as runc prints it. */
export const UNLIMITED = 18446744073709551615n;

/** One number, or "max"; undefined where there is no file, or it says something else. */
export function parseCount(text: FileText): bigint | undefined {
  const word = text?.trim() ?? '';
  if (word === 'max') return UNLIMITED;
  return /^-?\d+$/.test(word) ? BigInt(word) : undefined;
}

/** The same, 0 where there is none. */
export function countOf(text: FileText): bigint {
  return parseCount(text) ?? 0n;
}

/** undefined for 0: what is left out of the output. */
export function nonzero(value: bigint | undefined): bigint | undefined {
  return value === 0n ? undefined : value;
}

/** Lines of "KEY NUMBER". Others are passed over. */
export function parseKeyed(text: FileText): Map<string, bigint> {
  const values = new Map<string, bigint>();
  for (const line of (text ?? '').split('\n')) {
    const space = line.indexOf(' ');
    const value = space < 0 ? undefined : parseCount(line.slice(space + 1));
    if (value !== undefined) values.set(line.slice(0, space), value);
  }
  return values;
}

/** The same as an object; undefined where there is no file. */
export function keyedObject(text: FileText): Record<string, bigint> | undefined {
  return text === null || text === undefined ? undefined : Object.fromEntries(parseKeyed(text));
}

/** Numbers between blanks. */
export function parseCounts(text: FileText): bigint[] {
  return (text ?? '').split(/\s+/).flatMap((word) => parseCount(word) ?? []);
}

/** "0-3,7" as the numbers that it names; undefined where it names none. */
export function parseIds(text: FileText): number[] | undefined {
  const ids: number[] = [];
  for (const part of (text ?? '').trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) continue;
    const last = Number(match[2] ?? match[1]);
    for (let id = Number(match[1]); id <= last; id++) ids.push(id);
  }
  return ids.length === 0 ? undefined : ids;
}

const NO_PRESSURE: Pressure = { avg10: 0, avg60: 0, avg300: 0, total: 0n };

function parsePressureLine(line: string): Pressure {
  const fields = new Map<string, string>();
  for (const field of line.split(' ')) {
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1));
  }
  return {
    avg10: Number(fields.get('avg10') ?? 0),
    avg60: Number(fields.get('avg60') ?? 0),
    avg300: Number(fields.get('avg300') ?? 0),
    total: countOf(fields.get('total')),
  };
}

/** A *.pressure file; undefined where the kernel keeps no such account. */
export function parsePressure(text: FileText): PressureStats | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  const lines = text.split('\n');
  const find = (name: string): Pressure => {
    const line = lines.find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? NO_PRESSURE : parsePressureLine(line);
  };
  // Older kernels have no "full" for the processor.
  return { some: find('some'), full: find('full') };
}

/** An account of memory from its files. */
export function memoryEntry(
  usage: FileText,
  max: FileText,
  failcnt: FileText,
  limit: FileText,
): MemoryEntry {
  return {
    limit: countOf(limit),
    usage: nonzero(parseCount(usage)),
    max: nonzero(parseCount(max)),
    failcnt: countOf(failcnt),
  };
}
