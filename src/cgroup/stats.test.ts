import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CgroupPlace, cgroupStats, hugePageSizes, statsFiles } from './stats.js';
import type { CgroupStats } from './stats-types.js';

/** As it is printed: what is undefined is left out. Bigints as text. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}` : item)),
  );

const V1: CgroupPlace = {
  mode: 'hybrid',
  paths: Object.fromEntries(
    ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'blkio', ''].map((name) => [name, `/${name}/c`]),
  ),
};
const V2: CgroupPlace = { mode: 'v2', paths: { '': '/c' } };

const PRESSURE =
  'some avg10=1.50 avg60=0.25 avg300=0.00 total=18446744073709551615\n' +
  'full avg10=0.10 avg60=0.00 avg300=0.00 total=7\n';
const PRESSURE_STATS = {
  some: { avg10: 1.5, avg60: 0.25, avg300: 0, total: '18446744073709551615' },
  full: { avg10: 0.1, avg60: 0, avg300: 0, total: '7' },
};

/** The statistics from texts; only files that were asked for in advance are there. */
function stats(place: CgroupPlace, texts: Readonly<Record<string, string>>): CgroupStats {
  const files = statsFiles(place, ['2MB']);
  for (const path of Object.keys(texts)) assert.ok(files.includes(path), `${path} is not read`);
  return cgroupStats(place, ['2MB'], 100, (path) => {
    assert.ok(files.includes(path), `${path} is read and was not asked for`);
    return texts[path];
  });
}

test('sizes of huge pages', () => {
  assert.deepEqual(
    hugePageSizes(['hugepages-64kB', 'hugepages-2048kB', 'hugepages-1048576kB', 'else']),
    ['64KB', '2MB', '1GB'],
  );
});

test('v1: processor', () => {
  const { cpu } = stats(V1, {
    '/cpuacct/c/cpuacct.usage': '9007199254740993\n',
    '/cpuacct/c/cpuacct.usage_percpu': '3977884 12935869 \n',
    '/cpuacct/c/cpuacct.usage_all': 'cpu user system\n0 5 0\n1 6 12000000\n',
    '/cpuacct/c/cpuacct.stat': 'user 3\nsystem 1\n',
    '/cpu/c/cpu.stat': 'nr_periods 4\nnr_throttled 2\nthrottled_time 77\nnr_bursts 1\n',
    '//c/cpu.pressure': PRESSURE,
  });
  assert.deepEqual(plain(cpu), {
    usage: {
      total: '9007199254740993',
      percpu: ['3977884', '12935869'],
      percpu_kernel: ['0', '12000000'],
      percpu_user: ['5', '6'],
      kernel: '10000000',
      user: '30000000',
    },
    throttling: { periods: '4', throttledPeriods: '2', throttledTime: '77' },
    psi: PRESSURE_STATS,
  });
});

test('v1: cpuset', () => {
  const { cpuset } = stats(V1, {
    '/cpuset/c/cpuset.cpus': '0-2,7\n',
    '/cpuset/c/cpuset.mems': '0\n',
    '/cpuset/c/cpuset.cpu_exclusive': '1\n',
    '/cpuset/c/cpuset.sched_load_balance': '1\n',
    '/cpuset/c/cpuset.sched_relax_domain_level': '-1\n',
  });
  assert.deepEqual(cpuset.cpus, [0, 1, 2, 7]);
  assert.deepEqual(cpuset.mems, [0]);
  assert.equal(cpuset.cpu_exclusive, 1n);
  assert.equal(cpuset.sched_load_balance, 1n);
  assert.equal(cpuset.sched_relax_domain_level, -1n);
  assert.equal(cpuset.mem_hardwall, 0n);
});

