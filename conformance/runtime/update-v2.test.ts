/** `update` on cgroup v2, as engines and people call it; with systemd, its unit follows. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../lib/config.js';
import { NO_TASK, notRoot, notV2, SYSTEMD } from '../lib/groups.js';
import { refused, says } from '../lib/refusal.js';
import { type Container, scenario } from '../lib/sandbox.js';

const skip = notV2;
const MIB = 1024 * 1024;
const OLD = 'runc 1.1 does not have it';

const read = (container: Container, name: string): string =>
  readFileSync(path.join(container.group(), name), 'utf8').trim();

const FILES = [
  'memory.max',
  'memory.swap.max',
  'memory.low',
  'cpu.weight',
  'cpu.max',
  'cpuset.cpus',
  'cpuset.mems',
  'pids.max',
] as const;

const all = (container: Container): Record<string, string> =>
  Object.fromEntries(FILES.map((name) => [name, read(container, name)]));

const limited: Change = (c) => {
  Object.assign(c.linux.resources, {
    memory: { limit: 32 * MIB, swap: 64 * MIB, reservation: 16 * MIB },
    cpu: { shares: 512, quota: 50000, period: 100000 },
    pids: { limit: 20 },
  });
};

for (const [options, changed] of [
  [['--memory-reservation', '24M'], { 'memory.low': String(24 * MIB) }],
  [
    ['--memory', String(48 * MIB), '--memory-swap', String(48 * MIB)],
    { 'memory.max': String(48 * MIB), 'memory.swap.max': '0' },
  ],
  [['--memory', '-1'], { 'memory.max': 'max', 'memory.swap.max': 'max' }],
  [['--memory-swap', '-1'], { 'memory.swap.max': 'max' }],
  // The most there is, for which all formulas agree.
  [['--cpu-share', '262144'], { 'cpu.weight': '10000' }],
  [['--cpu-quota', '30000'], { 'cpu.max': '30000 100000' }],
  [['--cpu-quota', '30500'], { 'cpu.max': '30500 100000' }],
  [['--cpu-quota', '-1'], { 'cpu.max': 'max 100000' }],
  [['--cpu-period', '60000'], { 'cpu.max': '50000 60000' }],
  [['--cpuset-cpus', '0'], { 'cpuset.cpus': '0' }],
  [['--cpuset-mems', '0'], { 'cpuset.mems': '0' }],
  [['--pids-limit', '10'], { 'pids.max': '10' }],
  [['--pids-limit', '-1'], { 'pids.max': 'max' }],
] as const) {
  scenario(
    `v2: update ${options.join(' ')}: this, and nothing else`,
    { skip, not: { runc: OLD } },
    async (s) => {
      const container = await s.running(limited);
      const before = all(container);
      container.must('update', [...options]);
      assert.deepEqual(all(container), { ...before, ...changed });
      assert.equal(container.state().status, 'running');
    },
  );
}

scenario(
  'v2: update --pids-limit 0 lets no task be made',
  { skip, not: { runc: OLD } },
  async (s) => {
    const container = await s.running(limited);
    container.must('update', ['--pids-limit', '0']);
    assert.match(read(container, 'pids.max'), NO_TASK);
  },
);

scenario(
  'v2: shares of an update are the weight that they are in config.json',
  { skip, own: true },
  async (s) => {
    const container = await s.running(limited);
    container.must('update', ['--cpu-share', '1024']);
    assert.equal(read(container, 'cpu.weight'), '100');
    container.must('update', ['--cpu-share', '512']);
    assert.equal(read(container, 'cpu.weight'), '59');
  },
);

scenario('v2: sizes with a unit', { skip, own: true }, async (s) => {
  const container = await s.running(limited);
  container.must('update', ['--memory', '48M', '--memory-swap', '48M']);
  assert.equal(read(container, 'memory.max'), String(48 * MIB));
  assert.equal(read(container, 'memory.swap.max'), '0');
});

scenario('v2: resources from a file; names in any case', { skip }, async (s) => {
  const container = await s.running(limited);
  const result = container.update({
    memory: { limit: 40 * MIB, swap: 80 * MIB, reservation: 0 },
    CPU: { Shares: 262144, quota: 0, Cpus: '0' },
    unified: { 'memory.high': String(30 * MIB) },
  });
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(
    ['memory.max', 'memory.swap.max', 'memory.low', 'cpu.weight', 'cpu.max'].map((name) =>
      read(container, name),
    ),
    [String(40 * MIB), String(40 * MIB), String(16 * MIB), '10000', '50000 100000'],
  );
  assert.equal(read(container, 'memory.high'), String(30 * MIB));
});

scenario('v2: burst is kept by other updates', { skip, not: { runc: OLD } }, async (s) => {
  const container = await s.running(limited);
  container.must('update', ['--cpu-burst', '20000']);
  container.must('update', ['--cpu-quota', '30000']);
  container.must('update', ['--memory', String(40 * MIB)]);
  assert.equal(read(container, 'cpu.max.burst'), '20000');
  assert.equal(read(container, 'cpu.max'), '30000 100000');
});

scenario('v2: idle, and the weight that survives it', { skip, not: { runc: OLD } }, async (s) => {
  const container = await s.running(limited);
  const weight = read(container, 'cpu.weight');
  container.must('update', ['--cpu-idle', '1']);
  assert.equal(read(container, 'cpu.idle'), '1');
  container.must('update', ['--cpu-idle', '0']);
  assert.equal(read(container, 'cpu.idle'), '0');
  assert.equal(read(container, 'cpu.weight'), weight);
});

scenario(
  'v2: where one limit is refused, the others are put back',
  { skip, not: { runc: 'it leaves what it has written', crun: 'it leaves what it has written' } },
  async (s) => {
    const container = await s.running(limited);
    const before = all(container);
    const result = container.update({
      memory: { limit: 100 * MIB, swap: 200 * MIB },
      cpu: { shares: 99, quota: 20000 },
      pids: { limit: 17 },
      // The highest numbers there are: no machine has that device.
      blockIO: { throttleReadBpsDevice: [{ major: 4095, minor: 1048575, rate: 1000 }] },
    });
    refused(result);
    says(result.stderr, /io\.max.*put back/s);
    assert.deepEqual(all(container), before);
  },
);

scenario('v2: checkBeforeUpdate', { skip, not: { runc: OLD } }, async (s) => {
  const container = await s.running(limited);
  const result = container.update({ memory: { limit: 4096, checkBeforeUpdate: true } });
  refused(result);
  says(result.stderr, /rejecting memory limit 4096 < usage \d+/);
  assert.equal(read(container, 'memory.max'), String(32 * MIB));
});

scenario('v2: a paused container stays paused, a created one created', { skip }, async (s) => {
  const container = await s.running(limited);
  container.must('pause');
  container.must('update', ['--pids-limit', '11']);
  assert.equal(container.state().status, 'paused');
  container.must('resume');
  const created = s.created(limited);
  created.must('update', ['--pids-limit', '12']);
  assert.equal(read(created, 'pids.max'), '12');
  assert.equal(created.state().status, 'created');
});

scenario(
  'v2: quota and period inside a limited parent, in the order that it takes',
  { skip: skip || (SYSTEMD && 'the parent is a slice of systemd') },
  async (s) => {
    const container = await s.running((c) => {
      c.linux.resources.cpu = { quota: 40000, period: 100000 };
    });
    writeFileSync(path.join(container.group(), '../cpu.max'), '50000 100000');
    for (const [quota, period] of [
      ['20000', '50000'],
      ['90000', '200000'],
      ['5000', '10000'],
    ] as const) {
      container.must('update', ['--cpu-quota', quota, '--cpu-period', period]);
      assert.equal(read(container, 'cpu.max'), `${quota} ${period}`);
    }
  },
);

scenario(
  'v2: new device rules are in force at once',
  { skip: skip || notRoot, not: { runc: 'leaves devices alone', crun: 'leaves devices alone' } },
  async (s) => {
    const deny = { allow: false, access: 'rwm' };
    const container = await s.running((c) => {
      c.linux.resources.devices = [deny];
      // The source of random numbers of the hardware: readable without a capability.
      c.linux.devices = [{ path: '/dev/rng', type: 'c', major: 10, minor: 183, fileMode: 0o666 }];
    });
    const open = () => container.report([], 'open /dev/rng r', 'open /dev/null w');
    assert.deepEqual(open(), [{ errno: 'EPERM' }, 'ok']);
    const allow = { allow: true, type: 'c', major: 10, minor: 183, access: 'r' };
    container.mustUpdate({ devices: [deny, allow] });
    // Without the hardware it is another error, and not that of the rules.
    const [allowed, still] = open();
    assert.notDeepEqual(allowed, { errno: 'EPERM' });
    assert.equal(still, 'ok');
    container.mustUpdate({ devices: [deny] });
    assert.deepEqual(open(), [{ errno: 'EPERM' }, 'ok']);
  },
);
