import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeResources } from './merge-resources.js';

test('what is not given stays', () => {
  const stored = {
    memory: { limit: 5, swap: 9 },
    cpu: { shares: 7, burst: 3 },
    pids: { limit: 2 },
  };
  assert.deepEqual(mergeResources(stored, { cpu: { quota: 4000 } }), {
    ...stored,
    cpu: { shares: 7, burst: 3, quota: 4000 },
  });
});

test('0 and "" say nothing, where 0 is no value', () => {
  const stored = { memory: { limit: 5 }, cpu: { shares: 7, burst: 3, idle: 1, cpus: '0' } };
  const zero = { memory: { limit: 0 }, cpu: { shares: 0, burst: 0, idle: 0, cpus: '' } };
  assert.deepEqual(mergeResources(stored, zero), {
    memory: { limit: 5 },
    cpu: { shares: 7, burst: 0, idle: 0, cpus: '0' },
  });
  assert.deepEqual(mergeResources({ pids: { limit: 7 } }, { pids: { limit: 0 } }), {
    pids: { limit: 0 },
  });
});

test('memory -1 lifts the limit of swap that was kept', () => {
  const stored = { memory: { limit: 5, swap: 9 } };
  assert.deepEqual(mergeResources(stored, { memory: { limit: -1n } }), { memory: { limit: -1n } });
  assert.deepEqual(mergeResources(stored, { memory: { limit: -1, swap: -1 } }), {
    memory: { limit: -1, swap: -1 },
  });
});

test('kernel memory is not kept', () => {
  assert.deepEqual(mergeResources({}, { memory: { kernel: 5, kernelTCP: 6 } }), {
    memory: { kernelTCP: 6 },
  });
});

test('devices of blockIO are merged one by one', () => {
  const device = (minor: number, rate: number) => ({ major: 8, minor, rate });
  const merged = mergeResources(
    {
      blockIO: {
        weightDevice: [{ major: 8, minor: 0, weight: 20, leafWeight: 30 }],
        throttleReadBpsDevice: [device(0, 1), device(1, 2)],
        throttleWriteBpsDevice: [device(0, 9)],
      },
    },
    {
      blockIO: {
        weightDevice: [{ major: 8, minor: 0, weight: 50 }],
        throttleReadBpsDevice: [device(1, 0), device(2, 3)],
      },
    },
  );
  assert.deepEqual(merged.blockIO, {
    weightDevice: [{ major: 8, minor: 0, weight: 50, leafWeight: 30 }],
    throttleReadBpsDevice: [device(0, 1), device(1, 0), device(2, 3)],
    throttleWriteBpsDevice: [device(0, 9)],
  });
});

test('maps and lists with names are merged by them, device rules replaced', () => {
  const merged = mergeResources(
    {
      devices: [{ allow: false, access: 'rwm' }],
      unified: { 'memory.high': '1', 'pids.max': '2' },
      hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
      rdma: { mlx: { hcaHandles: 1, hcaObjects: 2 } },
    },
    {
      devices: [{ allow: true, access: 'r' }],
      unified: { 'pids.max': '3' },
      hugepageLimits: [
        { pageSize: '1GB', limit: 4 },
        { pageSize: '2MB', limit: 5 },
      ],
      rdma: { mlx: { hcaObjects: 6 } },
    },
  );
  assert.deepEqual(merged, {
    devices: [{ allow: true, access: 'r' }],
    unified: { 'memory.high': '1', 'pids.max': '3' },
    hugepageLimits: [
      { pageSize: '2MB', limit: 5 },
      { pageSize: '1GB', limit: 4 },
    ],
    rdma: { mlx: { hcaHandles: 1, hcaObjects: 6 } },
  });
});
