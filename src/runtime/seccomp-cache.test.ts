import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SeccompRequest } from '../native/binding.js';
import { native, type TestContext, temporary } from '../native/testing/helper.js';
import { KEPT_FILTERS, openStore } from '../state/store.js';
import type { Runtime } from './context.js';
import { SILENT } from './context.js';
import { keptFilter } from './seccomp-cache.js';

const REQUEST: SeccompRequest = {
  defaultAction: { kind: 'allow', value: 0 },
  architectures: ['x86_64'],
  rules: [
    {
      names: ['getppid'],
      action: { kind: 'errno', value: 1 },
      args: [{ index: 0, op: 'eq', value: 2n ** 64n - 1n, valueTwo: 0 }],
    },
  ],
  enosysForNewer: false,
};
const PROGRAM = new Uint8Array([6, 0, 0, 0, 0, 0, 255, 127, 6, 0, 0, 0, 0, 0, 0, 128]);

function runtimeOf(t: TestContext): { runtime: Runtime; folder: string } {
  const root = join(temporary(t), 'root');
  const runtime = {
    native,
    store: openStore(native, root),
    log: SILENT,
    rootless: 'auto',
  } as const;
  return { runtime, folder: join(root, KEPT_FILTERS) };
}

test('what was kept is found, for the same request only', (t) => {
  const { runtime, folder } = runtimeOf(t);
  const first = keptFilter(runtime, REQUEST);
  assert.equal(first.program, undefined);
  first.keep(PROGRAM);
  assert.deepEqual(keptFilter(runtime, REQUEST).program, PROGRAM);
  assert.equal(keptFilter(runtime, { ...REQUEST, enosysForNewer: true }).program, undefined);
  const other = { ...REQUEST, defaultAction: { kind: 'errno', value: 2 } } as const;
  assert.equal(keptFilter(runtime, other).program, undefined);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a file with another request, a part of one, or none serves nobody', (t) => {
  const { runtime, folder } = runtimeOf(t);
  keptFilter(runtime, REQUEST).keep(PROGRAM);
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  const whole = readFileSync(file, 'latin1');
  const changed = whole.replace('getppid', 'Getppid');
  assert.notEqual(changed, whole);
  for (const bytes of [changed, whole.slice(0, -3), whole.slice(0, 40), '']) {
    writeFileSync(file, bytes, 'latin1');
    assert.equal(keptFilter(runtime, REQUEST).program, undefined);
  }
  writeFileSync(file, whole, 'latin1');
  assert.deepEqual(keptFilter(runtime, REQUEST).program, PROGRAM);
});

test('many profiles do not fill the root; the folder is no container', (t) => {
  const { runtime, folder } = runtimeOf(t);
  for (let value = 0; value < 100; value++) {
    keptFilter(runtime, { ...REQUEST, defaultAction: { kind: 'errno', value } }).keep(PROGRAM);
  }
  assert.ok(readdirSync(folder).length <= 32);
  assert.deepEqual(runtime.store.ids(), []);
});

test('where nothing can be written nothing is said', (t) => {
  const { runtime, folder } = runtimeOf(t);
  native.makeDirectory(runtime.store.root, 0o711, true);
  writeFileSync(folder, '');
  const kept = keptFilter(runtime, REQUEST);
  kept.keep(PROGRAM);
  assert.equal(kept.program, undefined);
});
