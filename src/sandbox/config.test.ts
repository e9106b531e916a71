import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import { loadConfig } from '../spec/load.js';
import { type ConfigHost, type ConfigPlace, type ConfigRoot, sandboxConfig } from './config.js';
import type { ConfigRequest, Volume } from './request.js';

const REQUEST: ConfigRequest = {
  env: [],
  volumes: [],
  readOnly: false,
  publish: [],
  dns: [],
  rootless: false,
  command: [],
};
const HOST: ConfigHost = {
  unified: true,
  machine: 'x86_64',
  kernel: [6, 1],
  userNamespace: false,
  environment: { GIVEN: 'yes', TERM: 'vt100' },
};
const ROOT: ConfigRoot = { path: 'rootfs' };
const PLACE: ConfigPlace = {
  hostname: 'box',
  terminal: false,
  network: true,
  files: {},
  sourceOf: ({ source }) => `/abs/${source}`,
};
const IDS = {
  uid: [{ containerID: 0, hostID: 1000, size: 1 }],
  gid: [{ containerID: 0, hostID: 1000, size: 1 }],
};

const make = (
  request: Partial<ConfigRequest> = {},
  host: Partial<ConfigHost> = {},
  root: Partial<ConfigRoot> = {},
  place: Partial<ConfigPlace> = {},
) =>
  sandboxConfig(
    { ...REQUEST, ...request },
    { ...HOST, ...host },
    { ...ROOT, ...root },
    { ...PLACE, ...place },
  );

test('what it makes is a config.json without faults', () => {
  for (const host of [
    {},
    { ids: IDS, userNamespace: true },
    { unified: false, machine: 's390x' },
  ]) {
    const volume: Volume = { source: 'v', target: '/v', readOnly: true, options: ['nosuid'] };
    const config = make(
      { memory: 1 << 26, cpus: 0.5, pids: 9, volumes: [volume], readOnly: true },
      host,
      { overlay: { lower: '/l', upper: '/u', work: '/w' } },
      { files: { '/etc/hosts': '/f/hosts' } },
    );
    assert.deepEqual(loadConfig(JSON.stringify(config), 'config.json').warnings, []);
  }
});

test('limits', () => {
  const { resources } = make({ memory: 67108864, cpus: 0.5, pids: 9 }).linux ?? {};
  assert.deepEqual(resources?.memory, { limit: 67108864 });
  assert.deepEqual(resources?.cpu, { quota: 50000, period: 100000 });
  assert.deepEqual(resources?.pids, { limit: 9 });
  assert.deepEqual(resources?.devices, [{ allow: false, access: 'rwm' }]);
  // Without rights over devices on the host there are none to take.
  assert.equal(make({}, { userNamespace: true }).linux?.resources, undefined);
});

test('the command: what is asked for, else the image, else a shell', () => {
  const image = {
    ociVersion: '1.0.0',
    root: { path: 'rootfs' },
    process: { cwd: '/srv', args: ['serve'], env: ['A=1'] },
  };
  assert.deepEqual(make().process?.args, ['sh']);
  assert.deepEqual(make({}, {}, { image }).process?.args, ['serve']);
  assert.deepEqual(make({ command: ['ls'] }, {}, { image }).process?.args, ['ls']);
  assert.equal(make({}, {}, { image }).process?.cwd, '/srv');
  assert.equal(make({ workdir: '/w' }, {}, { image }).process?.cwd, '/w');
});

test('variables: the image, then those asked for; TERM only on a terminal', () => {
  const image = {
    ociVersion: '1.0.0',
    root: { path: 'rootfs' },
    process: { cwd: '/', env: ['A=1', 'TERM=x', 'B=2'] },
  };
  const env = ['A=3=4', 'GIVEN', 'MISSING'];
  assert.deepEqual(make({ env }, {}, { image }).process?.env, ['A=3=4', 'B=2', 'GIVEN=yes']);
  const terminal = make({}, {}, { image }, { terminal: true }).process;
  assert.equal(terminal?.terminal, true);
  assert.ok(terminal?.env?.includes('TERM=vt100'));
});

