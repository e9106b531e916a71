/**
 * Carries out what src/cgroup has decided: makes, fills and joins cgroups.
 *
 * Paths are by controller name, as state.json keeps them; '' is the v2 hierarchy.
 */
import { membership } from '../cgroup/membership.js';
import { subCgroupPaths } from '../cgroup/sub.js';
import type { CgroupPlan, CgroupWrite, Membership } from '../cgroup/types.js';
import { OcirtError } from '../errors.js';
import type { Binding, WriteFailure } from '../native/binding.js';
import { type CgroupPathMap, codeOf, isFrozen, leading, listPids } from './cgroup-processes.js';

export {
  type CgroupPathMap,
  isFrozen,
  killCgroup,
  listPids,
  setFrozen,
  signalCgroup,
} from './cgroup-processes.js';
export { removeCgroup, removeIfEmpty } from './cgroup-removal.js';

export interface CgroupWarning {
  readonly at: string;
  readonly message: string;
}

export interface CreatedCgroup extends Membership {
  /** The directories that are there, by controller. */
  readonly paths: CgroupPathMap;
  readonly warnings: readonly CgroupWarning[];
}

const DIRECTORY_MODE = 0o755;
/** What the lack of rights looks like, for `bestEffort`. */
const DENIED: readonly string[] = ['EACCES', 'EPERM', 'EROFS', 'ENOENT'];

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** What is said of a limit that could not be written. */
export function writeError(failure: WriteFailure, write: CgroupWrite): OcirtError {
  const file = write.path.slice(write.path.lastIndexOf('/') + 1);
  return new OcirtError(
    failure.code === 'ENOENT' ? 'cgroup-controller-missing' : 'cgroup-write',
    `error setting cgroup config: failed to write "${write.data}" to ${file}: ${failure.code}`,
    {
      syscall: failure.syscall,
      errno: failure.code,
      path: write.path,
      pointer: write.at,
      hint:
        failure.code === 'ENOENT'
          ? 'there is no such file: the kernel lacks the controller or the feature, or it is not delegated to the user'
          : undefined,
    },
  );
}

/** Throws where the container's cgroup is there already, and in use or frozen. */
export function checkUnused(native: Binding, plan: CgroupPlan): void {
  const pids = listPids(native, plan.paths);
  if (pids.length > 0) {
    throw new OcirtError(
      'cgroup-not-empty',
      `container's cgroup is not empty: ${pids.length} process(es) found`,
      {
        path: leading(plan.paths),
        pointer: '/linux/cgroupsPath',
        hint: `end the processes of its cgroup.procs, or give the container another cgroupsPath`,
      },
    );
  }
  if (isFrozen(native, plan.paths)) {
    throw new OcirtError('cgroup-frozen', "container's cgroup unexpectedly frozen", {
      path: leading(plan.paths),
      pointer: '/linux/cgroupsPath',
      hint: 'thaw it, or give the container another cgroupsPath',
    });
  }
}

/** cpusets start empty on v1, and take no process like that: each gets its parent's. */
function inheritCpusets(native: Binding, files: readonly string[]): void {
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/'));
    const above = parentOf(parentOf(file)) + name;
    const [own, inherited] = native.readFiles([file, above]);
    if (own === undefined || own === null || own.trim() !== '') continue;
    const data = (inherited ?? '').trim();
    if (data === '') continue;
    const [failure] = native.writeFiles([{ path: file, data }]);
    if (failure !== undefined) {
      throw writeError(failure, { path: file, data, at: '/linux/cgroupsPath' });
    }
  }
}

/** All controllers at once, or, where one of them is refused, as many as possible. */
function enableControllers(native: Binding, writes: readonly CgroupWrite[]): void {
  for (const { path, data } of writes) {
    if (native.writeFiles([{ path, data }]).length === 0) continue;
    // What stays off shows itself when a limit is written.
    native.writeFiles(data.split(' ').map((one) => ({ path, data: one })));
  }
}

/**
 * Writes limits in order.
 *
 * @returns warnings of those that were.
 */
