/**
 * Filters that have been compiled before. libseccomp takes some 20 ms for the profile that engines give
 * every container, more than all else that a start does.
 *
 * They are kept in the root, in a folder that no container can have for its ID, and as private as
 * the states are. A file holds the whole request that its filter was made from, and serves no other.
 */
import type { SeccompRequest } from '../native/binding.js';
import { KEPT_FILTERS } from '../state/store.js';
import type { Runtime } from './context.js';
import { messageOf } from './errors.js';

/** Engines have a few profiles; where somebody has many, all are thrown away at this number. */
const MOST_FILTERS = 32;
const READ_SIZE = 1 << 20;
/** Length of the request, in digits, in front of it. */
const LENGTH_DIGITS = 10;

export interface KeptFilter {
  /** The program, if it was compiled before. */
  readonly program: Uint8Array | undefined;
  /** Keeps one for the next time. What goes wrong costs only time then. */
  keep(program: Uint8Array): void;
}

/** Looks for the filter of a request. */
export function keptFilter(runtime: Runtime, request: SeccompRequest): KeptFilter {
  const { native, store } = runtime;
  const { release, machine } = native.system();
  // Another library or kernel may make another filter of the same request.
  const key = JSON.stringify([native.seccompVersion(), release, machine, request], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  const folder = `${store.root}/${KEPT_FILTERS}`;
  const file = `${folder}/${nameOf(key)}`;
  return {
    program: read(runtime, file, key),
    keep(program) {
      try {
        native.makeDirectory(folder, 0o700, true);
        if ((native.readDirectory(folder)?.length ?? 0) >= MOST_FILTERS) {
          native.removeTree(folder);
          native.makeDirectory(folder, 0o700, false);
        }
        native.replaceFile(file, join(key, program), 0o600);
      } catch (error) {
        runtime.log.debug(`the seccomp filter is not kept: ${messageOf(error)}`);
      }
    },
  };
}

/** A name that differs for most requests: of two that share it, the last one is kept. */
function nameOf(key: string): string {
  let hash = 0;
  // Every eleventh character: the names of system calls are longer than that on the whole.
  for (let i = 0; i < key.length; i += 11) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return `${key.length}-${(hash >>> 0).toString(16)}`;
}

/** Only ASCII goes in: names that the schema or libseccomp knows, or that are told as unknown. */
function join(key: string, program: Uint8Array): Uint8Array {
  const head = String(key.length).padStart(LENGTH_DIGITS, '0') + key;
  const bytes = new Uint8Array(head.length + program.length);
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  bytes.set(program, head.length);
  return bytes;
}

function read(runtime: Runtime, file: string, key: string): Uint8Array | undefined {
  const { native } = runtime;
  if (native.status(file, false) === null) return undefined;
  let fd: number | undefined;
  try {
    fd = native.open(file, ['read']);
    // It was put in place whole, and is smaller than this.
    const bytes = native.read(fd, READ_SIZE);
    const start = LENGTH_DIGITS + key.length;
    const head = String(key.length).padStart(LENGTH_DIGITS, '0') + key;
    if (bytes.length <= start || (bytes.length - start) % 8 !== 0) return undefined;
    return native.decodeText(bytes.subarray(0, start)) === head ? bytes.slice(start) : undefined;
  } catch (error) {
    runtime.log.debug(`${file}: ${messageOf(error)}`);
    return undefined;
  } finally {
    if (fd !== undefined) native.close([fd]);
  }
}
