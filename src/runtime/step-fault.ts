/**
 * The common faults among failed steps, each with a code of its own and what to do about it. What
 * is not here is called after its step.
 */
import type { HelperError } from '../plan/messages.js';
import type { Step } from '../plan/plan.js';
import { errnoName } from './errno.js';
import type { FaultAdvice } from './program-fault.js';

/** The code of a failed step, and a hint where it is a common fault. `steps` are all of its plan. */
export function stepFault(
  error: HelperError,
  step: Step | undefined,
  steps: readonly Step[],
): FaultAdvice {
  const plain = { code: `step-${error.op.replaceAll('_', '-')}` };
  const reason = errnoName(error.errno);
  switch (step?.op) {
    case 'find_executable':
      return executableFault(step.name, reason, steps) ?? plain;
    case 'exec':
      return { code: 'exec-failed' };
    case 'hook':
      return { code: 'hook-failed', hint: hookHint(step.name, error) };
    case 'bind':
      return bindFault(error, reason) ?? plain;
    case 'mount':
      if (reason === 'ENODEV') {
        return {
          code: 'file-system-unknown',
          hint: `the kernel knows no file system "${step.fsType}": see /proc/filesystems, or try "modprobe ${step.fsType}"`,
        };
      }
      return plain;
    case 'user':
      return reason === 'EINVAL' ? { code: 'user-unmapped', hint: userHint(steps) } : plain;
    default:
      return plain;
  }
}

function executableFault(
  name: string,
  reason: string,
  steps: readonly Step[],
): FaultAdvice | undefined {
  switch (reason) {
    case 'ENOENT':
    case 'ENOTDIR': {
      if (name.includes('/')) {
        return {
          code: 'command-not-found',
          hint: `the path is one inside the container's root: is ${name} in the image, and not hidden by a mount?`,
        };
      }
      const path = pathOf(steps);
      return {
        code: 'command-not-found',
        hint:
          path === undefined
            ? "there is no PATH in the env of config.json: set it, or give the program's whole path"
            : `looked for in ${path} inside the container's root: put it there, or give its whole path`,
      };
    }
    case 'EACCES':
      return {
        code: 'not-executable',
        hint: `"chmod +x" the file, and see that the container's user may reach it and that it is not on a mount with noexec`,
      };
    case 'EISDIR':
      return { code: 'not-executable', hint: `${name} is a folder: name a program in it` };
    default:
      return undefined;
  }
}

/** The PATH that a program without a slash is looked for in. */
function pathOf(steps: readonly Step[]): string | undefined {
  for (const step of steps) {
    if (step.op !== 'environment') continue;
    const entry = step.env.findLast((text) => text.startsWith('PATH='));
    return entry?.slice('PATH='.length) || undefined;
  }
  return undefined;
}

function bindFault(error: HelperError, reason: string): FaultAdvice | undefined {
  const source = error.syscall === 'open_tree' || error.syscall === 'open';
  if (source && (reason === 'ENOENT' || reason === 'ENOTDIR')) return SOURCE_MISSING;
  if (reason === 'ENOTDIR' || reason === 'EISDIR') {
    return {
      code: 'mount-kind-mismatch',
      hint: 'a folder can be mounted on a folder only, and a file on a file: look at what source and destination are',
    };
  }
  return undefined;
}

export const SOURCE_MISSING: FaultAdvice = {
  code: 'mount-source-missing',
  hint: 'the source is a path of the host, or relative to the bundle: make it, or correct it',
};

/** What to do about a hook that could not be run, or said no. */
export function hookHint(
  name: string,
  error: { readonly exitCode?: number | undefined; readonly timedOut?: boolean | undefined },
): string {
  if (error.timedOut === true) return 'the hook took longer than its timeout (in seconds) allows';
  // runtime.md and config.md, "POSIX-platform Hooks".
  const inside = name === 'startContainer' ? "the container's root" : 'the host';
  if (error.exitCode === undefined)
    return `the hook's path is one of ${inside}: is it there, and executable?`;
  return `the hook is a program of ${inside} that gets the container's state on its standard input: run it by hand to see more`;
}

function userHint(steps: readonly Step[]): string {
  const joined = steps.some((step) => step.op === 'join');
  return joined
    ? 'the user namespace that was joined does not map this id: see its uid_map and gid_map'
    : 'linux.uidMappings and linux.gidMappings do not map this id: add it to them, or take another user';
}
