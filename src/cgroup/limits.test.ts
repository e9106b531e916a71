import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HYBRID, refusal, V1, V2 } from '../plan/testing/fixtures.js';
import type { Resources } from '../spec/config.gen.js';
import { compileCgroup } from './compile.js';
import type { CgroupFacts } from './types.js';
import { blkioToIoWeight, sharesToWeight, swapMax } from './v2.js';

function compile(facts: CgroupFacts, resources: Resources) {
  return compileCgroup({
    facts,
    linux: { cgroupsPath: '/c', resources },
    id: 'id',
    rootless: false,
    inUserNamespace: false,
  });
}
/** Writes below the container's directory, without the devices. */
function writes(facts: CgroupFacts, resources: Resources): string[] {
  return compile(facts, resources)
    .limits.filter((write) => !write.path.includes('/devices.'))
    .map((write) => `${write.path.replace(/^.*\/c\//, '')}=${write.data}`);
}
const v1 = (resources: Resources) => writes(V1, resources);
const v2 = (resources: Resources) => writes(V2, resources);

/** The name, resources, what v1 writes, what v2 writes. */
const CASES: readonly (readonly [string, Resources, readonly string[], readonly string[]])[] = [
  [
    'memory limit',
    { memory: { limit: 33554432 } },
    ['memory.limit_in_bytes=33554432'],
    ['memory.max=33554432'],
  ],
  [
    'memory and swap: memory first, v2 has swap alone',
    { memory: { limit: 100, swap: 300 } },
    ['memory.limit_in_bytes=100', 'memory.memsw.limit_in_bytes=300'],
    ['memory.swap.max=200', 'memory.max=100'],
  ],
  [
    'no swap',
    { memory: { limit: 100, swap: 100 } },
    ['memory.limit_in_bytes=100', 'memory.memsw.limit_in_bytes=100'],
    ['memory.swap.max=0', 'memory.max=100'],
  ],
  [
    'unlimited swap: it is lifted first',
    { memory: { limit: 100, swap: -1 } },
    ['memory.memsw.limit_in_bytes=-1', 'memory.limit_in_bytes=100'],
    ['memory.swap.max=max', 'memory.max=100'],
  ],
  [
    'unlimited memory lifts swap as well',
    { memory: { limit: -1 } },
    ['memory.memsw.limit_in_bytes=-1', 'memory.limit_in_bytes=-1'],
    ['memory.swap.max=max', 'memory.max=max'],
  ],
  ['0 is "not set"', { memory: { limit: 0, swap: 0, reservation: 0 } }, [], []],
  [
    'reservation',
    { memory: { reservation: 64n } },
    ['memory.soft_limit_in_bytes=64'],
    ['memory.low=64'],
  ],
  [
    '64 bits',
    { memory: { limit: 9007199254740993n } },
    ['memory.limit_in_bytes=9007199254740993'],
    ['memory.max=9007199254740993'],
  ],
  ['swappiness', { memory: { swappiness: 0 } }, ['memory.swappiness=0'], []],
  ['disableOOMKiller', { memory: { disableOOMKiller: true } }, ['memory.oom_control=1'], []],
  ['cpu shares', { cpu: { shares: 1024 } }, ['cpu.shares=1024'], ['cpu.weight=100']],
  [
    'cpu period and quota',
    { cpu: { period: 100000, quota: 50000 } },
    ['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=50000'],
    ['cpu.max=50000 100000'],
  ],
  [
    'cpu quota alone',
    { cpu: { quota: 50000 } },
    ['cpu.cfs_quota_us=50000'],
    ['cpu.max=50000 100000'],
  ],
  ['cpu quota -1', { cpu: { quota: -1 } }, ['cpu.cfs_quota_us=-1'], ['cpu.max=max 100000']],
  ['cpu period alone', { cpu: { period: 5000 } }, ['cpu.cfs_period_us=5000'], ['cpu.max=max 5000']],
  [
    'cpu burst after the quota',
    { cpu: { burst: 10, quota: 50 } },
    ['cpu.cfs_quota_us=50', 'cpu.cfs_burst_us=10'],
    ['cpu.max=50 100000', 'cpu.max.burst=10'],
  ],
  [
    'cpu idle after the shares',
    { cpu: { idle: 1, shares: 1024 } },
    ['cpu.shares=1024', 'cpu.idle=1'],
    ['cpu.weight=100', 'cpu.idle=1'],
  ],
  [
    'real-time period before runtime',
    { cpu: { realtimeRuntime: 9, realtimePeriod: 10 } },
    ['cpu.rt_period_us=10', 'cpu.rt_runtime_us=9'],
    [],
  ],
  [
    'cpuset',
    { cpu: { cpus: '0-1', mems: '0' } },
    ['cpuset.cpus=0-1', 'cpuset.mems=0'],
    ['cpuset.cpus=0-1', 'cpuset.mems=0'],
  ],
  ['pids', { pids: { limit: 20 } }, ['pids.max=20'], ['pids.max=20']],
  ['pids 0 is 1', { pids: { limit: 0 } }, ['pids.max=1'], ['pids.max=1']],
  ['pids -1 is max', { pids: { limit: -1 } }, ['pids.max=max'], ['pids.max=max']],
  ['block weight', { blockIO: { weight: 1000 } }, ['blkio.weight=1000'], ['io.bfq.weight=1000']],
  [
    'block weight of a device',
    { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 500, leafWeight: 300 }] } },
    ['blkio.weight_device=8:0 500', 'blkio.leaf_weight_device=8:0 300'],
    ['io.bfq.weight=8:0 500'],
  ],
  [
    'block rates',
    {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 600 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 1, rate: 601 }],
        throttleReadIOPSDevice: [{ major: 8, minor: 2, rate: 300 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 3, rate: 0 }],
      },
    },
    [
      'blkio.throttle.read_bps_device=8:0 600',
      'blkio.throttle.write_bps_device=8:1 601',
      'blkio.throttle.read_iops_device=8:2 300',
      'blkio.throttle.write_iops_device=8:3 0',
    ],
    ['io.max=8:0 rbps=600', 'io.max=8:1 wbps=601', 'io.max=8:2 riops=300', 'io.max=8:3 wiops=max'],
  ],
  [
    'huge pages, reserved too',
    { hugepageLimits: [{ pageSize: '2MB', limit: 4194304 }] },
    ['hugetlb.2MB.limit_in_bytes=4194304', 'hugetlb.2MB.rsvd.limit_in_bytes=4194304'],
    ['hugetlb.2MB.max=4194304', 'hugetlb.2MB.rsvd.max=4194304'],
  ],
  [
    'network',
    { network: { classID: 1048577, priorities: [{ name: 'eth0', priority: 5 }] } },
    ['net_cls.classid=1048577', 'net_prio.ifpriomap=eth0 5'],
    [],
  ],
  [
    'rdma',
    { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 }, mlx4_0: { hcaObjects: 1 } } },
    ['rdma.max=mlx5_1 hca_handle=3 hca_object=10000', 'rdma.max=mlx4_0 hca_object=1'],
    ['rdma.max=mlx5_1 hca_handle=3 hca_object=10000', 'rdma.max=mlx4_0 hca_object=1'],
  ],
];
for (const [name, resources, one, two] of CASES) {
  test(`v1: ${name}`, () => assert.deepEqual(v1(resources), one));
  test(`v2: ${name}`, () => assert.deepEqual(v2(resources), two));
}

