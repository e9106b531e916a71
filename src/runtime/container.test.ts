import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from '../native/fake.js';
import type { ContainerRecord } from '../state/record.js';
import { openStore } from '../state/store.js';
import { configOf } from './container.js';
import { SILENT } from './context.js';

test('what a caller knows counts for the very container that it has created', () => {
  const kept = { ociVersion: '1.2.0', hostname: 'kept' };
  const native = createFake({ readFiles: () => [JSON.stringify(kept)] }).binding;
  const store = openStore(native, '/root');
  const runtime = { native, store, log: SILENT, rootless: 'auto' } as const;
  const recordOf = (pid: number, startTime: string): ContainerRecord =>
    ({ id: 'box', init: { pid, startTime } }) as ContainerRecord;
  const config = { ociVersion: '1.2.0', hostname: 'known', root: { path: 'rootfs' } };
  const known = { record: recordOf(7, '100'), bundle: { config } };
  const hostname = (record: ContainerRecord, of?: typeof known) =>
    configOf(runtime, record, of)?.hostname;
  assert.equal(hostname(recordOf(7, '100'), known), 'known');
  assert.equal(hostname(recordOf(7, '101'), known), 'kept');
  assert.equal(hostname(recordOf(8, '100'), known), 'kept');
  assert.equal(hostname({ id: 'box' } as ContainerRecord, known), 'kept');
  assert.equal(hostname(recordOf(7, '100')), 'kept');
});
