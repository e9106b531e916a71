/** What goes between a caller of the library and the thread that waits for it: plain data. */
import { type ErrorDetails, OcirtError } from '../errors.js';
import type { Log, Runtime } from '../runtime/context.js';
import type { ContainerEvent } from '../runtime/events.js';
import type { ExecOptions } from '../runtime/exec.js';
import type { RunOptions } from '../runtime/run.js';
import type { ContainerEnd } from '../runtime/wait.js';
import { ConfigError, type Fault } from '../spec/load.js';

/** What the thread is to do; each is a function of the library. */
export type Task =
  | { readonly name: 'wait'; readonly id: string }
  | { readonly name: 'run'; readonly options: RunOptions }
  | { readonly name: 'exec'; readonly options: ExecOptions }
  | {
      readonly name: 'events';
      readonly id: string | undefined;
      readonly intervalMs: number;
    };

/** Given to the thread as it begins: a runtime like the caller's is opened there. */
export interface Order {
  readonly root: string;
  readonly rootless: Runtime['rootless'];
  readonly task: Task;
}

export type Message =
  | { readonly type: 'event'; readonly event: ContainerEvent }
  | { readonly type: 'log'; readonly level: Exclude<keyof Log, 'apart'>; readonly message: string }
  | { readonly type: 'done'; readonly result: ContainerEnd | number | undefined }
  | { readonly type: 'failed'; readonly failure: Failure };

/** An error as data: a class does not get across. */
export interface Failure {
  /** undefined: it is no OcirtError, and a fault of ocirt's own. */
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly details: Omit<ErrorDetails, 'cause' | 'cleanup'>;
  readonly cleanup: readonly Failure[];
  /** Of a ConfigError. */
  readonly faults: readonly Fault[] | undefined;
}

export function toFailure(error: unknown): Failure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof OcirtError)) {
    return { code: undefined, message, stack, details: {}, cleanup: [], faults: undefined };
  }
  const { code, step, syscall, errno, path, pointer, hint, exitCode } = error;
  return {
    code,
    message,
    stack,
    details: { step, syscall, errno, path, pointer, hint, exitCode },
    cleanup: error.cleanup.map(toFailure),
    faults: error instanceof ConfigError ? error.faults : undefined,
  };
}

export function fromFailure(failure: Failure): Error {
  const { code, message, details, faults } = failure;
  if (code === undefined) return new Error(message);
  if (faults !== undefined) return new ConfigError(details.path ?? '', faults);
  return new OcirtError(code, message, {
    ...details,
    cleanup: failure.cleanup.map(fromFailure),
  });
}
