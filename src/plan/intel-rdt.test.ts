import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IntelRdt } from '../spec/config.gen.js';
import { findResctrl, rdtPlan, schemataDifference } from './intel-rdt.js';
import { refusal } from './testing/fixtures.js';

const NOTHING = { lines: [], expected: [], extra: [], monitoring: '' };

test('nothing asked for, nothing done', () => {
  assert.equal(rdtPlan(undefined, 'c1'), undefined);
});

for (const [what, rdt, expected] of [
  ['no class: the id, made and removed', {}, { group: 'c1', mustExist: false, ours: true }],
  [
    'a class alone must be there',
    { closID: 'gold' },
    { group: 'gold', mustExist: true, ours: false },
  ],
  ['the default class', { closID: '/' }, { group: '', mustExist: true, ours: false }],
] as const satisfies readonly (readonly [string, IntelRdt, object])[]) {
  test(what, () => {
    assert.deepEqual(rdtPlan(rdt, 'c1'), { ...NOTHING, ...expected });
  });
}

test('the cache line, the bandwidth line, then the schemata', () => {
  const rdt = { schemata: ['L2:0=f'], memBwSchema: 'MB:0=20', l3CacheSchema: 'L3:0=f' };
  assert.deepEqual(rdtPlan({ closID: 'gold', ...rdt }, 'c1'), {
    group: 'gold',
    mustExist: false,
    ours: false,
    lines: ['L3:0=f', 'MB:0=20', 'L2:0=f'],
    expected: ['L3:0=f', 'MB:0=20'],
    extra: ['L2:0=f'],
    monitoring: '',
  });
});

test('the monitoring group lies below the class', () => {
  const monitoring = (closID?: string) =>
    rdtPlan({ enableMonitoring: true, ...(closID === undefined ? {} : { closID }) }, 'c1')
      ?.monitoring;
  assert.equal(monitoring(), 'c1/mon_groups/c1');
  assert.equal(monitoring('gold'), 'gold/mon_groups/c1');
  assert.equal(monitoring('/'), 'mon_groups/c1');
});

test('a class is one name', () => {
  for (const closID of ['a/b', '..', '.', '//']) {
    assert.throws(
      () => rdtPlan({ closID }, 'c1'),
      refusal('invalid-config', '/linux/intelRdt/closID', /invalid intelRdt.ClosID/),
    );
  }
});

const SCHEMATA = '    MB:0= 20;1= 70\n    L3:0=07f0;1=1f\n';
for (const [line, same] of [
  ['L3:0=7f0;1=1f', true],
  ['L3:0=7F0', true],
  ['L3:1=001f', true],
  ['MB:0=20;1=70', true],
  ['L3:0=7f1', false],
  ['L3:2=1', false],
  ['L2:0=1', false],
  ['MB', false],
] as const) {
  test(`a schemata file ${same ? 'says' : 'does not say'} ${line}`, () => {
    assert.equal(schemataDifference([line], SCHEMATA), same ? undefined : line);
  });
}

test('resctrl is found among the mounts', () => {
  const line = '99 25 0:50 / /sys/fs/resctrl rw,relatime shared:9 - resctrl resctrl rw';
  assert.equal(findResctrl(`25 1 8:1 / / rw - ext4 /dev/sda1 rw\n${line}\n`), '/sys/fs/resctrl');
  assert.equal(findResctrl('25 1 8:1 / / rw - ext4 resctrl rw\n'), undefined);
});