test('each write says what asked for it', () => {
  const plan = compile(V1, { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } });
  assert.equal(plan.limits.at(-1)?.at, '/linux/resources/blockIO/weightDevice/0/weight');
  assert.equal(plan.limits.at(-1)?.path, '/sys/fs/cgroup/blkio/c/blkio.weight_device');
});

test('v1: block weights fall back to BFQ’s files', () => {
  assert.deepEqual(compile(V1, { blockIO: { weight: 10 } }).limits.at(-1)?.otherwise, {
    path: '/sys/fs/cgroup/blkio/c/blkio.bfq.weight',
    data: '10',
  });
});

test('v2: block weights fall back to io.weight, on its scale', () => {
  assert.deepEqual(compile(V2, { blockIO: { weight: 10 } }).limits.at(-1)?.otherwise, {
    path: '/sys/fs/cgroup/c/io.weight',
    data: '1',
  });
});

for (const [shares, weight] of [
  [2n, 1],
  [1n, 1],
  [1024n, 100],
  [262144n, 10000],
  [999999n, 10000],
] as const) {
  test(`cpu shares ${shares} are the weight ${weight}`, () => {
    assert.equal(sharesToWeight(shares), weight);
  });
}

test('weights never fall while shares rise', () => {
  let last = 0;
  for (let shares = 2n; shares <= 262144n; shares += 97n) {
    const weight = sharesToWeight(shares);
    assert.ok(weight >= last && weight >= 1 && weight <= 10000);
    last = weight;
  }
});