test('v1: memory', () => {
  const { memory } = stats(V1, {
    '/memory/c/memory.stat': 'cache 8192\nrss 94208\n',
    '/memory/c/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
    '/memory/c/memory.usage_in_bytes': '749568\n',
    '/memory/c/memory.max_usage_in_bytes': '2514944\n',
    '/memory/c/memory.failcnt': '5\n',
    '/memory/c/memory.limit_in_bytes': '33554432\n',
    '/memory/c/memory.memsw.usage_in_bytes': '749569\n',
    '/memory/c/memory.memsw.limit_in_bytes': '9223372036854771712\n',
    '/memory/c/memory.kmem.usage_in_bytes': '466944\n',
    '/memory/c/memory.kmem.tcp.max_usage_in_bytes': '1\n',
  });
  assert.deepEqual(plain(memory), {
    cache: '8192',
    usage: { limit: '33554432', usage: '749568', max: '2514944', failcnt: '5' },
    swap: { limit: '9223372036854771712', usage: '749569', failcnt: '0' },
    kernel: { limit: '0', usage: '466944', failcnt: '0' },
    kernelTCP: { limit: '0', max: '1', failcnt: '0' },
    raw: { cache: '8192', rss: '94208' },
    events: { under_oom: '0', oom_kill: '3' },
  });
});

test('pids: no limit is left out, on both', () => {
  const files = (current: string, max: string, dir: string) => ({
    [`${dir}/pids.current`]: current,
    [`${dir}/pids.max`]: max,
  });
  for (const [place, dir] of [
    [V1, '/pids/c'],
    [V2, '/c'],
  ] as const) {
    assert.deepEqual(plain(stats(place, files('3\n', '20\n', dir)).pids), {
      current: '3',
      limit: '20',
    });
    assert.deepEqual(plain(stats(place, files('3\n', 'max\n', dir)).pids), { current: '3' });
  }
  // Without the controller, v2 has a list.
  assert.deepEqual(plain(stats(V2, { '/c/cgroup.procs': '5\n6\n' }).pids), { current: '2' });
});

test("v1: block devices, from the scheduler's files or from those of throttling", () => {
  const both = '8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n';
  const throttled = {
    '/blkio/c/blkio.throttle.io_service_bytes_recursive': both,
    '/blkio/c/blkio.bfq.io_service_bytes_recursive': 'Total 0\n',
    '/blkio/c/blkio.bfq.time_recursive': '253:16 9\n',
  };
  assert.deepEqual(plain(stats(V1, throttled).blkio), {
    ioServiceBytesRecursive: [
      { major: '8', op: 'Read', value: '4096' },
      { major: '8', op: 'Write' },
      { major: '8', op: 'Total', value: '4096' },
    ],
    ioTimeRecursive: [{ major: '253', minor: '16', value: '9' }],
  });
  const scheduled = { ...throttled, '/blkio/c/blkio.bfq.io_service_bytes_recursive': '8:0 Read 1' };
  assert.deepEqual(plain(stats(V1, scheduled).blkio.ioServiceBytesRecursive), [
    { major: '8', op: 'Read', value: '1' },
  ]);
});

test('hugetlb: of v1, of the v2 side of a hybrid host, of v2; reserved pages first', () => {
  const v1 = { mode: 'v1', paths: { hugetlb: '/hugetlb/c' } } as const;
  const files = {
    '/hugetlb/c/hugetlb.2MB.usage_in_bytes': '4194304',
    '/hugetlb/c/hugetlb.2MB.max_usage_in_bytes': '6291456',
    '/hugetlb/c/hugetlb.2MB.failcnt': '2',
  };
  assert.deepEqual(plain(stats(v1, files).hugetlb), {
    '2MB': { usage: '4194304', max: '6291456', failcnt: '2' },
  });
  const reserved = { ...files, '/hugetlb/c/hugetlb.2MB.rsvd.usage_in_bytes': '0' };
  assert.deepEqual(plain(stats(v1, reserved).hugetlb), { '2MB': { failcnt: '0' } });
  for (const [place, dir] of [
    [V1, '//c'],
    [V2, '/c'],
  ] as const) {
    const texts = {
      [`${dir}/hugetlb.2MB.rsvd.current`]: '2097152\n',
      [`${dir}/hugetlb.2MB.current`]: '1\n',
      [`${dir}/hugetlb.2MB.events`]: 'max 4\n',
    };
    assert.deepEqual(plain(stats(place, texts).hugetlb), {
      '2MB': { usage: '2097152', failcnt: '4' },
    });
  }
  assert.deepEqual(stats(V2, {}).hugetlb, {});
});

