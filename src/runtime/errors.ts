/**
 * Failures of the core and of the helper, put into the one shape of error.
 *
 * The words that engines match on are runc's: podman and docker derive the exit codes 126 and 127
 * from "permission denied", "no such file or directory" and "executable file not found in $PATH".
 */
import { type ErrorDetails, OcirtError } from '../errors.js';
import type { NativeError, WriteFailure } from '../native/binding.js';
import type { HelperError } from '../plan/messages.js';
import type { Step } from '../plan/plan.js';
import { errnoName, errnoText } from './errno.js';
import { MEMORY_HINT } from './oom.js';
import type { FaultAdvice } from './program-fault.js';
import { stepFault } from './step-fault.js';

export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && error.name === 'NativeError' && 'syscall' in error;
}

/** The errno's name of a failed operation, '' for every other error. */
export function errnoOf(error: unknown): string {
  return isNativeError(error) ? error.code : '';
}

/** What QuickJS throws where memory is out: nothing where there is none for an error either. */
function isOutOfMemory(error: unknown): boolean {
  if (error === null || error === undefined) return true;
  return (
    error instanceof Error && error.name === 'InternalError' && error.message === 'out of memory'
  );
}

/** The error of an engine that has no memory; undefined if it is another one. */
export function memoryError(error: unknown): OcirtError | undefined {
  if (!isOutOfMemory(error)) return undefined;
  return new OcirtError('out-of-memory', 'out of memory', { hint: MEMORY_HINT, cause: error });
}

/** One line about any thrown value. */
export function messageOf(error: unknown): string {
  if (error === null || error === undefined) return 'out of memory';
  if (isNativeError(error)) return describeNative(error);
  return error instanceof Error ? error.message : String(error);
}

function describeNative(error: NativeError): string {
  const what = [error.syscall, error.path].filter((part) => part !== '').join(' ');
  const why = error.errno === 0 ? error.message : errnoText(error.errno);
  return what === '' || error.errno === 0 ? why : `${what}: ${why}`;
}

/**
 * Gives a failure of the core its context: `message: syscall path: reason`.
 * An OcirtError is passed on as it is: it has said what it is about.
 */
export function wrap(
  error: unknown,
  code: string,
  message: string,
  details: ErrorDetails = {},
): OcirtError {
  if (error instanceof OcirtError) return error;
  if (isOutOfMemory(error)) {
    const hint = details.hint ?? MEMORY_HINT;
    return new OcirtError('out-of-memory', `${message}: out of memory`, { ...details, hint });
  }
  if (!isNativeError(error)) {
    return new OcirtError(code, `${message}: ${messageOf(error)}`, { ...details, cause: error });
  }
  return new OcirtError(code, `${message}: ${describeNative(error)}`, {
    syscall: error.syscall,
    errno: error.code,
    path: error.path,
    ...details,
    cause: error,
  });
}

/** The same of a write of a batch. */
export function writeFailed(failure: WriteFailure, code: string, message: string): OcirtError {
  const { syscall, path, errno } = failure;
  return new OcirtError(code, `${message}: ${syscall} ${path}: ${errnoText(errno)}`, {
    syscall,
    errno: failure.code,
    path,
  });
}

const quote = (text: string): string => JSON.stringify(text);

/** `exit status 3`, `signal: killed`-like words, or that the time was over. */
export function describeExit(result: {
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly timedOut?: boolean | undefined;
}): string {
  if (result.timedOut === true) return 'timed out';
  if (result.signal !== undefined && result.signal !== 0) {
    return `signal: ${SIGNAL_WORDS[result.signal] ?? result.signal}`;
  }
  return `exit status ${result.exitCode ?? -1}`;
}

/** The kernel's words for signals that end hooks. */
const SIGNAL_WORDS: Readonly<Record<number, string>> = {
  1: 'hangup',
  2: 'interrupt',
  3: 'quit',
  4: 'illegal instruction',
  5: 'trace/breakpoint trap',
  6: 'aborted',
  7: 'bus error',
  8: 'floating point exception',
  9: 'killed',
  11: 'segmentation fault',
  13: 'broken pipe',
  14: 'alarm clock',
  15: 'terminated',
  31: 'bad system call',
};

/** What a hook's failure is called, in runc's words: the name and the index from 0. */
export function hookFailure(
  name: string,
  index: number,
  reason: string,
  output: string,
  details: Pick<ErrorDetails, 'path' | 'hint'> = {},
): OcirtError {
  const said = output.trim().replaceAll('\n', '\\n');
  return new OcirtError(
    'hook-failed',
    `error running ${name} hook #${index}: ${reason}${said === '' ? '' : `, stderr: ${said}`}`,
    { step: 'hook', pointer: `/hooks/${name}/${index}`, ...details },
  );
}

