/** The order and the end of what is told, on a host that does as the test says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AwaitedDescriptor } from '../native/binding.js';
import { createFake, nativeError } from '../native/fake.js';
import { openStore } from '../state/store.js';
import { type Runtime, SILENT } from './context.js';
import { type ContainerEvent, events, statisticsOfAll } from './events.js';

const READER = 1;
const EVENTS = '/cg/memory.events';

/** Containers by ID with the pid of each; all are in one v2 cgroup. */
class Host {
  readonly alive = new Map<string, number>();
  readonly files = new Map<string, string>([
    [EVENTS, 'oom 0\noom_kill 0\n'],
    ['/cg/pids.current', '3\n'],
  ]);
  readonly told: ContainerEvent[] = [];
  readonly warnings: string[] = [];
  readonly open = new Map<number, string>();
  pidfds = true;
  /** The notice comes only when the end has been seen. */
  late = false;
  now = 0n;
  /** What happens in each wait, in order: descriptors that become ready, by what they are of. */
  readonly waits: (() => readonly string[])[] = [];
  readonly runtime: Runtime;

  constructor(...ids: string[]) {
    for (const [index, id] of ids.entries()) this.alive.set(id, 100 + index);
    const { binding } = createFake({
      readFiles: (paths) => paths.map((path) => this.#text(path)),
      readDirectory: (path) => (path === '/root' ? [...this.alive.keys()].sort() : []),
      status: (path) =>
        path.startsWith('/root/') || path === '/cg' || this.files.has(path)
          ? ({ type: 'directory' } as never)
          : null,
      clock: () => ({ realtimeNs: 0n, monotonicNs: this.now }),
      system: () => ({ clockTicks: 100, pageSize: 4096, release: '', machine: '' }),
      openPidfd: (pid) => (this.pidfds ? this.#opened(`pid ${pid}`) : -1),
      open: (path) => {
        if (!this.files.has(path)) {
          throw nativeError({ syscall: 'open', code: 'ENOENT', errno: 2, path });
        }
        return this.#opened(path);
      },
      read: (fd) => new TextEncoder().encode(this.files.get(this.open.get(fd) ?? '')),
      decodeText: (bytes) => new TextDecoder().decode(bytes),
      close: (fds) => {
        for (const fd of fds) assert.ok(this.open.delete(fd), `${fd} is closed twice`);
      },
      awaitDescriptors: (awaited, timeoutMs) => this.#wait(awaited, timeoutMs),
    });
    const warn = (message: string) => this.warnings.push(message);
    this.runtime = {
      native: binding,
      store: openStore(binding, '/root'),
      log: { ...SILENT, warn, error: warn },
      rootless: 'false',
    };
  }

  #opened(what: string): number {
    const fd = Math.max(9, ...this.open.keys()) + 1;
    this.open.set(fd, what);
    return fd;
  }

  #text(path: string): string | null {
    const id = /^\/root\/(.*)\/state\.json$/.exec(path)?.[1];
    if (id !== undefined) {
      const pid = this.alive.get(id);
      const init = { pid, startTime: '7' };
      const cgroup = { mode: 'v2', paths: { '': '/cg' } };
      const record = { format: 1, id, bundle: '/b', phase: 'created', namespaces: [] };
      return pid === undefined ? null : JSON.stringify({ ...record, init, cgroup });
    }
    const pid = Number(/^\/proc\/(\d+)\/stat$/.exec(path)?.[1]);
    if ([...this.alive.values()].includes(pid)) return `${pid} (x) S 1 ${'0 '.repeat(17)}7 0`;
    return this.files.get(path) ?? null;
  }

  #wait(awaited: readonly AwaitedDescriptor[], timeoutMs: number): number[] {
    const final = timeoutMs === 0 && awaited.length === 1;
    const happening = final ? () => (this.late ? [EVENTS] : []) : this.waits.shift();
    if (happening === undefined) throw new Error('waits for ever');
    const ready = happening();
    // Nothing happens: the time is over.
    if (ready.length === 0 && !final) this.now += BigInt(timeoutMs) * 1_000_000n;
    const name = (fd: number) => (fd === READER ? 'reader' : this.open.get(fd));
    return awaited.flatMap(({ fd }, index) => (ready.includes(name(fd) ?? '') ? [index] : []));
  }

  /** What was told, short. */
  follow(id: string | undefined, intervalMs = 1000): string[] {
    events(this.runtime, id, { intervalMs, reader: READER }, (event) => this.told.push(event));
    assert.deepEqual([...this.open], [], 'descriptors are left');
    return this.lines();
  }

  lines(): string[] {
    return this.told.map((event) => `${event.type} ${event.id}`);
  }

  end(id: string): readonly string[] {
    const pid = this.alive.get(id);
    this.alive.delete(id);
    return [`pid ${pid}`];
  }

  kill(count: number): readonly string[] {
    this.files.set(EVENTS, `oom 1\noom_kill ${count}\n`);
    return [EVENTS];
  }
}

