/**
 * The whole boundary between the TypeScript that decides and the C++ core that does.
 *
 * Every operation is synchronous, takes plain data and returns plain data. A failing one throws a
 * `NativeError` (see below). Each is bound once, in the table of `native/core/operations.cc`; a
 * test holds this interface, that table and the recording fake against each other. The file is long
 * because it is one table.
 *
 * Conventions: descriptors are numbers and close-on-exec; paths are absolute or relative to the
 * working directory; bytes are `Uint8Array`; integers that may pass 2^53 are `bigint`; times in
 * milliseconds unless the name says otherwise.
 */

import type { NetworkAddress, NetworkLink } from './network.js';

/** Plain data that crosses the boundary, and the wire between host and helper. */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** What a failing operation throws: an Error with these properties set by the adapter. */
export interface NativeError extends Error {
  readonly name: 'NativeError';
  /** The system call (or library function) that failed, such as `openat2`. */
  readonly syscall: string;
  /** The errno number, 0 where the failure is not a system call's. */
  readonly errno: number;
  /** The errno's name, such as `ENOENT`; `''` where errno is 0. */
  readonly code: string;
  /** The path concerned, `''` if there is none. */
  readonly path: string;
}

export type FileType = 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

/** What mknod(2) makes for an archive. */
export type NodeType = 'fifo' | 'character-device' | 'block-device';

