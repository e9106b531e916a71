import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../plan/testing/fixtures.js';
import type { DeviceRule } from '../spec/config.gen.js';
import { deviceProgram } from './device-program.js';
import { devicePolicy, deviceWrites } from './devices.js';

const DENY_ALL: DeviceRule = { allow: false, access: 'rwm' };
const ALLOW_ALL: DeviceRule = { allow: true, access: 'rwm' };
const ACCESS = { m: 1, r: 2, w: 4 } as const;

/** An interpreter of just the instructions that a device program may have; all else throws. */
function run(program: Uint8Array, type: 'b' | 'c', major: number, minor: number, access: string) {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let wanted = 0;
  for (const letter of access) wanted |= ACCESS[letter as 'r'];
  const context = [(wanted << 16) | (type === 'b' ? 1 : 2), major, minor];
  const r: number[] = Array(11).fill(0);
  for (let pc = 0, steps = 0; steps < 10000; steps++) {
    const code = view.getUint8(pc * 8);
    const dst = view.getUint8(pc * 8 + 1) & 15;
    const src = view.getUint8(pc * 8 + 1) >> 4;
    const offset = view.getInt16(pc * 8 + 2, true);
    const imm = view.getInt32(pc * 8 + 4, true);
    pc++;
    const a = (r[dst] ?? 0) >>> 0;
    const b = (r[src] ?? 0) >>> 0;
    if (code === 0x61) {
      assert.ok(src === 1 && offset % 4 === 0);
      r[dst] = (context[offset / 4] ?? Number.NaN) >>> 0;
    } else if (code === 0x54) r[dst] = (a & imm) >>> 0;
    else if (code === 0x74) r[dst] = a >>> imm;
    else if (code === 0xbc) r[dst] = b;
    else if (code === 0xb7) r[dst] = imm;
    else if (code === 0x56) pc += a !== imm >>> 0 ? offset : 0;
    else if (code === 0x16) pc += a === imm >>> 0 ? offset : 0;
    else if (code === 0x5e) pc += a !== b ? offset : 0;
    else if (code === 0x95) return r[0] === 1;
    else throw new Error(`instruction ${code.toString(16)}`);
    assert.ok(offset >= 0 && pc * 8 < program.length, 'jumps forward, and stays inside');
  }
  throw new Error('no end');
}

const allowed = (rules: DeviceRule[], ...args: ['b' | 'c', number, number, string]) =>
  run(deviceProgram(devicePolicy(rules)), ...args);

test('without rules: the default devices, mknod of all, and no more', () => {
  assert.equal(allowed([], 'c', 1, 3, 'rw'), true);
  assert.equal(allowed([], 'c', 1, 3, 'rwm'), true);
  assert.equal(allowed([], 'c', 136, 77, 'rw'), true);
  assert.equal(allowed([], 'c', 8, 1, 'm'), true);
  assert.equal(allowed([], 'b', 8, 1, 'm'), true);
  assert.equal(allowed([], 'b', 8, 1, 'r'), false);
  assert.equal(allowed([], 'b', 1, 3, 'r'), false);
  assert.equal(allowed([], 'c', 10, 229, 'r'), false);
});

