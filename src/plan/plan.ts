/**
 * The plan: everything that will be done for one process of a container, as plain data.
 *
 * `compile` (pure) makes it; the host opens `resources`, spawns the helper and sends it `steps`;
 * the helper (native/init) runs them in order. One step is one or a few system calls, and has no
 * policy. Numbers named `flags` are the kernel's own (see src/native/constants.ts). The file is long
 * because it is one table.
 */

/**
 * A descriptor that the host opens before the helper starts. Steps name it by its index in
 * `Plan.resources`; the runtime replaces that index by the descriptor's number when it sends
 * the steps (fields called `resource`).
 */
export type Resource =
  /** A namespace to join, such as /proc/123/ns/net. */
  | { readonly kind: 'namespace'; readonly path: string; readonly at: string }
  /** A mount source copied in the host's mount namespace (open_tree), for user namespaces. */
  | {
      readonly kind: 'tree';
      readonly path: string;
      readonly recursive: boolean;
      readonly at: string;
    }
  /** A descriptor the runtime has already: the listening start socket, the console socket. */
  | { readonly kind: 'given'; readonly name: 'start' | 'console'; readonly at: string };

export interface SpawnPlan {
  /** CLONE_NEW* flags at clone. */
  readonly cloneFlags: number;
  /** Resource of the pid namespace to be born in. */
  readonly pidNamespace?: number;
  /**
   * Namespaces (network, ipc, uts, cgroup) that the calling thread is in while it clones: only
   * beside a new user namespace, whose process could not join what the host's one owns.
   */
  readonly joined?: readonly { readonly type: number; readonly resource: number }[];
  /** CPUs to be born on, before the cgroup has a say. */
  readonly affinity?: { readonly at: string; readonly cpus: readonly number[] };
  readonly mapping?: {
    readonly uidMap: string;
    readonly gidMap: string;
    /** Whom the helper becomes there, until the process is the user of the config. */
    readonly uid: number;
    readonly gid: number;
    readonly denySetgroups: boolean;
    /** The maps need newuidmap(1)/newgidmap(1): an unprivileged caller with several ranges. */
    readonly viaHelpers: boolean;
  };
}

/** What the host does to the process at `ready`, with the host's privileges. */
export interface CommitPlan {
  readonly rlimits: readonly {
    readonly resource: number;
    readonly soft: number | bigint;
    readonly hard: number | bigint;
    readonly at: string;
  }[];
  /** Moved to the container's network namespace at the `sync` of that name. */
  readonly netDevices?: readonly NetDevice[];
  /** For /proc/PID/oom_score_adj; written right after the spawn. */
  readonly oomScoreAdj?: number;
}

/** A network device of the host, and its name in the container (or a template, with %d). */
export interface NetDevice {
  readonly at: string;
  readonly name: string;
  readonly inside: string;
}

export interface Plan {
  readonly resources: readonly Resource[];
  readonly spawn: SpawnPlan;
  readonly commit: CommitPlan;
  readonly steps: readonly Step[];
  /** Not errors: things asked for that this host can't give, each with what is done instead. */
  readonly warnings: readonly PlanWarning[];
}

export interface PlanWarning {
  /** JSON pointer into config.json. */
  readonly at: string;
  readonly message: string;
}

interface Base<Op extends string> {
  readonly op: Op;
  /** JSON pointer of what in config.json asked for it; '' for what every container gets. */
  readonly at: string;
}

/** MOUNT_ATTR_* bits to set and clear with mount_setattr(2). */
export interface Attributes {
  readonly set: number;
  readonly clear: number;
  /**
   * Bits to clear as well where the kernel lets one: with EPERM (flags locked in a user namespace,
   * mount_namespaces(7)) the call is made again without them.
   */
  readonly tryClear?: number;
}

/** How the ids of a mount are mapped: by maps, or those of a user namespace (its path). */
export interface IdMapped {
  /** The whole tree: ridmap. */
  readonly recursive: boolean;
  readonly uidMap?: string;
  readonly gidMap?: string;
  readonly namespace?: string;
}

