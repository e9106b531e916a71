/** What a container will be: its namespaces and its mounts, read off the plan. Pure. */
import { CLONE, MOUNT_ATTR, MS } from '../../native/constants.js';
import { NAMESPACES } from '../../plan/namespaces.js';
import type { Plan, StepOf } from '../../plan/plan.js';

export interface InsideNamespace {
  /** The specification's name. */
  readonly name: string;
  /** `new`: its own. `joined`: one that exists. `host`: that of the runtime. */
  readonly kind: 'new' | 'joined' | 'host';
  /** Of a joined one. */
  readonly path: string;
}

export type MountKind = 'root' | 'kernel' | 'memory' | 'host' | 'masked' | 'readonly' | 'other';

export interface InsideMount {
  /** In the container. */
  readonly target: string;
  readonly kind: MountKind;
  /** What is there, in a word or two. */
  readonly what: string;
  readonly options: readonly string[];
  /** JSON pointer of what asked for it, '' for what every container gets. */
  readonly at: string;
  /** How many of the others it lies below. */
  readonly depth: number;
  /** Another one is mounted on top of it. */
  readonly covered: boolean;
}

type Found = Omit<InsideMount, 'depth' | 'covered'>;

/** File systems that show something of the kernel, and have no disk. */
const KERNEL: readonly string[] = [
  'proc',
  'sysfs',
  'cgroup',
  'cgroup2',
  'devpts',
  'mqueue',
  'bpf',
  'debugfs',
  'tracefs',
  'securityfs',
  'binfmt_misc',
];
const MEMORY: readonly string[] = ['tmpfs', 'ramfs', 'devtmpfs'];

const FLAGS: readonly (readonly [name: string, mount: number, attribute: number])[] = [
  ['read-only', MS.RDONLY, MOUNT_ATTR.RDONLY],
  ['nosuid', MS.NOSUID, MOUNT_ATTR.NOSUID],
  ['nodev', MS.NODEV, MOUNT_ATTR.NODEV],
  ['noexec', MS.NOEXEC, MOUNT_ATTR.NOEXEC],
];

/** The namespaces, in the order of the table that has them all. */
export function namespacesOf({ spawn, steps, resources }: Plan): InsideNamespace[] {
  let made = spawn.cloneFlags;
  const joined = new Map<number, string>();
  const join = (type: number, resource: number): void => {
    const entry = resources[resource];
    joined.set(type, entry?.kind === 'namespace' ? entry.path : '');
  };
  if (spawn.pidNamespace !== undefined) join(CLONE.NEWPID, spawn.pidNamespace);
  for (const { type, resource } of spawn.joined ?? []) join(type, resource);
  for (const step of steps) {
    if (step.op === 'unshare') made |= step.flags;
    if (step.op === 'time_namespace') made |= CLONE.NEWTIME;
    if (step.op === 'join') {
      for (const { type, resource } of step.namespaces) join(type, resource);
    }
  }
  return Object.entries(NAMESPACES).map(([name, { flag }]) => {
    const path = joined.get(flag);
    if (path !== undefined) return { name, kind: 'joined', path };
    return { name, kind: (made & flag) === 0 ? 'host' : 'new', path: '' };
  });
}

function mountOf(step: StepOf<'mount'>): Found {
  const { fsType, flags, readonlyLate, target, at } = step;
  const options = FLAGS.filter(([, flag]) => (flags & flag) !== 0).map(([name]) => name);
  if (readonlyLate && !options.includes('read-only')) options.unshift('read-only');
  const kind = KERNEL.includes(fsType) ? 'kernel' : MEMORY.includes(fsType) ? 'memory' : 'other';
  return { target, kind, what: fsType, options, at };
}

function bindOf(step: StepOf<'bind'>, { resources }: Plan): Found {
  const { source, resource, target, at, idmap } = step;
  const tree = resource === undefined ? undefined : resources[resource];
  const set = (step.attributes?.set ?? 0) | (step.recursiveAttributes?.set ?? 0);
  const options = FLAGS.filter(([, , bit]) => (set & bit) !== 0).map(([name]) => name);
  const from = source ?? (tree?.kind === 'tree' ? tree.path : 'the host');
  const mapped = idmap === undefined ? [] : ['ids mapped'];
  return {
    target,
    kind: 'host',
    what: `${from} of the host`,
    options: [...options, ...mapped],
    at,
  };
}

/** In the order in which they are made. */
function found(plan: Plan): Found[] {
  const readonlyRoot = plan.steps.some(({ op }) => op === 'root_readonly');
  return plan.steps.flatMap((step): Found[] => {
    const { at } = step;
    switch (step.op) {
      case 'root': {
        const options = readonlyRoot ? ['read-only'] : [];
        return [{ target: '/', kind: 'root', what: step.path, options, at: '/root' }];
      }
      case 'mount':
        return [mountOf(step)];
      case 'bind':
        return [bindOf(step, plan)];
      case 'device':
        if (!step.bind) return [];
        return [{ target: step.target, kind: 'host', what: "the host's device", options: [], at }];
      case 'console':
        if (!step.mount) return [];
        return [{ target: '/dev/console', kind: 'kernel', what: 'pty', options: [], at }];
      case 'readonly_paths':
        return step.paths.map((target) => {
          return { target, kind: 'readonly', what: 'itself', options: [], at };
        });
      case 'mask':
        return step.paths.map((target) => {
          return { target, kind: 'masked', what: 'nothing', options: [], at };
        });
      default:
        return [];
    }
  });
}

/** Whether a path lies in a folder, and not beside it. */
const below = (path: string, folder: string): boolean =>
  folder === '/' ? path !== '/' : path.startsWith(`${folder}/`);

/** The mounts as a tree: parents first, with their depth; of those on one place the last is seen. */
export function mountsOf(plan: Plan): InsideMount[] {
  const all = found(plan).map((mount, order) => ({ ...mount, order }));
  // '/' before what is in it, and `/a` and all that is in it before `/a-b`.
  const key = (path: string): string => path.replaceAll('/', '\0');
  all.sort((a, b) =>
    a.target === b.target ? a.order - b.order : key(a.target) < key(b.target) ? -1 : 1,
  );
  const parents: string[] = [];
  return all.map(({ order: _order, ...mount }, index) => {
    while (parents.length > 0 && !below(mount.target, parents.at(-1) ?? '')) parents.pop();
    const depth = parents.length;
    const covered = all[index + 1]?.target === mount.target;
    if (!covered) parents.push(mount.target);
    return { ...mount, depth, covered };
  });
}
