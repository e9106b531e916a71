/** Staying with a process until it ends: `run` and `exec` without --detach. */
import type { ExitStatus } from '../native/binding.js';
import type { Runtime } from './context.js';
import type { Notify } from './notify.js';

/**
 * Signals that are passed on: all that someone may send to end, reload or wake the process.
 * Not: SIGKILL and SIGSTOP (can't be caught), SIGCHLD and SIGWINCH (handled), SIGURG (an
 * ordinary wake-up in many programs), those of our own faults, and SIGTTIN and SIGTTOU, which
 * are about our terminal.
 */
export const FORWARDED: readonly number[] = [
  1, 2, 3, 10, 12, 13, 14, 15, 16, 18, 20, 24, 25, 26, 27, 29, 30,
];
const SIGCHLD = 17;
const SIGWINCH = 28;
/** How long the last output of a pty may take after its process has ended. */
const DRAIN_MS = 1000;

/** From here on no signal is lost: to be called before the process is started. */
export function holdSignals(runtime: Runtime): void {
  runtime.native.blockSignals([...FORWARDED, SIGCHLD, SIGWINCH]);
}

/** The status that a shell would report. */
export function exitCodeOf(status: ExitStatus): number {
  return status.signal > 0 ? 128 + status.signal : status.exitCode;
}

/** Waits for the end of a process. @returns its exit code, 128 + the signal's number */
export function supervise(runtime: Runtime, pid: number, master: number, notify?: Notify): number {
  const status = runtime.native.superviseForeground({
    pid,
    ptyFd: master,
    forward: FORWARDED,
    drainMs: DRAIN_MS,
    ...(notify === undefined ? {} : { notify }),
  });
  runtime.log.debug(`process ${pid} exited: code ${status.exitCode}, signal ${status.signal}`);
  return exitCodeOf(status);
}
