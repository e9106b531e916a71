/** Which users of the host those of a container are. user_namespaces(7), subuid(5). */
import type { IdMapping } from '../spec/config.gen.js';

export interface IdMaps {
  readonly uid: readonly IdMapping[];
  readonly gid: readonly IdMapping[];
}

export interface IdFacts {
  readonly euid: number;
  readonly egid: number;
  /** Of /etc/passwd; '' where it is not known. */
  readonly name: string;
  /** Texts of the files; '' where they are missing. */
  readonly subuid: string;
  readonly subgid: string;
  /** newuidmap(1) and newgidmap(1) are installed. */
  readonly helpers: boolean;
  /** /proc/self/uid_map */
  readonly uidMap: string;
  readonly initialUserNamespace: boolean;
}

/**
 * Where the users of a container are that root makes with a user namespace: in the range that
 * systemd keeps for containers (its UIDS-GIDS.md), so that nobody else is there.
 */
export const ROOTS_RANGE = 0x6000_0000;
const RANGE = 65_536;

/** The first range of subuid(5) for a user. */
export function subordinate(
  text: string,
  name: string,
  id: number,
): { start: number; count: number } | undefined {
  for (const line of text.split('\n')) {
    const [owner, start, count] = line.trim().split(':');
    if (owner !== name && owner !== String(id)) continue;
    if (/^\d{1,10}$/.test(start ?? '') && /^[1-9]\d{0,9}$/.test(count ?? '')) {
      return { start: Number(start), count: Number(count) };
    }
  }
  return undefined;
}

/**
 * Root of the container is who asks, and its other users are the subordinate ones, where there are
 * any: else it has only the one. Where root asks, none of them is anybody.
 */
export function idMaps(facts: IdFacts): IdMaps {
  const one = (id: number): IdMapping => ({ containerID: 0, hostID: id, size: 1 });
  if (facts.euid === 0 && facts.initialUserNamespace) {
    const all = [{ containerID: 0, hostID: ROOTS_RANGE, size: RANGE }];
    return { uid: all, gid: all };
  }
  if (facts.euid === 0) {
    // Root of a user namespace has what that has, and can give no more.
    const [, , size = '1'] = /^\s*0\s+(\d+)\s+(\d+)/m.exec(facts.uidMap) ?? [];
    const all = [{ containerID: 0, hostID: 0, size: Number(size) }];
    return { uid: all, gid: all };
  }
  const uids = subordinate(facts.subuid, facts.name, facts.euid);
  const gids = subordinate(facts.subgid, facts.name, facts.euid);
  if (!facts.helpers || uids === undefined || gids === undefined) {
    return { uid: [one(facts.euid)], gid: [one(facts.egid)] };
  }
  const more = ({ start, count }: { start: number; count: number }): IdMapping => ({
    containerID: 1,
    hostID: start,
    size: Math.min(count, RANGE),
  });
  return { uid: [one(facts.euid), more(uids)], gid: [one(facts.egid), more(gids)] };
}

/** Whether an id of the container is one of the host's. */
export function isMapped(maps: readonly IdMapping[], id: number): boolean {
  return maps.some(({ containerID, size }) => id >= containerID && id < containerID + size);
}
