/** Id-mapped mounts: config.md, mounts[].uidMappings and gidMappings, the options idmap and ridmap. */
import type { Linux, Mount } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import type { MountOptions } from './mount-options.js';
import { mappingText, type NamespaceSet } from './namespaces.js';
import type { IdMapped } from './plan.js';

/** The mapping of the container's user namespace: its maps, or the path of one that is joined. */
export type UserMapping = Omit<IdMapped, 'recursive'>;

/** undefined without a user namespace. */
export function userMapping(
  namespaces: NamespaceSet,
  linux: Linux | undefined,
): UserMapping | undefined {
  const entry = namespaces.get('user');
  if (entry === undefined) return undefined;
  if (entry.path !== undefined) return { namespace: entry.path };
  return {
    uidMap: mappingText(linux?.uidMappings ?? []),
    gidMap: mappingText(linux?.gidMappings ?? []),
  };
}

/** Whether a mount is to be mapped. */
function asked(mount: Mount, options: MountOptions): boolean {
  return (
    options.idmap !== undefined ||
    mount.uidMappings !== undefined ||
    mount.gidMappings !== undefined
  );
}

/**
 * How a bind mount is mapped; undefined where it is not. Mappings of its own come first, then those
 * of the container's user namespace. Without an option only the one mount is mapped, as runc does.
 */
export function idMapping(
  mount: Mount,
  options: MountOptions,
  at: string,
  container: UserMapping | undefined,
): IdMapped | undefined {
  if (!asked(mount, options)) return undefined;
  const recursive = options.idmap?.recursive === true;
  const { uidMappings, gidMappings } = mount;
  if (uidMappings === undefined && gidMappings === undefined) {
    if (container !== undefined) return { recursive, ...container };
    throw invalid(
      `${at}/options`,
      'an id-mapped mount without mappings takes those of the user namespace, and there is none',
    );
  }
  if (!uidMappings?.length || !gidMappings?.length) {
    throw invalid(
      `${at}/${uidMappings?.length ? 'gidMappings' : 'uidMappings'}`,
      'id-mapped mounts must have both uid and gid mappings specified',
    );
  }
  return { recursive, uidMap: mappingText(uidMappings), gidMap: mappingText(gidMappings) };
}

/** Refuses mappings on what is no bind mount: a new file system has the ids that it has. */
export function refuseIdMapping(mount: Mount, options: MountOptions, at: string): void {
  if (!asked(mount, options)) return;
  throw invalid(at, 'id-mapped mounts are only supported for bind-mounts');
}
