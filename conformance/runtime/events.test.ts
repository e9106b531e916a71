/** `events`: statistics and lack of memory, once and as they come. */

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../lib/config.js';
import { notRoot, ROOTLESS } from '../lib/groups.js';
import { cgroupV1, untilWaiting, waitFor } from '../lib/host.js';
import { KIND, OPTIONS, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const MIB = 1024 * 1024;
const crun = 'has no events';
const not = { crun };

interface Pressure {
  some: Record<string, number>;
  full: Record<string, number>;
}

interface Entry {
  limit: number;
  usage?: number;
  failcnt: number;
}

interface Data {
  cpu: {
    usage: { total: number; kernel: number; user: number };
    throttling: { periods?: number; throttledPeriods?: number; throttledTime?: number };
    psi?: Pressure;
  };
  cpuset: Record<string, number | number[]>;
  memory: {
    usage: Entry;
    swap: Entry;
    raw: Record<string, number>;
    events?: Record<string, number>;
    psi?: Pressure;
  };
  pids: { current?: number; limit?: number };
  blkio: { psi?: Pressure };
  hugetlb: Record<string, { failcnt: number }>;
  intel_rdt: Record<string, unknown>;
  network_interfaces: Record<string, number | string>[] | null;
}

interface Line {
  type: 'stats' | 'oom';
  id: string;
  data?: Data;
}

const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

/** `events --stats` of a container. */
function stats(container: Container, global: string[] = []): Data {
  const { stdout } = container.must('events', ['--stats'], [], { global });
  assert.ok(stdout.startsWith(`{"type":"stats","id":"${container.id}","data":{`), stdout);
  const [line, ...more] = linesOf(stdout);
  assert.equal(more.length, 0);
  return line?.data as Data;
}

/** A stream of events that the test listens to. */
class Stream {
  readonly child: ChildProcess;
  text = '';
  errors = '';

  constructor(s: Sandbox, ...args: string[]) {
    this.child = s.spawn(RUNTIME, ['--root', s.stateRoot, ...OPTIONS, 'events', ...args]);
    this.child.stdout?.on('data', (chunk) => {
      this.text += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.errors += chunk;
    });
  }

  async until(what: string, seen: (lines: Line[]) => boolean): Promise<void> {
    await waitFor(what, () => seen(linesOf(this.text.slice(0, this.text.lastIndexOf('\n') + 1))));
  }

  /** Its end, which must come by itself. */
  async ended(): Promise<void> {
    await waitFor('the end of events', () => this.child.exitCode !== null);
    assert.equal(this.child.exitCode, 0, this.errors);
  }
}

const limited: Change = (c) => {
  Object.assign(c.linux.resources, {
    memory: { limit: 64 * MIB, swap: 64 * MIB },
    pids: { limit: 20 },
  });
};

scenario('--stats: what the container uses', { not }, async (s) => {
  const container = await s.running((c) => {
    limited(c);
    c.process.args = ['/payload', 'mem', '24', '200'];
  });
  const data = stats(container);
  const { usage } = data.cpu;
  // What it used before it was in the cgroup is not in it.
  assert.ok(usage.total >= 150_000_000, `${usage.total} ns of processor time`);
  assert.ok(usage.total < 60_000_000_000, `${usage.total} ns of processor time`);
  // v1 samples these by the tick.
  assert.ok(usage.user + usage.kernel >= 100_000_000, `${usage.user} ${usage.kernel}`);
  const { memory } = data;
  assert.equal(memory.usage.limit, 64 * MIB);
  const used = memory.usage.usage ?? 0;
  assert.ok(used >= 24 * MIB && used <= 64 * MIB, `${used} bytes`);
  assert.ok((memory.raw[cgroupV1() ? 'rss' : 'anon'] ?? 0) >= 24 * MIB);
  assert.deepEqual(data.pids, { current: 1, limit: 20 });
  assert.deepEqual(Object.keys(data), [
    'cpu',
    'cpuset',
    'memory',
    'pids',
    'blkio',
    'hugetlb',
    'intel_rdt',
    'network_interfaces',
  ]);
  assert.deepEqual(data.intel_rdt, {});
});

scenario('--stats: throttling by the quota', { not }, async (s) => {
  const container = await s.running((c) => {
    // Little enough that it comes to it on a machine whose processors are everybody's.
    c.linux.resources.cpu = { quota: 2_000, period: 50_000 };
    c.process.args = ['/payload', 'mem', '1', '100'];
  });
  const { throttling } = stats(container).cpu;
  assert.ok((throttling.periods ?? 0) >= 2, JSON.stringify(throttling));
  assert.ok((throttling.throttledPeriods ?? 0) >= 1, JSON.stringify(throttling));
  assert.ok((throttling.throttledTime ?? 0) > 1_000_000, JSON.stringify(throttling));
});

scenario('--stats: pressure, where the kernel keeps account of it', { own: true }, async (s) => {
  const data = stats(await s.running());
  for (const psi of [data.cpu.psi, data.memory.psi, data.blkio.psi]) {
    assert.ok(psi !== undefined);
    for (const part of [psi.some, psi.full]) {
      assert.deepEqual(Object.keys(part), ['avg10', 'avg60', 'avg300', 'total']);
      for (const value of Object.values(part)) assert.ok(value >= 0);
    }
  }
});

scenario(
  '--stats: processors and huge pages',
  { own: true, skip: ROOTLESS && 'not delegated' },
  async (s) => {
    const data = stats(await s.running());
    assert.ok((data.cpuset.cpus as number[]).includes(0));
    assert.deepEqual(data.cpuset.mems, [0]);
    if (!cgroupV1()) assert.ok('2MB' in data.hugetlb, JSON.stringify(data.hugetlb));
  },
);

scenario('--stats: of a created and of a paused container', { not }, async (s) => {
  const created = s.created();
  // runc's own process has threads.
  assert.ok((stats(created).pids.current ?? 0) >= 1);
  const paused = await s.running();
  paused.must('pause');
  assert.equal(stats(paused).pids.current, 1);
  paused.must('resume');
});

scenario('--stats: resctrl', { own: true }, (s) => {
  const root = s.path('resctrl');
  for (const dir of ['mon_groups', 'info/L3', 'info/L3_MON']) {
    mkdirSync(path.join(root, dir), { recursive: true });
  }
  writeFileSync(path.join(root, 'schemata'), '    L3:0=fffff\n');
  writeFileSync(path.join(root, 'info/L3/cbm_mask'), 'fffff\n');
  writeFileSync(path.join(root, 'info/L3_MON/mon_features'), 'llc_occupancy\n');
  const container = s.container((c) => {
    c.linux.intelRdt = { l3CacheSchema: 'L3:0=f', enableMonitoring: true };
  });
  const global = ['--resctrl-root', root];
  container.must('create', ['--bundle', container.bundle], [], { global });
  const domain = path.join(root, container.id, 'mon_groups', container.id, 'mon_data/mon_L3_00');
  mkdirSync(domain, { recursive: true });
  writeFileSync(path.join(domain, 'llc_occupancy'), '4096\n');
  assert.deepEqual(stats(container, global).intel_rdt, {
    l3_cache_info: { cbm_mask: 'fffff' },
    l3_cache_schema_root: 'L3:0=fffff',
    l3_cache_schema: 'L3:0=f',
    schemata: ['L3:0=f'],
    cmt_stats: [{ llc_occupancy: 4096 }],
  });
});

scenario('--stats: devices of its own network', { own: true, skip: notRoot }, async (s) => {
  const tag = Math.random().toString(36).slice(2, 9);
  execFileSync('ip', `link add oca${tag} type veth peer name ocb${tag}`.split(' '));
  s.defer(() => spawnSync('ip', ['link', 'delete', `ocb${tag}`]));
  const container = await s.running((c) => {
    c.linux.netDevices = { [`oca${tag}`]: { name: 'eth7' } };
  });
  const [device, ...more] = stats(container).network_interfaces ?? [];
  assert.equal(more.length, 0);
  const { Name, ...counters } = device ?? {};
  assert.equal(Name, 'eth7');
  assert.deepEqual(Object.keys(counters), [
    'RxBytes',
    'RxPackets',
    'RxErrors',
    'RxDropped',
    'TxBytes',
    'TxPackets',
    'TxErrors',
    'TxDropped',
  ]);
  assert.ok(Object.values(counters).every((value) => Number.isInteger(value)));
});

scenario("--stats: none of the host's devices", { own: true, skip: notRoot }, async (s) => {
  const container = await s.running((c) => {
    c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'network');
  });
  assert.equal(stats(container).network_interfaces, null);
});

