/**
 * `update` on cgroup v1, as engines and people call it. The file is long because all of it is
 * about one limited container, and reads its files in one way.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../lib/config.js';
import { NO_TASK, notRoot, notRootsDevices } from '../lib/groups.js';
import { cgroupMounts, cgroupV1 } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { execute, OPTIONS, type Result, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const MOUNTS = cgroupMounts();
const skip = !cgroupV1() && 'the controllers are not on cgroup v1';
const MIB = 1024 * 1024;
const OLD = 'runc 1.1 does not have it';

function file(container: Container, controller: string, name: string): string {
  return path.join(container.group(controller), name);
}

const read = (container: Container, controller: string, name: string): string =>
  readFileSync(file(container, controller, name), 'utf8').trim();

const memory = (container: Container): string[] =>
  ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'].map((name) =>
    read(container, 'memory', name),
  );
const cpu = (container: Container, ...names: string[]): string[] =>
  names.map((name) => read(container, 'cpu', `cpu.${name}`));

const limited: Change = (c) => {
  Object.assign(c.linux.resources, {
    memory: { limit: 32 * MIB, swap: 64 * MIB, reservation: 16 * MIB },
    cpu: { shares: 512, quota: 50000, period: 100000 },
    pids: { limit: 20 },
  });
};

const fails = (container: Container, options: string[], words: RegExp): void => {
  const result = container.call('update', options);
  refused(result);
  says(result.stderr, words);
};

for (const [options, controller, name, value] of [
  [['--memory-reservation', '24M'], 'memory', 'memory.soft_limit_in_bytes', String(24 * MIB)],
  [['--cpu-share', '200'], 'cpu', 'cpu.shares', '200'],
  [['--cpu-quota', '30000'], 'cpu', 'cpu.cfs_quota_us', '30000'],
  [['--cpu-quota', '-1'], 'cpu', 'cpu.cfs_quota_us', '-1'],
  [['--cpu-period', '60000'], 'cpu', 'cpu.cfs_period_us', '60000'],
  [['--cpuset-cpus', '0'], 'cpuset', 'cpuset.cpus', '0'],
  [['--cpuset-mems', '0'], 'cpuset', 'cpuset.mems', '0'],
  [['--pids-limit', '10'], 'pids', 'pids.max', '10'],
  [['--pids-limit', '-1'], 'pids', 'pids.max', 'max'],
] as const) {
  scenario(`update ${options.join(' ')}: this, and nothing else`, { skip }, async (s) => {
    const container = await s.running(limited);
    const files: [string, string][] = [
      ['memory', 'memory.limit_in_bytes'],
      ['memory', 'memory.memsw.limit_in_bytes'],
      ['memory', 'memory.soft_limit_in_bytes'],
      ['cpu', 'cpu.shares'],
      ['cpu', 'cpu.cfs_quota_us'],
      ['cpu', 'cpu.cfs_period_us'],
      ['cpuset', 'cpuset.cpus'],
      ['cpuset', 'cpuset.mems'],
      ['pids', 'pids.max'],
    ];
    const all = () =>
      Object.fromEntries(files.map(([one, two]) => [two, read(container, one, two)]));
    const before = all();
    container.must('update', [...options]);
    assert.deepEqual(all(), { ...before, [name]: value });
    assert.equal(read(container, controller, name), value);
    assert.equal(container.state().status, 'running');
  });
}

scenario('--pids-limit 0 lets no task be made', { skip, not: { runc: OLD } }, async (s) => {
  const container = await s.running(limited);
  container.must('update', ['--pids-limit', '0']);
  assert.match(read(container, 'pids', 'pids.max'), NO_TASK);
});

scenario('memory and swap together, up and down', { skip }, async (s) => {
  const container = await s.running(limited);
  for (const [limit, swap] of [
    [128, 256],
    [40, 48],
    [48, 48],
    [16, 16],
    [64, 64],
  ] as const) {
    container.must('update', [
      ...['--memory', String(limit * MIB)],
      ...['--memory-swap', String(swap * MIB)],
    ]);
    assert.deepEqual(memory(container), [String(limit * MIB), String(swap * MIB)]);
  }
  container.must('update', ['--memory-swap', String(96 * MIB)]);
  assert.deepEqual(memory(container), [String(64 * MIB), String(96 * MIB)]);
  container.must('update', ['--memory', String(90 * MIB)]);
  assert.deepEqual(memory(container), [String(90 * MIB), String(96 * MIB)]);
  container.must('update', ['--memory-swap', '-1']);
  assert.deepEqual(memory(container), [String(90 * MIB), '9223372036854771712']);
});

scenario('sizes with a unit', { skip, own: true }, async (s) => {
  const container = await s.running(limited);
  container.must('update', [
    '--memory',
    '40M',
    '--memory-swap',
    '96M',
    '--memory-reservation',
    '24M',
  ]);
  assert.deepEqual(memory(container), [String(40 * MIB), String(96 * MIB)]);
  assert.equal(read(container, 'memory', 'memory.soft_limit_in_bytes'), String(24 * MIB));
});

scenario('memory -1 lifts swap, too', { skip }, async (s) => {
  const container = await s.running(limited);
  container.must('update', ['--memory', '-1']);
  assert.deepEqual(memory(container), ['9223372036854771712', '9223372036854771712']);
});

scenario(
  'quota and period inside a limited parent, in the order that it takes',
  { skip },
  async (s) => {
    const container = await s.running((c) => {
      c.linux.resources.cpu = { quota: 40000, period: 100000 };
    });
    writeFileSync(file(container, 'cpu', '../cpu.cfs_quota_us'), '50000');
    // Half a CPU: 40000 of 50000 would be too much, and 80000 of 100000.
    for (const [quota, period] of [
      ['20000', '50000'],
      ['90000', '200000'],
      ['5000', '10000'],
    ]) {
      container.must('update', ['--cpu-quota', `${quota}`, '--cpu-period', `${period}`]);
      assert.deepEqual(cpu(container, 'cfs_quota_us', 'cfs_period_us'), [quota, period]);
    }
    const result = container.call('update', ['--cpu-quota', '9000', '--cpu-period', '10000']);
    refused(result);
    assert.deepEqual(cpu(container, 'cfs_quota_us', 'cfs_period_us'), ['5000', '10000']);
  },
);

scenario(
  'burst: within the quota, and kept by other updates',
  { skip, not: { runc: OLD } },
  async (s) => {
    const container = await s.running(limited);
    const all = () => cpu(container, 'cfs_quota_us', 'cfs_period_us', 'cfs_burst_us');
    container.must('update', ['--cpu-burst', '20000']);
    assert.deepEqual(all(), ['50000', '100000', '20000']);
    container.must('update', ['--cpu-period', '80000']);
    container.must('update', ['--cpu-quota', '30000']);
    assert.deepEqual(all(), ['30000', '80000', '20000']);
    // Up: the quota has to go first; down: the burst.
    container.must('update', ['--cpu-burst', '60000', '--cpu-quota', '70000']);
    container.must('update', ['--cpu-burst', '5000', '--cpu-quota', '6000']);
    assert.deepEqual(all(), ['6000', '80000', '5000']);
    container.must('update', ['--cpu-burst', '0']);
    assert.deepEqual(all(), ['6000', '80000', '0']);
    fails(container, ['--cpu-burst', '7000'], /burst/);
  },
);

scenario(
  'cpu-idle is 0 or 1, and the weight survives it',
  { skip, not: { runc: OLD } },
  async (s) => {
    const container = await s.running(limited);
    container.must('update', ['--cpu-idle', '1']);
    assert.deepEqual(cpu(container, 'idle'), ['1']);
    for (const value of ['-1', '2', '3', 'x']) fails(container, ['--cpu-idle', value], /cpu-idle/);
    container.must('update', ['--cpu-period', '60000']);
    assert.deepEqual(cpu(container, 'idle', 'cfs_period_us'), ['1', '60000']);
    container.must('update', ['--cpu-idle', '0']);
    assert.deepEqual(cpu(container, 'idle', 'shares'), ['0', '512']);
    container.must('update', ['--cpu-idle', '1', '--cpu-share', '300']);
    container.must('update', ['--cpu-idle', '0', '--cpu-share', '400']);
    assert.deepEqual(cpu(container, 'idle', 'shares'), ['0', '400']);
  },
);

const RT = path.join(MOUNTS.get('cpu') ?? '/none', 'cpu.rt_runtime_us');

scenario(
  'real-time period and runtime, in the order that fits',
  {
    skip: skip || notRoot || (!existsSync(RT) && 'the kernel has no real-time group scheduling'),
    not: { runc: 'runc 1.1 writes the period first, always' },
  },
  async (s) => {
    const container = await s.running();
    writeFileSync(file(container, 'cpu', '../cpu.rt_runtime_us'), '500000');
    for (const [period, runtime] of [
      ['1000000', '400000'],
      ['100000', '40000'],
      ['800000', '300000'],
    ]) {
      container.must('update', ['--cpu-rt-period', `${period}`, '--cpu-rt-runtime', `${runtime}`]);
      assert.deepEqual(cpu(container, 'rt_period_us', 'rt_runtime_us'), [period, runtime]);
    }
  },
);

/** By a pipe on standard input, as engines have it. */
function updateByPipe(s: Sandbox, container: Container, resources: object): Result {
  const file = s.path('resources.json');
  writeFileSync(file, JSON.stringify(resources));
  const words = [RUNTIME, '--root', s.stateRoot, ...OPTIONS, 'update', '--resources', '-'];
  const outputs = { stdout: s.path('updated.out'), stderr: s.path('updated.err') };
  return execute('/bin/sh', ['-c', 'cat "$0" | "$@"', file, ...words, container.id], outputs);
}

