/** What containers have used, for people: `stats` and `top`. */
import { type Usage, usageFiles, usageOf } from '../cgroup/usage.js';
import { OcirtError } from '../errors.js';
import type { ContainerRecord } from '../state/record.js';
import type { Status } from '../state/status.js';
import { leading } from './cgroup-processes.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { messageOf } from './errors.js';
import { readTexts } from './statistics.js';

export interface ContainerUsage {
  readonly id: string;
  readonly status: Status;
  /** RFC 3339, UTC. */
  readonly created: string;
  /** null: it has no cgroup, or none any more. */
  readonly usage: Usage | null;
}

/**
 * What the container of a record has used so far. One that has stopped is told of as long as its
 * cgroup is there, which is until `delete`; systemd takes it away with the last process.
 */
export function usageOfRecord(runtime: Runtime, record: ContainerRecord): ContainerUsage {
  const { native } = runtime;
  const { id, created, cgroup } = record;
  const status = statusOf(runtime, record);
  const directory = leading(cgroup.paths);
  const there = directory !== undefined && native.status(directory, true) !== null;
  return {
    id,
    status,
    created,
    usage: there
      ? usageOf(cgroup, native.system().clockTicks, readTexts(native, usageFiles(cgroup)))
      : null,
  };
}

/** The same by ID. @throws OcirtError `container-not-found` */
export function usage(runtime: Runtime, id: string): ContainerUsage {
  return usageOfRecord(runtime, runtime.store.read(id));
}

/**
 * All containers of the root, by ID. What can't be read is warned of once, by `complain`, and left
 * out; one that is deleted meanwhile is no news.
 *
 * @param rootGiven a root that was asked for must exist; the default one need not
 * @throws OcirtError `root-not-found`
 */
export function usageOfAll(
  runtime: Runtime,
  rootGiven: boolean,
  complain: (message: string) => void,
): ContainerUsage[] {
  const { store } = runtime;
  const ids = store.ids();
  if (ids === null && rootGiven) {
    throw new OcirtError('root-not-found', `open ${store.root}: no such file or directory`, {
      path: store.root,
    });
  }
  return (ids ?? []).flatMap((id) => {
    try {
      return usage(runtime, id);
    } catch (error) {
      if (store.exists(id)) complain(`load container ${id}: ${messageOf(error)}`);
      return [];
    }
  });
}