test('block weights: 10 is 1, 1000 is 10000', () => {
  assert.deepEqual([blkioToIoWeight(10), blkioToIoWeight(1000)], [1, 10000]);
});

for (const [name, limit, swap, words] of [
  ['swap without memory', undefined, 5n, /unable to set swap limit without memory limit/],
  ['swap below memory', 10n, 5n, /memory\+swap limit should be >= memory limit/],
] as const) {
  test(`v2: ${name} is refused`, () => {
    assert.throws(
      () => swapMax(limit, swap),
      refusal('invalid-config', '/linux/resources/memory/swap', words),
    );
  });
}

for (const [shares, words] of [
  [1, /minimum allowed cpu-shares is 2/],
  [262145, /maximum allowed cpu-shares is 262144/],
] as const) {
  test(`v1: cpu shares of ${shares} are refused`, () => {
    assert.throws(
      () => v1({ cpu: { shares } }),
      refusal('invalid-config', '/linux/resources/cpu/shares', words),
    );
  });
}

test('v1: swappiness above 100 is refused', () => {
  assert.throws(
    () => v1({ memory: { swappiness: 101 } }),
    refusal('invalid-config', '/linux/resources/memory/swappiness'),
  );
});

for (const facts of [V1, HYBRID]) {
  test(`${facts.mode}: unified is refused`, () => {
    assert.throws(
      () => writes(facts, { unified: { 'pids.max': '1' } }),
      refusal('invalid-config', '/linux/resources/unified', /invalid configuration/),
    );
    assert.deepEqual(writes(facts, { unified: {} }), []);
  });
}

test('v2: unified comes last, line by line', () => {
  assert.deepEqual(
    v2({
      pids: { limit: 5 },
      unified: { 'io.max': '8:0 rbps=1\n8:1 rbps=2', 'cgroup.max.depth': '3' },
    }),
    ['pids.max=5', 'io.max=8:0 rbps=1', 'io.max=8:1 rbps=2', 'cgroup.max.depth=3'],
  );
});

for (const name of ['../x', 'a/b.c', 'memory', 'nope.max'] as const) {
  test(`v2: unified "${name}" is refused`, () => {
    assert.throws(
      () => v2({ unified: { [name]: '1' } }),
      refusal(
        name === 'nope.max' ? 'cgroup-controller-missing' : 'invalid-config',
        `/linux/resources/unified/${name.replaceAll('/', '~1')}`,
      ),
    );
  });
}

test('a controller that the host lacks is an error by name', () => {
  assert.throws(
    () => writes(HYBRID, { hugepageLimits: [{ pageSize: '2MB', limit: 1 }] }),
    refusal('cgroup-controller-missing', '/linux/resources/hugepageLimits/0', /hugetlb/),
  );
});

test('kernel memory is a warning', () => {
  for (const facts of [V1, V2]) {
    const plan = compile(facts, { memory: { kernel: 5 } });
    assert.equal(plan.warnings[0]?.at, '/linux/resources/memory/kernel');
  }
});

