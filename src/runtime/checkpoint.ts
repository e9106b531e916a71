/** Saves the processes of a container with CRIU, and ends or leaves the container. docs/checkpoint.md */
import {
  DESCRIPTORS,
  type DescribedDescriptor,
  describe,
  type SeenDescriptor,
} from '../criu/descriptors.js';
import { KIND } from '../criu/messages.js';
import { externalMounts, maskedPaths } from '../criu/mounts.js';
import { type CheckpointFlags, DUMP_LOG, dumpOptions, type MountKey } from '../criu/options.js';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import type { Config } from '../spec/config.gen.js';
import type { ContainerRecord } from '../state/record.js';
import type { Status } from '../state/status.js';
import { listPids } from './cgroup.js';
import { awaitInit, configOf, statusOf } from './container.js';
import { type Runtime, requireDriver } from './context.js';
import { CriuService, findCriu, type Notification } from './criu.js';
import {
  checkParent,
  type FolderOptions,
  followInRoot,
  mountKeys,
  openFolders,
  typeInRoot,
} from './criu-paths.js';
import { destroy } from './delete.js';
import { gatherFacts } from './facts.js';
import { lockLive } from './locked.js';

export interface CheckpointOptions extends FolderOptions {
  readonly id: string;
  readonly flags: CheckpointFlags;
  /** Descriptor that gets one zero byte when the pages can be asked for (lazyPages). */
  readonly statusFd?: number | undefined;
}

/** How long killed processes may take to be gone. */
const PATIENCE_MS = 10_000;

/** Saves a running or paused container. It is deleted afterwards, unless it goes on running. */
export function checkpoint(runtime: Runtime, options: CheckpointOptions): void {
  const { store } = runtime;
  const record = store.read(options.id);
  requireDriver(runtime, record);
  warnRootless(runtime);
  const lock = lockLive(runtime, options.id, true, checkDumpable);
  try {
    const now = store.read(options.id);
    checkDumpable(statusOf(runtime, now));
    dump(runtime, now, options);
    if (options.flags.leaveRunning === true || options.flags.preDump === true) return;
    if (!awaitInit(runtime, now, PATIENCE_MS)) {
      throw new OcirtError('container-unkillable', 'container init still running');
    }
    destroy(runtime, now);
  } finally {
    lock.release();
  }
}

function checkDumpable(status: Status): void {
  if (status === 'running' || status === 'paused') return;
  throw new OcirtError('container-state', `Container cannot be checkpointed in ${status} state`);
}

/** CRIU wants to be root. What it cannot do without is its own to say. */
export function warnRootless(runtime: Runtime): void {
  const facts = gatherFacts(runtime.native);
  if (facts.euid === 0 && facts.initialUserNamespace) return;
  runtime.log.warn('checkpoint and restore are untested with rootless containers');
}

function dump(runtime: Runtime, record: ContainerRecord, options: CheckpointOptions): void {
  const { native } = runtime;
  const { flags } = options;
  const config = configOf(runtime, record);
  const pid = record.init?.pid;
  if (config === undefined || pid === undefined) {
    throw new OcirtError('state-unreadable', `the state of ${record.id} is not whole`);
  }
  if (!record.namespaces.includes('mount')) {
    throw new OcirtError(
      'checkpoint-unsupported',
      'a container without a mount namespace of its own cannot be checkpointed',
      { pointer: '/linux/namespaces' },
    );
  }
  checkStatusFd(runtime, options.statusFd);
  // Before a folder is made for it.
  findCriu(runtime);
  const folders = openFolders(runtime, options, true);
  let service: CriuService | undefined;
  try {
    if (flags.parentPath !== undefined) checkParent(native, folders.images, flags.parentPath);
    const described = describeStdio(runtime, record, pid);
    const opts = dumpOptions({
      flags,
      folders,
      annotations: record.annotations,
      pid,
      rootfs: record.rootfs,
      hierarchies: ownHierarchies(native, record, pid),
      freezer: record.cgroup.mode === 'v2' ? record.cgroup.paths[''] : record.cgroup.paths.freezer,
      mounts: flags.preDump === true ? [] : dumpedMounts(runtime, record, config, pid),
      external: [...outerNamespaces(runtime, config, pid), ...outerFiles(described)],
    });
    service = new CriuService(runtime);
    service.checkFeatures({
      ...(flags.preDump === true ? { memTrack: true } : {}),
      ...(flags.lazyPages === true ? { lazyPages: true } : {}),
    });
    if (flags.preDump !== true) {
      const list = described.map(({ text }) => text);
      native.replaceFile(`${folders.images}/${DESCRIPTORS}`, JSON.stringify(list), 0o600);
    }
    const kind = flags.preDump === true ? KIND.preDump : KIND.dump;
    service.request(kind, opts, folders.log(DUMP_LOG), (notification) =>
      onNotify(runtime, notification, options.statusFd),
    );
  } finally {
    service?.end();
    folders.close();
  }
}

/** The hierarchies in which the container has a cgroup of its own; undefined: in all of them. cgroups(7) */
function ownHierarchies(
  native: Binding,
  record: ContainerRecord,
  pid: number,
): string[] | undefined {
  const { paths } = record.cgroup;
  const [text] = native.readFiles([`/proc/${pid}/cgroup`]);
  const all = [...(text ?? '').matchAll(/^\d+:([^:]*):/gm)].map(([, names = '']) => names);
  const own = all.filter((names) => names.split(',').some((name) => paths[name] !== undefined));
  return own.length === all.length ? undefined : own;
}

