/** Which kernel parameters a container may set: those of namespaces that it has (namespaces(7)). */
import { escapePointer } from '../json.js';
import { type Context, lacks, type Rule } from './context.js';

/** ipc_namespaces(7). */
const IPC = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/**
 * The parameter with dots between its parts. Both separators are allowed; whichever comes first
 * in the key is one, and the other then stands for a dot inside a part (sysctl.d(5)).
 */
export function dottedSysctl(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  if (first !== '/') return key;
  return key.replace(/[./]/g, (char) => (char === '.' ? '/' : '.'));
}

/** The parameter's path below /proc/sys. */
export function sysctlPath(key: string): string {
  return dottedSysctl(key).replace(/[./]/g, (char) => (char === '.' ? '/' : '.'));
}

export const sysctls: Rule = (context) => {
  for (const key of Object.keys(context.config.linux?.sysctl ?? {})) {
    const problem = problemOf(context, key);
    if (problem === null) continue;
    const at = `/linux/sysctl/${escapePointer(key)}`;
    context.findings.fault(at, problem, undefined, "parameters of the container's own namespaces");
  }
};

function problemOf(context: Context, key: string): string | null {
  const name = dottedSysctl(key);
  if (
    sysctlPath(key)
      .split('/')
      .some((part) => part === '' || part === '.' || part === '..')
  ) {
    return `sysctl ${JSON.stringify(key)} is not the name of a parameter`;
  }
  if (IPC.has(name) || name.startsWith('fs.mqueue.')) {
    return lacks(context, 'ipc')
      ? `sysctl "${name}" is not allowed in the hosts ipc namespace`
      : null;
  }
  if (name.startsWith('net.')) {
    // A joined network namespace may still be the host's: that is for the runtime to see.
    return lacks(context, 'network')
      ? `sysctl "${name}" not allowed in host network namespace`
      : null;
  }
  if (name === 'kernel.domainname' && !lacks(context, 'uts')) return null;
  if (name === 'kernel.hostname' && !lacks(context, 'uts')) {
    return `sysctl "${name}" is not allowed as it conflicts with the OCI "hostname" field`;
  }
  if (name.startsWith('user.')) {
    // Without a user namespace this would raise the limits of the whole host.
    return lacks(context, 'user')
      ? `setting ucounts without a user namespace not allowed: ${name}`
      : null;
  }
  return `sysctl "${name}" is not in a separate kernel namespace`;
}
