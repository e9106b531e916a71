/** What `doctor` finds, and what its parts are given. */
import type { CgroupFacts } from '../../cgroup/types.js';
import type { Binding, Identity } from '../../native/binding.js';
import type { Runtime } from '../context.js';

/** `limited`: it works in part, or what is optional is not there. `missing`: it does not work. */
export type Grade = 'good' | 'limited' | 'missing';

export interface Check {
  /** `kernel`, `cgroups`, `systemd` ... */
  readonly area: string;
  readonly name: string;
  readonly grade: Grade;
  /** What was found, and for what is not good: why, and what it means. */
  readonly reason: string;
  /** A command (or an edit) that mends it; absent: there is none, or nothing is to be mended. */
  readonly mend?: string;
  /** Without it no container can be run. */
  readonly needed?: boolean;
}

export interface Diagnosis {
  /** Whether containers can be run at all. */
  readonly usable: boolean;
  readonly checks: readonly Check[];
}

/** What the parts share, read once. */
export interface Patient {
  readonly runtime: Runtime;
  readonly native: Binding;
  readonly identity: Identity;
  readonly cgroup: CgroupFacts;
  /** Root of the initial user namespace. */
  readonly root: boolean;
  /** In the initial user namespace. */
  readonly initial: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** /proc/self/mountinfo. */
  readonly mountinfo: string;
  /** A folder of our own for trials, removed at the end; undefined where none can be made. */
  readonly scratch: string | undefined;
}

/** Whole text of a file; undefined where it is not there, or may not be read. */
export function textOf(native: Binding, path: string): string | undefined {
  try {
    return native.readFiles([path])[0]?.trimEnd();
  } catch {
    return undefined;
  }
}

/** Whether a path is there; not, too, where we may not look. */
export function isThere(native: Binding, path: string): boolean {
  try {
    return native.status(path, true) !== null;
  } catch {
    return false;
  }
}

const USUAL_FOLDERS = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

/** The first executable of that name, in PATH and where the system's programs usually are. */
export function findProgram(patient: Patient, name: string): string | undefined {
  const own = (patient.environment.PATH ?? '').split(':').filter((part) => part.startsWith('/'));
  for (const folder of [...own, ...USUAL_FOLDERS]) {
    const path = `${folder}/${name}`;
    try {
      const status = patient.native.status(path, true);
      if (status?.type === 'file' && (status.mode & 0o111) !== 0) return path;
    } catch {
      // A folder that is not ours to look into.
    }
  }
  return undefined;
}

/** A mount of /proc/self/mountinfo. */
export interface MountLine {
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly superOptions: readonly string[];
}

/** The mounts in their order: of those at one place the last counts. */
export function mountLines(mountinfo: string): MountLine[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const left = before?.split(' ') ?? [];
    const right = after?.split(' ') ?? [];
    const [, , , , target, options] = left;
    const [type] = right;
    if (target === undefined || type === undefined) return [];
    return [
      {
        target,
        type,
        options: (options ?? '').split(','),
        superOptions: (right[2] ?? '').split(','),
      },
    ];
  });
}

/** The mount that a path lies on. */
export function mountOf(lines: readonly MountLine[], path: string): MountLine | undefined {
  return lines.findLast(
    ({ target }) => target === '/' || path === target || path.startsWith(`${target}/`),
  );
}
