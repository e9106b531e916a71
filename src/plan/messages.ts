/** What host and helper say to each other while a plan is run. */
import type { Step } from './plan.js';

/** What the helper ends with where it has no memory, and so no message (native/init/out_of_memory.cc): ENOMEM. */
export const HELPER_OUT_OF_MEMORY = 12;

/**
 * Messages from the helper to the host, on the channel; errors after `wait_start` go to the
 * one who started instead.
 */
export type HelperMessage =
  /** The helper's pid changed (`fork`), as the host sees it. */
  | { readonly type: 'pid'; readonly pid: number }
  | { readonly type: 'sync'; readonly name: 'createRuntime' | 'limits' | 'network' | 'cgroups' }
  | { readonly type: 'warning'; readonly step: number; readonly message: string }
  /** All is set up. */
  | { readonly type: 'ready'; readonly timings?: Timings }
  /** Before the filter, which may forbid to say any more, or the exec. */
  | { readonly type: 'timings'; readonly timings: Timings }
  /** Asks for the mapped tree of that step (`bind` with `idmap`); it comes behind the answer. */
  | { readonly type: 'tree'; readonly step: number }
  /** Asks for the offsets of that step (`time_namespace`) to be written: they are not its own to write. */
  | { readonly type: 'offsets'; readonly step: number }
  /** The filter is installed; its listener's descriptor follows, with one byte. `continue` answers. */
  | { readonly type: 'seccomp' }
  | HelperError
  | HelperProgram;

/** Behind the error of an `exec` that the kernel refused, if the program could be read. */
export interface HelperProgram {
  readonly type: 'program';
  /** What the file begins with, at most 4096 bytes. */
  readonly head: Uint8Array;
}

/**
 * Of each step that was run since the last ones were sent, one behind the other: its index, and
 * when it began and ended (CLOCK_REALTIME, ns: the one clock that no time namespace moves).
 */
export type Timings = readonly (number | bigint)[];

export interface HelperError {
  readonly type: 'error';
  /** Index of the failed step in `Plan.steps`. */
  readonly step: number;
  readonly op: string;
  /** '' where it was no system call that failed. */
  readonly syscall: string;
  readonly errno: number;
  readonly path: string;
  /** What was found wrong, in words, if errno doesn't say it. */
  readonly detail: string;
  /** For a hook: its exit code (-1: signal), the signal, and what it wrote on stderr. */
  readonly exitCode?: number;
  readonly signal?: number;
  readonly stderr?: string;
  readonly timedOut?: boolean;
}

/** Messages from the host to the helper. */
export type HostMessage =
  /** The first one. */
  | { readonly type: 'plan'; readonly steps: readonly Step[]; readonly trace: boolean }
  /** The answer to a sync, and to a seccomp message: go on. */
  | { readonly type: 'continue' }
  /** The answer to a tree message; the descriptor follows, with one byte. */
  | { readonly type: 'tree' }
  /** The answer to ready. */
  | { readonly type: 'commit' }
  /** From `start`, on the start socket. */
  | { readonly type: 'go'; readonly trace?: true };
