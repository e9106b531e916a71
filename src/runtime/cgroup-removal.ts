/** Takes cgroups away, those nested in them included. */
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { type CgroupPathMap, codeOf, subdirectories } from './cgroup-processes.js';

/** The distinct directories, each once. */
function distinct(paths: CgroupPathMap): string[] {
  return [...new Set(Object.values(paths))];
}

/** rmdir(2); null if it is gone now. */
function tryRemove(native: Binding, path: string): unknown {
  try {
    native.removeDirectory(path);
    return null;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : error;
  }
}

/**
 * Removes cgroups in which there is nothing.
 *
 * @returns false where one is still there: it holds processes or other cgroups, or may not be
 *   removed.
 */
export function removeIfEmpty(native: Binding, paths: CgroupPathMap): boolean {
  return distinct(paths).every((path) => tryRemove(native, path) === null);
}

/** Removes one cgroup with all below it. EBUSY: a process is still on its way out. */
function removeTree(native: Binding, path: string, deadline: { left: number }): void {
  if (tryRemove(native, path) === null) return;
  for (const child of subdirectories(native, path)) removeTree(native, child, deadline);
  for (let delay = 1; ; delay = Math.min(delay * 2, 500)) {
    const error = tryRemove(native, path);
    if (error === null) return;
    if (codeOf(error) !== 'EBUSY' || deadline.left <= 0) {
      // EROFS and the like for a path that is not there either.
      if (native.status(path, false) === null) return;
      throw new OcirtError(
        'cgroup-remove',
        `unable to remove the cgroup ${path}: ${codeOf(error)}`,
        {
          cause: error,
          syscall: 'rmdir',
          errno: codeOf(error),
          path,
        },
      );
    }
    native.sleep(delay);
    deadline.left -= delay;
  }
}

/**
 * Removes the container's cgroups, those nested in them included.
 *
 * @throws OcirtError if one is still there after about ten seconds; the others are removed.
 */
export function removeCgroup(native: Binding, paths: CgroupPathMap): void {
  const deadline = { left: 10_000 };
  let first: unknown = null;
  const others: unknown[] = [];
  for (const path of distinct(paths)) {
    try {
      removeTree(native, path, deadline);
    } catch (error) {
      if (first === null) first = error;
      else others.push(error);
    }
  }
  if (first instanceof OcirtError) first.cleanup = others;
  if (first !== null) throw first;
}