export interface FileStatus {
  readonly type: FileType;
  /** Permission bits only (07777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly dev: bigint;
  readonly ino: bigint;
  /** For devices. */
  readonly major: number;
  readonly minor: number;
  /** Modification time, nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
}

/** What a folder has in it, without an object for each name: there may be many thousands. */
export interface FolderAttributes {
  /** `.`, the folder itself, and then the others, sorted by their bytes; what is no UTF-8 in one is U+FFFD. */
  readonly names: readonly string[];
  /**
   * Eleven for each name: mode (with the bits of S_IFMT), uid, gid, size, how many names it has, major and minor
   * (of a device), seconds and nanoseconds of its last change (counted forward), dev, ino. Of a link itself.
   */
  readonly numbers: readonly (number | bigint)[];
  /** The place of a name in `names`, and an attribute of it; by turns. Sorted; those that may not be read are not there. */
  readonly xattrs: readonly (number | ExtendedAttribute)[];
}

export type ExtendedAttribute = readonly [name: string, value: Uint8Array];

/** One write of a batch; see `writeFiles`. */
export interface FileWrite {
  readonly path: string;
  readonly data: string | Uint8Array;
  /** Create with these permission bits if missing (O_CREAT); absent: the file must exist. */
  readonly create?: number;
  /** Truncate first (O_TRUNC). Never for kernel files. */
  readonly truncate?: boolean;
  readonly append?: boolean;
}

/** The outcome of one write: null on success. */
export interface WriteFailure {
  /** Index into the batch. */
  readonly index: number;
  readonly syscall: string;
  readonly errno: number;
  readonly code: string;
  readonly path: string;
}

/** Flags of `open`, by name: their numbers differ between architectures. */
export type OpenFlag =
  | 'read'
  | 'write'
  | 'readwrite'
  | 'create'
  | 'exclusive'
  | 'truncate'
  | 'append'
  | 'path'
  | 'directory'
  | 'nofollow'
  | 'nonblock';

export interface Identity {
  readonly pid: number;
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
  /** Capability masks of the calling process, from capget(2) and PR_CAPBSET_READ. */
  readonly effectiveCaps: bigint;
  readonly permittedCaps: bigint;
  readonly boundingCaps: bigint;
  /** Highest capability number that the kernel knows. */
  readonly lastCap: number;
}

/** Clock readings, nanoseconds. */
export interface Clock {
  readonly realtimeNs: bigint;
  readonly monotonicNs: bigint;
}

/** How the maps of a new user namespace are written, once the child exists. */
export interface IdMapping {
  /** Text for /proc/PID/uid_map: lines of "containerID hostID size". */
  readonly uidMap: string;
  readonly gidMap: string;
  /** Whom the child becomes in the namespace, which must map them; absent: 0. */
  readonly uid?: number;
  readonly gid?: number;
  /** Write "deny" to /proc/PID/setgroups first (a must for unprivileged gid maps). */
  readonly denySetgroups: boolean;
  /**
   * Absolute paths of newuidmap(1)/newgidmap(1) to use in place of direct writes, for an
   * unprivileged caller with several ranges; absent: write directly.
   */
  readonly newuidmap?: string;
  readonly newgidmap?: string;
}

/** What `spawn` needs. See docs/architecture.md, "Spawn". */
export interface SpawnRequest {
  /** CLONE_NEW* flags of the namespaces that are made at clone (never NEWCGROUP, NEWTIME). */
  readonly cloneFlags: number;
  /** Directory descriptor of a v2 cgroup to be born in (CLONE_INTO_CGROUP). */
  readonly cgroupFd?: number;
  /**
   * `tasks` files of v1 cgroups, which the helper moves itself to before all else; where one
   * refuses it, it sends the `sync` called cgroups. Unlike a write of its pid to `cgroup.procs` that
   * does not wait for the kernel.
   */
  readonly cgroupTasks?: readonly string[];
  /**
   * Descriptor of a pid namespace to be born in: the calling thread switches its
   * pid_for_children there and back around the clone.
   */
  readonly pidNamespaceFd?: number;
  /**
   * Descriptors of network, ipc, uts or cgroup namespaces to be born in, likewise: a process of a
   * new user namespace could not join those that the host owns.
   */
  readonly joinedFds?: readonly number[];
  /** CPUs that it is born on, before any cgroup; absent: the caller's. */
  readonly affinity?: readonly number[];
  readonly mapping?: IdMapping;
  /**
   * Descriptors that the helper keeps, under the same numbers (close-on-exec is cleared in the
   * child only). All others but 0, 1, 2 are gone after the exec.
   */
  readonly keepFds: readonly number[];
  /** Descriptors to become the child's 0, 1, 2; absent: the caller's own. */
  readonly stdio?: readonly [number, number, number];
}

export interface Spawned {
  /** In the caller's pid namespace. */
  readonly pid: number;
  /** A pidfd, or -1 where the kernel has none. */
  readonly pidfd: number;
  /** Stream socket to the helper: framed `Value` messages, see channelSend. */
  readonly channel: number;
  /** Whether it is in `cgroupFd` and will be in all of `cgroupTasks`; else the caller must move it. */
  readonly inCgroups: boolean;
}

export interface ProgramRequest {
  /** Absolute path of the executable. */
  readonly path: string;
  /** The whole argv, argv[0] included. */
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** 0 or absent: no limit. On expiry the program's process group is killed. */
  readonly timeoutMs?: number;
  /** Capture at most so many bytes of stdout and stderr together; the rest is read and dropped. */
  readonly captureLimit?: number;
  /** Give the caller's stdout/stderr on in place of capturing. */
  readonly inheritOutput?: boolean;
  /**
   * Of the signals that blockSignals catches, pass SIGHUP, SIGINT, SIGQUIT and SIGTERM on to the
   * program's process group. They stay caught.
   */
  readonly passSignals?: boolean;
}

export interface ProgramResult {
  /** -1 if it was ended by a signal. */
  readonly exitCode: number;
  /** 0 if it exited. */
  readonly signal: number;
  readonly timedOut: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export interface ExitStatus {
  readonly pid: number;
  /** -1 if it was ended by a signal. */
  readonly exitCode: number;
  readonly signal: number;
}

export interface ForegroundRequest {
  readonly pid: number;
  /** Master of the container's pty, or -1. Relayed to and from descriptors 0 and 1. */
  readonly ptyFd: number;
  /** Signals (numbers) passed on to `pid`. SIGWINCH resizes the pty; SIGCHLD reaps. */
  readonly forward: readonly number[];
  /**
   * sd_notify(3): once a message with READY= comes to `socket`, that line is sent to `host`, with
   * MAINPID= of the caller.
   */
  readonly notify?: { readonly socket: number; readonly host: string };
  /** Detach from the pty without waiting for its last output once pid has ended: false. */
  readonly drainMs: number;
}

/** A descriptor to wait for. */
export interface AwaitedDescriptor {
  readonly fd: number;
  /**
   * `readable`: POLLIN. `changed`: POLLPRI, a file of the kernel has another content than when it
   * was read through this descriptor. `ended`: the other side of a pipe or socket is gone.
   */
  readonly until: 'readable' | 'changed' | 'ended';
}

/** Terminal size in character cells. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

export interface SeccompBuild {
  /** An array of struct sock_filter, host byte order. */
  readonly program: Uint8Array;
  /** Names of system calls that neither libseccomp nor the kernel headers know; left out. */
  readonly unknownSyscalls: readonly string[];
}

/** A profile whose names have been checked; the shape libseccomp needs, nothing of policy. */
export interface SeccompRequest {
  readonly defaultAction: SeccompAction;
  /** libseccomp's architecture names, lower case: x86_64, x86, x32, aarch64 ... */
  readonly architectures: readonly string[];
  readonly rules: readonly {
    readonly names: readonly string[];
    readonly action: SeccompAction;
    readonly args: readonly {
      readonly index: number;
      readonly op: 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt' | 'masked_eq';
      readonly value: number | bigint;
      readonly valueTwo: number | bigint;
    }[];
  }[];
  /** Answer ENOSYS to system calls with a number above every one that the profile names. */
  readonly enosysForNewer: boolean;
}

/** `value`: the errno of 'errno', the message of 'trace'; 0 else. */
export interface SeccompAction {
  readonly kind:
    | 'kill_thread'
    | 'kill_process'
    | 'trap'
    | 'errno'
    | 'trace'
    | 'allow'
    | 'log'
    | 'notify';
  readonly value: number;
}

export interface ResourceLimit {
  /** RLIMIT_* number. */
  readonly resource: number;
  readonly soft: number | bigint;
  readonly hard: number | bigint;
}

/** The operations table. */
export interface Binding {
  // Files -------------------------------------------------------------------------------------
  /** Whole contents of each file as text (invalid UTF-8 becomes U+FFFD); null where the file does not exist (ENOENT, ENOTDIR, ESRCH). */
  readFiles(paths: readonly string[]): (string | null)[];
  /**
   * Writes in order, each with one write(2); those to one file that follow each other through one
   * descriptor. Stops at nothing: returns all failures.
   */
  writeFiles(writes: readonly FileWrite[]): WriteFailure[];
  /** Atomic replacement: a temporary file beside it, fsync left out, rename(2). */
  replaceFile(path: string, data: string | Uint8Array, mode: number): void;
  /** null if it does not exist. `follow` false: lstat. */
  status(path: string, follow: boolean): FileStatus | null;
  /** Names without "." and "..", sorted; null if the directory does not exist. */
  readDirectory(path: string): string[] | null;
  readLink(path: string): string;
  /** Canonical absolute path; throws if something is missing. */
  realPath(path: string): string;
  /** mkdir(2); `parents`: mkdir -p, nothing said where it exists. Returns whether it was made. */
  makeDirectory(path: string, mode: number, parents: boolean): boolean;
  removeDirectory(path: string): void;
  removeFile(path: string): void;
  /** Recursive, stays on one file system, follows no link; nothing said where it is missing. */
  removeTree(path: string): void;
  rename(from: string, to: string): void;
  /** chown(2) to this user, the group stays; those that do not exist (ENOENT) are passed over. */
  changeOwner(paths: readonly string[], uid: number): void;
  /** mknod(2), with mode 0600; the numbers are of no matter to a fifo. */
  makeNode(path: string, type: NodeType, major: number, minor: number): void;
  /** All of an open folder, in one call. Names that go away meanwhile are left out. */
  folderAttributes(fd: number): FolderAttributes;
  /** A new file (O_EXCL) with these bytes, in one call; the rest as `setAttributes`. */
  makeFile(
    path: string,
    data: Uint8Array,
    uid: number,
    gid: number,
    mode: number,
    ns: bigint,
    xattrs: readonly ExtendedAttribute[],
  ): string[];
  /**
   * Owner, extended attributes, mode and times (of access and change, nanoseconds), in the order in which
   * none undoes the other; of a link itself. -1 as `fd`: by the path; as `uid` or `mode`: stays.
   * Returns the names of the attributes that the file system has no place for, or we no right to.
   */
  setAttributes(
    path: string,
    fd: number,
    uid: number,
    gid: number,
    mode: number,
    ns: bigint,
    xattrs: readonly ExtendedAttribute[],
  ): string[];
  /** Removes all extended attributes that we may; of a link itself. */
  clearExtendedAttributes(path: string): void;
  open(path: string, flags: readonly OpenFlag[], mode?: number): number;
  close(fds: readonly number[]): void;
  /** One read(2); empty at the end. */
  read(fd: number, max: number): Uint8Array;
  /** Writes all of it. */
  write(fd: number, data: string | Uint8Array): void;
  /** flock(2). False if `wait` is false and another holds it. */
  lock(fd: number, exclusive: boolean, wait: boolean): boolean;
  /** Bytes as UTF-8 text; what is none becomes U+FFFD. */
  decodeText(bytes: Uint8Array): string;
  isTerminal(fd: number): boolean;
  /**
   * open_tree(OPEN_TREE_CLONE) of each source: a detached copy of the mount. Throws on the first
   * that fails (ENOSYS: the caller's plan falls back to opening by path in the helper).
   */
  cloneTrees(sources: readonly { readonly path: string; readonly recursive: boolean }[]): number[];
  /** A user namespace that nobody is in, with these maps (texts as for /proc/PID/uid_map). */
  userNamespace(uidMap: string, gidMap: string): number;
  /** mount_setattr(2), MOUNT_ATTR_IDMAP, on a detached mount. EINVAL: its file system cannot. */
  mapTree(tree: number, namespace: number, recursive: boolean): void;
  /**
   * fspick(2): gives the file system at a mount point these options, words without a value, in place
   * of those that it has. Of its mounts nothing changes. ENOSYS before Linux 5.2.
   */
  reconfigure(mountpoint: string, options: readonly string[]): void;

