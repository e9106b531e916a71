/**
 * The one shape of every error that ocirt reports.
 *
 * An error is made where the fault is seen, wrapped with context on the way up, and printed once,
 * by the CLI. `code` is stable and documented (docs/errors.md); `message` is one line for people
 * and keeps runc's words where engines match on them.
 */

export interface ErrorDetails {
  /** The plan step that failed, such as `mount`. */
  readonly step?: string | undefined;
  readonly syscall?: string | undefined;
  /** The errno's name, such as `ENOENT`. */
  readonly errno?: string | undefined;
  readonly path?: string | undefined;
  /** JSON pointer of the place in config.json that is concerned. */
  readonly pointer?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The exit code of the program, if it is not the usual one (1; 255 for exec). */
  readonly exitCode?: number | undefined;
  /** What went wrong while cleaning up after this error. */
  readonly cleanup?: readonly unknown[] | undefined;
}

export class OcirtError extends Error {
  override readonly name = 'OcirtError';
  readonly code: string;
  readonly step: string | undefined;
  readonly syscall: string | undefined;
  readonly errno: string | undefined;
  readonly path: string | undefined;
  readonly pointer: string | undefined;
  readonly hint: string | undefined;
  readonly exitCode: number | undefined;
  cleanup: readonly unknown[];

  /** @param code stable, lower case with dashes, such as `container-exists`. */
  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.step = details.step;
    this.syscall = details.syscall;
    this.errno = details.errno;
    this.path = details.path;
    this.pointer = details.pointer;
    this.hint = details.hint;
    this.exitCode = details.exitCode;
    this.cleanup = details.cleanup ?? [];
  }
}