function onNotify(runtime: Runtime, { script }: Notification, statusFd: number | undefined): void {
  if (script !== 'status-ready' || statusFd === undefined) return;
  runtime.native.write(statusFd, new Uint8Array(1));
  // Its reader waits for the end.
  runtime.native.close([statusFd]);
}

/** It must be the caller's own, and writable. */
function checkStatusFd(runtime: Runtime, fd: number | undefined): void {
  if (fd === undefined) return;
  const own = fd < 3 || runtime.callerFds === undefined || fd - 3 < runtime.callerFds;
  const [info] = own ? runtime.native.readFiles([`/proc/self/fdinfo/${fd}`]) : [null];
  const flags = /^flags:\s*([0-7]+)/m.exec(info ?? '')?.[1];
  const why =
    flags === undefined
      ? 'it is not open'
      : (Number.parseInt(flags, 8) & 3) === 0
        ? 'not writable'
        : undefined;
  if (why === undefined) return;
  throw new OcirtError('usage', `invalid --status-fd argument ${fd}: ${why}`);
}

/** All that comes from outside, by its place in the container. */
function dumpedMounts(
  runtime: Runtime,
  record: ContainerRecord,
  config: Config,
  pid: number,
): MountKey[] {
  const { native } = runtime;
  const facts = gatherFacts(native);
  const root = `/proc/${pid}/root`;
  const external = externalMounts({
    config,
    bundle: record.bundle,
    cgroupFacts: facts.cgroup,
    cgroupPaths: record.cgroup.paths,
    inUserNamespace: !facts.initialUserNamespace,
  });
  return [
    ...mountKeys(native, root, external, false),
    // Files are masked with the host's /dev/null; directories with a tmpfs of the container.
    ...maskedPaths(config)
      .map((path) => followInRoot(native, root, path))
      .filter((path) => ![undefined, 'directory'].includes(typeInRoot(native, root, path)))
      .map((key) => ({ key, val: '/dev/null' })),
  ];
}

/** Namespaces that CRIU can leave as they are, by the names that restore knows them by. */
export const OUTER_NAMESPACES: Readonly<Record<string, { file: string; key: string }>> = {
  network: { file: 'net', key: 'extRootNetNS' },
  pid: { file: 'pid', key: 'extRootPidNS' },
};

/** Of those that were joined by path: `net[INODE]:extRootNetNS`. */
function outerNamespaces(runtime: Runtime, config: Config, pid: number): string[] {
  const outer: string[] = [];
  for (const { type, path = '' } of config.linux?.namespaces ?? []) {
    const known = OUTER_NAMESPACES[type];
    if (known === undefined || path === '') continue;
    // Of the process, since what was at the path may be gone: `net:[INODE]`.
    const link = runtime.native.readLink(`/proc/${pid}/ns/${known.file}`);
    outer.push(`${link.replace(':', '')}:${known.key}`);
  }
  return outer;
}

function outerFiles(described: readonly DescribedDescriptor[]): string[] {
  return [...new Set(described.flatMap(({ external }) => external ?? []))];
}

/** Where descriptors 0, 1 and 2 of the first process lead. */
function describeStdio(
  runtime: Runtime,
  record: ContainerRecord,
  pid: number,
): DescribedDescriptor[] {
  const { native } = runtime;
  const [mountinfo] = native.readFiles([`/proc/${pid}/mountinfo`]);
  const mounts = new Set((mountinfo ?? '').split('\n').map((line) => Number.parseInt(line, 10)));
  return [0, 1, 2].map((number) => {
    const seen = seeDescriptor(runtime, pid, number);
    if (seen === undefined) return { text: '' };
    return describe(
      seen,
      (mount) => mounts.has(mount),
      (link) => hasBothEnds(runtime, record, link),
    );
  });
}

function seeDescriptor(runtime: Runtime, pid: number, number: number): SeenDescriptor | undefined {
  const { native } = runtime;
  const path = `/proc/${pid}/fd/${number}`;
  const status = native.status(path, true);
  const [info] = native.readFiles([`/proc/${pid}/fdinfo/${number}`]);
  if (status === null || info === null || info === undefined) return undefined;
  const mount = Number(/^mnt_id:\s*(\d+)/m.exec(info)?.[1] ?? -1);
  return { link: native.readLink(path), mount, inode: status.ino };
}

/** Whether processes of the container hold both ends of a pipe: it is a matter of their own. */
function hasBothEnds(runtime: Runtime, record: ContainerRecord, link: string): boolean {
  const { native } = runtime;
  const ends = new Set<number>();
  for (const pid of listPids(native, record.cgroup.paths)) {
    for (const number of native.readDirectory(`/proc/${pid}/fd`) ?? []) {
      try {
        if (native.readLink(`/proc/${pid}/fd/${number}`) !== link) continue;
      } catch {
        continue; // It has been closed meanwhile.
      }
      const [info] = native.readFiles([`/proc/${pid}/fdinfo/${number}`]);
      const mode = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info ?? '')?.[1] ?? '2', 8) & 3;
      ends.add(mode);
    }
  }
  return ends.has(0) && ends.has(1);
}
