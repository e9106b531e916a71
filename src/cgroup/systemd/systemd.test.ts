import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marshal } from '../../dbus/marshal.js';
import { variant } from '../../dbus/values.js';
import { OcirtError } from '../../errors.js';
import { V1, V2 } from '../../plan/testing/fixtures.js';
import type { DeviceRule, Resources } from '../../spec/config.gen.js';
import { compileCgroup } from '../compile.js';
import { devicePolicy } from '../devices.js';
import type { CgroupFacts } from '../types.js';
import { listToMask } from './cpu-mask.js';
import { deviceProperties } from './devices.js';
import { compileSystemd, compileSystemdUpdate } from './plan.js';
import { quotaPerSecond, resourceProperties } from './properties.js';
import type { Property, SystemdFacts } from './types.js';
import { slicePath, unitName } from './unit.js';

const INFINITY = 18446744073709551615n;

// Names ------------------------------------------------------------------------------------------

for (const [path, expected] of [
  [undefined, 'system.slice/ocirt-id.scope'],
  ['', 'system.slice/ocirt-id.scope'],
  ['machine.slice:libpod:abc', 'machine.slice/libpod-abc.scope'],
  [':x:y', 'system.slice/x-y.scope'],
  ['a.slice::y', 'a.slice/y.scope'],
] as const) {
  test(`unit of ${path}`, () => {
    const { slice, unit } = unitName(path, 'id', false);
    assert.equal(`${slice}/${unit}`, expected);
  });
}

test('a user has a slice of his own', () => {
  assert.equal(unitName(undefined, 'id', true).slice, 'user.slice');
});

for (const path of [
  '/a/b',
  'a',
  'a:b',
  'a:b:c:d',
  's.slice:p:',
  's.slice:p:a/b',
  'a.slice:p:b.slice',
]) {
  test(`no unit: ${path}`, () => {
    assert.throws(() => unitName(path, 'id', false), {
      code: 'invalid-config',
      pointer: '/linux/cgroupsPath',
    });
  });
}

test('the words about a path in place of a unit', () => {
  assert.throws(
    () => unitName('/a', 'id', false),
    /expected cgroupsPath to be of format "slice:prefix:name"/,
  );
});

for (const [slice, path] of [
  ['system.slice', '/system.slice'],
  ['a-b-c.slice', '/a.slice/a-b.slice/a-b-c.slice'],
  ['-.slice', ''],
] as const) {
  test(`slice ${slice}`, () => assert.equal(slicePath(slice), path));
}
for (const slice of ['a', '.slice', 'a--b.slice', '-a.slice', 'a-.slice', 'a/b.slice']) {
  test(`no slice: ${slice}`, () => assert.throws(() => slicePath(slice), OcirtError));
}

// Resources --------------------------------------------------------------------------------------

const show = (properties: readonly Property[]): string[] =>
  properties.map(
    ({ name, value }) => `${name}=${value instanceof Uint8Array ? value.join(' ') : String(value)}`,
  );
const v2 = (resources: Resources, version = 257) =>
  show(resourceProperties(resources, true, version).properties);
const v1 = (resources: Resources) => show(resourceProperties(resources, false, 257).properties);

/** What it is about, resources, the properties on v2, those on v1. */
const CASES: readonly (readonly [string, Resources, readonly string[], readonly string[]])[] = [
  ['memory.limit', { memory: { limit: 100 } }, ['MemoryMax=100'], ['MemoryLimit=100']],
  [
    'no limit',
    { memory: { limit: -1 } },
    [`MemoryMax=${INFINITY}`, `MemorySwapMax=${INFINITY}`],
    [`MemoryLimit=${INFINITY}`],
  ],
  [
    'swap',
    { memory: { limit: 100, swap: 300 } },
    ['MemoryMax=100', 'MemorySwapMax=200'],
    ['MemoryLimit=100'],
  ],
  ['reservation', { memory: { reservation: 7 } }, ['MemoryLow=7'], []],
  ['shares', { cpu: { shares: 1024 } }, ['CPUWeight=100'], ['CPUShares=1024']],
  ['idle', { cpu: { idle: 1 } }, ['CPUWeight=0'], []],
  [
    'quota and period',
    { cpu: { quota: 50000, period: 200000 } },
    ['CPUQuotaPeriodUSec=200000', 'CPUQuotaPerSecUSec=250000'],
    ['CPUQuotaPeriodUSec=200000', 'CPUQuotaPerSecUSec=250000'],
  ],
  [
    'no quota',
    { cpu: { quota: -1 } },
    [`CPUQuotaPerSecUSec=${INFINITY}`],
    [`CPUQuotaPerSecUSec=${INFINITY}`],
  ],
  [
    'period alone',
    { cpu: { period: 50000 } },
    ['CPUQuotaPeriodUSec=50000', `CPUQuotaPerSecUSec=${INFINITY}`],
    ['CPUQuotaPeriodUSec=50000', `CPUQuotaPerSecUSec=${INFINITY}`],
  ],
  [
    'cpus and mems',
    { cpu: { cpus: '0-2,9', mems: '0' } },
    ['AllowedCPUs=7 2', 'AllowedMemoryNodes=1'],
    ['AllowedCPUs=7 2', 'AllowedMemoryNodes=1'],
  ],
  ['pids', { pids: { limit: 20 } }, ['TasksMax=20'], ['TasksMax=20']],
  ['pids 0 and -1', { pids: { limit: 0 } }, ['TasksMax=1'], ['TasksMax=1']],
  [
    'pids without limit',
    { pids: { limit: -1 } },
    [`TasksMax=${INFINITY}`],
    [`TasksMax=${INFINITY}`],
  ],
  ['block I/O weight', { blockIO: { weight: 500 } }, ['IOWeight=4950'], ['BlockIOWeight=500']],
  [
    'unified',
    {
      unified: {
        'memory.high': '5',
        'memory.min': 'max',
        'pids.max': '9',
        'cpu.max': '50000 100000',
        'cpuset.cpus': '1',
        'cpu.weight': '42',
        'memory.oom.group': '1',
        'hugetlb.2MB.max': '0',
      },
    },
    [
      'MemoryHigh=5',
      `MemoryMin=${INFINITY}`,
      'TasksMax=9',
      'CPUQuotaPeriodUSec=100000',
      'CPUQuotaPerSecUSec=500000',
      'CPUWeight=42',
      'AllowedCPUs=2',
    ],
    [],
  ],
];
for (const [what, resources, onV2, onV1] of CASES) {
  test(`properties, v2: ${what}`, () => assert.deepEqual(v2(resources), onV2));
  test(`properties, v1: ${what}`, () => assert.deepEqual(v1(resources), onV1));
}

