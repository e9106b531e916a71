/**
 * What waits, without holding up the event loop: the same functions, in a thread of their own
 * (worker.ts). Such a thread takes some 40 ms to begin and 10 MB while it waits.
 *
 * A thread cannot use the caller's core: it opens a runtime with the same root, with the real one.
 */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Runtime } from '../runtime/context.js';
import type { ContainerEvent, EventsOptions } from '../runtime/events.js';
import type { ExecOptions } from '../runtime/exec.js';
import type { RunOptions } from '../runtime/run.js';
import type { ContainerEnd } from '../runtime/wait.js';
import { fromFailure, type Message, type Order, type Task } from './messages.js';

const WORKER = new URL('./worker.js', import.meta.url);

export interface AsyncOptions {
  /** Ends the wait, with an AbortError; the container is left as it is. */
  readonly signal?: AbortSignal | undefined;
}

/** Has a thread do the task: yields its events, returns its result. */
async function* perform(
  runtime: Runtime,
  task: Task,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent, unknown> {
  signal?.throwIfAborted();
  const order: Order = { root: runtime.store.root, rootless: runtime.rootless, task };
  // Node.js's own options of the program, such as --input-type, are not for this file.
  const worker = new Worker(WORKER, { workerData: order, execArgv: [] });
  try {
    for await (const [said] of on(worker, 'message', signal === undefined ? {} : { signal })) {
      const message = said as Message;
      switch (message.type) {
        case 'event':
          yield message.event;
          break;
        case 'log':
          runtime.log[message.level](message.message);
          break;
        case 'done':
          return message.result;
        case 'failed':
          throw fromFailure(message.failure);
      }
    }
    return undefined;
  } finally {
    await worker.terminate();
  }
}

async function resultOf(
  runtime: Runtime,
  task: Task,
  signal?: AbortSignal | undefined,
): Promise<unknown> {
  const { value } = await perform(runtime, task, signal).next();
  return value;
}

/** `wait`: how a container's first process has ended, once it has. */
export async function waitAsync(
  runtime: Runtime,
  id: string,
  { signal }: AsyncOptions = {},
): Promise<ContainerEnd> {
  return (await resultOf(runtime, { name: 'wait', id }, signal)) as ContainerEnd;
}

/**
 * `run`: makes a container, and waits for the end of its process, a child of this program that keeps
 * its standard descriptors. To end it, `kill` it. A terminal needs a `consoleSocket`.
 *
 * @returns its exit code, 128 + N where signal N ended it; 0 with `detach`
 */
export async function runAsync(runtime: Runtime, options: RunOptions): Promise<number> {
  return (await resultOf(runtime, { name: 'run', options })) as number;
}

/** `exec`: another process in a container, as with `runAsync`. @returns its exit code */
export async function execAsync(runtime: Runtime, options: ExecOptions): Promise<number> {
  return (await resultOf(runtime, { name: 'exec', options })) as number;
}

/** `events` of one container until it has ended, or (`id` undefined) of all, until the loop is left. */
export async function* eventsAsync(
  runtime: Runtime,
  id: string | undefined,
  { intervalMs, signal }: Pick<EventsOptions, 'intervalMs'> & AsyncOptions,
): AsyncGenerator<ContainerEvent, void> {
  yield* perform(runtime, { name: 'events', id, intervalMs }, signal);
}
