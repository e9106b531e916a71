/** Who a container's cgroup is given to. config-linux.md, "Cgroup ownership". Pure. */
import type { Config } from '../spec/config.gen.js';

/** The options of a mount as the last word on whether it may be written to. */
function isWritable(options: readonly string[] | undefined): boolean {
  return (options ?? []).findLast((option) => ['ro', 'rw'].includes(option)) !== 'ro';
}

/**
 * The user, as the host knows him, who is to own the cgroup: the one that the process runs as, where
 * it has a cgroup namespace and a user namespace of its own, and sees its cgroup writable.
 *
 * @returns undefined: the cgroup stays the runtime's
 */
export function cgroupOwner(
  config: Pick<Config, 'linux' | 'mounts' | 'process'>,
): number | undefined {
  const namespaces = config.linux?.namespaces ?? [];
  const isNew = (type: string): boolean =>
    namespaces.some((entry) => entry.type === type && entry.path === undefined);
  if (!isNew('user') || !isNew('cgroup')) return undefined;
  const mount = (config.mounts ?? []).find(({ type }) => type === 'cgroup' || type === 'cgroup2');
  if (mount === undefined || !isWritable(mount.options)) return undefined;
  const uid = Number(config.process?.user?.uid ?? 0);
  for (const { containerID, hostID, size } of config.linux?.uidMappings ?? []) {
    const offset = uid - Number(containerID);
    if (offset >= 0 && offset < Number(size)) return Number(hostID) + offset;
  }
  return undefined;
}
