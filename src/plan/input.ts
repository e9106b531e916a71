/** What the plan compiler is given: the config, the facts of the host, and the caller's wishes. */
import type { CgroupFacts, CgroupPlan } from '../cgroup/types.js';
import type { Config, Process } from '../spec/config.gen.js';

export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly size: number;
}

export interface HostFacts {
  readonly euid: number;
  readonly egid: number;
  /** In the initial user namespace (its uid_map is the identity over all ids). */
  readonly initialUserNamespace: boolean;
  readonly effectiveCaps: bigint;
  readonly boundingCaps: bigint;
  /** Highest capability number of the kernel. */
  readonly lastCap: number;
  readonly cgroup: CgroupFacts;
  readonly apparmor: boolean;
  readonly selinux: boolean;
  /** open_tree(2) and mount_setattr(2) can be used by the host (privileged). */
  readonly privileged: boolean;
  /** Online CPUs, for the affinity reset. */
  readonly cpus: readonly number[];
  /** /proc/self/setgroups says "deny": no group can be set. Absent: it does not. */
  readonly setgroupsDenied?: boolean;
  /** /proc/kcore exists. Absent: it does. */
  readonly kcore?: boolean;
}

export interface CreateInput {
  readonly config: Config;
  readonly facts: HostFacts;
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
  /** Absolute and canonical. */
  readonly rootfs: string;
  readonly cgroup: CgroupPlan;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** Descriptors from 3 on that the process keeps. */
  readonly preserveFds: number;
  /** LISTEN_FDS of the caller's environment, passed on as runc does. */
  readonly listenFds: number;
  /** A console socket, or (foreground run) a socket pair, will be given. */
  readonly console: boolean;
  /** Terminal size of the caller, used where config has no consoleSize. */
  readonly windowSize?: { readonly rows: number; readonly columns: number };
  /** Contents of the `state` for hooks in the container, without its pid: JSON text up to the pid's place, and after it. By status. */
  readonly hookState: (status: 'creating' | 'created') => readonly [string, string];
  /** The compiled seccomp filter's bytes are put in later: compile leaves an empty program. */
}

export interface ExecInput {
  readonly config: Config;
  /** The process to run, complete: merged from config.process and the flags. */
  readonly process: Process;
  readonly facts: HostFacts;
  readonly id: string;
  /** The container's init, as the host sees it. */
  readonly pid: number;
  /** Namespace types that differ from the runtime's own: to be joined. */
  readonly namespaces: readonly string[];
  readonly preserveFds: number;
  readonly console: boolean;
  readonly noNewKeyring: boolean;
  readonly windowSize?: { readonly rows: number; readonly columns: number };
}