export type Step =
  // The process and its namespaces ------------------------------------------------------------
  /**
   * Opens the private procfs that later procfs writes go through (fsopen, else the host's).
   * mounts: mounts find their targets through it as well, since /proc will be a container's.
   */
  | (Base<'open_proc'> & { readonly mounts?: true })
  /** setsid(2). */
  | Base<'session'>
  /** A new session keyring of that name; label: the LSM label it is made with. */
  | (Base<'keyring'> & { readonly name: string })
  /**
   * setns(2) to each. Those that are refused (EPERM) are tried again after the user namespace
   * in the list has been joined.
   */
  | (Base<'join'> & {
      readonly namespaces: readonly { readonly type: number; readonly resource: number }[];
    })
  /** unshare(2). */
  | (Base<'unshare'> & { readonly flags: number })
  /** Goes on as a new process (CLONE_PARENT), the first in the pid namespace that was made or joined; tells the host its pid. */
  | Base<'fork'>
  /** setgroups([]) where allowed, setresgid, setresuid; keeps the capabilities. */
  | (Base<'identity'> & { readonly uid: number; readonly gid: number })
  /** A new time namespace with these lines in timens_offsets, entered. */
  | (Base<'time_namespace'> & { readonly offsets: string })
  /** Brings up `lo` of a new network namespace. */
  | Base<'loopback'>
  | (Base<'hostname'> & { readonly name: string })
  | (Base<'domainname'> & { readonly name: string })

  // The root file system; every `target` is resolved inside the root, missing parts are made -----
  /** mount(2) of propagation flags on a path of the host's tree, before the root is there. */
  | (Base<'propagation'> & { readonly path: string; readonly flags: number })
  /**
   * Lays an overlay on `path` (absolute, on the host), in the container's mount namespace alone. The
   * folders in `data` are found before that, so that `path` can be one of them.
   */
  | (Base<'overlay'> & { readonly path: string; readonly flags: number; readonly data: string })
  /**
   * Takes `path` (absolute, on the host) as the root: makes the mount it lies on private, binds
   * it (rbind) on itself, holds it by descriptor. `bind` false (no mount namespace): opens only.
   */
  | (Base<'root'> & {
      readonly path: string;
      readonly bind: boolean;
      /** MS_SLAVE in place of private for the mount that `path` lies on: rootfsPropagation slave. */
      readonly parentPropagation?: number;
    })
  /** A new file system on `target`. */
  | (Base<'mount'> & {
      readonly target: string;
      readonly fsType: string;
      readonly source: string;
      /** MS_* flags. */
      readonly flags: number;
      /** Comma-separated data; '' for none. */
      readonly data: string;
      /** Attributes for the whole tree (rro and the like). */
      readonly recursive?: Attributes;
      /** MS_SHARED and the like, in order, each with or without MS_REC. */
      readonly propagation: readonly number[];
      /** tmpfs: copy what the directory held (tmpcopyup). */
      readonly copyUp: boolean;
      /** tmpfs without a mode= option: take over the mode of the directory it covers, if it was there. */
      readonly keepMode: boolean;
      /** Make it read-only only when all mounts and devices are done (MS_RDONLY is not in flags). */
      readonly readonlyLate: boolean;
      /** Tolerated errnos: with them the step is a no-op with a warning. */
      readonly optional?: readonly number[];
      /** What is bound there instead where the mount fails with one of these errnos. */
      readonly otherwise?: {
        readonly errnos: readonly number[];
        /** Said when it comes to that. */
        readonly warning?: string;
        readonly bind: Omit<StepOf<'bind'>, 'op'>;
      };
    })
  /**
   * A bind mount. The source is a path on the host, or a tree that the host has opened. The
   * target is made as a file or a directory, as the source is.
   */
  | (Base<'bind'> & {
      readonly target: string;
      readonly source?: string;
      readonly resource?: number;
      /** The host copies and maps `source` (message `tree`), with its rights over the file system. */
      readonly idmap?: IdMapped;
      readonly recursive: boolean;
      /** Attributes of the top mount; absent: those of the source. */
      readonly attributes?: Attributes;
      readonly recursiveAttributes?: Attributes;
      readonly propagation: readonly number[];
      /** Skip silently where the source does not exist. */
      readonly optional: boolean;
    })
  /** Directory in the root, with parents. */
  | (Base<'directory'> & { readonly target: string; readonly mode: number })
  /** Symbolic link in the root; nothing happens where something is already there, unless `replace`: then it is removed first. */
  | (Base<'symlink'> & {
      readonly target: string;
      readonly content: string;
      readonly replace?: boolean;
    })
  /**
   * A device node: mknod(2), or (bind true: user namespaces) the host's node `source` bound over
   * an empty file. A node that exists and is the same device is kept, its mode and owner set; a
   * different one is an error.
   */
  | (Base<'device'> & {
      readonly target: string;
      readonly type: 'c' | 'b' | 'p';
      readonly major: number;
      readonly minor: number;
      /** Permission bits. */
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly bind: boolean;
    })
  /** A pty of the container's devpts: master sent to the console socket, slave as 0, 1, 2, controlling terminal, and /dev/console where `mount`. */
  | (Base<'console'> & {
      readonly resource: number;
      readonly rows: number;
      readonly columns: number;
      readonly mount: boolean;
      readonly uid: number;
    })
  /**
   * The helper tells the host, and waits for its answer. createRuntime: the host runs hooks.
   * network: the host moves `CommitPlan.netDevices` to the network namespace that we are in.
   * limits: the host sets `CommitPlan.rlimits` now, not at `ready`. prlimit(2) of a process with
   * other ids takes CAP_SYS_RESOURCE, so this comes before a `user` step that changes them.
   */
  | (Base<'sync'> & { readonly name: 'createRuntime' | 'limits' | 'network' })
  /** A hook in the container's namespaces. Its stdin is stdin[0], the pid, stdin[1]. */
  | (Base<'hook'> & {
      readonly name: 'createContainer' | 'startContainer';
      readonly index: number;
      readonly path: string;
      readonly args: readonly string[];
      /** The hook's whole environment; absent: the process's own. */
      readonly env?: readonly string[];
      /** Seconds; 0: no limit. */
      readonly timeout: number;
      readonly stdin: readonly [string, string];
    })
  /** Carries out what `readonlyLate` put off. */
  | Base<'readonly_late'>
  /** Each path that exists: bound on itself, read-only, recursively. */
  | (Base<'readonly_paths'> & { readonly paths: readonly string[] })
  /** Each path that exists: files covered by /dev/null, directories by one read-only tmpfs. */
  | (Base<'mask'> & { readonly paths: readonly string[]; readonly label: string })
  /** Remounts the root read-only. */
  | Base<'root_readonly'>
  /** pivot_root(2) into the root, the old one detached; the root's propagation then set. */
  | (Base<'pivot'> & { readonly propagation: number })
  /** Without pivot_root (initramfs): MS_MOVE and chroot(2), proc and sys of the host unmounted. */
  | (Base<'move_root'> & { readonly propagation: number })
  /** chroot(2) only (no mount namespace). */
  | Base<'chroot'>
  /** `key` with slashes, below /proc/sys. */
  | (Base<'sysctl'> & { readonly key: string; readonly value: string })

  // The process's last shape -------------------------------------------------------------------
  /** `uid` 4294967295 leaves it as it is. */
  | (Base<'scheduler'> & {
      readonly policy: number;
      readonly nice: number;
      readonly priority: number;
      readonly flags: number;
      readonly runtime: number | bigint;
      readonly deadline: number | bigint;
      readonly period: number | bigint;
      /** linux.resources.cpu.cpus is set: the kernel may refuse the policy for that (sched(7)). */
      readonly cpuset?: true;
    })
  /** ioprio_set(2): class and level as one number. */
  | (Base<'io_priority'> & { readonly value: number })
  /** sched_setaffinity(2): CPU numbers. */
  | (Base<'affinity'> & { readonly cpus: readonly number[] })
  /** set_mempolicy(2). */
  | (Base<'memory_policy'> & { readonly mode: number; readonly nodes: readonly number[] })
  | (Base<'personality'> & { readonly persona: number })
  /** Writes an LSM attribute of the process: "apparmor/exec", "exec", "keycreate" ... */
  | (Base<'lsm'> & { readonly attribute: string; readonly value: string })
  | (Base<'umask'> & { readonly mask: number })
  | Base<'no_new_privs'>
  /** PR_CAPBSET_DROP of every capability that is not in the mask. */
  | (Base<'bounding_caps'> & { readonly mask: number | bigint })
  /** setgroups, setresgid, setresuid with the capabilities kept (PR_SET_KEEPCAPS). `groups` absent: setgroups is not called. */
  | (Base<'user'> & {
      readonly uid: number;
      readonly gid: number;
      readonly groups?: readonly number[];
    })
  /** capset(2), then the ambient set. */
  | (Base<'caps'> & {
      readonly effective: number | bigint;
      readonly permitted: number | bigint;
      readonly inheritable: number | bigint;
      readonly ambient: number | bigint;
    })
  /**
   * mkdir -p (as what we are now, `create`) if missing, chdir(2), and a check that it lies in the
   * root. `tolerateDenied`: EACCES and EPERM are no error, as a second one after `user` tries
   * again. A second one whose first has succeeded only checks: root may be let in where the user
   * is not.
   */
  | (Base<'cwd'> & {
      readonly path: string;
      readonly create: boolean;
      readonly tolerateDenied: boolean;
    })
  /** The environment; HOME is added from /etc/passwd of the container for `homeOf` if unset or empty. */
  | (Base<'environment'> & { readonly env: readonly string[]; readonly homeOf: number })
  /** Looks up args[0] as execvp(3) would with the environment's PATH; the exec uses what was found. */
  | (Base<'find_executable'> & { readonly name: string })
  /** Tells the host that all is set up, and waits for its commit; the helper dies with the host before that. */
  | Base<'ready'>
  /** Waits for `start` on the listening socket. */
  | (Base<'wait_start'> & { readonly resource: number })
  /**
   * seccomp(SECCOMP_SET_MODE_FILTER). With NEW_LISTENER among the flags the listener's descriptor
   * is sent (message `seccomp`) before the helper makes another system call.
   */
  | (Base<'seccomp'> & { readonly program: Uint8Array; readonly flags: number })
  /** Closes every descriptor from 3 + preserveFds (close_range) but those of `keep`, and executes. */
  | (Base<'exec'> & {
      readonly args: readonly string[];
      readonly preserveFds: number;
      readonly keep?: readonly number[];
    })
  /**
   * Goes on as a child that waits for the end of another process and writes how it ended to
   * `exit.json` in `directory`; tells the host the child's pid. All but `pid` are descriptors; `oom`
   * is memory.events or memory.oom_control, -1 for none. (src/runtime/monitor.ts)
   */
  | (Base<'monitor'> & {
      readonly pidfd: number;
      readonly pid: number;
      readonly directory: number;
      readonly oom: number;
    })
  /**
   * Goes on as a child that nobody's end takes along, tells the host its pid, and waits for the end of
   * the process behind that descriptor; what follows in the plan is done then. (src/sandbox/keeper.ts)
   */
  | (Base<'watch'> & { readonly pidfd: number })
  /** Takes away what is mounted on `target` (umount2, MNT_DETACH), to which no link may lead. */
  | (Base<'unmount'> & { readonly target: string })
  /** The end of a plan that executes nothing; comes behind `ready`. */
  | Base<'end'>;

export type StepOp = Step['op'];

/** A step of a given kind. */
export type StepOf<Op extends StepOp> = Extract<Step, { readonly op: Op }>;

/**
 * Every step name, in the order of the type above: the one list that tests go around (the type
 * and the helper's table are held against it).
 */
export const STEP_OPS = [
  'open_proc',
  'session',
  'keyring',
  'join',
  'unshare',
  'fork',
  'identity',
  'time_namespace',
  'loopback',
  'hostname',
  'domainname',
  'propagation',
  'overlay',
  'root',
  'mount',
  'bind',
  'directory',
  'symlink',
  'device',
  'console',
  'sync',
  'hook',
  'readonly_late',
  'readonly_paths',
  'mask',
  'root_readonly',
  'pivot',
  'move_root',
  'chroot',
  'sysctl',
  'scheduler',
  'io_priority',
  'affinity',
  'memory_policy',
  'personality',
  'lsm',
  'umask',
  'no_new_privs',
  'bounding_caps',
  'user',
  'caps',
  'cwd',
  'environment',
  'find_executable',
  'ready',
  'wait_start',
  'seccomp',
  'exec',
  'monitor',
  'watch',
  'unmount',
  'end',
] as const satisfies readonly StepOp[];
