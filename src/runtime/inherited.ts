/** Descriptors beyond 0, 1, 2 that the caller passes on to the process. */
import { OcirtError } from '../errors.js';
import type { Runtime } from './context.js';

/**
 * LISTEN_FDS of the caller's environment, if they are meant for us: sd_listen_fds(3).
 */
export function listenFds(
  runtime: Runtime,
  environment: Readonly<Record<string, string>> = runtime.native.environment([
    'LISTEN_FDS',
    'LISTEN_PID',
  ]),
): number {
  const { LISTEN_FDS, LISTEN_PID } = environment;
  if (LISTEN_FDS === undefined || LISTEN_PID === undefined) return 0;
  if (Number(LISTEN_PID) !== runtime.native.identity().pid) return 0;
  const count = Number(LISTEN_FDS);
  return Number.isInteger(count) && count > 0 ? count : 0;
}

/**
 * The number of descriptors from 3 on to keep. They must be the caller's own: a number that it
 * did not open may be one of the host's by now.
 */
export function countInherited(runtime: Runtime, listen: number, preserve: number): number {
  const total = listen + preserve;
  for (let index = 0; index < total; index++) {
    const fd = index + 3;
    const open =
      runtime.callerFds === undefined
        ? runtime.native.status(`/proc/self/fd/${fd}`, false) !== null
        : index < runtime.callerFds;
    if (!open) {
      throw new OcirtError(
        'preserved-fd-missing',
        `unable to stat preserved-fd ${index} (of ${total}): descriptor ${fd} is not open`,
      );
    }
  }
  return total;
}
