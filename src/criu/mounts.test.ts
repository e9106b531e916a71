import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import { HYBRID, V2 } from '../plan/testing/fixtures.js';
import type { Config, Mount, Namespace } from '../spec/config.gen.js';
import { externalMounts, type MountInput, maskedPaths, placeSteps } from './mounts.js';

const PATHS = { cpu: '/sys/fs/cgroup/cpu/x', freezer: '/sys/fs/cgroup/freezer/x', '': '/v2/x' };

function input(
  mounts: readonly Mount[],
  more: { linux?: object; namespaces?: readonly Namespace[]; v2?: boolean; cwd?: string } = {},
): MountInput {
  return {
    config: {
      ociVersion: '1.3.0',
      process: { cwd: more.cwd ?? '/', args: ['x'] },
      mounts,
      linux: { namespaces: [{ type: 'mount' }, ...(more.namespaces ?? [])], ...more.linux },
    } as Config,
    bundle: '/bundle',
    cgroupFacts: more.v2 === true ? V2 : HYBRID,
    cgroupPaths: PATHS,
    inUserNamespace: false,
  };
}

const bind = (destination: string, source: string): Mount => ({
  destination,
  source,
  type: 'bind',
  options: ['rbind', 'ro'],
});

test('bind mounts are external, file systems are not', () => {
  const mounts = externalMounts(
    input([
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
      bind('/data/', '/srv/data'),
      bind('/etc/hosts', 'hosts'),
    ]),
  );
  assert.deepEqual(mounts, [
    { target: '/data', source: '/srv/data' },
    { target: '/etc/hosts', source: '/bundle/hosts' },
  ]);
});

const CGROUP: Mount = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' };

test("cgroup v1 without a namespace: the container's own directories", () => {
  const mounts = externalMounts(input([CGROUP]));
  assert.deepEqual(
    mounts.find(({ target }) => target === '/sys/fs/cgroup/cpu'),
    { target: '/sys/fs/cgroup/cpu', source: '/sys/fs/cgroup/cpu/x' },
  );
});

test('cgroup v1 with a namespace, and v2: mounts of the container', () => {
  const namespaces: Namespace[] = [{ type: 'cgroup' }];
  assert.deepEqual(externalMounts(input([CGROUP], { namespaces })), []);
  assert.deepEqual(externalMounts(input([CGROUP], { namespaces, v2: true })), []);
});

test('devices of a user namespace are binds', () => {
  const mounts = externalMounts({ ...input([]), inUserNamespace: true });
  assert.ok(mounts.some(({ target, source }) => target === '/dev/null' && source === '/dev/null'));
  assert.deepEqual(externalMounts(input([])), []);
});

test('an id-mapped mount is refused', () => {
  const mapped: Mount = {
    ...bind('/data', '/srv'),
    uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
  };
  assert.throws(
    () => externalMounts(input([mapped])),
    (error) => error instanceof OcirtError && error.code === 'checkpoint-unsupported',
  );
});

test('masked paths, each once', () => {
  const config = input([], {
    linux: { maskedPaths: ['/proc/kcore', '/proc//kcore', '/a'] },
  }).config;
  assert.deepEqual(maskedPaths(config), ['/proc/kcore', '/a']);
});

test('places: those that no file system of the container brings along', () => {
  const steps = placeSteps(
    input(
      [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
        { destination: '/dev/pts', type: 'devpts', source: 'devpts' },
        bind('/data', '/srv/data'),
        bind('/dev/own', '/srv/own'),
        { destination: '/data/sub', type: 'tmpfs', source: 'tmpfs' },
        CGROUP,
      ],
      { cwd: '/work' },
    ),
  );
  assert.deepEqual(
    steps.map((step) => [step.op, 'target' in step ? step.target : '']),
    [
      ['directory', '/proc'],
      ['directory', '/dev'],
      ['bind', '/data'],
      ['directory', '/data/sub'],
      ['directory', '/sys/fs/cgroup'],
      ['directory', '/work'],
    ],
  );
});
