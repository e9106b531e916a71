/** What every operation of the runtime is given. */
import type { Binding } from '../native/binding.js';
import type { Store } from '../state/store.js';

/** Where diagnostics go. The runtime prints nothing itself. */
export interface Log {
  error(message: string): void;
  warn(message: string): void;
  debug(message: string): void;
}

/** A log that drops everything, for library use. */
export const SILENT: Log = { error() {}, warn() {}, debug() {} };

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
  /** Ask the helper for the time that each step took. */
  readonly trace?: boolean;
}
