import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { STEP_OPS } from '../plan/plan.js';
import { loadBinding } from './loader.js';
import { OPERATION_NAMES } from './names.js';
import { native } from './testing/helper.js';

/** The methods of `Binding`, read from its source: types are gone at run time. */
function declared(): string[] {
  const source = readFileSync(new URL('../../src/native/binding.ts', import.meta.url), 'utf8');
  const body = source.slice(source.indexOf('export interface Binding {'));
  return [...body.matchAll(/^ {2}([A-Za-z]+)\(/gm)].map((match) => match[1] ?? '');
}

test('the interface, the list of names and the native table are the same', () => {
  assert.ok(declared().length > 40);
  assert.deepEqual([...OPERATION_NAMES], declared());
  assert.deepEqual(Object.keys(native), declared());
});

test('the helper knows every step of a plan', () => {
  assert.deepEqual(native.stepNames(), [...STEP_OPS]);
});

test('a core that is missing is named with what to do', () => {
  assert.throws(() => loadBinding('/nonexistent/ocirt.node'), {
    name: 'OcirtError',
    code: 'native-missing',
    path: '/nonexistent/ocirt.node',
    hint: 'npm run build',
  });
});

test('arguments that are not plain data are refused', () => {
  const send = native.channelSend as (fd: number, message: unknown) => void;
  assert.throws(() => send(-1, () => 1), TypeError);
  assert.throws(() => send(-1, Symbol('x')), TypeError);
  assert.throws(() => send(-1, new Uint16Array(1)), TypeError);
  assert.throws(() => send(-1, 1n << 64n), TypeError);
  const loop: unknown[] = [];
  loop.push(loop);
  assert.throws(() => send(-1, loop), TypeError);
});

test('identity, clock and system have the documented shapes', () => {
  const identity = native.identity();
  assert.equal(identity.pid, process.pid);
  assert.equal(identity.uid, process.getuid?.());
  assert.equal(typeof identity.effectiveCaps, 'bigint');
  // CAP_LAST_CAP: 40 (CHECKPOINT_RESTORE) since Linux 5.9.
  assert.ok(identity.lastCap >= 37);
  assert.equal(identity.boundingCaps >> BigInt(identity.lastCap + 1), 0n);

  const clock = native.clock();
  assert.equal(typeof clock.realtimeNs, 'bigint');
  assert.equal(typeof clock.monotonicNs, 'bigint');
  assert.ok(Math.abs(Number(clock.realtimeNs / 1_000_000n) - Date.now()) < 60_000);

  assert.equal(native.workingDirectory(), process.cwd());
  assert.equal(native.environment([]).PATH, process.env.PATH);
  assert.deepEqual(native.environment(['PATH', 'OCIRT_NO_SUCH']), { PATH: process.env.PATH });
  assert.ok(native.installDirectory().endsWith('/dist/native'));
});
