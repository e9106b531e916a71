/** The directory of all containers of one root: where records are found, made and removed. */
import { OcirtError } from '../errors.js';
import type { Binding, NativeError } from '../native/binding.js';
import { NAME } from '../version.js';
import { checkId } from './id.js';
import { type ContainerRecord, FILES, parseRecord, serializeRecord } from './record.js';

/** Folders of the root beside the containers, with names that none can have (id.ts). */
export const KEPT_FILTERS = '@seccomp';
export const SANDBOXES = '@sandbox';

/** Thrown by whatever is asked about a container that isn't there; engines match on the words. */
export function notFound(id: string): OcirtError {
  return new OcirtError('container-not-found', 'container does not exist', {
    hint: `no container "${id}" in this root: "${NAME} list" shows those of it, --root names another`,
  });
}

/** The root that nothing can be written to, or seen in: mostly another user's. */
export function rootRefused(root: string, error: unknown): unknown {
  const { code, syscall, path } = error as Partial<NativeError>;
  if (code === undefined || !['EACCES', 'EPERM', 'EROFS'].includes(code)) return error;
  const reason = code === 'EROFS' ? 'read-only file system' : 'permission denied';
  return new OcirtError('root-not-writable', `${syscall} ${path}: ${reason}`, {
    syscall,
    errno: code,
    path: root,
    hint: `take a folder of yours with --root; an ordinary user's is $XDG_RUNTIME_DIR/${NAME} where that variable is set`,
    cause: error,
  });
}

export interface Store {
  /** Absolute path of the root directory. */
  readonly root: string;
  /** The state directory of a container. */
  directory(id: string): string;
  /** The path of one of FILES. */
  file(id: string, name: keyof typeof FILES): string;
  /** Makes the state directory: of two creates of one ID, exactly one gets past this. */
  claim(id: string): void;
  read(id: string): ContainerRecord;
  /** undefined where there is none that can be read. */
  tryRead(id: string): ContainerRecord | undefined;
  write(record: ContainerRecord): void;
  remove(id: string): void;
  /** Whether the state directory exists, with a record or without. */
  exists(id: string): boolean;
  /** IDs of all state directories, sorted; null if the root does not exist. */
  ids(): string[] | null;
}

/** @param root absolute; made at the first `claim`. */
export function openStore(native: Binding, root: string): Store {
  const directory = (id: string): string => `${root}/${id}`;
  const file = (id: string, name: keyof typeof FILES): string => `${root}/${id}/${FILES[name]}`;

  const tryRead = (id: string): ContainerRecord | undefined => {
    const [text] = native.readFiles([file(id, 'record')]);
    return text === null || text === undefined ? undefined : parseRecord(text);
  };

  const makeRoot = (): void => {
    try {
      native.makeDirectory(root, 0o711, true);
    } catch (error) {
      throw rootRefused(root, error);
    }
  };

  const removeByName = (id: string): void => {
    for (const name of Object.keys(FILES) as (keyof typeof FILES)[]) {
      const kind = native.status(file(id, name), false)?.type;
      if (kind === 'directory') native.removeDirectory(file(id, name));
      else if (kind !== undefined) native.removeFile(file(id, name));
    }
    native.removeDirectory(directory(id));
  };

  return {
    root,
    directory,
    file,
    claim(id) {
      checkId(id);
      makeRoot();
      try {
        native.makeDirectory(directory(id), 0o700, false);
      } catch (error) {
        if ((error as Partial<NativeError>).code !== 'EEXIST') throw rootRefused(root, error);
        throw new OcirtError('container-exists', 'container with given ID already exists', {
          path: directory(id),
          hint: `take another ID, or remove the container with "${NAME} delete ${id}" (--force ends it first)`,
        });
      }
    },
    read(id) {
      checkId(id);
      const [text] = native.readFiles([file(id, 'record')]);
      if (text === null || text === undefined) throw notFound(id);
      const record = parseRecord(text);
      if (record === undefined) {
        throw new OcirtError('state-unreadable', `${file(id, 'record')} is not a record of ours`, {
          path: file(id, 'record'),
          hint: 'delete --force removes what is left of the container',
        });
      }
      return record;
    },
    tryRead,
    write(record) {
      native.replaceFile(file(record.id, 'record'), serializeRecord(record), 0o600);
    },
    remove(id) {
      // First: a removal that stops halfway leaves no record that has lost its lock (lock.ts), for
      // which every verb would say that there is no such container.
      try {
        native.removeFile(file(id, 'record'));
      } catch (error) {
        if ((error as NativeError).code !== 'ENOENT') throw error;
      }
      try {
        native.removeTree(directory(id));
      } catch (error) {
        // A create that failed for want of descriptors has none to look into the directory with.
        if (!['EMFILE', 'ENFILE'].includes((error as NativeError).code)) throw error;
        removeByName(id);
      }
    },
    exists(id) {
      return native.status(directory(id), false)?.type === 'directory';
    },
    ids() {
      let names: string[] | null;
      try {
        names = native.readDirectory(root);
      } catch (error) {
        throw rootRefused(root, error);
      }
      if (names === null) return null;
      return names.filter(
        (name) =>
          !name.startsWith('@') && native.status(directory(name), false)?.type === 'directory',
      );
    },
  };
}
