/** config.linux.namespaces: what is new, what is joined, and who makes it. */
import { OcirtError } from '../errors.js';
import { CLONE } from '../native/constants.js';
import type { IdMapping, Linux } from '../spec/config.gen.js';
import { invalid, type PlanBuilder } from './builder.js';
import type { HostFacts } from './input.js';
import type { SpawnPlan, Step } from './plan.js';

/** Namespace types of the specification, with their clone(2) flag and their name in /proc. */
export const NAMESPACES: Readonly<
  Record<string, { readonly flag: number; readonly file: string }>
> = {
  pid: { flag: CLONE.NEWPID, file: 'pid' },
  network: { flag: CLONE.NEWNET, file: 'net' },
  mount: { flag: CLONE.NEWNS, file: 'mnt' },
  ipc: { flag: CLONE.NEWIPC, file: 'ipc' },
  uts: { flag: CLONE.NEWUTS, file: 'uts' },
  user: { flag: CLONE.NEWUSER, file: 'user' },
  cgroup: { flag: CLONE.NEWCGROUP, file: 'cgroup' },
  time: { flag: CLONE.NEWTIME, file: 'time' },
};

/** What a thread of a threaded process can join: setns(2). */
const THREAD_JOINABLE: readonly string[] = ['network', 'ipc', 'uts', 'cgroup'];

export interface NamespaceEntry {
  readonly type: string;
  readonly flag: number;
  /** Absent: a new one. */
  readonly path?: string;
  readonly at: string;
}

/** The namespaces of a container by type; what is not in it is the runtime's own. */
export class NamespaceSet {
  readonly entries: readonly NamespaceEntry[];

  constructor(entries: readonly NamespaceEntry[]) {
    this.entries = entries;
  }

  get(type: string): NamespaceEntry | undefined {
    return this.entries.find((entry) => entry.type === type);
  }
  has(type: string): boolean {
    return this.get(type) !== undefined;
  }
  isNew(type: string): boolean {
    const entry = this.get(type);
    return entry !== undefined && entry.path === undefined;
  }
  isJoined(type: string): boolean {
    return this.get(type)?.path !== undefined;
  }
}

/** @throws OcirtError for an unknown type and for one that is named twice. */
export function namespaceSet(linux: Linux | undefined): NamespaceSet {
  const entries: NamespaceEntry[] = [];
  (linux?.namespaces ?? []).forEach((namespace, index) => {
    const at = `/linux/namespaces/${index}`;
    const known = Object.hasOwn(NAMESPACES, namespace.type)
      ? NAMESPACES[namespace.type]
      : undefined;
    if (known === undefined) {
      throw invalid(`${at}/type`, `namespace "${namespace.type}" does not exist`);
    }
    if (entries.some((entry) => entry.type === namespace.type)) {
      throw invalid(`${at}/type`, `duplicated ns "${namespace.type}"`);
    }
    const { path = '' } = namespace;
    entries.push({
      type: namespace.type,
      flag: known.flag,
      ...(path === '' ? {} : { path }),
      at,
    });
  });
  return new NamespaceSet(entries);
}

/** Text for /proc/PID/uid_map: user_namespaces(7). */
export function mappingText(mappings: readonly IdMapping[]): string {
  return mappings.map((m) => `${m.containerID} ${m.hostID} ${m.size}\n`).join('');
}

/** Whether an unprivileged process may write the map itself: one line, its own id, once. */
function ownIdOnly(mappings: readonly IdMapping[], id: number): boolean {
  const [only] = mappings;
  return mappings.length === 1 && only?.hostID === id && only.size === 1;
}

/** Who a process becomes that is in the namespace before it is the user of the config: root, if there is one. */
function firstId(mappings: readonly IdMapping[] | undefined): number {
  const ids = (mappings ?? []).map(({ containerID }) => containerID);
  return ids.includes(0) ? 0 : (ids[0] ?? 0);
}

