/** config.linux.sysctl: only what belongs to a namespace of the container. */
import type { Linux } from '../spec/config.gen.js';
import { invalid, pointer } from './builder.js';
import type { NamespaceSet } from './namespaces.js';
import type { Step } from './plan.js';

/** ipc_namespaces(7). */
const IPC_KEYS: readonly string[] = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
];

/**
 * The key with dots between its parts. As sysctl(8): the first separator decides which of `.`
 * and `/` separates, the other is then an ordinary character.
 */
function dotted(key: string): string {
  const first = /[./]/.exec(key);
  if (first === null || first[0] === '.') return key;
  return key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
}

function refusal(key: string, namespaces: NamespaceSet): string | undefined {
  if (IPC_KEYS.includes(key) || key.startsWith('fs.mqueue.')) {
    return namespaces.has('ipc')
      ? undefined
      : `sysctl "${key}" is not allowed in the hosts ipc namespace`;
  }
  if (key.startsWith('net.')) {
    return namespaces.has('network')
      ? undefined
      : `sysctl "${key}" not allowed in host network namespace`;
  }
  if (namespaces.has('uts')) {
    if (key === 'kernel.domainname') return undefined;
    if (key === 'kernel.hostname') {
      return `sysctl "${key}" is not allowed as it conflicts with the OCI "hostname" field`;
    }
  }
  if (key.startsWith('user.')) {
    return namespaces.has('user')
      ? undefined
      : `setting ucounts without a user namespace not allowed: ${key}`;
  }
  return `sysctl "${key}" is not in a separate kernel namespace`;
}

/**
 * The type of the namespace that a parameter belongs to, for a look at those that are joined: they
 * may be the host's own. undefined: it belongs to none.
 */
export function sysctlNamespace(name: string): 'ipc' | 'network' | 'uts' | 'user' | undefined {
  const key = dotted(name);
  if (IPC_KEYS.includes(key) || key.startsWith('fs.mqueue.')) return 'ipc';
  if (key.startsWith('net.')) return 'network';
  if (key === 'kernel.domainname') return 'uts';
  return key.startsWith('user.') ? 'user' : undefined;
}

/** @throws OcirtError where a key would change the host. */
export function sysctlSteps(linux: Linux | undefined, namespaces: NamespaceSet): Step[] {
  return Object.entries(linux?.sysctl ?? {}).map(([name, value]) => {
    const at = pointer('linux', 'sysctl', name);
    const key = dotted(name);
    const reason = refusal(key, namespaces);
    if (reason !== undefined) throw invalid(at, reason);
    // Back to a path below /proc/sys: dots become slashes, escaped slashes dots.
    const path = key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw invalid(at, `sysctl "${name}" is no name of a kernel parameter`);
    }
    return { op: 'sysctl', at, key: path, value };
  });
}