test('TCP buffers: a file of v1, a warning on v2', () => {
  const resources = { memory: { kernelTCP: 5 } };
  assert.deepEqual(writes(V1, resources), ['memory.kmem.tcp.limit_in_bytes=5']);
  assert.deepEqual(
    compile(V2, resources).warnings.map((w) => w.at),
    ['/linux/resources/memory/kernelTCP'],
  );
});

test('v2: what v1 alone has is a warning by name', () => {
  const plan = compile(V2, {
    memory: { swappiness: 5, disableOOMKiller: true },
    cpu: { realtimeRuntime: 5 },
    blockIO: { leafWeight: 10 },
    network: { classID: 1 },
  });
  assert.deepEqual(
    plan.warnings.map((w) => w.at.replace('/linux/resources', '')),
    [
      '/memory/swappiness',
      '/memory/disableOOMKiller',
      '/blockIO/leafWeight',
      '/cpu/realtimeRuntime',
      '/network/classID',
    ],
  );
});

test('v1: everywhere attached, cpusets inherited top down', () => {
  const plan = compileCgroup({
    facts: HYBRID,
    linux: { cgroupsPath: '/a/b' },
    id: 'id',
    rootless: false,
    inUserNamespace: false,
  });
  assert.equal(plan.attach.length, 10);
  assert.ok(plan.attach.includes('/sys/fs/cgroup/unified/a/b/cgroup.procs'));
  assert.deepEqual(plan.inheritCpuset, [
    '/sys/fs/cgroup/cpuset/a/cpuset.cpus',
    '/sys/fs/cgroup/cpuset/a/cpuset.mems',
    '/sys/fs/cgroup/cpuset/a/b/cpuset.cpus',
    '/sys/fs/cgroup/cpuset/a/b/cpuset.mems',
  ]);
  assert.equal(plan.tasks.length, 9);
  assert.ok(plan.tasks.includes('/sys/fs/cgroup/memory/a/b/tasks'));
  // Only the v2 hierarchy can be born in.
  assert.equal(plan.bornIn, '/sys/fs/cgroup/unified/a/b');
  assert.equal(plan.deviceProgram, null);
});

test('v2: born in it, controllers enabled from the mount down to the parent', () => {
  const plan = compileCgroup({
    facts: V2,
    linux: { cgroupsPath: '/a/b' },
    id: 'id',
    rootless: false,
    inUserNamespace: false,
  });
  assert.deepEqual(plan.tasks, []);
  assert.deepEqual(plan.attach, ['/sys/fs/cgroup/a/b/cgroup.procs']);
  assert.equal(plan.bornIn, '/sys/fs/cgroup/a/b');
  assert.deepEqual(
    plan.enableControllers.map((w) => w.path),
    ['/sys/fs/cgroup/cgroup.subtree_control', '/sys/fs/cgroup/a/cgroup.subtree_control'],
  );
  assert.equal(
    plan.enableControllers[0]?.data,
    '+cpuset +cpu +io +memory +hugetlb +pids +rdma +misc',
  );
  assert.equal(plan.deviceProgram?.path, '/sys/fs/cgroup/a/b');
});

test('in a user namespace there are no device rules', () => {
  const linux = { cgroupsPath: '/c', resources: { devices: [{ allow: false, access: 'rwm' }] } };
  for (const facts of [HYBRID, V2]) {
    const plan = compileCgroup({ facts, linux, id: 'i', rootless: false, inUserNamespace: true });
    assert.deepEqual([plan.limits, plan.deviceProgram], [[], null]);
    assert.equal(plan.warnings.length, 1);
  }
});

test('no cgroup at all: an error for root, a warning for the rootless', () => {
  const input = {
    facts: { mode: 'none', v1: [], v2: null } as const,
    linux: undefined,
    id: 'i',
    inUserNamespace: false,
  };
  assert.throws(() => compileCgroup({ ...input, rootless: false }), /no cgroup file system/);
  assert.equal(compileCgroup({ ...input, rootless: true }).warnings.length, 1);
});
