import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hook } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import { type Changes, createInput, only, ops, refusal, stepsOf } from './testing/fixtures.js';

/** Paths, sysctl, hooks, and what is refused by name. */
const compile = (changes: Changes = {}) => compileCreate(createInput(changes));
const HOOK: Hook = { path: '/bin/hook' };

// Paths ------------------------------------------------------------------------------------------

test('masked and read-only paths: cleaned, each once', () => {
  const plan = compile({
    linux: {
      maskedPaths: ['/proc/kcore', '/proc//kcore', '/sys/firmware/'],
      readonlyPaths: ['/proc/sys', '/proc/sys'],
    },
  });
  assert.deepEqual(only(plan, 'mask').paths, ['/proc/kcore', '/sys/firmware']);
  assert.deepEqual(only(plan, 'readonly_paths').paths, ['/proc/sys']);
});

for (const property of ['maskedPaths', 'readonlyPaths'] as const) {
  test(`${property} without a mount namespace are refused`, () => {
    assert.throws(
      () => compile({ linux: { namespaces: [], [property]: ['/proc/sys'] } }),
      refusal('invalid-config', `/linux/${property}`),
    );
  });
}

test('the working directory is made before the root becomes read-only', () => {
  const plan = compile({ process: { cwd: '/a/../b' } });
  assert.deepEqual(only(plan, 'directory'), {
    op: 'directory',
    at: '/process/cwd',
    target: '/b',
    mode: 0o755,
  });
  assert.equal(stepsOf(compile(), 'directory').length, 0);
});

// Sysctl -----------------------------------------------------------------------------------------

for (const [key, path, type] of [
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward', 'network'],
  ['net/ipv4/conf/eno2.100/rp_filter', 'net/ipv4/conf/eno2.100/rp_filter', 'network'],
  ['net.ipv4.conf.eno2/100.rp_filter', 'net/ipv4/conf/eno2.100/rp_filter', 'network'],
  ['kernel.shmmax', 'kernel/shmmax', 'ipc'],
  ['fs.mqueue.msg_max', 'fs/mqueue/msg_max', 'ipc'],
  ['kernel.domainname', 'kernel/domainname', 'uts'],
] as const) {
  test(`sysctl ${key} needs a namespace of type ${type}`, () => {
    const sysctl = { [key]: '7' };
    const plan = compile({ linux: { namespaces: [{ type: 'mount' }, { type }], sysctl } });
    assert.deepEqual([only(plan, 'sysctl').key, only(plan, 'sysctl').value], [path, '7']);
    assert.throws(
      () => compile({ linux: { namespaces: [{ type: 'mount' }], sysctl } }),
      refusal('invalid-config', `/linux/sysctl/${key.replaceAll('/', '~1')}`),
    );
  });
}

for (const key of ['vm.swappiness', 'kernel.hostname', 'user.max_user_namespaces', 'net../x']) {
  test(`sysctl ${key} is refused`, () => {
    const namespaces = [{ type: 'network' as const }, { type: 'uts' as const }];
    assert.throws(
      () => compile({ linux: { namespaces, sysctl: { [key]: '1' } } }),
      refusal('invalid-config', `/linux/sysctl/${key.replaceAll('/', '~1')}`),
    );
  });
}

// Hooks ------------------------------------------------------------------------------------------

test('prestart or createRuntime hooks: the helper waits for the host', () => {
  for (const name of ['prestart', 'createRuntime'] as const) {
    assert.equal(
      only(compile({ config: { hooks: { [name]: [HOOK] } } }), 'sync').name,
      'createRuntime',
    );
  }
});

test('other hooks do not make it wait', () => {
  const hooks = { poststart: [HOOK], poststop: [HOOK], createContainer: [HOOK], createRuntime: [] };
  assert.equal(stepsOf(compile({ config: { hooks } }), 'sync').length, 0);
});

test('createContainer hooks run before pivot, with the state creating and an empty environment', () => {
  const plan = compile({
    config: {
      hooks: {
        createContainer: [HOOK, { path: '/b', args: ['b', 'x'], env: ['A=1'], timeout: 7 }],
      },
    },
  });
  const [first, second] = stepsOf(plan, 'hook');
  assert.deepEqual(first, {
    op: 'hook',
    at: '/hooks/createContainer/0',
    name: 'createContainer',
    index: 0,
    path: '/bin/hook',
    args: ['/bin/hook'],
    env: [],
    timeout: 0,
    stdin: ['{"status":"creating","pid":', '}'],
  });
  assert.deepEqual(
    [second?.args, second?.env, second?.timeout, second?.index],
    [['b', 'x'], ['A=1'], 7, 1],
  );
  assert.ok(ops(plan).indexOf('hook') < ops(plan).indexOf('pivot'));
});

test('startContainer hooks run last, with the state created and the environment of the process', () => {
  const plan = compile({ config: { hooks: { startContainer: [HOOK] } } });
  const hook = only(plan, 'hook');
  assert.equal(hook.env, undefined);
  assert.match(hook.stdin[0], /created/);
  assert.deepEqual(ops(plan).slice(-3), ['wait_start', 'hook', 'exec']);
});

test('a hook with a relative path is refused', () => {
  assert.throws(
    () => compile({ config: { hooks: { startContainer: [{ path: 'x' }] } } }),
    refusal('invalid-config', '/hooks/startContainer/0/path'),
  );
});

test('a hook with a timeout of zero is refused', () => {
  assert.throws(
    () => compile({ config: { hooks: { createContainer: [{ path: '/x', timeout: 0 }] } } }),
    refusal('invalid-config', '/hooks/createContainer/0/timeout'),
  );
});

// Refused by name --------------------------------------------------------------------------------

test('a config without a process is refused', () => {
  const { process: _, ...config } = createInput().config;
  assert.throws(
    () => compileCreate({ ...createInput(), config }),
    refusal('invalid-config', '', /process property must not be empty/),
  );
});

test('a process without args is refused', () => {
  assert.throws(
    () => compile({ process: { args: [] } }),
    refusal('invalid-config', '/process', /args must not be empty/),
  );
});
