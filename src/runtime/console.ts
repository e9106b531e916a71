/** The terminal of a process: where the master of its pty goes. */
import { OcirtError } from '../errors.js';
import type { Runtime } from './context.js';
import { wrap } from './errors.js';

export interface ConsoleChoice {
  /** The process has a terminal. */
  readonly terminal: boolean;
  /** The caller does not stay: the master goes to `socket`. */
  readonly detach: boolean;
  readonly socket: string | undefined;
}

export interface Console {
  /** For the helper, which sends the master there. */
  readonly fd: number;
  /** Our end, in the foreground: the master is received from it. */
  readonly ours?: number;
}

/** Refuses what can't work, in runc's words. */
export function checkConsole(choice: ConsoleChoice): void {
  if (choice.detach && choice.terminal && choice.socket === undefined) {
    throw new OcirtError(
      'console-socket-missing',
      'cannot allocate tty if ocirt will detach without setting console socket',
      {
        pointer: '/process/terminal',
        hint: 'give --console-socket, or set process.terminal to false',
      },
    );
  }
  if ((!choice.detach || !choice.terminal) && choice.socket !== undefined) {
    throw new OcirtError(
      'console-socket-unused',
      'cannot use console socket if ocirt will not detach or allocate tty',
      { pointer: '/process/terminal' },
    );
  }
}

/** Connects to the console socket, or makes a pair; undefined without a terminal. */
export function openConsole(runtime: Runtime, choice: ConsoleChoice): Console | undefined {
  checkConsole(choice);
  if (!choice.terminal) return undefined;
  if (choice.socket === undefined) {
    const [ours, fd] = runtime.native.socketPair();
    return { fd, ours };
  }
  try {
    return { fd: runtime.native.connectUnix(choice.socket) };
  } catch (error) {
    throw wrap(error, 'console-socket-failed', `dial unix ${choice.socket}`);
  }
}

/** The master of the pty, once the helper has made it. */
export function receiveMaster(runtime: Runtime, console: Console): number {
  if (console.ours === undefined) return -1;
  return runtime.native.receiveFd(console.ours, 10_000).fd;
}

/** The size of the caller's terminal; undefined where it has none. */
export function callerWindow(
  runtime: Runtime,
): { readonly rows: number; readonly columns: number } | undefined {
  for (const fd of [0, 1, 2]) {
    if (!runtime.native.isTerminal(fd)) continue;
    const size = runtime.native.windowSize(fd);
    if (size.rows > 0 && size.columns > 0) return size;
  }
  return undefined;
}

/** Sends a pidfd of the process to a listening socket (`--pidfd-socket`). */
export function sendPidfd(runtime: Runtime, path: string, pidfd: number): void {
  if (pidfd < 0) {
    const what = '--pidfd-socket requires >= v5.3 kernel';
    throw new OcirtError('pidfd-unsupported', what, { syscall: 'pidfd_open' });
  }
  let socket: number;
  try {
    socket = runtime.native.connectUnix(path);
  } catch (error) {
    throw wrap(error, 'pidfd-socket-failed', `dial unix ${path}`);
  }
  try {
    runtime.native.sendFd(socket, pidfd, 'pidfd');
  } finally {
    runtime.native.close([socket]);
  }
}
