/**
 * What the system refuses to a module of Node.js's: told as the core's failures are, with the call, the path and the
 * errno, and not as an error that nobody expected. A full file system, mostly, or a folder that is not there.
 */
import { OcirtError } from '../errors.js';
import { errnoText } from '../runtime/errno.js';

const HINTS: { readonly [code: string]: string } = {
  ENOSPC: 'df tells which file system is full; TMPDIR can name another place for a sandbox',
  ENOENT: 'a folder on the way to it is missing: make it first',
};

/** undefined: it is none. @param error an Error of node:fs, of which `errno` is negative */
export function systemError(error: unknown): OcirtError | undefined {
  const { errno, code, syscall, path, dest } = error as {
    [name in 'errno' | 'code' | 'syscall' | 'path' | 'dest']?: unknown;
  };
  if (!(error instanceof Error) || error.name === 'NativeError') return undefined;
  if (typeof errno !== 'number' || errno >= 0) return undefined;
  if (typeof code !== 'string' || typeof syscall !== 'string') return undefined;
  const to = typeof dest === 'string' ? ` to ${dest}` : '';
  const what = typeof path === 'string' ? `${syscall} ${path}${to}` : syscall;
  return new OcirtError('system-refused', `${what}: ${errnoText(-errno)}`, {
    syscall,
    errno: code,
    ...(typeof path === 'string' ? { path } : {}),
    hint: HINTS[code],
    cause: error,
  });
}
