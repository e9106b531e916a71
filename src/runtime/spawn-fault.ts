/** Why the helper could not be started: mostly what an ordinary user may not do. */
import type { Binding, NativeError } from '../native/binding.js';
import type { FaultAdvice } from './program-fault.js';

/** CLONE_NEWUSER of <linux/sched.h>. */
const NEW_USER = 0x10000000;

/** The sysctls that keep user namespaces from a user, with the value that does, and how to mend it. */
export const USER_NAMESPACE_SYSCTLS: readonly {
  readonly path: string;
  readonly refuses: RegExp;
  readonly mend: string;
}[] = [
  {
    path: '/proc/sys/user/max_user_namespaces',
    refuses: /^0\s*$/,
    mend: 'sysctl -w user.max_user_namespaces=15000',
  },
  {
    path: '/proc/sys/kernel/unprivileged_userns_clone',
    refuses: /^0\s*$/,
    mend: 'sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    refuses: /^1\s*$/,
    mend: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
];

/** @param error of `spawn`; @param cloneFlags what it was asked for */
export function spawnFault(
  native: Binding,
  error: NativeError,
  cloneFlags: number,
): FaultAdvice | undefined {
  if (error.syscall === 'newuidmap' || error.syscall === 'newgidmap') {
    return {
      code: 'subuid-missing',
      hint: 'root has to give the user ids of his own in /etc/subuid and /etc/subgid, at least as many as the mappings ask for: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER',
    };
  }
  const denied = error.code === 'EPERM' || error.code === 'EACCES';
  if (/[ug]id_map$/.test(error.path) && denied) {
    return {
      code: 'id-map-denied',
      hint: 'the caller may map only ids that it has itself: one of its own, or those that CAP_SETUID and CAP_SETGID give it',
    };
  }
  if (!['clone', 'clone3'].includes(error.syscall) || !(denied || error.code === 'ENOSPC')) {
    return undefined;
  }
  if ((cloneFlags & NEW_USER) === 0) {
    return {
      code: 'rootless-denied',
      hint: 'who is not root needs a user namespace in linux.namespaces: "ocirt spec --rootless" writes such a config.json',
    };
  }
  const texts = native.readFiles(USER_NAMESPACE_SYSCTLS.map(({ path }) => path));
  const found = USER_NAMESPACE_SYSCTLS.find(({ refuses }, at) => refuses.test(texts[at] ?? ''));
  return {
    code: 'user-namespaces-denied',
    hint:
      found === undefined
        ? 'the kernel or a security module lets this user make no user namespace: "ocirt doctor" looks for why'
        : `${found.path} forbids it; root can allow it: ${found.mend}`,
  };
}
