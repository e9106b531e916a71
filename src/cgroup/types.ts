/** What the cgroup code knows of the host and decides for a container. Plain data. */

import type { SystemdPlan } from './systemd/types.js';

/** One cgroup hierarchy mounted on the host. */
export interface Hierarchy {
  /** v1: controllers (or `name=systemd`) of it; v2: []. */
  readonly controllers: readonly string[];
  readonly mountpoint: string;
  /** The cgroup that is the mount's root (mountinfo field 4); '/' outside containers. */
  readonly root: string;
  /** The runtime's own cgroup in it, from /proc/self/cgroup. */
  readonly ownPath: string;
}

export interface CgroupFacts {
  /** v1: only v1 hierarchies; hybrid: v1 controllers and a v2 mount; v2: /sys/fs/cgroup is cgroup2. */
  readonly mode: 'none' | 'v1' | 'hybrid' | 'v2';
  readonly v1: readonly Hierarchy[];
  /** The v2 hierarchy, with the controllers of its root's cgroup.controllers. */
  readonly v2: (Hierarchy & { readonly available: readonly string[] }) | null;
}

/** A write to a cgroup file. */
export interface CgroupWrite {
  readonly path: string;
  readonly data: string;
  /** JSON pointer of what asked for it. */
  readonly at: string;
  /** Errnos with which it is passed over with a warning. */
  readonly tolerate?: readonly string[];
  /** Tried in its place where `path` does not exist (ENOENT): another kernel's name for it. */
  readonly otherwise?: { readonly path: string; readonly data: string };
}

/** How a process comes to be in a set of cgroups. */
export interface Membership {
  /** v2: directory for CLONE_INTO_CGROUP. */
  readonly bornIn: string | null;
  /** v1: `tasks` files to which the new process moves itself. */
  readonly tasks: readonly string[];
  /** All of them by cgroup.procs, where one of the others is refused: the pid is written there. */
  readonly attach: readonly string[];
}

/** Everything about the cgroup of one container; executed by src/runtime/cgroup.ts. */
export interface CgroupPlan extends Membership {
  readonly mode: CgroupFacts['mode'];
  /**
   * Absolute directory of each hierarchy, by controller name, as state.json keeps it and as
   * runc's `state` file has it (v2 and the v2 part of hybrid: key '').
   */
  readonly paths: Readonly<Record<string, string>>;
  /** Distinct directories to make, parents first. */
  readonly directories: readonly string[];
  /** v1 cpuset: files that must be inherited from the parent when empty, top down. */
  readonly inheritCpuset: readonly string[];
  /** v2: "+cpu +memory" writes to cgroup.subtree_control of each ancestor, top down. */
  readonly enableControllers: readonly CgroupWrite[];
  /** Limits, before the process is in it. */
  readonly limits: readonly CgroupWrite[];
  /** v2: the eBPF device program, and the cgroup it is attached to. */
  readonly deviceProgram: { readonly path: string; readonly program: Uint8Array } | null;
  /** v2: the user that the cgroup is given to, so that the container makes cgroups of its own. */
  readonly owner: number | null;
  /** systemd makes the directory, with the process in it, before the limits are written. */
  readonly systemd: SystemdPlan | null;
  readonly warnings: readonly { readonly at: string; readonly message: string }[];
  /** Rootless without cgroup access: a failure to make the directories is a warning. */
  readonly bestEffort: boolean;
}
