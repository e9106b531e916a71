import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCreate } from './compile.js';
import { createInput, refusal, stepsOf } from './testing/fixtures.js';

const compile = (...args: Parameters<typeof createInput>) => compileCreate(createInput(...args));

test('the six default nodes, for all to read and write', () => {
  const devices = stepsOf(compile(), 'device');
  assert.deepEqual(
    devices.map((d) => [d.target, d.major, d.minor]),
    [
      ['/dev/null', 1, 3],
      ['/dev/zero', 1, 5],
      ['/dev/full', 1, 7],
      ['/dev/random', 1, 8],
      ['/dev/urandom', 1, 9],
      ['/dev/tty', 5, 0],
    ],
  );
  assert.ok(devices.every((d) => d.type === 'c' && d.mode === 0o666 && !d.bind && d.uid === 0));
});

test('the links of the specification, and ptmx', () => {
  assert.deepEqual(
    stepsOf(compile(), 'symlink').map((s) => [s.target, s.content, s.replace]),
    [
      ['/dev/ptmx', 'pts/ptmx', true],
      ['/dev/fd', '/proc/self/fd', undefined],
      ['/dev/stdin', '/proc/self/fd/0', undefined],
      ['/dev/stdout', '/proc/self/fd/1', undefined],
      ['/dev/stderr', '/proc/self/fd/2', undefined],
      ['/dev/core', '/proc/kcore', undefined],
    ],
  );
});

test('no /dev/core on a kernel without kcore', () => {
  const links = stepsOf(compile({ facts: { kcore: false } }), 'symlink');
  assert.ok(!links.some((s) => s.target === '/dev/core'));
});

test('a device of config', () => {
  const plan = compile({
    linux: {
      devices: [
        { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o600, uid: 1, gid: 2 },
      ],
    },
  });
  assert.deepEqual(stepsOf(plan, 'device').at(-1), {
    op: 'device',
    at: '/linux/devices/0',
    target: '/dev/fuse',
    type: 'c',
    major: 10,
    minor: 229,
    mode: 0o600,
    uid: 1,
    gid: 2,
    bind: false,
  });
});

test('the file type in fileMode does not matter', () => {
  const plan = compile({
    linux: { devices: [{ path: '/dev/x', type: 'b', major: 8, minor: 0, fileMode: 0o60660 }] },
  });
  assert.equal(stepsOf(plan, 'device').at(-1)?.mode, 0o660);
});

test('type u is a character device, the mode is 0666 by default', () => {
  const plan = compile({
    linux: { devices: [{ path: '/dev/x', type: 'u', major: 1, minor: 2 }] },
  });
  const device = stepsOf(plan, 'device').at(-1);
  assert.deepEqual([device?.type, device?.mode], ['c', 0o666]);
});

test('a device of config replaces the default one of its path', () => {
  const plan = compile({
    linux: { devices: [{ path: '/dev//null', type: 'c', major: 1, minor: 3, fileMode: 0o600 }] },
  });
  const nulls = stepsOf(plan, 'device').filter((d) => d.target === '/dev/null');
  assert.deepEqual(
    nulls.map((d) => d.mode),
    [0o600],
  );
});

test('/dev/ptmx stays the link', () => {
  const plan = compile({
    linux: { devices: [{ path: '/dev/ptmx', type: 'c', major: 5, minor: 2 }] },
  });
  assert.equal(stepsOf(plan, 'device').length, 6);
});

test('in a user namespace nodes are bound, fifos are made', () => {
  const plan = compile({
    facts: { initialUserNamespace: false },
    linux: {
      devices: [
        { path: '/dev/fuse', type: 'c', major: 10, minor: 229 },
        { path: '/run/pipe', type: 'p' },
      ],
    },
  });
  const devices = stepsOf(plan, 'device');
  assert.ok(devices.slice(0, 7).every((d) => d.bind));
  assert.equal(devices[7]?.bind, false);
});

test('a device without numbers is refused', () => {
  assert.throws(
    () => compile({ linux: { devices: [{ path: '/dev/x', type: 'c' }] } }),
    refusal('invalid-config', '/linux/devices/0'),
  );
});

test('a bound /dev is left alone', () => {
  const plan = compile({
    config: { mounts: [{ destination: '/dev/.', source: '/dev', options: ['rbind'] }] },
  });
  assert.equal(stepsOf(plan, 'device').length + stepsOf(plan, 'symlink').length, 0);
});

test('and devices of config are then a warning', () => {
  const plan = compile({
    config: { mounts: [{ destination: '/dev', source: '/dev', options: ['rbind'] }] },
    linux: { devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }] },
  });
  assert.equal(plan.warnings[0]?.at, '/linux/devices');
});
