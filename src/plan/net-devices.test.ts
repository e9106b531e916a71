import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCreate } from './compile.js';
import { type Changes, createInput, ops, refusal, stepsOf } from './testing/fixtures.js';

const compile = (linux: NonNullable<Changes['linux']>) => compileCreate(createInput({ linux }));
const NETWORK = [{ type: 'mount' as const }, { type: 'network' as const }];

test('devices are moved when the helper is in its network namespace', () => {
  const plan = compile({
    namespaces: NETWORK,
    netDevices: { veth1: { name: 'eth%d' }, 'a/b': {}, eth7: { name: '' } },
  });
  assert.deepEqual(plan.commit.netDevices, [
    { at: '/linux/netDevices/a~1b', name: 'a/b', inside: 'a/b' },
    { at: '/linux/netDevices/eth7', name: 'eth7', inside: 'eth7' },
    { at: '/linux/netDevices/veth1', name: 'veth1', inside: 'eth%d' },
  ]);
  const order = ops(plan);
  assert.deepEqual(stepsOf(plan, 'sync'), [
    { op: 'sync', at: '/linux/netDevices', name: 'network' },
  ]);
  assert.ok(order.indexOf('sync') > order.indexOf('loopback'));
});

test('also into one that is joined', () => {
  const plan = compile({
    namespaces: [{ type: 'mount' }, { type: 'network', path: '/n' }],
    netDevices: { eth0: {} },
  });
  assert.ok(ops(plan).indexOf('sync') > ops(plan).indexOf('join'));
});

test('none of them: nothing is said to the host', () => {
  const plan = compile({ namespaces: NETWORK, netDevices: {} });
  assert.equal('netDevices' in plan.commit, false);
  assert.deepEqual(stepsOf(plan, 'sync'), []);
});

test('without a network namespace they are refused', () => {
  assert.throws(
    () => compile({ namespaces: [{ type: 'mount' }], netDevices: { eth0: {} } }),
    refusal('invalid-config', '/linux/netDevices', /NET namespace/),
  );
});