export function writeLimits(native: Binding, limits: readonly CgroupWrite[]): CgroupWarning[] {
  const warnings: CgroupWarning[] = [];
  // One call for all; its failures are looked at in order.
  for (const failure of native.writeFiles(limits.map(({ path, data }) => ({ path, data })))) {
    const write = limits[failure.index];
    if (write === undefined) continue;
    let last: WriteFailure | undefined = failure;
    if (failure.code === 'ENOENT' && write.otherwise !== undefined) {
      const { path, data } = write.otherwise;
      [last] = native.writeFiles([{ path, data }]);
    }
    if (last === undefined) continue;
    if (!(write.tolerate ?? []).includes(last.code)) throw writeError(last, write);
    const file = write.path.slice(write.path.lastIndexOf('/') + 1);
    warnings.push({ at: write.at, message: `${file} could not be written: ${last.code}` });
  }
  return warnings;
}

/** What is given away of a cgroup where the kernel does not tell: cgroups(7), "Delegation". */
const DELEGATED = ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];

/** Gives the cgroup to its owner: the directory and the files by which one makes others below it. */
function giveAway(native: Binding, { owner, paths }: CgroupPlan): void {
  const directory = paths[''];
  if (owner === null || directory === undefined) return;
  const [list] = native.readFiles(['/sys/kernel/cgroup/delegate']);
  const files = list?.split('\n').filter((name) => /^[\w.]+$/.test(name)) ?? DELEGATED;
  native.changeOwner([directory, ...files.map((name) => `${directory}/${name}`)], owner);
}

/**
 * Makes the cgroup of a container and writes its limits; the process is not in it yet.
 *
 * A failure removes the directories that were made. With `bestEffort` a hierarchy that may not be
 * written to is left out with a warning.
 */
export function createCgroup(native: Binding, plan: CgroupPlan): CreatedCgroup {
  const warnings: CgroupWarning[] = [...plan.warnings];
  // With systemd our own process is in it by now.
  if (plan.systemd === null) checkUnused(native, plan);
  const made: string[] = [];
  const unusable = new Set<string>();
  try {
    for (const directory of plan.directories) {
      if ([...unusable].some((path) => directory.startsWith(`${path}/`))) {
        unusable.add(directory);
        continue;
      }
      try {
        if (native.makeDirectory(directory, DIRECTORY_MODE, true)) made.push(directory);
      } catch (error) {
        if (!plan.bestEffort || !DENIED.includes(codeOf(error))) {
          throw new OcirtError(
            'cgroup-create',
            `unable to apply cgroup configuration: mkdir ${directory}: ${codeOf(error)}`,
            {
              cause: error,
              syscall: 'mkdir',
              errno: codeOf(error),
              path: directory,
              pointer: '/linux/cgroupsPath',
            },
          );
        }
        unusable.add(directory);
        warnings.push({
          at: '/linux/cgroupsPath',
          message: `no right to make the cgroup ${directory}: the container is without it`,
        });
      }
    }
    const usable = (path: string) =>
      ![...unusable].some((bad) => path === bad || path.startsWith(`${bad}/`));
    inheritCpusets(native, plan.inheritCpuset.filter(usable));
    enableControllers(
      native,
      plan.enableControllers.filter(({ path }) => usable(path)),
    );
    const lost = plan.limits.find(({ path }) => !usable(path));
    if (lost !== undefined) {
      const file = lost.path.slice(lost.path.lastIndexOf('/') + 1);
      throw new OcirtError(
        'cgroup-limit',
        `cannot set ${file.split('.')[0]} limit: container could not join or create cgroup`,
        { path: lost.path, pointer: lost.at },
      );
    }
    warnings.push(...writeLimits(native, plan.limits));
    if (plan.deviceProgram !== null) {
      const { path, program } = plan.deviceProgram;
      native.attachDeviceProgram(path, program);
    }
    giveAway(native, plan);
    const paths = Object.fromEntries(Object.entries(plan.paths).filter(([, path]) => usable(path)));
    return {
      paths,
      ...membership(paths),
      warnings,
    };
  } catch (error) {
    undo(native, made, error);
    throw error;
  }
}