scenario('a stopped container has no events', { not }, async (s) => {
  const container = await s.running();
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  for (const options of [['--stats'], [], ['--interval', '1s']]) {
    const result = container.call('events', options);
    assert.equal(result.status, 1);
    assert.match(result.stderr, new RegExp(`container with id ${container.id} is not running`));
    assert.equal(result.stdout, '');
  }
});

scenario('an unknown container', { not }, (s) => {
  for (const options of [['--stats'], []]) {
    const result = s.runtime(['events', ...options, 'nobody']);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /container does not exist/);
  }
});

scenario('what is no interval is refused', { not }, async (s) => {
  const container = await s.running();
  for (const [interval, words] of [
    ['0s', /interval must be greater than 0/],
    ['-1s', /interval must be greater than 0/],
    ['soon', /invalid value/],
    ['5', /invalid value/],
  ] as const) {
    const result = container.call('events', [`--interval=${interval}`]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, words);
  }
});

for (const interval of ['100ms', '1s', undefined]) {
  scenario(
    `a stream${interval === undefined ? '' : ` with --interval ${interval}`}`,
    { not },
    async (s) => {
      const container = await s.running();
      const options = interval === undefined ? [] : ['--interval', interval];
      const stream = new Stream(s, ...options, container.id);
      const wanted = interval === '100ms' ? 3 : 1;
      await stream.until(`${wanted} line(s)`, (lines) => lines.length >= wanted);
      container.must('delete', ['--force']);
      await stream.ended();
      const lines = linesOf(stream.text);
      // Of one that is being removed runc says what is still there.
      for (const line of KIND === 'ocirt' ? lines : lines.slice(0, wanted)) {
        assert.equal(line.type, 'stats');
        assert.equal(line.id, container.id);
        assert.equal(line.data?.pids.current, 1);
      }
      if (KIND === 'ocirt') assert.equal(stream.errors, '');
      else assert.doesNotMatch(stream.errors, /level=error/);
    },
  );
}

