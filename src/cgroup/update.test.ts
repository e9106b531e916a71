import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resources } from '../spec/config.gen.js';
import { deviceChanges, samePolicy } from './device-update.js';
import { devicePolicy } from './devices.js';
import { checkUsage, compileUpdate, takeBack } from './update.js';

const V1 = Object.fromEntries(
  ['memory', 'cpu', 'cpuset', 'pids', 'blkio', 'devices'].map((name) => [name, `/${name}`]),
);
const MIB = 1024 ** 2;

function compile(
  mode: 'v1' | 'v2',
  given: Resources,
  stored: Resources = {},
  files: Record<string, string> = {},
) {
  const controllers = { '/v2/cgroup.controllers': 'cpuset cpu io memory pids\n' };
  const { stages } = compileUpdate({
    mode,
    paths: mode === 'v1' ? V1 : { '': '/v2' },
    given,
    stored,
    read: (path) => ({ ...controllers, ...files })[path] ?? null,
  });
  return stages.map((stage) => stage.map(({ path, data }) => `${path} ${data}`));
}

const memory = (limit: number, swap: number): Resources => ({ memory: { limit, swap } });
const inForce = (bytes: number) => ({ '/memory/memory.limit_in_bytes': `${bytes}\n` });

test('v1: growing memory and swap: swap first, or memory would pass it', () => {
  assert.deepEqual(compile('v1', memory(200, 400), memory(50, 100), inForce(50)), [
    ['/memory/memory.memsw.limit_in_bytes 400'],
    ['/memory/memory.limit_in_bytes 200'],
  ]);
});

test('v1: shrinking below the memory limit in force: memory first', () => {
  assert.deepEqual(compile('v1', memory(50, 100), memory(200, 400), inForce(200)), [
    ['/memory/memory.limit_in_bytes 50'],
    ['/memory/memory.memsw.limit_in_bytes 100'],
  ]);
});

test('v1: what counts is what is in force, not what was asked for', () => {
  assert.deepEqual(compile('v1', memory(50, 100), memory(10, 20), inForce(200))[0], [
    '/memory/memory.limit_in_bytes 50',
  ]);
});

test('v1: unlimited swap goes first', () => {
  assert.deepEqual(compile('v1', memory(200, -1), {}, inForce(50))[0], [
    '/memory/memory.memsw.limit_in_bytes -1',
  ]);
});

test('v1: memory -1 lifts swap, too, and before it', () => {
  assert.deepEqual(compile('v1', { memory: { limit: -1 } }, memory(50, 100), inForce(50)), [
    ['/memory/memory.memsw.limit_in_bytes -1'],
    ['/memory/memory.limit_in_bytes -1'],
  ]);
});

test('only what is given is written', () => {
  const stored: Resources = { ...memory(50, 100), pids: { limit: 5 }, cpu: { shares: 9 } };
  assert.deepEqual(compile('v1', { pids: { limit: 7 } }, stored), [['/pids/pids.max 7']]);
  assert.deepEqual(compile('v1', { cpu: { quota: 0, shares: 0 }, memory: { limit: 0 } }), []);
});

test('v1: what depends on each other within cpu is one stage', () => {
  const cpu = { period: 50000, quota: 20000, burst: 100, realtimePeriod: 9, realtimeRuntime: 8 };
  assert.deepEqual(compile('v1', { cpu: { ...cpu, cpus: '0' } }), [
    ['/cpuset/cpuset.cpus 0'],
    [
      '/cpu/cpu.cfs_period_us 50000',
      '/cpu/cpu.cfs_quota_us 20000',
      '/cpu/cpu.cfs_burst_us 100',
      '/cpu/cpu.rt_period_us 9',
      '/cpu/cpu.rt_runtime_us 8',
    ],
  ]);
});

test('pids: -1 is no limit, 0 counts as 1', () => {
  assert.deepEqual(compile('v1', { pids: { limit: -1 } }), [['/pids/pids.max max']]);
  assert.deepEqual(compile('v2', { pids: { limit: 0 } }), [['/v2/pids.max 1']]);
});

test('idle: the weight that the kernel has forgotten comes back', () => {
  const stored = { cpu: { shares: 512 } };
  assert.deepEqual(compile('v1', { cpu: { idle: 0 } }, stored, { '/cpu/cpu.idle': '1\n' }), [
    ['/cpu/cpu.shares 512', '/cpu/cpu.idle 0'],
  ]);
  assert.deepEqual(compile('v1', { cpu: { idle: 0 } }, stored, { '/cpu/cpu.idle': '0\n' }), [
    ['/cpu/cpu.idle 0'],
  ]);
});

test('idle: a group that is idle takes no weight', () => {
  const given = { cpu: { idle: 1, shares: 512 } };
  assert.deepEqual(compile('v1', given, {}, { '/cpu/cpu.idle': '1\n' }), [['/cpu/cpu.idle 1']]);
});

test('v2: cpu.max keeps the half that is not given', () => {
  const files = { '/v2/cpu.max': '20000 100000\n' };
  assert.deepEqual(compile('v2', { cpu: { period: 50000 } }, {}, files), [
    ['/v2/cpu.max 20000 50000'],
  ]);
  assert.deepEqual(compile('v2', { cpu: { quota: 30000 } }, {}, files), [
    ['/v2/cpu.max 30000 100000'],
  ]);
  assert.deepEqual(compile('v2', { cpu: { quota: -1 } }, {}, files), [['/v2/cpu.max max 100000']]);
  assert.deepEqual(
    compile('v2', { cpu: { period: 50000 } }, {}, { '/v2/cpu.max': 'max 100000\n' }),
    [['/v2/cpu.max max 50000']],
  );
});

