/**
 * The thread in which a function of the library waits: runs one task, tells what it says, ends.
 *
 * A thread can only be ended, and with it the program, between two calls of the core. So no wait
 * in the core is longer than a moment here.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openRuntime } from '../index.js';
import type { Binding } from '../native/binding.js';
import { loadBinding } from '../native/loader.js';
import type { Log, Runtime } from '../runtime/context.js';
import { remove } from '../runtime/delete.js';
import { events } from '../runtime/events.js';
import { execDetached } from '../runtime/exec.js';
import { exitCodeOf } from '../runtime/foreground.js';
import { run } from '../runtime/run.js';
import { wait } from '../runtime/wait.js';
import { type Message, type Order, type Task, toFailure } from './messages.js';

/** How long one wait in the core is, at most. */
const MOMENT_MS = 200;

/** Waits in moments, until `ready` gives something or the time is over. */
function inMoments<T>(timeoutMs: number, ready: (ms: number) => T, over: (found: T) => boolean): T {
  for (let left = timeoutMs; ; left -= MOMENT_MS) {
    const last = timeoutMs >= 0 && left <= MOMENT_MS;
    const found = ready(last ? left : MOMENT_MS);
    if (last || over(found)) return found;
  }
}

function interruptible(native: Binding): Binding {
  return {
    ...native,
    awaitPidfd: (fd, timeoutMs) =>
      inMoments(
        timeoutMs,
        (ms) => native.awaitPidfd(fd, ms),
        (ended) => ended,
      ),
    awaitDescriptors: (awaited, timeoutMs) =>
      inMoments(
        timeoutMs,
        (ms) => native.awaitDescriptors(awaited, ms),
        (ready) => ready.length > 0,
      ),
  };
}

function say(message: Message): void {
  parentPort?.postMessage(message);
}

const log: Log = {
  error: (message) => say({ type: 'log', level: 'error', message }),
  warn: (message) => say({ type: 'log', level: 'warn', message }),
  debug: (message) => say({ type: 'log', level: 'debug', message }),
};

function perform(runtime: Runtime, task: Task): (Message & { type: 'done' })['result'] {
  switch (task.name) {
    case 'wait':
      return wait(runtime, task.id);
    case 'events':
      events(runtime, task.id, { intervalMs: task.intervalMs }, (event) =>
        say({ type: 'event', event }),
      );
      return undefined;
    case 'run': {
      // Detached, and waited for here: a program's other children, signals and orphans are its own.
      const { id } = task.options;
      run(runtime, { ...task.options, detach: true, noSubreaper: true });
      if (task.options.detach === true) return 0;
      const record = runtime.store.tryRead(id);
      const { exitCode } = wait(runtime, id);
      if (task.options.keep !== true && record !== undefined) {
        remove(runtime, { id, force: true, only: record });
      }
      return exitCode ?? -1;
    }
    case 'exec': {
      const { pid, pidfd } = execDetached(runtime, task.options);
      try {
        if (task.options.detach === true) return 0;
        if (pidfd >= 0) runtime.native.awaitPidfd(pidfd, -1);
        const status = runtime.native.waitChild(pid, true);
        return status === null ? -1 : exitCodeOf(status);
      } finally {
        if (pidfd >= 0) runtime.native.close([pidfd]);
      }
    }
  }
}

const { root, rootless, task } = workerData as Order;
try {
  const native = interruptible(loadBinding());
  say({ type: 'done', result: perform(openRuntime({ root, rootless, native, log }), task) });
} catch (error) {
  say({ type: 'failed', failure: toFailure(error) });
}