/** As Node.js gives text to a program that it runs: by /dev/stdin such a one cannot be opened again. */
function updateBySocket(_: Sandbox, container: Container, resources: object): Result {
  return container.call('update', ['-r', '-'], [], { input: JSON.stringify(resources) });
}

for (const [what, update] of [
  ['a file', (_, container, resources) => container.update(resources)],
  ['standard input', updateByPipe],
  ['a socket as standard input', updateBySocket],
] satisfies [string, typeof updateByPipe][]) {
  const own = update === updateBySocket;
  scenario(
    `--resources from ${what}; names in any case, 0 is no value`,
    { skip, own },
    async (s) => {
      const container = await s.running(limited);
      const result = update(s, container, {
        memory: { limit: 40 * MIB, swap: 80 * MIB, reservation: 0 },
        CPU: { Shares: 300, quota: 0, Cpus: '0' },
        pids: { limit: 30 },
      });
      assert.equal(result.status, 0, result.stderr);
      assert.deepEqual(memory(container), [String(40 * MIB), String(80 * MIB)]);
      assert.deepEqual(cpu(container, 'shares', 'cfs_quota_us'), ['300', '50000']);
      assert.equal(read(container, 'cpuset', 'cpuset.cpus'), '0');
      assert.equal(read(container, 'pids', 'pids.max'), '30');
      assert.equal(read(container, 'memory', 'memory.soft_limit_in_bytes'), String(16 * MIB));
    },
  );
}