test('v2: processor, in nanoseconds', () => {
  const { cpu, cpuset } = stats(V2, {
    '/c/cpu.stat':
      'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnice_usec 0\n' +
      'nr_periods 9\nnr_throttled 1\nthrottled_usec 20\n',
    '/c/cpuset.cpus.effective': '1\n',
    '/c/cpuset.mems.effective': '\n',
    '/c/cpu.pressure': PRESSURE.split('\n')[0] ?? '',
  });
  assert.deepEqual(plain(cpu), {
    usage: { total: '1500000', kernel: '500000', user: '1000000' },
    throttling: { periods: '9', throttledPeriods: '1', throttledTime: '20000' },
    psi: {
      some: PRESSURE_STATS.some,
      full: { avg10: 0, avg60: 0, avg300: 0, total: '0' },
    },
  });
  assert.deepEqual(cpuset.cpus, [1]);
  assert.equal(cpuset.mems, undefined);
});

test('v2: memory; swap is told of together with it', () => {
  const base = {
    '/c/memory.stat': 'anon 90112\nfile 4096\n',
    '/c/memory.events': 'low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n',
    '/c/memory.current': '749568\n',
    '/c/memory.peak': '2514944\n',
    '/c/memory.max': '33554432\n',
    '/c/memory.pressure': PRESSURE,
  };
  const { memory } = stats(V2, {
    ...base,
    '/c/memory.swap.current': '32\n',
    '/c/memory.swap.max': '1000\n',
  });
  assert.deepEqual(plain(memory), {
    cache: '4096',
    usage: { limit: '33554432', usage: '749568', max: '2514944', failcnt: '0' },
    swap: { limit: '33555432', usage: '749600', failcnt: '0' },
    kernel: { limit: '0', failcnt: '0' },
    kernelTCP: { limit: '0', failcnt: '0' },
    raw: { anon: '90112', file: '4096' },
    events: { low: '0', high: '0', max: '12', oom: '2', oom_kill: '1', oom_group_kill: '0' },
    psi: PRESSURE_STATS,
  });
  // No sum of "no limit" and something wraps around.
  const unlimited = 18446744073709551615n;
  const open = stats(V2, { ...base, '/c/memory.max': 'max\n', '/c/memory.swap.max': '5\n' });
  assert.equal(open.memory.usage.limit, unlimited);
  assert.equal(open.memory.swap.limit, unlimited);
  assert.equal(stats(V2, { '/c/memory.swap.max': 'max\n' }).memory.swap.limit, unlimited);
});

test('v2: block devices, as v1 names them', () => {
  const { blkio } = stats(V2, {
    '/c/io.stat':
      '253:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=8 dios=2 cost.usage=9\n7:1 \n252:0\n',
    '/c/io.pressure': PRESSURE,
  });
  assert.deepEqual(plain(blkio), {
    ioServiceBytesRecursive: [
      { major: '253', op: 'Read', value: '4096' },
      { major: '253', op: 'Write' },
      { major: '253', op: 'Discard', value: '8' },
    ],
    ioServicedRecursive: [
      { major: '253', op: 'Read', value: '1' },
      { major: '253', op: 'Write' },
      { major: '253', op: 'Discard', value: '2' },
    ],
    psi: PRESSURE_STATS,
  });
});

test('nothing but what is always there, where there are no files', () => {
  for (const place of [V1, V2]) {
    const empty = stats(place, {});
    assert.deepEqual(plain(empty.cpu), { usage: { kernel: '0', user: '0' }, throttling: {} });
    assert.deepEqual(plain(empty.pids), {});
    assert.deepEqual(plain(empty.blkio), {});
  }
});