test('every property can be sent', () => {
  for (const [, resources] of CASES) {
    for (const { signature, value } of resourceProperties(resources, true, 257).properties) {
      marshal('v', [variant(signature, value)]);
    }
  }
});

test('a quota is rounded up to whole percents', () => {
  assert.equal(quotaPerSecond(50500n, 100000n), 510000n);
  assert.equal(quotaPerSecond(1n, 1000000n), 10000n);
  assert.equal(quotaPerSecond(300000n, 100000n), 3000000n);
});

test('what an old systemd has no property for is left out', () => {
  const resources = { cpu: { cpus: '0', period: 50000, quota: 1000, idle: 1 } };
  assert.deepEqual(v2(resources, 241), ['CPUQuotaPerSecUSec=20000']);
});

test('the weight and idle cannot both be had', () => {
  for (const resources of [
    { cpu: { shares: 200, idle: 1 } },
    { unified: { 'cpu.idle': '1', 'cpu.weight': '8' } },
  ]) {
    const { properties, warnings } = resourceProperties(resources, true, 252);
    assert.deepEqual(show(properties), ['CPUWeight=0']);
    assert.match(warnings[0]?.message ?? '', /unable to apply both/);
  }
  assert.deepEqual(v2({ cpu: { shares: 1024, idle: 1 } }, 251), ['CPUWeight=100']);
});

test('lists of numbers', () => {
  assert.deepEqual([...listToMask('0,8-9', '')], [1, 3]);
  assert.deepEqual([...listToMask('15', '')], [0, 128]);
  for (const wrong of ['', 'x', '3-1', '99999', '1-']) {
    assert.throws(() => listToMask(wrong, '/cpu/cpus'), { pointer: '/linux/resources/cpu/cpus' });
  }
});

// Devices ----------------------------------------------------------------------------------------

const DEVICES =
  'Character devices:\n  1 mem\n136 pts\n 10 misc\n\nBlock devices:\n  8 sd\n254 mdp\n';
const rules = (list: DeviceRule[]) => deviceProperties(devicePolicy(list), { devices: DEVICES });

test('device rules: one device, a group, a type', () => {
  const { properties, notes } = rules([
    { allow: false, access: 'rwm' },
    { allow: true, type: 'b', major: 8, access: 'rw' },
    { allow: true, type: 'c', major: 10, minor: 229, access: 'r' },
  ]);
  assert.deepEqual(notes, []);
  assert.deepEqual(properties.map(({ name, value }) => [name, value].flat(2)).slice(0, 2), [
    ['DevicePolicy', 'strict'],
    ['DeviceAllow'],
  ]);
  const entries = ((properties[2]?.value ?? []) as string[][]).map((entry) => entry.join(' '));
  for (const entry of [
    'block-sd rw',
    '/dev/char/10:229 r',
    'char-* m',
    'char-pts rwm',
    '/dev/char/1:3 rwm',
  ]) {
    assert.ok(entries.includes(entry), `${entry} in ${entries.join(', ')}`);
  }
});