const passes = () => [];

test('statistics at intervals, and the end with the first process', () => {
  const host = new Host('a');
  host.waits.push(passes, passes, () => host.end('a'));
  assert.deepEqual(host.follow('a'), ['stats a', 'stats a']);
  const [first] = host.told;
  assert.equal(first?.type === 'stats' && first.data.pids.current, 3n);
});

test('a lack of memory is told of when a process was killed for it, once', () => {
  const host = new Host('a');
  host.waits.push(
    // memory.events changes for other reasons as well.
    () => [EVENTS],
    () => host.kill(1),
    () => [EVENTS],
    () => host.kill(3),
    () => host.end('a'),
  );
  assert.deepEqual(host.follow('a'), ['oom a', 'oom a']);
});

test('what was counted before is no news', () => {
  const host = new Host('a');
  host.kill(5);
  host.waits.push(
    () => [EVENTS],
    () => host.end('a'),
  );
  assert.deepEqual(host.follow('a'), []);
});

test('a lack of memory that ends the container is told of before the end', () => {
  const host = new Host('a');
  host.waits.push(() => [...host.end('a'), ...host.kill(1)]);
  assert.deepEqual(host.follow('a'), ['oom a']);
});

test('also where the notice is later than the end', () => {
  const host = new Host('a');
  host.late = true;
  host.waits.push(() => {
    host.kill(1);
    return host.end('a');
  });
  assert.deepEqual(host.follow('a'), ['oom a']);
});

test('a cgroup that is gone has no lack of memory', () => {
  const host = new Host('a');
  host.waits.push(() => {
    host.files.delete(EVENTS);
    return [EVENTS, ...host.end('a')];
  });
  assert.deepEqual(host.follow('a'), []);
});

test('without a memory controller: a warning, and statistics', () => {
  const host = new Host('a');
  host.files.delete(EVENTS);
  host.waits.push(passes, () => host.end('a'));
  assert.deepEqual(host.follow('a'), ['stats a']);
  assert.match(host.warnings.join(), /a: no OOM notices: memory controller missing/);
});

test('without pidfds the end is looked for', () => {
  const host = new Host('a');
  host.pidfds = false;
  host.waits.push(passes, () => {
    host.end('a');
    return [];
  });
  assert.deepEqual(host.follow('a', 60_000), []);
  assert.equal(host.now, 1_000_000_000n);
});

test('nobody reads any more: the end', () => {
  const host = new Host('a');
  host.waits.push(() => ['reader']);
  assert.deepEqual(host.follow('a'), []);
  const none = new Host();
  none.waits.push(passes, () => ['reader']);
  assert.deepEqual(none.follow(undefined), []);
});

test('what the reader throws ends it, too, and leaves no descriptor', () => {
  const host = new Host('a', 'b');
  host.waits.push(passes, passes);
  assert.throws(
    () =>
      events(host.runtime, undefined, { intervalMs: 1000 }, () => {
        throw new Error('EPIPE');
      }),
    /EPIPE/,
  );
  assert.deepEqual([...host.open], []);
});

test('one that has ended, and one that there is not', () => {
  const host = new Host('a');
  assert.throws(() => host.follow('b'), { code: 'container-not-found' });
  const record = host.runtime.store.read('a');
  host.end('a');
  const runtime = { ...host.runtime, store: { ...host.runtime.store, read: () => record } };
  assert.throws(() => events(runtime, 'a', { intervalMs: 1 }, () => {}), {
    code: 'container-not-running',
    message: 'container with id a is not running',
  });
  assert.deepEqual([...host.open], []);
});

test('all: new ones join, ended ones leave, and it goes on', () => {
  const host = new Host('a');
  host.waits.push(
    passes,
    () => {
      host.alive.set('b', 200);
      return [];
    },
    passes,
    passes,
    () => [...host.end('a'), ...host.kill(1)],
    passes,
    passes,
    () => ['reader'],
  );
  assert.deepEqual(host.follow(undefined), [
    'stats a',
    'stats a',
    'stats b',
    // Both are in one cgroup here.
    'oom a',
    'oom b',
    'stats b',
  ]);
});

test('all, once: those that live', () => {
  const host = new Host('b', 'a');
  statisticsOfAll(host.runtime, (event) => host.told.push(event));
  assert.deepEqual(host.lines(), ['stats a', 'stats b']);
});

test('times that were missed are not made up for', () => {
  const host = new Host('a');
  host.waits.push(
    () => {
      host.now += 3_500_000_000n;
      return [];
    },
    passes,
    () => host.end('a'),
  );
  // At 4.5 s (the wait was late), then at 5.
  assert.deepEqual(host.follow('a'), ['stats a', 'stats a']);
  assert.equal(host.now, 5_000_000_000n);
});