/** `open /x: permission denied` from the parts that are there. */
function reasonOf(error: HelperError): string {
  const parts: string[] = [];
  const call = [error.syscall, error.path].filter((part) => part !== '').join(' ');
  if (error.detail !== '') parts.push(error.detail);
  if (call !== '') parts.push(call);
  const why = errnoText(error.errno);
  if (error.errno !== 0 && !error.detail.endsWith(why)) parts.push(why);
  return parts.length === 0 ? 'failed' : parts.join(': ');
}

/**
 * The message of a failed step, by its kind. Where the helper has found the words already (it
 * knows the path that it looked at), they are taken as they are.
 */
function stepMessage(error: HelperError, step: Step | undefined): string {
  const why = error.errno === 0 ? reasonOf(error) : errnoText(error.errno);
  switch (step?.op) {
    case 'find_executable':
      return error.detail.startsWith('exec: ') ? error.detail : executableMessage(step.name, error);
    case 'exec':
      if (error.detail.startsWith('exec ')) return error.detail;
      return `exec ${error.path === '' ? (step.args[0] ?? '') : error.path}: ${why}`;
    case 'cwd':
      if (error.detail.startsWith('chdir to cwd ')) return error.detail;
      return `chdir to cwd (${quote(step.path)}) set in config.json failed: ${reasonOf(error)}`;
    case 'mount':
    case 'bind': {
      const source =
        step.op === 'mount' ? step.source : (step.source ?? `resource ${step.resource}`);
      if (error.detail.startsWith('error mounting ')) {
        return `error during container init: ${error.detail}`;
      }
      return `error during container init: error mounting ${quote(source)} to rootfs at ${quote(step.target)}: ${reasonOf(error)}`;
    }
    case 'hook':
      return `error during container init: ${hookMessage(step.name, step.index, error)}`;
    case 'bounding_caps':
    case 'caps':
      return `error during container init: unable to apply caps: ${reasonOf(error)}`;
    case 'sysctl':
      return `error during container init: write sysctl key ${step.key.replaceAll('/', '.')}: ${reasonOf(error)}`;
    case 'seccomp':
      return `error during container init: unable to init seccomp: ${reasonOf(error)}`;
    case 'scheduler':
      return step.cpuset === true && errnoName(error.errno) === 'EPERM'
        ? "error during container init: process scheduler can't be used together with AllowedCPUs"
        : `error during container init: error setting scheduler: ${reasonOf(error)}`;
    case 'memory_policy':
      return `error during container init: invalid memory policy: ${reasonOf(error)}`;
    case 'lsm':
      return `error during container init: unable to apply ${step.attribute.startsWith('apparmor') ? 'apparmor profile' : 'LSM attribute'}: ${reasonOf(error)}`;
    default:
      return `error during container init: ${error.op}: ${reasonOf(error)}`;
  }
}

function executableMessage(name: string, error: HelperError): string {
  const quoted = quote(name);
  if (errnoName(error.errno) === 'EACCES') return `exec: ${quoted}: permission denied`;
  if (name.includes('/')) {
    return error.errno === 0
      ? `exec: ${quoted}: ${reasonOf(error)}`
      : `exec: ${quoted}: stat ${name}: ${errnoText(error.errno)}`;
  }
  return `exec: ${quoted}: executable file not found in $PATH`;
}

function hookMessage(name: string, index: number, error: HelperError): string {
  const ran = error.exitCode !== undefined || error.signal !== undefined || error.timedOut === true;
  const reason = ran ? describeExit(error) : reasonOf(error);
  return hookFailure(name, index, reason, error.stderr ?? '').message;
}

/**
 * The error of a helper's message.
 *
 * @param steps those of the plan that it ran
 * @param program what is known of a program that the kernel refused, see receiveProgram
 */
export function helperError(
  error: HelperError,
  steps: readonly Step[],
  program?: FaultAdvice,
): OcirtError {
  const step = steps[error.step];
  const message = stepMessage(error, step);
  const { code, hint } = program ?? stepFault(error, step, steps);
  return new OcirtError(
    code,
    // A failed execve(2) comes after everything of ours has been set up: it is the program's.
    step?.op === 'exec' ? message : `unable to start container process: ${message}`,
    {
      step: error.op,
      syscall: error.syscall === '' ? undefined : error.syscall,
      errno: errnoName(error.errno) || undefined,
      path: error.path === '' ? undefined : error.path,
      pointer: step === undefined || step.at === '' ? undefined : step.at,
      hint,
    },
  );
}