scenario(
  '-r=FILE, and options behind the ID',
  { skip, not: { runc: 'options come first' } },
  async (s) => {
    const container = await s.running(limited);
    writeFileSync(s.path('r.json'), '{"pids":{"limit":31}}');
    container.must('update', [`-r=${s.path('r.json')}`]);
    assert.equal(read(container, 'pids', 'pids.max'), '31');
    container.must('update', [], ['--pids-limit', '32']);
    assert.equal(read(container, 'pids', 'pids.max'), '32');
  },
);

scenario('throttles are merged by device', { skip, not: { runc: OLD } }, async (s) => {
  const number = existsSync('/sys/block/loop0/dev')
    ? readFileSync('/sys/block/loop0/dev', 'utf8').trim()
    : readFileSync('/sys/block/vda/dev', 'utf8').trim();
  const [major, minor] = number.split(':').map(Number);
  const container = await s.running((c) => {
    c.linux.resources.blockIO = { throttleReadBpsDevice: [{ major, minor, rate: 1000000 }] };
  });
  const update = (blockIO: object) => container.mustUpdate({ blockIO });
  update({ throttleWriteIOPSDevice: [{ major, minor, rate: 50 }] });
  const throttle = (name: string) => read(container, 'blkio', `blkio.throttle.${name}_device`);
  assert.equal(throttle('read_bps'), `${number} 1000000`);
  assert.equal(throttle('write_iops'), `${number} 50`);
  update({ throttleReadBpsDevice: [{ major, minor, rate: 2000000 }] });
  assert.equal(throttle('read_bps'), `${number} 2000000`);
  update({ throttleReadBpsDevice: [{ major, minor, rate: 0 }] });
  assert.equal(throttle('read_bps'), '');
});

scenario(
  'device rules: only the differences are written',
  { skip: skip || notRootsDevices, not: { runc: 'leaves devices alone' } },
  async (s) => {
    const deny = { allow: false, access: 'rwm' };
    const kmsg = { allow: true, type: 'c', major: 1, minor: 11, access: 'r' };
    const container = await s.running((c) => {
      c.linux.resources.devices = [deny];
    });
    const update = (resources: object) => container.mustUpdate(resources);
    const list = () => read(container, 'devices', 'devices.list').split('\n').sort();
    const before = list();
    // What somebody else has added stays.
    writeFileSync(file(container, 'devices', 'devices.allow'), 'c 195:0 rw');
    update({ pids: { limit: 9 } });
    update({ devices: [deny] });
    assert.deepEqual(list(), [...before, 'c 195:0 rw'].sort());
    update({ devices: [deny, kmsg] });
    assert.deepEqual(list(), [...before, 'c 195:0 rw', 'c 1:11 r'].sort());
    update({ devices: [deny] });
    assert.deepEqual(list(), [...before, 'c 195:0 rw'].sort());
    update({ devices: [{ allow: true, access: 'rwm' }] });
    assert.deepEqual(list(), ['a *:* rwm']);
    assert.equal(container.state().status, 'running');
    update({ devices: [deny] });
    assert.deepEqual(list(), before);
    assert.equal(container.state().status, 'running');
  },
);