/** Removes what was made, the last first. What fails is kept with the error. */
function undo(native: Binding, made: readonly string[], error: unknown): void {
  const failed: unknown[] = [];
  for (const directory of [...made].reverse()) {
    try {
      native.removeDirectory(directory);
    } catch (cleanup) {
      // Another container may have come to use it.
      if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(codeOf(cleanup))) failed.push(cleanup);
    }
  }
  if (failed.length > 0 && error instanceof OcirtError) error.cleanup = failed;
}

const JOIN_HINTS: Readonly<Record<string, string>> = {
  EBUSY: 'cgroup v2: a cgroup whose children have controllers takes no process itself',
  ENOSPC: 'cpuset.cpus or cpuset.mems of the cgroup is empty',
  EOPNOTSUPP: 'cgroup v2: the cgroup is of type "domain invalid" or threaded',
  EINVAL: 'a real-time process needs cpu.rt_runtime_us in its cgroup',
};

const JOIN_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EBUSY: 'device or resource busy',
  ENOSPC: 'no space left on device',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EINVAL: 'invalid argument',
  ENODEV: 'no such device',
};

/** Writes a pid to one cgroup.procs; a process that is still being made is waited for. */
function joinOne(native: Binding, file: string, pid: number): WriteFailure | undefined {
  let failure: WriteFailure | undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    [failure] = native.writeFiles([{ path: file, data: String(pid) }]);
    if (failure?.code !== 'EINVAL') return failure;
    native.sleep(30);
  }
  return failure;
}

function joinError(failure: WriteFailure, file: string, pid: number): OcirtError {
  const words = JOIN_WORDS[failure.code] ?? failure.code;
  return new OcirtError(
    'cgroup-join',
    `error adding pid ${pid} to cgroups: failed to write ${pid}: ${failure.syscall} ${file}: ${words}`,
    {
      syscall: failure.syscall,
      errno: failure.code,
      path: file,
      pointer: '/linux/cgroupsPath',
      hint: JOIN_HINTS[failure.code],
    },
  );
}

/**
 * Puts a process into all hierarchies (v1, and the v2 part of a hybrid host).
 *
 * @param files `CreatedCgroup.attach`.
 * @returns warnings, with `bestEffort` only.
 */
export function attach(
  native: Binding,
  files: readonly string[],
  pid: number,
  bestEffort = false,
): CgroupWarning[] {
  const warnings: CgroupWarning[] = [];
  // All at once: the common case is one call.
  for (const { index } of native.writeFiles(files.map((path) => ({ path, data: String(pid) })))) {
    const file = files[index] ?? '';
    const failure = joinOne(native, file, pid);
    if (failure === undefined) continue;
    const error = joinError(failure, file, pid);
    if (!bestEffort || !DENIED.includes(failure.code)) throw error;
    warnings.push({ at: '/linux/cgroupsPath', message: error.message });
  }
  return warnings;
}

/**
 * Puts a process that `exec` makes into the container's cgroup, or one below it.
 *
 * @param subs from `parseSubCgroups`; {} for none.
 * @param initCgroup v2: the directory that the container's init is in now. Taken where the
 *   container's own is refused (controllers for its children, or gone) and no sub-cgroup was
 *   asked for.
 */
export function joinForExec(
  native: Binding,
  paths: CgroupPathMap,
  pid: number,
  subs: Readonly<Record<string, string>> = {},
  options: { readonly initCgroup?: string | undefined; readonly bestEffort?: boolean } = {},
): CgroupWarning[] {
  const asked = Object.keys(subs).length > 0;
  const files = membership(subCgroupPaths(paths, subs)).attach;
  try {
    return attach(native, files, pid, options.bestEffort ?? false);
  } catch (error) {
    const v2Only = Object.keys(paths).every((name) => name === '');
    if (asked || !v2Only || options.initCgroup === undefined) throw error;
    const file = `${options.initCgroup}/cgroup.procs`;
    if (joinOne(native, file, pid) !== undefined) throw error;
    return [];
  }
}
