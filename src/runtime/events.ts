/** What happens to containers, as it happens: their statistics at intervals, and lack of memory. */
import type { Stats } from '../cgroup/stats-types.js';
import { OcirtError } from '../errors.js';
import type { Binding } from '../native/binding.js';
import { isAlive } from '../state/process.js';
import type { ContainerRecord } from '../state/record.js';
import type { Runtime } from './context.js';
import { messageOf } from './errors.js';
import { type OomNotices, openOomNotices } from './oom-notices.js';
import { notRunning, statisticsOf } from './statistics.js';

export type ContainerEvent =
  | { readonly type: 'stats'; readonly id: string; readonly data: Stats }
  | { readonly type: 'oom'; readonly id: string };

export interface EventsOptions {
  /** Time between two statistics of a container; above 0. */
  readonly intervalMs: number;
  /** A descriptor: when nobody reads any more what is written to it, the stream ends. */
  readonly reader?: number | undefined;
}

/** How long a new container may go unnoticed, at most. */
const LOOK_MS = 500;

/** A container that is watched. */
interface Watched {
  readonly record: ContainerRecord;
  /** Ready when its first process has ended; -1 where the kernel has none. */
  readonly pidfd: number;
  readonly oom: OomNotices | undefined;
}

/**
 * Tells of one container until its first process has ended, or (`id` undefined) of all of the
 * root, those to come included, without end.
 *
 * @param emit what it throws ends the stream
 * @throws OcirtError `container-not-running`, for one container
 */
export function events(
  runtime: Runtime,
  id: string | undefined,
  options: EventsOptions,
  emit: (event: ContainerEvent) => void,
): void {
  const stream = new Stream(runtime, emit);
  try {
    if (id !== undefined) {
      if (!stream.join(runtime.store.read(id))) throw notRunning(id);
    }
    stream.run(options, id === undefined);
  } finally {
    stream.close();
  }
}

/** The statistics of every container of the root that has not ended, once. */
export function statisticsOfAll(runtime: Runtime, emit: (event: ContainerEvent) => void): void {
  for (const record of living(runtime, () => true)) emitStats(runtime, record, emit);
}

/** The records of containers with a process, by ID. One that can't be read is nobody's to watch. */
function living(runtime: Runtime, wanted: (id: string) => boolean): ContainerRecord[] {
  const { native, store } = runtime;
  return (store.ids() ?? [])
    .filter(wanted)
    .flatMap((id) => store.tryRead(id) ?? [])
    .filter((record) => record.phase === 'created' && isAlive(native, record.init));
}

/** Says nothing of a container that has ended meanwhile. */
function emitStats(
  runtime: Runtime,
  record: ContainerRecord,
  emit: (event: ContainerEvent) => void,
): void {
  let data: Stats;
  try {
    data = statisticsOf(runtime, record);
  } catch (error) {
    const ended = error instanceof OcirtError && error.code === 'container-not-running';
    if (!ended) runtime.log.error(`${record.id}: ${messageOf(error)}`);
    return;
  }
  emit({ type: 'stats', id: record.id, data });
}

function nowMs(native: Binding): number {
  return Number(BigInt(native.clock().monotonicNs) / 1_000_000n);
}

class Stream {
  readonly #runtime: Runtime;
  readonly #emit: (event: ContainerEvent) => void;
  readonly #watched = new Map<string, Watched>();

  constructor(runtime: Runtime, emit: (event: ContainerEvent) => void) {
    this.#runtime = runtime;
    this.#emit = emit;
  }

  /** Watches a container. False where it has ended, or is not made yet. */
  join(record: ContainerRecord): boolean {
    const { native, log } = this.#runtime;
    const { id, init } = record;
    if (record.phase !== 'created' || init === undefined) return false;
    // The descriptor first, then the look whose it is: a later process may have got the number.
    const pidfd = native.openPidfd(init.pid);
    if (!isAlive(native, init)) {
      if (pidfd >= 0) native.close([pidfd]);
      return false;
    }
    let oom: OomNotices | undefined;
    try {
      oom = openOomNotices(native, record.cgroup);
      if (oom === undefined) log.warn(`${id}: no OOM notices: memory controller missing`);
    } catch (error) {
      log.warn(`${id}: no OOM notices: ${messageOf(error)}`);
    }
    this.#watched.set(id, { record, pidfd, oom });
    return true;
  }

  run({ intervalMs, reader }: EventsOptions, all: boolean): void {
    const { native } = this.#runtime;
    let next = nowMs(native) + intervalMs;
    let nextLook = 0;
    while (all || this.#watched.size > 0) {
      if (all && nowMs(native) >= nextLook) {
        nextLook = nowMs(native) + LOOK_MS;
        for (const record of living(this.#runtime, (id) => !this.#watched.has(id))) {
          this.join(record);
        }
      }
      const until = all ? Math.min(next, nextLook) : next;
      if (!this.#wait(Math.max(0, Math.ceil(until - nowMs(native))), reader)) return;
      const now = nowMs(native);
      if (now < next) continue;
      for (const { record } of this.#watched.values()) {
        emitStats(this.#runtime, record, this.#emit);
      }
      // Times that were missed are not made up for.
      next += Math.ceil((now - next + 1) / intervalMs) * intervalMs;
    }
  }

  /** Waits, and tells of what has happened. False: nobody listens any more. */
  #wait(timeoutMs: number, reader: number | undefined): boolean {
    const { native } = this.#runtime;
    const watched = [...this.#watched.values()];
    // Without a descriptor for its end, a container must be looked at.
    const look = watched.some(({ pidfd }) => pidfd < 0);
    const ready = native.awaitDescriptors(
      [
        ...watched.flatMap(({ oom }) => oom?.awaited() ?? []),
        ...watched.flatMap(({ pidfd }) =>
          pidfd < 0 ? [] : [{ fd: pidfd, until: 'readable' } as const],
        ),
        ...(reader === undefined ? [] : [{ fd: reader, until: 'ended' } as const]),
      ],
      look ? Math.min(timeoutMs, LOOK_MS) : timeoutMs,
    );
    const noticed = watched.filter(({ oom }) => oom !== undefined);
    const endable = watched.filter(({ pidfd }) => pidfd >= 0);
    if (reader !== undefined && ready.includes(noticed.length + endable.length)) return false;
    for (const [index, one] of noticed.entries()) {
      if (ready.includes(index)) this.#takeOom(one);
    }
    for (const [index, one] of endable.entries()) {
      if (ready.includes(noticed.length + index)) this.#leave(one);
    }
    for (const one of watched) {
      if (one.pidfd < 0 && !isAlive(native, one.record.init)) this.#leave(one);
    }
    return true;
  }

  #takeOom({ oom, record }: Watched): void {
    if (oom?.take() === true) this.#emit({ type: 'oom', id: record.id });
  }

  /** The container has ended; what ended it may be told of last. */
  #leave(one: Watched): void {
    const { native } = this.#runtime;
    try {
      if (one.oom !== undefined && native.awaitDescriptors([one.oom.awaited()], 0).length > 0) {
        this.#takeOom(one);
      }
    } finally {
      this.#watched.delete(one.record.id);
      this.#release(one);
    }
  }

  #release({ oom, pidfd }: Watched): void {
    oom?.close();
    if (pidfd >= 0) this.#runtime.native.close([pidfd]);
  }

  close(): void {
    for (const one of this.#watched.values()) this.#release(one);
    this.#watched.clear();
  }
}