  // Network devices, by rtnetlink(7); `namespace`: a descriptor, -1 for the caller's own ------------
  networkLinks(namespace: number): NetworkLink[];
  networkAddresses(namespace: number, index: number): NetworkAddress[];
  /** Moves a device; the kernel takes it down and its addresses away. `name` may end in %d. */
  moveNetworkLink(namespace: number, index: number, target: number, name: string): void;
  addNetworkAddress(namespace: number, index: number, address: NetworkAddress): void;
  raiseNetworkLink(namespace: number, index: number): void;

  // The process and its host --------------------------------------------------------------------
  identity(): Identity;
  /** @param names only these; [] for all */
  environment(names: readonly string[]): Record<string, string>;
  workingDirectory(): string;
  clock(): Clock;
  /** sysconf(_SC_CLK_TCK) and _SC_PAGESIZE, uname's release and machine. */
  system(): { clockTicks: number; pageSize: number; release: string; machine: string };
  /** Where the core's own files are: the directory of the addon, or of the executable. */
  installDirectory(): string;
  /** prctl(PR_SET_CHILD_SUBREAPER). */
  setSubreaper(on: boolean): void;
  /** execve(2): this process becomes another program, with our environment. @param args with its own name in front */
  become(path: string, args: readonly string[]): never;
  exit(code: number): never;