test('a device that is allowed', () => {
  const rules: DeviceRule[] = [
    DENY_ALL,
    { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
  ];
  assert.equal(allowed(rules, 'c', 10, 229, 'r'), true);
  assert.equal(allowed(rules, 'c', 10, 229, 'rw'), true);
  assert.equal(allowed(rules, 'c', 10, 228, 'r'), false);
  assert.equal(allowed(rules, 'b', 10, 229, 'r'), false);
});

test('what is wanted must be granted whole', () => {
  const rules: DeviceRule[] = [
    DENY_ALL,
    { allow: true, type: 'b', major: 8, minor: 0, access: 'r' },
  ];
  assert.equal(allowed(rules, 'b', 8, 0, 'r'), true);
  assert.equal(allowed(rules, 'b', 8, 0, 'rw'), false);
});

test('rules for the same device add up', () => {
  const rule = { allow: true, type: 'b', major: 8, minor: 0 } as const;
  const rules = [DENY_ALL, { ...rule, access: 'r' }, { ...rule, access: 'w' }];
  assert.equal(allowed(rules, 'b', 8, 0, 'rw'), true);
});

test('any minor, any major', () => {
  const rules: DeviceRule[] = [
    DENY_ALL,
    { allow: true, type: 'b', major: 8, access: 'r' },
    { allow: true, type: 'c', major: -1, minor: 99, access: 'r' },
  ];
  assert.equal(allowed(rules, 'b', 8, 12345, 'r'), true);
  assert.equal(allowed(rules, 'b', 9, 0, 'r'), false);
  assert.equal(allowed(rules, 'c', 77, 99, 'r'), true);
});

test('all allowed, some denied: one denied letter is enough', () => {
  const rules: DeviceRule[] = [
    ALLOW_ALL,
    { allow: false, type: 'b', major: 8, minor: 0, access: 'w' },
  ];
  assert.equal(allowed(rules, 'b', 8, 0, 'r'), true);
  assert.equal(allowed(rules, 'b', 8, 0, 'w'), false);
  assert.equal(allowed(rules, 'b', 8, 0, 'rw'), false);
  assert.equal(allowed(rules, 'b', 9, 0, 'rwm'), true);
});

test('a later "all" wipes what was before', () => {
  const rules: DeviceRule[] = [
    { allow: true, type: 'b', major: 8, minor: 0, access: 'r' },
    DENY_ALL,
  ];
  assert.equal(allowed(rules, 'b', 8, 0, 'r'), false);
});

test('a rule can be taken back', () => {
  const rule = { type: 'b', major: 8, minor: 0 } as const;
  const rules = [
    DENY_ALL,
    { ...rule, allow: true, access: 'rw' },
    { ...rule, allow: false, access: 'w' },
  ];
  assert.equal(allowed(rules, 'b', 8, 0, 'r'), true);
  assert.equal(allowed(rules, 'b', 8, 0, 'w'), false);
});

test('numbers above 2^31 are compared as they are', () => {
  const rules: DeviceRule[] = [
    DENY_ALL,
    { allow: true, type: 'c', major: 0xfffffffe, minor: 1, access: 'r' },
  ];
  assert.equal(allowed(rules, 'c', 0xfffffffe, 1, 'r'), true);
  assert.equal(allowed(rules, 'c', 0x7ffffffe, 1, 'r'), false);
});

test('type a with numbers is both kinds of that number, not everything', () => {
  const rules: DeviceRule[] = [
    DENY_ALL,
    { allow: true, type: 'a', major: 8, minor: 0, access: 'rw' },
  ];
  assert.equal(allowed(rules, 'b', 8, 0, 'rw'), true);
  assert.equal(allowed(rules, 'c', 8, 0, 'rw'), true);
  assert.equal(allowed(rules, 'b', 8, 1, 'r'), false);
});

test('a hole in a wildcard is refused', () => {
  assert.throws(
    () =>
      devicePolicy([
        DENY_ALL,
        { allow: true, type: 'b', major: 8, access: 'rw' },
        { allow: false, type: 'b', major: 8, minor: 1, access: 'w' },
      ]),
    refusal('invalid-config', '/linux/resources/devices/2', /b 8:1/),
  );
});

for (const [name, rule, property] of [
  ['without access', { allow: true }, 'access'],
  ['with an unknown access', { allow: true, access: 'rx' }, 'access'],
  ['with an unknown type', { allow: true, access: 'r', type: 'p' }, 'type'],
  ['with a bad number', { allow: true, access: 'r', type: 'c', major: -2 }, 'major'],
] as const) {
  test(`a device rule ${name} is refused`, () => {
    assert.throws(
      () => devicePolicy([rule as DeviceRule]),
      refusal('invalid-config', `/linux/resources/devices/0/${property}`),
    );
  });
}

test('v1: the default first, then the exceptions', () => {
  const rules: DeviceRule[] = [
    DENY_ALL,
    { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
  ];
  const writes = deviceWrites(devicePolicy(rules), '/d').map((w) => `${w.path} ${w.data}`);
  assert.equal(writes[0], '/d/devices.deny a *:* rwm');
  assert.equal(writes[1], '/d/devices.allow c 10:229 rw');
  assert.ok(writes.includes('/d/devices.allow c *:* m'));
  assert.ok(writes.includes('/d/devices.allow c 136:* rwm'));
  assert.equal(writes.length, 13);
});

test('v1: all allowed', () => {
  const writes = deviceWrites(devicePolicy([ALLOW_ALL]), '/d').map((w) => `${w.path} ${w.data}`);
  assert.deepEqual(writes, ['/d/devices.allow a *:* rwm']);
});
