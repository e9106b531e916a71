/**
 * What `features` claims, held against the results of the suite: each claim has tests that show it, by
 * their names, and they passed.
 */

import { OWN } from '../lib/runtime.js';
import type { Outcome } from './results.js';

interface Tested {
  /** As in Result. */
  readonly file: string;
  /** With or without the mark of what only ocirt has. */
  readonly name: string;
  readonly outcome: Outcome;
}

/** The claims of which there is no test, or one that failed; and what this place could not show. */
export interface Unshown {
  /** No test by the names that stand for it. */
  readonly untested: readonly string[];
  readonly failed: readonly string[];
  /** All of its tests were skipped. */
  readonly skipped: readonly string[];
}

/** A claim's path in the document, and the tests that show it; `$1` is what the pattern found. */
type Rule = readonly [claim: RegExp, ...tests: string[]];

/** The first that fits holds. */
const RULES: readonly Rule[] = [
  [
    /^hooks\.(prestart|createRuntime|createContainer)$/,
    'hooks: a $1 hook that fails fails the create, and nothing is left',
  ],
  [/^hooks\.startContainer$/, 'hooks: a startContainer hook that fails fails the start'],
  [
    /^hooks\.(poststart|poststop)$/,
    'hooks: poststart and poststop run in the namespaces of the runtime',
  ],

  [/^mountOptions\.(bind|rbind)$/, 'binds: bind is not recursive, rbind is'],
  [/^mountOptions\.(idmap|ridmap)$/, 'idmap: idmap is for the one mount, ridmap for all below it'],
  [/^mountOptions\.remount$/, 'attributes: remount changes a mount, and adds none'],
  [/^mountOptions\.tmpcopyup$/, 'mounts: a tmpfs with tmpcopyup has what the directory held'],
  [/^mountOptions\.(r?(?:private|shared|slave|unbindable))$/, 'root: mount propagation $1'],
  [
    /^mountOptions\.(\w+)$/,
    ...['mounts: mount option $1', 'mounts: mount option $1 is taken and sets nothing'],
    ...['mounts: recursive attribute $1', 'attributes: mount option $1'],
  ],

  [
    /^linux\.namespaces\.(pid|network|ipc|uts|mount)$/,
    'namespaces: a $1 namespace without a path is a new one',
  ],
  [/^linux\.namespaces\.cgroup$/, 'namespaces: a cgroup namespace makes the own cgroup the root'],
  [
    /^linux\.namespaces\.user$/,
    'namespaces: a user namespace with mappings: root inside is another outside',
  ],
  [/^linux\.namespaces\.time$/, 'namespaces: a time namespace with offsets'],

  [/^linux\.capabilities\./, 'privileges: every capability by itself'],

  [/^linux\.cgroup\.v1$/, 'cgroups: pids.limit is in pids.max'],
  [/^linux\.cgroup\.v2$/, 'cgroups-v2: limits are in the files of cgroup v2'],
  [
    /^linux\.cgroup\.rdma$/,
    'attributes: rdma where the host has no such controller is refused by name',
  ],
  [/^linux\.cgroup\.systemd(User)?$/, 'systemd: a scope'],

  [/^linux\.seccomp\.enabled$/, 'seccomp: a filter is there, and only one'],
  [
    /^linux\.seccomp\.actions\.(SCMP_ACT_(?:KILL\w*|TRAP))$/,
    'seccomp: $1 ends the process with SIGSYS',
  ],
];
