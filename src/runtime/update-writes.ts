/** Writes new limits to cgroups in use, and puts back what was there if one of them is refused. */
import type { CgroupWrite } from '../cgroup/types.js';
import { TRY_AGAIN, takeBack } from '../cgroup/update.js';
import { OcirtError } from '../errors.js';
import type { Binding, WriteFailure } from '../native/binding.js';
import { type CgroupWarning, writeError } from './cgroup.js';

type Stages = readonly (readonly CgroupWrite[])[];

/** How to take a write back, for the list of what was done. */
export interface Undo {
  readonly path: string;
  /** undefined: what was there is not known. */
  readonly data: string | undefined;
}

const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Files that can only be written. */
const isWriteOnly = (path: string): boolean => /\/devices\.(allow|deny)$/.test(path);

const exists = (native: Binding, path: string): boolean => native.status(path, false) !== null;

/** The file that this kernel has of the two names that a write may have. */
function present(native: Binding, write: CgroupWrite): CgroupWrite {
  const { otherwise } = write;
  if (otherwise === undefined || exists(native, write.path)) return write;
  return { ...write, ...otherwise };
}

function undoOf(native: Binding, write: CgroupWrite): Undo {
  if (isWriteOnly(write.path)) {
    const other = write.path.endsWith('allow') ? 'deny' : 'allow';
    return {
      path: write.path.replace(/(allow|deny)$/, other),
      data: takeBack(write, null),
    };
  }
  const before = exists(native, write.path) ? native.readFiles([write.path])[0] : null;
  return { path: write.path, data: takeBack(write, before ?? null) };
}

/** Says more than the errno where the kernel has but one for several reasons. */
function refusal(native: Binding, failure: WriteFailure, write: CgroupWrite): OcirtError {
  const error = writeError(failure, write);
  if (fileOf(write.path) !== 'memory.limit_in_bytes' || failure.code !== 'EBUSY') return error;
  const directory = write.path.slice(0, write.path.lastIndexOf('/'));
  const [usage, peak] = native.readFiles([
    `${directory}/memory.usage_in_bytes`,
    `${directory}/memory.max_usage_in_bytes`,
  ]);
  return new OcirtError(
    error.code,
    `unable to set memory limit to ${write.data} (current usage: ${usage?.trim()}, peak usage: ${peak?.trim()}): ${failure.code}`,
    { syscall: failure.syscall, errno: failure.code, path: write.path, pointer: write.at },
  );
}

/**
 * Puts files back, the last first: each step on the way back was a state that the kernel took.
 *
 * @returns the files that are not as they were.
 */
export function putBack(native: Binding, done: readonly Undo[]): string[] {
  return [...done].reverse().flatMap(({ path, data }) => {
    if (data !== undefined && native.writeFiles([{ path, data }]).length === 0) return [];
    return [fileOf(path)];
  });
}

/** The error with a word about what became of the writes before it. */
export function withPutBack(native: Binding, error: unknown, done: readonly Undo[]): unknown {
  if (!(error instanceof OcirtError)) {
    putBack(native, done);
    return error;
  }
  const left = putBack(native, done);
  if (done.length === 0) return error;
  const said =
    left.length === 0
      ? 'nothing has been changed: what was written before it has been put back'
      : `these could not be put back as they were: ${left.join(', ')}`;
  const { code, step, syscall, errno, path, pointer, cause } = error;
  return new OcirtError(code, left.length === 0 ? error.message : `${error.message}; ${said}`, {
    step,
    syscall,
    errno,
    path,
    pointer,
    cause,
    hint: error.hint === undefined ? said : `${error.hint}; ${said}`,
  });
}

/** One stage: as long as a round gets something done, what was refused is tried again. */
function writeStage(
  native: Binding,
  stage: readonly CgroupWrite[],
  done: Undo[],
  warnings: CgroupWarning[],
): void {
  let pending = stage.map((write) => present(native, write));
  while (pending.length > 0) {
    const refused: { write: CgroupWrite; failure: WriteFailure }[] = [];
    for (const write of pending) {
      const undo = undoOf(native, write);
      const [failure] = native.writeFiles([{ path: write.path, data: write.data }]);
      if (failure === undefined) done.push(undo);
      else if ((write.tolerate ?? []).includes(failure.code)) {
        const message = `${fileOf(write.path)} could not be written: ${failure.code}`;
        warnings.push({ at: write.at, message });
      } else if (TRY_AGAIN.includes(failure.code)) refused.push({ write, failure });
      else throw refusal(native, failure, write);
    }
    const [first] = refused;
    if (first !== undefined && refused.length === pending.length) {
      throw refusal(native, first.failure, first.write);
    }
    pending = refused.map(({ write }) => write);
  }
}

/**
 * Carries out stages of writes. If one is refused, those before it are put back.
 *
 * @returns how to put all of it back.
 */
export function writeUpdate(
  native: Binding,
  stages: Stages,
): { done: Undo[]; warnings: CgroupWarning[] } {
  const done: Undo[] = [];
  const warnings: CgroupWarning[] = [];
  try {
    for (const stage of stages) writeStage(native, stage, done, warnings);
  } catch (error) {
    throw withPutBack(native, error, done);
  }
  return { done, warnings };
}