scenario(
  'a stream ends with the first process, however long its interval',
  { own: true },
  async (s) => {
    const container = await s.running();
    const stream = new Stream(s, '--interval', '1h', container.id);
    // The runtime has been seen to wait: its end is not that of a start that came too late.
    await untilWaiting(stream.child.pid ?? 0);
    container.must('kill', [], ['KILL']);
    await stream.ended();
    assert.equal(stream.text, '');
  },
);

scenario('a stream ends with its reader', { own: true }, async (s) => {
  await s.running();
  const stream = new Stream(s, '--all', '--interval', '1h');
  await untilWaiting(stream.child.pid ?? 0);
  stream.child.stdout?.destroy();
  await stream.ended();
});

scenario('lack of memory', { not }, async (s) => {
  const container = await s.running((c) => {
    c.linux.resources.memory = { limit: 32 * MIB, swap: 32 * MIB };
  });
  const stream = new Stream(s, '--interval', '100ms', container.id);
  await stream.until('a line', (lines) => lines.length > 0);
  const killed = container.call('exec', [], ['/payload', 'mem', '64']);
  assert.equal(killed.status, 137, killed.stderr);
  await stream.until('the event', (lines) => lines.some(({ type }) => type === 'oom'));
  container.must('delete', ['--force']);
  await stream.ended();
  const lines = stream.text.split('\n').filter((line) => line.includes('"oom"'));
  for (const line of stream.text.split('\n')) {
    if (line.startsWith('{"type":"oom"'))
      assert.equal(line, `{"type":"oom","id":"${container.id}"}`);
  }
  assert.ok(lines.length > 0);
});

scenario('lack of memory that ends the container', { own: true }, async (s) => {
  const container = s.created((c) => {
    c.linux.resources.memory = { limit: 32 * MIB, swap: 32 * MIB };
    c.process.args = ['/payload', 'mem', '64'];
  });
  const stream = new Stream(s, '--interval', '1h', container.id);
  await untilWaiting(stream.child.pid ?? 0);
  container.must('start');
  await stream.ended();
  assert.equal(stream.text, `{"type":"oom","id":"${container.id}"}\n`);
});

scenario('the counters of memory', { own: true }, async (s) => {
  const container = await s.running((c) => {
    c.linux.resources.memory = { limit: 32 * MIB, swap: 32 * MIB };
  });
  assert.equal(stats(container).memory.events?.oom_kill, 0);
  assert.equal(container.call('exec', [], ['/payload', 'mem', '64']).status, 137);
  assert.equal(stats(container).memory.events?.oom_kill, 1);
});

scenario('--all: every container, and those that come', { own: true }, async (s) => {
  const first = await s.running();
  const stopped = await s.running();
  stopped.must('kill', [], ['KILL']);
  await stopped.until('stopped');
  const stream = new Stream(s, '--all', '--interval', '100ms');
  await stream.until('the first', (lines) => lines.some(({ id }) => id === first.id));
  const second = await s.running();
  await stream.until('the second', (lines) => lines.some(({ id }) => id === second.id));
  first.must('delete', ['--force']);
  const before = linesOf(stream.text).length;
  await stream.until('more', (lines) => lines.length >= before + 3);
  assert.equal(stream.child.exitCode, null);
  const lines = linesOf(stream.text);
  assert.equal(lines.at(-1)?.id, second.id);
  assert.ok(lines.every(({ id }) => id !== stopped.id));
  assert.equal(stream.errors, '');
});

scenario('--all --stats: once, each container that has not ended', { own: true }, async (s) => {
  assert.equal(s.runtime(['events', '--all', '--stats']).stdout, '');
  const ids = [(await s.running()).id, s.created().id];
  const result = s.runtime(['events', '--all', '--stats']);
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(
    linesOf(result.stdout).map(({ type, id }) => [type, id]),
    ids.map((id) => ['stats', id]),
  );
});

scenario('--all takes no id, and without it one is needed', { own: true }, (s) => {
  for (const args of [['--all', 'x'], []]) {
    const result = s.runtime(['events', ...args]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /events.* requires (no|exactly 1) argument/);
  }
});
