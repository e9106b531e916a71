/** What the compilers need to know of the host: a handful of files. */
import { parseCgroupFacts } from '../cgroup/facts.js';
import type { CgroupFacts } from '../cgroup/types.js';
import type { Binding } from '../native/binding.js';
import type { HostFacts } from '../plan/input.js';
import { parseNumberList } from '../plan/lists.js';

/** Bit of CAP_SYS_ADMIN in a capability mask, <linux/capability.h>. */
const CAP_SYS_ADMIN = 1n << 21n;

/** Whether a uid_map maps every id to itself: user_namespaces(7), the initial one. */
export function isIdentityMap(text: string): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(text);
}

function cgroupFacts(native: Binding): CgroupFacts {
  const [mountinfo, cgroup, v2Root, v2Hybrid] = native.readFiles([
    '/proc/self/mountinfo',
    '/proc/self/cgroup',
    '/sys/fs/cgroup/cgroup.controllers',
    '/sys/fs/cgroup/unified/cgroup.controllers',
  ]);
  return parseCgroupFacts(mountinfo ?? '', cgroup ?? '', v2Root ?? v2Hybrid ?? '');
}

/**
 * Reads the facts; those of cgroups when they are first asked for, which `exec` seldom does.
 *
 * @param container a process of the user namespace that the new process will be in, if it is not
 *   the runtime's own
 */
export function gatherFacts(native: Binding, container: number | 'self' = 'self'): HostFacts {
  const [uidMap, apparmor, online, setgroups] = native.readFiles([
    '/proc/self/uid_map',
    '/sys/module/apparmor/parameters/enabled',
    '/sys/devices/system/cpu/online',
    `/proc/${container}/setgroups`,
  ]);
  let cgroup: CgroupFacts | undefined;
  const identity = native.identity();
  return {
    euid: identity.euid,
    egid: identity.egid,
    initialUserNamespace: uidMap === null || uidMap === undefined || isIdentityMap(uidMap),
    effectiveCaps: BigInt(identity.effectiveCaps),
    boundingCaps: BigInt(identity.boundingCaps),
    lastCap: identity.lastCap,
    get cgroup() {
      cgroup ??= cgroupFacts(native);
      return cgroup;
    },
    apparmor: (apparmor ?? '').startsWith('Y'),
    selinux: native.status('/sys/fs/selinux/enforce', true) !== null,
    machine: native.system().machine,
    privileged: (BigInt(identity.effectiveCaps) & CAP_SYS_ADMIN) !== 0n,
    cpus: parseNumberList((online ?? '').trim()) ?? [],
    setgroupsDenied: (setgroups ?? '').startsWith('deny'),
    kcore: native.status('/proc/kcore', false) !== null,
  };
}
