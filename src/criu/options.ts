/** What CRIU is asked for: requests from flags and from what is known of a container. Pure. */
import { OcirtError } from '../errors.js';
import { CLONE } from '../native/constants.js';
import { CGROUP_MODE, type CriuOptions, NETWORK_LOCK } from './messages.js';

/** Flags of checkpoint and of restore. */
export interface CommonFlags {
  readonly tcpEstablished?: boolean | undefined;
  readonly extUnixSk?: boolean | undefined;
  readonly shellJob?: boolean | undefined;
  readonly fileLocks?: boolean | undefined;
  readonly autoDedup?: boolean | undefined;
  readonly lazyPages?: boolean | undefined;
  readonly manageCgroupsMode?: string | undefined;
  readonly networkLock?: string | undefined;
  readonly emptyNs?: readonly string[] | undefined;
}

export interface CheckpointFlags extends CommonFlags {
  readonly leaveRunning?: boolean | undefined;
  readonly tcpSkipInFlight?: boolean | undefined;
  readonly linkRemap?: boolean | undefined;
  readonly preDump?: boolean | undefined;
  /** Relative to the folder of the images. */
  readonly parentPath?: string | undefined;
  /** ADDRESS:PORT */
  readonly pageServer?: string | undefined;
}

export interface RestoreFlags extends CommonFlags {
  readonly tcpClose?: boolean | undefined;
  readonly lsmProfile?: string | undefined;
  readonly lsmMountContext?: string | undefined;
}

/** Where images and log go. The numbers are of descriptors of ours: CRIU opens them in /proc. */
export interface Folders {
  readonly imagesFd: number;
  readonly workFd?: number | undefined;
}

export const DUMP_LOG = 'dump.log';
export const RESTORE_LOG = 'restore.log';
/** Everything but what is of use only to who debugs CRIU itself. */
const LOG_LEVEL = 4;
/** Settings of the administrator, which CRIU puts above those of a request. */
const CONFIG_FILES = '/etc/criu/runc.conf';

function usage(message: string): OcirtError {
  return new OcirtError('usage', message);
}

function cgroupMode(name: string | undefined): number {
  if (name === undefined || name === '') return CGROUP_MODE.default;
  if (name === 'soft' || name === 'full' || name === 'strict' || name === 'ignore') {
    return CGROUP_MODE[name];
  }
  throw usage(`invalid manage-cgroups-mode value: "${name}" is not soft, full, strict or ignore`);
}

function networkLock(name: string | undefined): number | undefined {
  if (name === undefined || name === '') return undefined;
  if (Object.hasOwn(NETWORK_LOCK, name)) return NETWORK_LOCK[name as keyof typeof NETWORK_LOCK];
  throw usage(`invalid network-lock value: "${name}" is not iptables, nftables or skip`);
}

/**
 * A new network namespace is always left empty: its devices, addresses and routes are made by
 * others, who make them again.
 */
function emptyNamespaces(names: readonly string[]): number {
  const other = names.find((name) => name !== 'network');
  if (other !== undefined) throw usage(`namespace "${other}" is not supported`);
  return CLONE.NEWNET;
}

/**
 * The file with the administrator's settings: one of the container's own by an annotation, none
 * where that is empty, else the one that runc has.
 */
function configFile(annotations: Readonly<Record<string, string>>): { configFile?: string } {
  const own = annotations['org.criu.config'];
  return own === '' ? {} : { configFile: own ?? CONFIG_FILES };
}

function commonOptions(flags: CommonFlags, folders: Folders): CriuOptions {
  return {
    imagesDirFd: folders.imagesFd,
    workDirFd: folders.workFd,
    logLevel: LOG_LEVEL,
    notifyScripts: true,
    orphanPtsMaster: true,
    shellJob: flags.shellJob === true,
    extUnixSk: flags.extUnixSk === true,
    tcpEstablished: flags.tcpEstablished === true,
    fileLocks: flags.fileLocks === true,
    autoDedup: flags.autoDedup === true,
    lazyPages: flags.lazyPages === true,
    emptyNs: emptyNamespaces(flags.emptyNs ?? []),
    manageCgroups: true,
    manageCgroupsMode: cgroupMode(flags.manageCgroupsMode),
    networkLock: networkLock(flags.networkLock),
  };
}

