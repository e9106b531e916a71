import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CgroupPlace } from './stats.js';
import { type Usage, usageFiles, usageOf } from './usage.js';

const V1: CgroupPlace = {
  mode: 'hybrid',
  paths: Object.fromEntries(
    ['cpu', 'cpuacct', 'memory', 'pids', 'blkio', ''].map((name) => [name, `/${name}/c`]),
  ),
};
const V2: CgroupPlace = { mode: 'v2', paths: { '': '/c' } };

/** The usage from texts; only files that were asked for in advance are there. */
function usage(place: CgroupPlace, texts: Readonly<Record<string, string>>): Usage {
  const files = usageFiles(place);
  for (const path of Object.keys(texts)) assert.ok(files.includes(path), `${path} is not read`);
  return usageOf(place, 100, (path) => {
    assert.ok(files.includes(path), `${path} is read and was not asked for`);
    return texts[path];
  });
}

const PRESSURE = 'some avg10=1.50 avg60=0.25 avg300=0.00 total=99\n';
const WANTED: Omit<Usage, 'pressure'> = {
  cpu: {
    totalNs: 1_500_000n,
    userNs: 10_000_000n,
    systemNs: 20_000_000n,
    periods: 9n,
    throttledPeriods: 2n,
    throttledNs: 77_000n,
  },
  memory: {
    bytes: 4096n,
    peakBytes: 8192n,
    limitBytes: 33_554_432n,
    swapBytes: 32n,
    limitHits: 12n,
    oomKills: 1n,
  },
  pids: { current: 3n, peak: 5n, limit: 20n },
  io: { readBytes: 4104n, writtenBytes: 512n, reads: 3n, writes: 1n },
};

test('v2', () => {
  const { pressure, ...rest } = usage(V2, {
    '/c/cpu.stat':
      'usage_usec 1500\nuser_usec 10000\nsystem_usec 20000\n' +
      'nr_periods 9\nnr_throttled 2\nthrottled_usec 77\n',
    '/c/memory.current': '4096\n',
    '/c/memory.peak': '8192\n',
    '/c/memory.max': '33554432\n',
    '/c/memory.swap.current': '32\n',
    '/c/memory.events': 'low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n',
    '/c/pids.current': '3\n',
    '/c/pids.peak': '5\n',
    '/c/pids.max': '20\n',
    '/c/io.stat':
      '8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=9 dios=9\n253:0 rbytes=8 wbytes=0 rios=2 wios=0\n7:1 \n',
    '/c/memory.pressure': PRESSURE,
  });
  assert.deepEqual(rest, WANTED);
  assert.equal(pressure.memory?.some.avg10, 1.5);
  assert.deepEqual([pressure.cpu, pressure.io], [null, null]);
});

test('v1, and the pressure of a hybrid host', () => {
  const { pressure, ...rest } = usage(V1, {
    '/cpuacct/c/cpuacct.usage': '1500000\n',
    '/cpuacct/c/cpuacct.stat': 'user 1\nsystem 2\n',
    '/cpu/c/cpu.stat': 'nr_periods 9\nnr_throttled 2\nthrottled_time 77000\n',
    '/memory/c/memory.usage_in_bytes': '4096\n',
    '/memory/c/memory.max_usage_in_bytes': '8192\n',
    '/memory/c/memory.limit_in_bytes': '33554432\n',
    '/memory/c/memory.memsw.usage_in_bytes': '4128\n',
    '/memory/c/memory.failcnt': '2\n',
    '/memory/c/memory.memsw.failcnt': '10\n',
    '/memory/c/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    '/pids/c/pids.current': '3\n',
    '/pids/c/pids.peak': '5\n',
    '/pids/c/pids.max': '20\n',
    '/blkio/c/blkio.bfq.io_service_bytes_recursive': 'Total 0\n',
    '/blkio/c/blkio.throttle.io_service_bytes_recursive':
      '8:0 Read 4096\n8:0 Write 512\n8:0 Total 4608\n253:0 Read 8\nTotal 4616\n',
    '/blkio/c/blkio.throttle.io_serviced_recursive': '8:0 Read 3\n8:0 Write 1\nTotal 4\n',
    '//c/cpu.pressure': PRESSURE,
  });
  assert.deepEqual(rest, WANTED);
  assert.equal(pressure.cpu?.some.total, 99n);
  assert.equal(pressure.memory, null);
});

test('no limit is null, whatever it is called', () => {
  const v2 = usage(V2, { '/c/memory.max': 'max\n', '/c/pids.max': 'max\n' });
  const v1 = usage(V1, {
    '/memory/c/memory.limit_in_bytes': '9223372036854771712\n',
    '/pids/c/pids.max': 'max\n',
  });
  for (const { memory, pids } of [v1, v2]) {
    assert.deepEqual([memory.limitBytes, pids.limit], [null, null]);
  }
});

test('nothing is known where there are no files, and nothing is 0 then', () => {
  const only = (value: unknown): boolean =>
    value === null || (typeof value === 'object' && Object.values(value ?? {}).every(only));
  for (const place of [V1, V2, { mode: 'none', paths: {} } as const]) {
    assert.ok(only(usage(place, {})), JSON.stringify(place));
  }
  // An account that nothing has been put down in yet.
  const empty = usage(V2, { '/c/io.stat': '' });
  assert.equal(empty.io.readBytes, 0n);
  assert.equal(
    usage(V1, { '/blkio/c/blkio.throttle.io_serviced_recursive': 'Total 0\n' }).io.reads,
    0n,
  );
});