test('v2: swap is what is left of memory+swap, given or kept', () => {
  assert.deepEqual(compile('v2', { memory: { limit: 60 } }, memory(50, 100)), [
    ['/v2/memory.swap.max 40'],
    ['/v2/memory.max 60'],
  ]);
  assert.deepEqual(compile('v2', { memory: { swap: 200 } }, memory(50, 100)), [
    ['/v2/memory.swap.max 150'],
    ['/v2/memory.max 50'],
  ]);
  assert.deepEqual(compile('v2', { memory: { limit: -1 } }, memory(50, 100)), [
    ['/v2/memory.swap.max max'],
    ['/v2/memory.max max'],
  ]);
  assert.throws(() => compile('v2', { memory: { swap: 200 } }), /without memory limit/);
  assert.throws(() => compile('v2', { memory: { limit: 101 } }, memory(50, 100)), />= memory/);
});

test('v2: a controller that the cgroup does not have is named', () => {
  assert.throws(
    () => compile('v2', { pids: { limit: 3 } }, {}, { '/v2/cgroup.controllers': 'cpu memory' }),
    { code: 'cgroup-controller-missing', pointer: '/linux/resources/pids/limit' },
  );
});

test('v2: unified goes as it is; v1 has none', () => {
  const given: Resources = { unified: { 'memory.high': '1000' } };
  assert.deepEqual(compile('v2', given), [['/v2/memory.high 1000']]);
  assert.throws(() => compile('v1', given), /cannot use unified on cgroup v1/);
});

test('checkBeforeUpdate: more in use than would be allowed', () => {
  const limits = { limit: 64 * MIB, swap: 128 * MIB };
  const use = (a: number, b: number) => ({ memory: BigInt(a * MIB), both: BigInt(b * MIB) });
  checkUsage(limits, use(64, 128));
  assert.throws(() => checkUsage(limits, use(65, 65)), /rejecting memory limit 67108864 < usage/);
  assert.throws(() => checkUsage(limits, use(10, 129)), /rejecting memory\+swap limit 134217728/);
  checkUsage({ limit: -1 }, use(65, 65));
});

for (const [file, data, before, back] of [
  ['pids.max', '5', 'max\n', 'max'],
  ['cpu.max', '5 6', 'max 100000\n', 'max 100000'],
  ['cpuset.cpus', '0', '\n', '\n'],
  ['memory.oom_control', '0', 'oom_kill_disable 1\nunder_oom 0\n', '1'],
  ['blkio.throttle.read_bps_device', '8:0 5', '8:16 7\n8:0 9\n', '8:0 9'],
  ['blkio.throttle.read_bps_device', '8:0 5', '', '8:0 0'],
  ['io.max', '8:0 rbps=5', '', '8:0 rbps=max wbps=max riops=max wiops=max'],
  ['io.max', '8:0 rbps=5', '8:0 rbps=1 wbps=max\n', '8:0 rbps=1 wbps=max'],
  ['io.weight', '50', 'default 100\n8:0 20\n', 'default 100'],
  ['io.weight', '8:0 50', 'default 100\n', '8:0 default'],
] as const) {
  test(`${file} "${data}" is taken back with "${back.trim()}"`, () => {
    assert.equal(takeBack({ path: `/x/${file}`, data, at: '' }, before), back);
  });
}

const rule = (major: number, access: string, allow = true) => ({
  allow,
  type: 'c' as const,
  major,
  minor: 0,
  access,
});

test('devices: only what differs is written, and what becomes allowed first', () => {
  const from = devicePolicy([rule(200, 'rwm'), rule(201, 'r')]);
  const to = devicePolicy([rule(200, 'rw'), rule(202, 'r')]);
  assert.deepEqual(
    deviceChanges(from, to, '/d').map(({ path, data }) => `${path} ${data}`),
    ['/d/devices.allow c 202:0 r', '/d/devices.deny c 200:0 m', '/d/devices.deny c 201:0 r'],
  );
});

test('devices: where all is allowed, a denial is taken out before another is added', () => {
  const all = { allow: true, access: 'rwm' };
  const from = devicePolicy([all, rule(200, 'w', false)]);
  const to = devicePolicy([all, rule(201, 'w', false)]);
  assert.deepEqual(
    deviceChanges(from, to, '/d').map(({ path, data }) => `${path} ${data}`),
    ['/d/devices.allow c 200:0 w', '/d/devices.deny c 201:0 w'],
  );
});

test('devices: the same rules in another form are the same', () => {
  const deny = { allow: false, access: 'rwm' };
  const one = devicePolicy([deny, rule(200, 'rw')]);
  assert.ok(samePolicy(one, devicePolicy([rule(200, 'w'), rule(200, 'r')])));
  assert.ok(!samePolicy(one, devicePolicy([rule(200, 'r')])));
  assert.ok(!samePolicy(one, devicePolicy([{ allow: true, access: 'rwm' }])));
});
