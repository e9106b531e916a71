/** The file that tells the caller the pid. */

import { absolutePath, directoryName } from './bundle.js';
import type { Runtime } from './context.js';
import { wrap } from './errors.js';

/** Where it goes: relative to the caller's working directory, also with --bundle. */
export function pidFilePath(runtime: Runtime, path: string): string {
  return absolutePath(runtime.native, path);
}

/** Writes it at once as a whole: whoever sees the file sees the pid. */
export function writePidFile(runtime: Runtime, path: string, pid: number): void {
  try {
    runtime.native.replaceFile(path, String(pid), 0o644);
  } catch (error) {
    throw wrap(error, 'pid-file-failed', `pid file ${path} (in ${directoryName(path)})`);
  }
}