test('who is not root has no capabilities', () => {
  assert.ok((make().process?.capabilities?.effective ?? []).includes('CAP_CHOWN'));
  const user = { uid: 5, gid: 5 };
  const { capabilities } = make({}, {}, { user }).process ?? {};
  assert.deepEqual(capabilities?.effective, []);
  assert.ok((capabilities?.bounding ?? []).length > 0);
});

test('a user that the user namespace has not is refused', () => {
  for (const user of [
    { uid: 5, gid: 0 },
    { uid: 0, gid: 5 },
  ]) {
    assert.throws(
      () => make({}, { ids: IDS, userNamespace: true }, { user }),
      (error) => error instanceof OcirtError && error.code === 'user-unmapped',
    );
  }
});

test('namespaces: the network is asked for, the user namespace has its maps', () => {
  const types = (config: ReturnType<typeof make>) =>
    (config.linux?.namespaces ?? []).map(({ type }) => type);
  assert.ok(types(make()).includes('network'));
  assert.ok(!types(make({}, {}, {}, { network: false })).includes('network'));
  const rootless = make({}, { ids: IDS, userNamespace: true });
  assert.ok(types(rootless).includes('user'));
  assert.deepEqual(rootless.linux?.uidMappings, IDS.uid);
});

test('a user namespace in the network of the host shows the /sys of the host', () => {
  const sys = (network: boolean) =>
    make({}, { ids: IDS, userNamespace: true }, {}, { network }).mounts?.find(
      ({ destination }) => destination === '/sys',
    );
  assert.equal(sys(true)?.type, 'sysfs');
  assert.equal(sys(false)?.source, '/sys');
});

test('the terminals belong to the group tty where there is one', () => {
  const options = (host: Partial<ConfigHost>) =>
    make({}, host).mounts?.find(({ destination }) => destination === '/dev/pts')?.options ?? [];
  assert.ok(options({}).includes('gid=5'));
  assert.ok(!options({ ids: IDS }).includes('gid=5'));
});

test('volumes: read-only with all that is mounted below, where the kernel can', () => {
  const volumes = [{ source: 'v', target: '/v', readOnly: true, options: ['nodev'] }];
  const mount = (kernel: [number, number]) => make({ volumes }, { kernel }).mounts?.at(-1);
  assert.deepEqual(mount([6, 1]), {
    destination: '/v',
    type: 'bind',
    source: '/abs/v',
    options: ['rbind', 'rprivate', 'ro', 'rro', 'nodev'],
  });
  assert.ok(!mount([5, 11])?.options?.includes('rro'));
});

test('an overlay is the first mount, its paths with all that they may hold', () => {
  const overlay = { lower: '/a:b,c\\d', upper: '/u:x,', work: '/w' };
  const [mount] = make({}, { userNamespace: true }, { overlay }).mounts ?? [];
  assert.deepEqual(mount, {
    destination: '/',
    type: 'overlay',
    source: 'overlay',
    options: ['lowerdir=/a\\:b\\,c\\\\d', 'upperdir=/u:x\\,', 'workdir=/w', 'userxattr'],
  });
  assert.ok(!make({}, {}, { overlay }).mounts?.[0]?.options?.includes('userxattr'));
});

test('what is refused among the system calls', () => {
  const { seccomp } = make().linux ?? {};
  const [refused, ...rest] = seccomp?.syscalls ?? [];
  assert.ok(refused?.names.includes('unshare') && refused.names.includes('bpf'));
  assert.equal(rest.filter(({ names }) => names[0] === 'clone').length, 7);
  assert.deepEqual(seccomp?.architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
  const other = make({}, { machine: 's390x' }).linux?.seccomp;
  assert.equal(other?.architectures, undefined);
  assert.equal(other?.syscalls?.[1]?.args?.[0]?.index, 1);
});