function pageServer(text: string | undefined): CriuOptions['pageServer'] {
  if (text === undefined || text === '') return undefined;
  const match = /^(?:\[([^\]]+)\]|([^:]+)):([^:]+)$/.exec(text);
  if (match === null) throw usage('Use --page-server ADDRESS:PORT to specify page server');
  const [, v6, plain, port = ''] = match;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw usage('Invalid port number');
  return { address: v6 ?? plain, port: Number(port) };
}

/** One mount, in the container and (restore) on the host. */
export interface MountKey {
  readonly key: string;
  readonly val: string;
}

export interface DumpInput {
  readonly flags: CheckpointFlags;
  readonly folders: Folders;
  readonly annotations: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly rootfs: string;
  /** The hierarchies with a cgroup of the container's, as /proc/PID/cgroup names them; absent: all. */
  readonly hierarchies?: readonly string[] | undefined;
  /** Directory of the cgroup whose freezer holds the processes; absent: CRIU traces them one by one. */
  readonly freezer?: string | undefined;
  readonly mounts: readonly MountKey[];
  /** What lies outside of the container and is not saved: `net[INODE]:KEY`, `file[MOUNT:INODE]`. */
  readonly external: readonly string[];
}

/**
 * CRIU saves all cgroups below those that a process is in, and makes what is missing of them at restore. Of
 * a hierarchy in which the container has none of its own that would be everybody's.
 */
function dumpedCgroups(hierarchies: readonly string[] | undefined): CriuOptions {
  if (hierarchies === undefined) return {};
  if (hierarchies.length === 0) return { manageCgroupsMode: CGROUP_MODE.ignore };
  return { cgroupDumpController: hierarchies };
}

/** Options of a dump, or (`flags.preDump`) of one that is only of memory. */
export function dumpOptions(input: DumpInput): CriuOptions {
  const { flags } = input;
  const preDump = flags.preDump === true;
  const parent = flags.parentPath;
  return {
    ...commonOptions(flags, input.folders),
    ...configFile(input.annotations),
    logFile: DUMP_LOG,
    pid: input.pid,
    root: input.rootfs,
    leaveRunning: flags.leaveRunning === true,
    tcpSkipInFlight: flags.tcpSkipInFlight === true,
    linkRemap: flags.linkRemap === true,
    freezeCgroup: input.freezer,
    ...dumpedCgroups(input.hierarchies),
    pageServer: pageServer(flags.pageServer),
    parentImg: parent,
    // Pages count as unchanged only if their changes have been tracked since the dump before.
    trackMem: preDump || parent !== undefined ? true : undefined,
    extMnt: preDump ? undefined : input.mounts,
    external: input.external,
  };
}

export interface RestoreInput {
  readonly flags: RestoreFlags;
  readonly folders: Folders;
  readonly annotations: Readonly<Record<string, string>>;
  /** A mount point, on a mount that nothing else covers. */
  readonly root: string;
  /** The process has a terminal of its own, whose master is sent to us. */
  readonly terminal: boolean;
  readonly mounts: readonly MountKey[];
  /** Descriptors that CRIU has, in the place of what lay outside of the container. */
  readonly inherited: readonly { readonly key: string; readonly fd: number }[];
  readonly joined: readonly { readonly ns: string; readonly nsFile: string }[];
  /** The cgroups that the processes come to be in, by controller. */
  readonly cgroups: readonly { readonly ctrl: string; readonly path: string }[];
}

export function restoreOptions(input: RestoreInput): CriuOptions {
  const { flags } = input;
  return {
    ...commonOptions(flags, input.folders),
    ...configFile(input.annotations),
    logFile: RESTORE_LOG,
    root: input.root,
    // Of a shell job the terminal is the caller's, and CRIU must not look for another master of it.
    orphanPtsMaster: input.terminal || flags.shellJob !== true,
    // The first process is to be our child, and not that of CRIU, which ends.
    rstSibling: true,
    evasiveDevices: true,
    tcpClose: flags.tcpClose,
    lsmProfile: flags.lsmProfile,
    lsmMountContext: flags.lsmMountContext,
    extMnt: input.mounts,
    inheritFd: input.inherited,
    joinNs: input.joined,
    cgRoot: input.cgroups,
  };
}
