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

function inInitialUserNamespace(native: Binding): boolean {
  const [uidMap] = native.readFiles(['/proc/self/uid_map']);
  return uidMap === null || uidMap === undefined || isIdentityMap(uidMap);
}

/**
 * The facts. What only some configurations need is read when it is first asked for: `exec` seldom
 * asks for more than the first few.
 *
 * @param container a process of the user namespace that the new process will be in, if it is not
 *   the runtime's own
 */
export function gatherFacts(native: Binding, container: number | 'self' = 'self'): HostFacts {
  const [online, setgroups] = native.readFiles([
    '/sys/devices/system/cpu/online',
    `/proc/${container}/setgroups`,
  ]);
  const identity = native.identity();
  const effectiveCaps = BigInt(identity.effectiveCaps);
  let cgroup: CgroupFacts | undefined;
  let initial: boolean | undefined;
  return {
    euid: identity.euid,
    egid: identity.egid,
    effectiveCaps,
    boundingCaps: BigInt(identity.boundingCaps),
    lastCap: identity.lastCap,
    privileged: (effectiveCaps & CAP_SYS_ADMIN) !== 0n,
    cpus: parseNumberList((online ?? '').trim()) ?? [],
    setgroupsDenied: (setgroups ?? '').startsWith('deny'),
    get initialUserNamespace() {
      initial ??= inInitialUserNamespace(native);
      return initial;
    },
    get cgroup() {
      cgroup ??= cgroupFacts(native);
      return cgroup;
    },
    get apparmor() {
      const [enabled] = native.readFiles(['/sys/module/apparmor/parameters/enabled']);
      return (enabled ?? '').startsWith('Y');
    },
    get selinux() {
      return native.status('/sys/fs/selinux/enforce', true) !== null;
    },
    get kcore() {
      return native.status('/proc/kcore', false) !== null;
    },
  };
}
