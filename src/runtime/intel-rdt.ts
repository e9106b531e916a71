/** Puts a container into its group of the resctrl file system (linux.intelRdt), and cleans up. */
import { OcirtError } from '../errors.js';
import type { Binding, FileWrite } from '../native/binding.js';
import { findResctrl, type RdtPlan, rdtPlan, schemataDifference } from '../plan/intel-rdt.js';
import type { Config } from '../spec/config.gen.js';
import type { RdtRecord } from '../state/record.js';
import type { Runtime } from './context.js';
import { errnoText } from './errno.js';
import { errnoOf, wrap } from './errors.js';

const AT = '/linux/intelRdt';

interface RdtChoice {
  readonly root: string;
  readonly plan: RdtPlan;
  /** For the state, before anything is made. */
  readonly record: RdtRecord;
  readonly exists: boolean;
}

function failed(message: string, pointer: string, path?: string): OcirtError {
  return new OcirtError('intel-rdt-failed', `unable to apply Intel RDT: ${message}`, {
    pointer,
    path,
  });
}

/**
 * What is to be done; undefined without linux.intelRdt. Touches nothing.
 *
 * @throws OcirtError where no resctrl is mounted, a class that must be there is not, or says
 *   something else than config.json.
 */
export function chooseRdt(runtime: Runtime, config: Config, id: string): RdtChoice | undefined {
  const plan = rdtPlan(config.linux?.intelRdt, id);
  if (plan === undefined) return undefined;
  const { native } = runtime;
  const [mountinfo] = native.readFiles(['/proc/self/mountinfo']);
  const root = runtime.resctrl ?? findResctrl(mountinfo ?? '');
  if (root === undefined) {
    throw new OcirtError('resctrl-missing', 'intelRdt is set, and no resctrl is mounted', {
      pointer: AT,
      hint: 'mount -t resctrl resctrl /sys/fs/resctrl, on a kernel and a processor that have it',
    });
  }
  const group = plan.group === '' ? root : `${root}/${plan.group}`;
  const exists = native.status(group, true) !== null;
  if (plan.mustExist && !exists) {
    throw failed(`clos ID ${plan.group} does not exist`, `${AT}/closID`, group);
  }
  if (exists && !plan.ours && plan.expected.length > 0) {
    const [schemata] = native.readFiles([`${group}/schemata`]);
    const line = schemataDifference(plan.expected, schemata ?? '');
    if (line !== undefined) {
      throw failed(
        `clos ID ${plan.group || '/'} exists, and its schemata is not "${line}"`,
        AT,
        `${group}/schemata`,
      );
    }
  }
  const monitoring = plan.monitoring === '' ? [] : [`${root}/${plan.monitoring}`];
  return {
    root,
    plan,
    exists,
    record: {
      groups: [group, ...monitoring],
      remove: [...monitoring, ...(plan.ours && !exists ? [group] : [])],
      ...(plan.ours || exists ? {} : { made: group }),
    },
  };
}

/** Makes the groups and writes the schemata. */
export function makeRdt(runtime: Runtime, choice: RdtChoice): void {
  const { native } = runtime;
  const { plan, exists, record } = choice;
  const [group = '', monitoring] = record.groups;
  try {
    if (!exists) native.makeDirectory(group, 0o755, false);
    const lines = exists && !plan.ours ? plan.extra : plan.lines;
    if (lines.length > 0) writeSchemata(native, group, lines);
    if (monitoring !== undefined) native.makeDirectory(monitoring, 0o755, true);
  } catch (error) {
    throw wrap(error, 'intel-rdt-failed', 'unable to apply Intel RDT', { pointer: AT });
  }
}

/** One write for all lines: the kernel takes each, and its errors are about the first wrong one. */
export function writeSchemata(native: Binding, group: string, lines: readonly string[]): void {
  write(native, [{ path: `${group}/schemata`, data: `${lines.join('\n')}\n`, create: 0o644 }]);
}

/** Puts a process into the groups of its container. */
export function joinRdt(native: Binding, record: RdtRecord | undefined, pid: number): void {
  if (record === undefined) return;
  write(
    native,
    // The monitoring group last: it must be one of the group that the process is in.
    record.groups.map((path) => ({ path: `${path}/tasks`, data: `${pid}\n`, create: 0o644 })),
  );
}

function write(native: Binding, writes: readonly FileWrite[]): void {
  const [failure] = native.writeFiles(writes);
  if (failure === undefined) return;
  throw failed(`${failure.syscall} ${failure.path}: ${errnoText(failure.errno)}`, AT, failure.path);
}

/** Removes what create has made, and `delete` is to remove. */
export function removeRdt(native: Binding, record: RdtRecord | undefined): void {
  for (const path of record?.remove ?? []) removeGroup(native, path);
}

/**
 * Removes all that a create has made which came to nothing: a new class as well, unless another
 * container has come into it.
 *
 * @param pid its own process, which has ended.
 */
export function undoRdt(native: Binding, record: RdtRecord | undefined, pid?: number): void {
  removeRdt(native, record);
  if (record?.made === undefined) return;
  const [tasks] = native.readFiles([`${record.made}/tasks`]);
  const others = (tasks ?? '').split('\n').filter((line) => line !== '' && line !== `${pid}`);
  if (others.length === 0) removeGroup(native, record.made);
}

function removeGroup(native: Binding, path: string): void {
  try {
    native.removeDirectory(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return;
    // The kernel's groups go with what is in them; a folder that stands for them is emptied.
    if (code !== 'ENOTEMPTY') {
      throw wrap(error, 'intel-rdt-failed', 'unable to remove the Intel RDT group');
    }
    native.removeTree(path);
  }
}