  // Processes -------------------------------------------------------------------------------------
  /** Starts the helper, sealed, in new namespaces. It waits for its plan on the channel. */
  spawn(request: SpawnRequest): Spawned;
  /** Runs a program to its end. */
  runProgram(request: ProgramRequest): ProgramResult;
  /** kill(2); false if there is no such process (ESRCH). */
  kill(pid: number, signal: number): boolean;
  /** pidfd_open(2); -1 if there is no such process or no such system call. */
  openPidfd(pid: number): number;
  /**
   * The namespaces that a process does not share with the runtime, by their file's name below
   * /proc/PID/ns, in the order in which they can be joined: namespaces(7).
   */
  foreignNamespaces(pid: number): string[];
  /** pidfd_send_signal(2); false if the process has ended. */
  signalPidfd(pidfd: number, signal: number): boolean;
  /** Waits until the process has ended (poll). False when the time is over. -1: for ever. */
  awaitPidfd(pidfd: number, timeoutMs: number): boolean;
  /** waitpid(2), pid -1 for any child; null: none has ended (wait false) or no such child. */
  waitChild(pid: number, wait: boolean): ExitStatus | null;
  /**
   * How a process ended that need not be our child; waits for its end (-1: for ever, else in ms,
   * and then as long again for its parent to reap it). null: it has not ended, or nobody can tell.
   * `pid` is the number of the process in our namespace, `pidfd` was opened while it lived.
   */
  awaitExit(pidfd: number, pid: number, timeoutMs: number): ExitStatus | null;
  /** prlimit(2) on another process. */
  setLimits(pid: number, limits: readonly ResourceLimit[]): void;
  /**
   * Signals sent in one pass to each pid. Returns how many existed.
   */
  killAll(pids: readonly number[], signal: number): number;
  sleep(ms: number): void;
  /** eventfd(2) with the count 0: one read(2) gives its eight bytes and sets it back. */
  eventDescriptor(): number;
  /**
   * poll(2): the indexes of those that are ready, none when the time is over. -1: no limit, and
   * no wait is longer than an hour.
   */
  awaitDescriptors(awaited: readonly AwaitedDescriptor[], timeoutMs: number): number[];