function mapping(linux: Linux | undefined, facts: HostFacts): NonNullable<SpawnPlan['mapping']> {
  const uids = linux?.uidMappings ?? [];
  const gids = linux?.gidMappings ?? [];
  if (uids.length === 0 || gids.length === 0) {
    throw invalid(
      uids.length === 0 ? '/linux/uidMappings' : '/linux/gidMappings',
      'user namespaces enabled, but no namespace path to join nor mappings to apply specified',
    );
  }
  const unprivileged = facts.euid !== 0;
  return {
    uidMap: mappingText(uids),
    gidMap: mappingText(gids),
    uid: firstId(uids),
    gid: firstId(gids),
    // CVE-2014-8989: an unprivileged process must give up setgroups(2) before it maps a group.
    // Where newgidmap(1) maps groups that the user was given, that decides.
    denySetgroups: unprivileged && ownIdOnly(gids, facts.egid),
    viaHelpers: unprivileged && !(ownIdOnly(uids, facts.euid) && ownIdOnly(gids, facts.egid)),
  };
}

function checkUser(builder: PlanBuilder, set: NamespaceSet, linux: Linux | undefined): void {
  const mapped = linux?.uidMappings !== undefined || linux?.gidMappings !== undefined;
  const property = linux?.uidMappings !== undefined ? 'uidMappings' : 'gidMappings';
  if (mapped && !set.has('user')) {
    throw invalid(
      `/linux/${property}`,
      "user namespace mappings specified, but user namespace isn't enabled in the config",
    );
  }
  if (mapped && set.isJoined('user')) {
    builder.warn(
      `/linux/${property}`,
      'the mappings are those of the user namespace that is joined: these here are not used',
    );
  }
}

function timeOffsets(linux: Linux | undefined, set: NamespaceSet): string {
  const offsets = linux?.timeOffsets;
  if (offsets === undefined || Object.keys(offsets).length === 0) return '';
  const at = '/linux/timeOffsets';
  if (!set.has('time')) {
    throw invalid(
      at,
      "time namespace offsets specified, but time namespace isn't enabled in the config",
    );
  }
  if (set.isJoined('time')) {
    throw invalid(
      at,
      'time namespace enabled, but both namespace path and time offsets specified -- you may only provide one',
    );
  }
  let text = '';
  for (const clock of ['monotonic', 'boottime'] as const) {
    const offset = offsets[clock];
    if (offset !== undefined) text += `${clock} ${offset.secs ?? 0} ${offset.nanosecs ?? 0}\n`;
  }
  return text;
}

/**
 * Decides where each namespace comes from, and adds the steps with which the helper gets into
 * those that the clone has not given it.
 *
 * - No user namespace is joined: everything new is made by the clone, but cgroup (the process
 *   must be in its cgroup first) and time (its offsets come first). The others are joined by the
 *   helper; beside a *new* user namespace by the host's thread around the clone, since the new user
 *   would have no right to.
 * - A joined pid namespace is the helper's to join as well, and it goes on as a child there: what is in
 *   that namespace sees it only when it has the host's memory and namespaces no more, and so can't
 *   trace its way out (the class of CVE-2016-9962). Only a new user namespace can't have that.
 * - A user namespace is joined: it comes first, so that it owns what is made after it; with a pid
 *   namespace, the helper goes on as a child.
 */
