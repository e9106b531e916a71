/** Keeps kernel parameters of the host's own namespaces from a container that joins them by path. */
import { OcirtError } from '../errors.js';
import { pointer } from '../plan/builder.js';
import { NAMESPACES } from '../plan/namespaces.js';
import { sysctlNamespace } from '../plan/sysctl.js';
import type { Config } from '../spec/config.gen.js';
import type { Runtime } from './context.js';

/** Whether a path leads to the namespace of that type that we are in. */
function isOwn(runtime: Runtime, type: string, path: string): boolean {
  const theirs = runtime.native.status(path, true);
  const ours = runtime.native.status(`/proc/self/ns/${NAMESPACES[type]?.file}`, true);
  return theirs !== null && theirs.ino === ours?.ino && theirs.dev === ours.dev;
}

/** @throws OcirtError where a sysctl would be one of the host. */
export function checkJoinedSysctls(runtime: Runtime, config: Config): void {
  for (const name of Object.keys(config.linux?.sysctl ?? {})) {
    const type = sysctlNamespace(name);
    const path = config.linux?.namespaces?.find((entry) => entry.type === type)?.path ?? '';
    if (type === undefined || path === '' || !isOwn(runtime, type, path)) continue;
    throw new OcirtError(
      'invalid-config',
      type === 'network'
        ? `sysctl "${name}" not allowed in host network namespace`
        : `sysctl "${name}" is not allowed in the hosts ${type} namespace`,
      { pointer: pointer('linux', 'sysctl', name) },
    );
  }
}
