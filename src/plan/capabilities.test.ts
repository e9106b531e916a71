import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPABILITIES } from './capabilities.js';
import { compileCreate } from './compile.js';
import { createInput, only, ops } from './testing/fixtures.js';

const bit = (name: string) => 2 ** CAPABILITIES.indexOf(name);

test('there are 41, at the numbers of <linux/capability.h>', () => {
  assert.equal(CAPABILITIES.length, 41);
  assert.equal(CAPABILITIES[0], 'CAP_CHOWN');
  assert.equal(CAPABILITIES[21], 'CAP_SYS_ADMIN');
  assert.equal(CAPABILITIES[24], 'CAP_SYS_RESOURCE');
  assert.equal(CAPABILITIES[31], 'CAP_SETFCAP');
  assert.equal(CAPABILITIES[40], 'CAP_CHECKPOINT_RESTORE');
});

test('the five sets come out as masks', () => {
  const plan = compileCreate(
    createInput({
      process: {
        capabilities: {
          bounding: ['CAP_CHOWN', 'CAP_KILL'],
          effective: ['CAP_CHOWN'],
          permitted: ['CAP_CHOWN', 'CAP_KILL'],
          inheritable: ['CAP_KILL'],
          ambient: ['CAP_KILL'],
        },
      },
    }),
  );
  assert.equal(only(plan, 'bounding_caps').mask, 1 | 32);
  const caps = only(plan, 'caps');
  assert.deepEqual(
    [caps.effective, caps.permitted, caps.inheritable, caps.ambient],
    [1, 33, 32, 32],
  );
  assert.deepEqual(plan.warnings, []);
});

test('capability 40 keeps its bit: no 32-bit arithmetic', () => {
  const names = ['CAP_CHECKPOINT_RESTORE'];
  const plan = compileCreate(createInput({ process: { capabilities: { bounding: names } } }));
  assert.equal(only(plan, 'bounding_caps').mask, 2 ** 40);
});

test('absent sets are empty', () => {
  const plan = compileCreate(createInput({ process: { capabilities: {} } }));
  assert.equal(only(plan, 'bounding_caps').mask, 0);
  assert.equal(only(plan, 'caps').permitted, 0);
});

test('an unknown name is a warning', () => {
  const plan = compileCreate(
    createInput({ process: { capabilities: { bounding: ['CAP_TEST', 'CAP_KILL'] } } }),
  );
  assert.equal(only(plan, 'bounding_caps').mask, 32);
  assert.match(plan.warnings[0]?.message ?? '', /CAP_TEST/);
});

test('what the runtime itself lacks is a warning, and left out of every set', () => {
  const names = ['CAP_SYS_RESOURCE', 'CAP_KILL'];
  const plan = compileCreate(
    createInput({
      process: { capabilities: { bounding: names, permitted: names, effective: names } },
      facts: { boundingCaps: ((1n << 41n) - 1n) & ~(1n << 24n) },
    }),
  );
  assert.equal(only(plan, 'bounding_caps').mask, 32);
  assert.equal(only(plan, 'caps').permitted, 32);
  assert.equal(only(plan, 'caps').effective, 32);
  assert.match(plan.warnings[0]?.message ?? '', /CAP_SYS_RESOURCE/);
});

test('a new user namespace has them all', () => {
  const plan = compileCreate(
    createInput({
      process: { capabilities: { bounding: ['CAP_SYS_RESOURCE'] } },
      facts: { boundingCaps: 0n },
      linux: {
        namespaces: [{ type: 'mount' }, { type: 'user' }],
        uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
      },
    }),
  );
  assert.equal(only(plan, 'bounding_caps').mask, bit('CAP_SYS_RESOURCE'));
});

test('what is not in the bounding set can not be inheritable', () => {
  const capabilities = {
    bounding: ['CAP_CHOWN'],
    permitted: ['CAP_CHOWN', 'CAP_KILL'],
    inheritable: ['CAP_CHOWN', 'CAP_KILL'],
  };
  const plan = compileCreate(createInput({ process: { capabilities } }));
  const { inheritable, permitted } = only(plan, 'caps');
  assert.deepEqual(
    [inheritable, permitted],
    [bit('CAP_CHOWN'), bit('CAP_CHOWN') + bit('CAP_KILL')],
  );
  assert.deepEqual(
    plan.warnings.map((w) => w.at),
    ['/process/capabilities/inheritable/1'],
  );
});

test('ambient without inheritable can not be raised', () => {
  const plan = compileCreate(
    createInput({
      process: {
        capabilities: { bounding: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'], ambient: ['CAP_CHOWN'] },
      },
    }),
  );
  assert.equal(only(plan, 'caps').ambient, 0);
  assert.deepEqual(
    plan.warnings.map((w) => w.at),
    ['/process/capabilities/ambient/0'],
  );
  assert.match(plan.warnings[0]?.message ?? '', /can't raise ambient capability CAP_CHOWN: /);
});

test('effective without permitted is left out', () => {
  const plan = compileCreate(
    createInput({ process: { capabilities: { effective: ['CAP_CHOWN'] } } }),
  );
  assert.equal(only(plan, 'caps').effective, 0);
  assert.equal(plan.warnings[0]?.at, '/process/capabilities/effective/0');
});

test('without capabilities the process has none, root neither', () => {
  for (const uid of [0, 1000]) {
    const plan = compileCreate(createInput({ process: { user: { uid, gid: 0 } } }));
    const { permitted, effective, inheritable, ambient } = only(plan, 'caps');
    assert.deepEqual([permitted, effective, inheritable, ambient], [0, 0, 0, 0]);
    assert.equal(only(plan, 'bounding_caps').mask, 0);
  }
});

test('the bounding set is dropped before the user, the sets come after it', () => {
  const order = ops(compileCreate(createInput({ process: { capabilities: {} } })));
  assert.ok(order.indexOf('bounding_caps') < order.indexOf('user'));
  assert.ok(order.indexOf('user') < order.indexOf('caps'));
  assert.ok(order.lastIndexOf('caps') < order.indexOf('exec'));
});