export function namespacePlan(
  builder: PlanBuilder,
  set: NamespaceSet,
  linux: Linux | undefined,
  facts: HostFacts,
): SpawnPlan {
  checkUser(builder, set, linux);
  const offsets = timeOffsets(linux, set);
  if (facts.euid !== 0 && !set.has('user')) {
    throw new OcirtError('rootless-denied', 'rootless container requires user namespaces', {
      pointer: '/linux/namespaces',
      hint: 'who is not root needs a namespace of type "user" there, and mappings: "ocirt spec --rootless" writes such a config.json',
    });
  }
  const userJoined = set.isJoined('user');
  const userNew = set.isNew('user');
  // The helper of a new user namespace has no right to join a namespace of the caller's.
  const forks = userJoined || (!userNew && set.isJoined('pid'));
  const open = (entry: NamespaceEntry) => ({
    type: entry.flag,
    resource: builder.resource({
      kind: 'namespace',
      path: entry.path ?? '',
      at: `${entry.at}/path`,
    }),
  });

  let cloneFlags = 0;
  let unshareFlags = 0;
  let unshareAt = '';
  let pidNamespace: number | undefined;
  const around: { type: number; resource: number }[] = [];
  const joins: { type: number; resource: number }[] = [];
  let joinAt = '';
  // The user namespace last: the others may be owned by one above it.
  const ordered = [...set.entries].sort(
    (a, b) => Number(a.type === 'user') - Number(b.type === 'user'),
  );
  for (const entry of ordered) {
    if (entry.path === undefined) {
      if (entry.type === 'time') continue;
      if (userJoined || entry.type === 'cgroup') {
        unshareFlags |= entry.flag;
        if (unshareAt === '') unshareAt = entry.at;
      } else cloneFlags |= entry.flag;
    } else if (entry.type === 'pid' && !forks) pidNamespace = open(entry).resource;
    else if (userNew && THREAD_JOINABLE.includes(entry.type)) around.push(open(entry));
    else {
      joins.push(open(entry));
      if (joinAt === '') joinAt = entry.at;
    }
  }
  const steps: Step[] = [];
  if (joins.length > 0) steps.push({ op: 'join', at: joinAt, namespaces: joins });
  if (unshareFlags !== 0) steps.push({ op: 'unshare', at: unshareAt, flags: unshareFlags });
  const pid = set.get('pid');
  // A new pid namespace is the clone's where no user namespace comes before it.
  if (pid !== undefined && forks) {
    steps.push({ op: 'fork', at: pid.at });
  }
  if (userJoined) {
    steps.push({ op: 'identity', at: set.get('user')?.at ?? '', uid: 0, gid: 0 });
  }
  const time = set.get('time');
  if (time !== undefined && time.path === undefined) {
    steps.push({
      op: 'time_namespace',
      at: offsets === '' ? time.at : '/linux/timeOffsets',
      offsets,
    });
  }
  builder.add(...steps);
  return {
    cloneFlags,
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    ...(around.length === 0 ? {} : { joined: around }),
    ...(userNew ? { mapping: mapping(linux, facts) } : {}),
  };
}

/**
 * Joins the namespaces of a running container, for `exec`: all of them first, and then a child is
 * born in its pid namespace (see namespacePlan).
 */
export function joinPlan(
  builder: PlanBuilder,
  types: readonly string[],
  pid: number,
  linux: Linux | undefined,
): SpawnPlan {
  const joins: { type: number; resource: number }[] = [];
  const ordered = [...types].sort((a, b) => Number(a === 'user') - Number(b === 'user'));
  for (const type of ordered) {
    const known = Object.hasOwn(NAMESPACES, type) ? NAMESPACES[type] : undefined;
    if (known === undefined)
      throw invalid('/linux/namespaces', `namespace "${type}" does not exist`);
    const resource = builder.resource({
      kind: 'namespace',
      path: `/proc/${pid}/ns/${known.file}`,
      at: '/linux/namespaces',
    });
    joins.push({ type: known.flag, resource });
  }
  if (joins.length > 0) builder.add({ op: 'join', at: '/linux/namespaces', namespaces: joins });
  if (types.includes('pid')) builder.add({ op: 'fork', at: '/linux/namespaces' });
  if (types.includes('user')) {
    const made = linux?.namespaces?.some(({ type, path }) => type === 'user' && !path) === true;
    const uid = made ? firstId(linux?.uidMappings) : 0;
    const gid = made ? firstId(linux?.gidMappings) : 0;
    builder.add({ op: 'identity', at: '/linux/namespaces', uid, gid });
  }
  return { cloneFlags: 0 };
}