  // Channels and sockets -----------------------------------------------------------------------
  /** One framed message (u32 length, then the Value in wire format). */
  channelSend(fd: number, message: Value): void;
  /** The next message; null at the end of the stream; throws ETIMEDOUT. -1: no limit. */
  channelReceive(fd: number, timeoutMs: number): Value;
  /** A listening AF_UNIX stream socket, whatever the length of the path. Mode 0600. */
  listenUnix(path: string, backlog: number): number;
  /** A connected AF_UNIX stream socket, whatever the length of the path. */
  connectUnix(path: string): number;
  socketPair(): [number, number];
  /** Receives one descriptor (SCM_RIGHTS) and the data with it. */
  receiveFd(socket: number, timeoutMs: number): { fd: number; data: string };
  sendFd(socket: number, fd: number, data: string): void;
  /** Writes all of it to a stream socket; a peer that is gone is EPIPE, and no signal. */
  sendBytes(socket: number, data: string | Uint8Array): void;
  /**
   * One datagram to an AF_UNIX socket, whatever the length of the path ('@' before it: an abstract
   * one), and a descriptor with it (-1: none). `wait` false: EAGAIN where its queue is full.
   */
  sendDatagram(path: string, data: string | Uint8Array, fd?: number, wait?: boolean): void;
  /** An AF_UNIX datagram socket, mode 0777. */
  listenDatagrams(path: string): number;
  /** One recv(2) of at most `max` bytes; empty at the end; throws ETIMEDOUT. -1: no limit. */
  receiveBytes(socket: number, max: number, timeoutMs: number): Uint8Array;
  /** Connected sockets that keep the bounds of messages (SOCK_SEQPACKET); sendBytes sends one. */
  packetPair(): [number, number];
  /**
   * The next packet, and the descriptor that came with it or -1. No data: the end. Throws EMSGSIZE
   * where it is longer than `max`, ETIMEDOUT. -1: no limit.
   */
  receivePacket(socket: number, max: number, timeoutMs: number): { data: Uint8Array; fd: number };

  // Terminals --------------------------------------------------------------------------------------
  windowSize(fd: number): WindowSize;
  setWindowSize(fd: number, size: WindowSize): void;
  /**
   * Waits for a foreground container: reaps, forwards signals, relays the pty with the caller's
   * terminal in raw mode (restored at return). Returns pid's exit status.
   */
  superviseForeground(request: ForegroundRequest): ExitStatus;
  /** Blocks `signals` in this thread so that none is lost before superviseForeground. */
  blockSignals(signals: readonly number[]): void;
  /**
   * A descriptor, not to be closed, that is readable when a signal that blockSignals catches has
   * come: each is one byte of what read gives, its number.
   */
  signalDescriptor(): number;
  /**
   * Has a terminal give each key at once and not show it; keys that make signals still do. Returns
   * its settings as they were, for restoreTerminal. Throws ENOTTY.
   */
  terminalKeys(fd: number): Uint8Array;
  restoreTerminal(fd: number, settings: Uint8Array): void;

  // Kernel features ----------------------------------------------------------------------------
  /** Compiles a profile through libseccomp. Throws with the offending name in `path`. */
  buildSeccomp(request: SeccompRequest): SeccompBuild;
  /** "2.5.4". */
  seccompVersion(): string;
  /** seccomp(SECCOMP_GET_ACTION_AVAIL) and the flags the kernel takes, by name. */
  seccompSupport(): { actions: string[]; flags: string[] };
  /**
   * How system calls of newer kernels answer to a call that changes nothing: an errno's name, ''
   * where it worked. ENOSYS: there is none; EPERM: it is filtered, or not for this user; all else:
   * it is there.
   */
  systemCalls(): { name: string; code: string }[];
  /** Loads a BPF_PROG_TYPE_CGROUP_DEVICE program and attaches it (ALLOW_MULTI), replacing what this runtime attached before. */
  attachDeviceProgram(cgroupPath: string, program: Uint8Array): void;
  /** The step names the helper knows, for the test that holds both sides together. */
  stepNames(): string[];
}

/** Names of all operations, for the loader's check and the recording fake. */
export type OperationName = keyof Binding;
