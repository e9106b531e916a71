/**
 * The private record of a container, `<root>/<id>/state.json`, and the names of what lies beside
 * it. The record is written before anything is made, and again whenever something is, so that
 * `delete --force` finds all of it after a create was killed at any point.
 */

/** File names in a container's state directory. */
export const FILES = {
  record: 'state.json',
  /** The configuration as it was at create: later edits of the bundle have no effect (runtime.md, lifecycle, step 2). */
  config: 'config.json',
  lock: 'lock',
  /** The steps that the helper runs at `start`, so that a failing one can be named then. */
  tail: 'steps.json',
  /** The helper listens here until the container is started. */
  start: 'start.sock',
  /** A folder with the socket that the container says that it is ready to (notify.ts). */
  notify: 'notify',
  /** How the first process ended, which the monitor writes (native/init/steps_monitor.cc). */
  end: 'exit.json',
  /** What `start.sock` is renamed to while `start` talks to the helper. */
  starting: 'starting.sock',
} as const;

/** The format of the record; a record of another format is refused. */
export const RECORD_FORMAT = 1;

/** A process, told apart from a later one with the same pid by its start time. */
export interface ProcessMark {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, clock ticks since boot, as text: it may pass 2^53. */
  readonly startTime: string;
}

/** Groups of the resctrl file system, absolute. */
export interface RdtRecord {
  /** Those that the container's processes are in: of control, and of monitoring. */
  readonly groups: readonly string[];
  /** Those that `delete` removes, in this order. */
  readonly remove: readonly string[];
  /** A class by its closID that is new: it stays, unless the create comes to nothing. */
  readonly made?: string;
}

export interface ContainerRecord {
  readonly format: typeof RECORD_FORMAT;
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly created: string;
  /** Effective uid of the creator. */
  readonly owner: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** `creating` until the create is committed. */
  readonly phase: 'creating' | 'created';
  /** The container's first process; absent until it is spawned. */
  readonly init?: ProcessMark;
  /** Its processes keep the session keyring of who starts them. */
  readonly noNewKeyring?: true;
  /** It has a socket for sd_notify(3). */
  readonly notify?: true;
  /** The process that waits for the end of `init`; absent where none was asked for. */
  readonly monitor?: ProcessMark;
  /** Which cgroup, as CgroupPlan says it. */
  readonly cgroup: {
    readonly mode: 'none' | 'v1' | 'hybrid' | 'v2';
    readonly paths: Readonly<Record<string, string>>;
    /** The unit of systemd that it is. */
    readonly systemd?: { readonly unit: string; readonly user: boolean };
  };
  /** Absent without linux.intelRdt. */
  readonly intelRdt?: RdtRecord;
  /** Namespace types that were made or joined. */
  readonly namespaces: readonly string[];
  /** False where the processes of the container outlive its first one. */
  readonly ownPidNamespace: boolean;
  readonly rootless: boolean;
}

/** Whether two records are of the same container, and not of one after another of the same ID. */
export function isSameContainer(
  one: ContainerRecord | undefined,
  other: ContainerRecord | undefined,
): boolean {
  return one?.id === other?.id && one?.created === other?.created;
}

/** JSON text of a record. */
export function serializeRecord(record: ContainerRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Reads a record; undefined where the text is not one of this format. */
export function parseRecord(text: string): ContainerRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Not so where memory is out: what cannot be read now is a record all the same.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Partial<ContainerRecord>;
  if (record.format !== RECORD_FORMAT || typeof record.id !== 'string') return undefined;
  if (typeof record.bundle !== 'string' || record.cgroup === undefined) return undefined;
  return value as ContainerRecord;
}