test('device rules: what systemd cannot say is told', () => {
  const { notes } = rules([
    { allow: true, type: 'c', major: 240, access: 'r' },
    { allow: true, type: 'b', minor: 3, access: 'r' },
  ]);
  assert.equal(notes.length, 2);
  const open = rules([
    { allow: true, access: 'rwm' },
    { allow: false, type: 'b', major: 8, access: 'w' },
  ]);
  assert.deepEqual(show(open.properties), ['DevicePolicy=auto', 'DeviceAllow=']);
  assert.equal(open.notes.length, 1);
});

// The whole --------------------------------------------------------------------------------------

const FACTS: SystemdFacts = { user: false, version: 257, controlGroup: '', devices: DEVICES };
const USER: SystemdFacts = {
  ...FACTS,
  user: true,
  controlGroup: '/user.slice/user-1000.slice/user@1000.service',
};

test('a unit: where it is, and what it has', () => {
  const { plan, path } = compileSystemd({
    config: {
      linux: { cgroupsPath: 'a-b.slice:p:n', resources: { pids: { limit: 5 } } },
      annotations: { 'org.systemd.property.CollectMode': "'inactive'" },
    },
    id: 'id',
    facts: FACTS,
    v2: true,
    rootless: false,
  });
  assert.equal(path, '/a.slice/a-b.slice/p-n.scope');
  assert.equal(plan.unit, 'p-n.scope');
  const names = plan.properties.map(({ name }) => name);
  for (const name of [
    'Slice',
    'Delegate',
    'IOAccounting',
    'DevicePolicy',
    'TasksMax',
    'DefaultDependencies',
  ]) {
    assert.ok(names.includes(name), name);
  }
  // An annotation has the last word.
  assert.equal(names.at(-1), 'CollectMode');
});

test("a user's unit lies below the user's systemd, and has no device rules", () => {
  const { plan, path } = compileSystemd({
    config: {},
    id: 'id',
    facts: USER,
    v2: true,
    rootless: true,
  });
  assert.equal(path, '/user.slice/user-1000.slice/user@1000.service/user.slice/ocirt-id.scope');
  assert.ok(!plan.properties.some(({ name }) => name.startsWith('Device')));
});

test('v1 has another name for the accounting of block I/O', () => {
  const { plan } = compileSystemd({
    config: {},
    id: 'id',
    facts: FACTS,
    v2: false,
    rootless: false,
  });
  assert.ok(plan.properties.some(({ name }) => name === 'BlockIOAccounting'));
});

const cgroup = (facts: CgroupFacts, systemd: boolean) => {
  const config = { linux: { cgroupsPath: 'a.slice:p:n', resources: { pids: { limit: 5 } } } };
  const v2 = facts.mode === 'v2';
  return compileCgroup({
    facts,
    linux: config.linux,
    id: 'id',
    rootless: false,
    inUserNamespace: false,
    systemd: systemd
      ? compileSystemd({ config, id: 'id', facts: FACTS, v2, rootless: false })
      : undefined,
  });
};

test('v2: systemd makes the cgroup, the limits are written afterwards', () => {
  const plan = cgroup(V2, true);
  assert.equal(plan.systemd?.unit, 'p-n.scope');
  assert.deepEqual(plan.paths, { '': '/sys/fs/cgroup/a.slice/p-n.scope' });
  assert.deepEqual(plan.directories, []);
  assert.equal(plan.bornIn, null);
  assert.deepEqual(
    plan.limits.map(({ path, data }) => `${path}=${data}`),
    ['/sys/fs/cgroup/a.slice/p-n.scope/pids.max=5'],
  );
});

test('v1: systemd makes some of the cgroups, we those of the other controllers', () => {
  const plan = cgroup(V1, true);
  assert.equal(plan.paths.hugetlb, '/sys/fs/cgroup/hugetlb/a.slice/p-n.scope');
  assert.ok(plan.directories.includes('/sys/fs/cgroup/hugetlb/a.slice/p-n.scope'));
  assert.ok(plan.attach.includes('/sys/fs/cgroup/hugetlb/a.slice/p-n.scope/cgroup.procs'));
});

test('without the driver the form of its paths is refused', () => {
  assert.throws(() => cgroup(V2, false), {
    code: 'invalid-config',
    pointer: '/linux/cgroupsPath',
    hint: /--systemd-cgroup/,
  });
});

test('an update sets what changes, and lifts what is gone', () => {
  const update = (from: Resources, to: Resources, devices = false) =>
    show(compileSystemdUpdate({ facts: FACTS, v2: true, from, to, devices }).properties);
  const before: Resources = {
    memory: { limit: 100 },
    cpu: { quota: 5000, cpus: '0' },
    pids: { limit: 3 },
  };
  assert.deepEqual(update(before, before), []);
  assert.deepEqual(update(before, { ...before, memory: { limit: 200 } }), ['MemoryMax=200']);
  assert.deepEqual(update({ memory: { limit: 1, reservation: 1 }, cpu: { cpus: '0' } }, {}), [
    `MemoryMax=${INFINITY}`,
    'MemoryLow=0',
    'AllowedCPUs=',
  ]);
  assert.deepEqual(update({}, {}, true).slice(0, 2), ['DevicePolicy=strict', 'DeviceAllow=']);
});
