/** What every operation of the runtime is given. */
import type { SystemdInput, SystemdResult, SystemdUpdate } from '../cgroup/systemd/plan.js';
import type { SystemdPlan } from '../cgroup/systemd/types.js';
import type { Binding } from '../native/binding.js';
import type { Step } from '../plan/plan.js';
import type { ContainerRecord } from '../state/record.js';
import type { Store } from '../state/store.js';

/** Where diagnostics go. The runtime prints nothing itself. */
export interface Log {
  error(message: string): void;
  /** @param fields what a common fault says beside its message: code, pointer, hint */
  warn(message: string, fields?: Readonly<Record<string, string>>): void;
  debug(message: string): void;
  /** It is a file or a service: nothing of it comes where a container writes. */
  readonly apart?: boolean;
}

/** A log that drops everything, for library use. */
export const SILENT: Log = { error() {}, warn() {}, debug() {} };

/** A unit that has been made, as the record of its container keeps it. */
export interface SystemdUnit {
  readonly unit: string;
  /** Of the instance of the user, and not of the system's. */
  readonly user: boolean;
}

/** What cgroups made by systemd need; src/runtime/systemd/driver.ts. */
export interface SystemdDriver {
  /** Decides the unit of a container; asks systemd for its version. */
  compile(input: Omit<SystemdInput, 'facts'> & { readonly user: boolean }): SystemdResult;
  /** Makes the unit with a process in it. */
  start(plan: SystemdPlan, pid: number): void;
  /** Ends it; nothing is said where there is none any more. */
  stop(unit: SystemdUnit): void;
  /** Gives it other limits. @returns warnings */
  update(unit: SystemdUnit, change: Omit<SystemdUpdate, 'facts'>): SystemdResult['warnings'];
  /** Moves a process into it, or a cgroup below it: `subgroup` is '' or begins with '/'. */
  attach(unit: SystemdUnit, subgroup: string, pid: number): void;
  /** Ends the connection; the next use makes a new one. */
  close(): void;
}

/** Thrown where the driver is needed and has not been loaded: the caller loads it and starts over. */
export class SystemdNeeded extends Error {}

/** The driver. @throws SystemdNeeded before anything was changed: ask first. */
export function systemdOf(runtime: Runtime): SystemdDriver {
  if (runtime.systemd === undefined) throw new SystemdNeeded('the systemd driver is not loaded');
  return runtime.systemd;
}

/**
 * Makes sure that the driver is there for a container that is one of systemd's units.
 *
 * @throws SystemdNeeded call it before anything is changed, or read that can't be read again
 */
export function requireDriver(runtime: Runtime, record: ContainerRecord): void {
  if (record.cgroup.systemd !== undefined) systemdOf(runtime);
}

/** Ends a container's unit, if it is one of systemd's. Its processes have ended. */
export function stopUnit(runtime: Runtime, record: ContainerRecord): void {
  const { systemd } = record.cgroup;
  if (systemd !== undefined) systemdOf(runtime).stop(systemd);
}

/** Where the time goes: src/cli/trace.ts. */
export interface Trace {
  /** Begins a phase of the verb; the one before it ends. */
  phase(name: string): void;
  /** Steps that the helper has run: their index, begin and end (ns of CLOCK_REALTIME), and so on. */
  steps(pid: number, steps: readonly Step[], timings: readonly (number | bigint)[]): void;
  /** From here on the helper is let go, to its exec; its last step counts where it came later. */
  executing(pid: number): void;
  /** The helper has executed the container's program. */
  executed(program: string): void;
}

export interface Runtime {
  readonly native: Binding;
  readonly store: Store;
  readonly log: Log;
  /** Whether failures of cgroup access are passed over; 'auto' decides by the caller's privileges. */
  readonly rootless: 'true' | 'false' | 'auto';
  /** The soft RLIMIT_NOFILE the caller had, before the host raised it; undefined: not known. */
  readonly callerNofile?: number | bigint;
  /** How many descriptors from 3 on the caller has passed; undefined: not known. */
  readonly callerFds?: number;
  /** A folder that stands for the mounted resctrl file system (tests). */
  readonly resctrl?: string;
  /** CRIU's program: a path, or a name to look for in PATH; absent: criu. */
  readonly criu?: string;
  /** Absent until it is needed: most containers need none. */
  readonly systemd?: SystemdDriver;
  /** Present where the time is to be taken. */
  readonly trace?: Trace;
}