scenario('a paused container stays paused, a created one created', { skip }, async (s) => {
  const container = await s.running(limited);
  container.must('pause');
  container.must('update', ['--memory', String(40 * MIB), '--pids-limit', '11']);
  assert.equal(container.state().status, 'paused');
  assert.equal(read(container, 'pids', 'pids.max'), '11');
  container.must('resume');
  const created = s.created(limited);
  created.must('update', ['--pids-limit', '12']);
  assert.equal(read(created, 'pids', 'pids.max'), '12');
  assert.equal(created.state().status, 'created');
});

scenario('a stopped container, and none', { skip }, async (s) => {
  const container = await s.running();
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  fails(container, ['--pids-limit', '5'], /container not running/);
  container.must('delete');
  fails(container, ['--pids-limit', '5'], /container .*does not exist/);
});

scenario(
  'where one limit is refused, the others are put back',
  { skip, not: { runc: 'it sets all again from its state, in the old order' } },
  async (s) => {
    const container = await s.running(limited);
    const before = [...memory(container), ...cpu(container, 'shares', 'cfs_quota_us')];
    const result = container.update({
      memory: { limit: 100 * MIB, swap: 200 * MIB },
      cpu: { shares: 99, quota: 20000 },
      pids: { limit: 17 },
      // The highest numbers there are: no machine has that device.
      blockIO: { throttleReadBpsDevice: [{ major: 4095, minor: 1048575, rate: 1000 }] },
    });
    refused(result);
    says(result.stderr, /throttle\.read_bps_device.*put back/s);
    assert.deepEqual([...memory(container), ...cpu(container, 'shares', 'cfs_quota_us')], before);
    assert.equal(read(container, 'pids', 'pids.max'), '20');
    // And nothing of it is kept: the quota of before counts.
    fails(container, ['--cpu-burst', '50001'], /burst/);
  },
);

scenario(
  'what was updated is what the next update, exec and delete see',
  { skip, not: { runc: OLD } },
  async (s) => {
    const container = await s.running(limited);
    container.must('update', ['--cpu-quota', '20000']);
    fails(container, ['--cpu-burst', '30000'], /burst/);
    container.must('exec', [], ['/payload', 'report', 'id']);
    const annotation = container.state().annotations;
    container.must('update', ['--memory', '-1']);
    container.must('update', ['--memory', String(100 * MIB)]);
    assert.deepEqual(memory(container), [String(100 * MIB), '9223372036854771712']);
    assert.deepEqual(container.state().annotations, annotation);
  },
);

scenario(
  'checkBeforeUpdate: less than what is in use is refused',
  { skip, not: { runc: 'on v2 only' } },
  async (s) => {
    const container = await s.running(limited);
    const result = container.update({ memory: { limit: 4096, checkBeforeUpdate: true } });
    refused(result);
    says(result.stderr, /rejecting memory limit 4096 < usage \d+/);
    assert.equal(memory(container)[0], String(32 * MIB));
  },
);

scenario(
  'what is wrong is said, and nothing changes',
  { skip, not: { runc: 'other words' } },
  async (s) => {
    const container = await s.running(limited);
    fails(container, ['--memory', 'much'], /invalid value for memory/);
    fails(
      container,
      ['--memory', String(80 * MIB)],
      /memory\+swap limit should be >= memory limit/,
    );
    fails(container, ['--cpu-share', '1'], /minimum allowed cpu-shares is 2/);
    fails(container, ['--cpuset-cpus', '4000'], /cpuset\.cpus/);
    fails(container, ['--resources', s.path('none.json')], /none\.json: no such file/);
    fails(container, ['--l3-cache-schema', 'L3:0=f'], /l3 cache schema is not enabled/);
    fails(container, ['--mem-bw-schema', 'MB:0=20'], /memory bandwidth schema is not enabled/);
    const result = container.update({ memory: { limit: '1' } });
    refused(result);
    says(result.stderr, /memory\/limit/);
    assert.deepEqual(memory(container), [String(32 * MIB), String(64 * MIB)]);
    const old = container.must('update', ['--kernel-memory', '50M']);
    says(old.stderr, /kernel memory settings are ignored/);
  },
);

scenario(
  'a limit below what is in use: the kernel says no, or gives it back',
  { skip },
  async (s) => {
    const container = await s.running((c) => {
      c.linux.resources.memory = { limit: 64 * MIB };
    });
    // A cgroup below it holds memory, too.
    mkdirSync(file(container, 'memory', 'inner'), { recursive: true });
    const result = container.call('update', ['--memory', '4k']);
    if (result.status === 0) assert.equal(memory(container)[0], '4096');
    else says(result.stderr, /unable to set memory limit to 4096 \(current usage: \d+, peak/);
  },
);
