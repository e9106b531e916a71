/** What is said about a container: `state` and `list`. */
import { OcirtError } from '../errors.js';
import type { ContainerRecord } from '../state/record.js';
import type { Status } from '../state/status.js';
import { statusOf } from './container.js';
import type { Runtime } from './context.js';
import { messageOf } from './errors.js';
import { type ContainerEnd, keptEnd } from './wait.js';

/** The state document; its keys are in the order that they are printed. */
export interface StateDocument {
  readonly ociVersion: string;
  readonly id: string;
  /** 0 if stopped. */
  readonly pid: number;
  readonly status: Status;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** How its first process ended, where a monitor has kept it. */
  readonly exit?: ContainerEnd;
  /** A user's name, or "#uid"; '' from `state`. */
  readonly owner: string;
}

/** The document for a record and a status. */
export function stateDocument(
  record: ContainerRecord,
  status: Status,
  owner: string,
  exit?: ContainerEnd,
): StateDocument {
  const annotated = Object.keys(record.annotations).length > 0;
  return {
    ociVersion: record.ociVersion,
    id: record.id,
    pid: status === 'stopped' ? 0 : (record.init?.pid ?? 0),
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    ...(annotated ? { annotations: record.annotations } : {}),
    ...(exit === undefined ? {} : { exit }),
    owner,
  };
}

function documentOf(runtime: Runtime, record: ContainerRecord, owner: string): StateDocument {
  const status = statusOf(runtime, record);
  return stateDocument(
    record,
    status,
    owner,
    status === 'stopped' ? keptEnd(runtime, record) : undefined,
  );
}

/** The state of one container. */
export function state(runtime: Runtime, id: string): StateDocument {
  const record = runtime.store.read(id);
  return documentOf(runtime, record, '');
}

/** Names of users by uid, from the text of passwd(5). */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name === undefined || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

/** What the removal of a state directory may take. */
const DELETION_MS = 50;

/**
 * All containers of the root, by ID. What can't be read is warned of and left out.
 * @param rootGiven a root that was asked for must exist; the default one need not.
 */
export function list(runtime: Runtime, rootGiven: boolean): StateDocument[] {
  const { native, store } = runtime;
  const ids = store.ids();
  if (ids === null) {
    if (!rootGiven) return [];
    throw new OcirtError('root-not-found', `open ${store.root}: no such file or directory`, {
      path: store.root,
    });
  }
  const [passwd] = native.readFiles(['/etc/passwd']);
  const names = parsePasswd(passwd ?? '');
  const documents: StateDocument[] = [];
  for (const id of ids) {
    try {
      const record = store.read(id);
      const owner = names.get(record.owner) ?? `#${record.owner}`;
      documents.push(documentOf(runtime, record, owner));
    } catch (error) {
      // One that is deleted meanwhile is no news; its record goes first, and then the rest.
      if (store.exists(id)) native.sleep(DELETION_MS);
      if (store.exists(id)) runtime.log.warn(`load container ${id}: ${messageOf(error)}`);
    }
  }
  return documents;
}
