import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOUNT_ATTR, MS } from '../native/constants.js';
import type { Mount } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import type { StepOf } from './plan.js';
import { type Changes, createInput, only, refusal, stepsOf, V1, V2 } from './testing/fixtures.js';

const USER_NS: NonNullable<Changes['linux']> = {
  namespaces: [{ type: 'mount' }, { type: 'user' }],
  uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
};

function compile(mounts: Mount[], changes: Changes = {}) {
  return compileCreate(createInput({ ...changes, config: { ...changes.config, mounts } }));
}
const mountOf = (mount: Mount): StepOf<'mount'> => only(compile([mount]), 'mount');
const bindOf = (mount: Mount, changes: Changes = {}) => only(compile([mount], changes), 'bind');

test('proc', () => {
  assert.deepEqual(mountOf({ destination: '/proc', type: 'proc', source: 'proc' }), {
    op: 'mount',
    at: '/mounts/0',
    target: '/proc',
    fsType: 'proc',
    source: 'proc',
    flags: 0,
    data: '',
    propagation: [],
    copyUp: false,
    keepMode: false,
    readonlyLate: false,
  });
});

test('sysfs, read-only at once', () => {
  const step = mountOf({
    destination: '/sys',
    type: 'sysfs',
    source: 'sysfs',
    options: ['nosuid', 'noexec', 'nodev', 'ro'],
  });
  assert.equal(step.flags, 1 | 2 | 4 | 8);
  assert.equal(step.readonlyLate, false);
});

test('devpts: options of its own are data', () => {
  const step = mountOf({
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  });
  assert.equal(step.flags, MS.NOSUID | MS.NOEXEC);
  assert.equal(step.data, 'newinstance,ptmxmode=0666,mode=0620,gid=5');
  assert.equal(step.keepMode, false);
});

test('mqueue', () => {
  const step = mountOf({ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue' });
  assert.deepEqual([step.fsType, step.target], ['mqueue', '/dev/mqueue']);
});

test('tmpfs takes over the mode of what it covers', () => {
  assert.equal(mountOf({ destination: '/tmp', type: 'tmpfs' }).keepMode, true);
});

test('tmpfs with mode= does not', () => {
  const step = mountOf({ destination: '/tmp', type: 'tmpfs', options: ['mode=1777'] });
  assert.deepEqual([step.keepMode, step.data], [false, 'mode=1777']);
});

test('tmpcopyup', () => {
  const step = mountOf({ destination: '/etc', type: 'tmpfs', options: ['tmpcopyup'] });
  assert.deepEqual([step.copyUp, step.data], [true, '']);
});

test('tmpcopyup on another type is a warning', () => {
  const plan = compile([{ destination: '/x', type: 'ext4', options: ['tmpcopyup'] }]);
  assert.equal(plan.warnings[0]?.at, '/mounts/0/options');
});

test('a read-only tmpfs becomes so late: things are still made in it', () => {
  const plan = compile([{ destination: '/x', type: 'tmpfs', options: ['ro', 'nosuid'] }]);
  const step = only(plan, 'mount');
  assert.deepEqual([step.flags, step.readonlyLate], [MS.NOSUID, true]);
  assert.equal(stepsOf(plan, 'readonly_late').length, 1);
});

test('so does a /dev of another type', () => {
  const step = mountOf({ destination: '/dev/', type: 'devtmpfs', options: ['ro'] });
  assert.deepEqual([step.target, step.flags, step.readonlyLate], ['/dev', 0, true]);
});

test('without a late one there is no readonly_late', () => {
  assert.equal(stepsOf(compile([{ destination: '/p', type: 'tmpfs' }]), 'readonly_late').length, 0);
});

test('mounts keep their order', () => {
  const plan = compile([
    { destination: '/b', type: 'tmpfs' },
    { destination: '/a', source: '/x', options: ['bind'] },
    { destination: '/c', type: 'tmpfs' },
  ]);
  const targets = plan.steps
    .filter((s) => s.op === 'mount' || s.op === 'bind')
    .map((s) => s.target);
  assert.deepEqual(targets, ['/b', '/a', '/c']);
});

test('bind: absolute source, recursion by rbind only', () => {
  const plain = bindOf({ destination: '/a', type: 'none', source: '/x', options: ['bind'] });
  assert.deepEqual([plain.source, plain.recursive, plain.attributes], ['/x', false, undefined]);
  assert.equal(bindOf({ destination: '/a', source: '/x', options: ['rbind'] }).recursive, true);
});

test('a relative bind source is relative to the bundle', () => {
  assert.equal(
    bindOf({ destination: '/a', source: 'data/../d', options: ['bind'] }).source,
    '/bundle/d',
  );
});

test('the type bind without the option is a bind mount', () => {
  assert.equal(bindOf({ destination: '/a', type: 'bind', source: '/x' }).recursive, false);
});

test('the options decide, whatever the type is', () => {
  const plan = compile([{ destination: '/a', type: 'tmpfs', source: '/x', options: ['rbind'] }]);
  assert.equal(stepsOf(plan, 'bind').length, 1);
  assert.equal(stepsOf(plan, 'mount').length, 0);
});

test('bind: propagation in order', () => {
  const step = bindOf({
    destination: '/a',
    source: '/x',
    options: ['rbind', 'rprivate', 'shared'],
  });
  assert.deepEqual(step.propagation, [MS.PRIVATE | MS.REC, MS.SHARED]);
});

test('bind: rro is for the whole tree', () => {
  const step = bindOf({ destination: '/a', source: '/x', options: ['rbind', 'rro'] });
  assert.deepEqual(step.recursiveAttributes, { set: 1, clear: 0 });
  assert.equal(step.attributes, undefined);
});

test('bind with data of a file system: a warning', () => {
  const plan = compile([{ destination: '/a', source: '/x', options: ['bind', 'size=1'] }]);
  assert.deepEqual(
    plan.warnings.map(({ at, message }) => [at, message.replace(/.*: /, '')]),
    [['/mounts/0/options', 'size=1']],
  );
  assert.equal(stepsOf(plan, 'bind').length, 1);
});

test('"defaults" is no data', () => {
  assert.equal(
    bindOf({ destination: '/a', source: '/x', options: ['bind', 'defaults'] }).source,
    '/x',
  );
});

test('bind without a source is refused', () => {
  assert.throws(
    () => compile([{ destination: '/a', options: ['bind'] }]),
    refusal('invalid-config', '/mounts/0/source'),
  );
});

test('flags of a super block are a warning on a bind mount', () => {
  const plan = compile([{ destination: '/a', source: '/x', options: ['bind', 'sync'] }]);
  assert.equal(plan.warnings[0]?.at, '/mounts/0/options');
});

test('with a user namespace the host opens the source', () => {
  const plan = compile([{ destination: '/a', source: '/x', options: ['rbind'] }], {
    linux: USER_NS,
  });
  const step = only(plan, 'bind');
  assert.equal(step.source, undefined);
  assert.deepEqual(plan.resources[step.resource ?? -1], {
    kind: 'tree',
    path: '/x',
    recursive: true,
    at: '/mounts/0/source',
  });
});

test('a host without the right opens nothing', () => {
  const step = bindOf(
    { destination: '/a', source: '/x', options: ['rbind'] },
    { linux: USER_NS, facts: { privileged: false } },
  );
  assert.deepEqual([step.source, step.resource], ['/x', undefined]);
});

test('in a user namespace flags that are not named are cleared only where possible', () => {
  const step = bindOf(
    { destination: '/a', source: '/x', options: ['bind', 'ro'] },
    { linux: USER_NS },
  );
  assert.equal(step.attributes?.clear, 0);
  assert.equal(step.attributes?.tryClear, 2 | 4 | 8 | 0x200000);
});

test('a relative destination is relative to /, with a warning', () => {
  const plan = compile([{ destination: 'data', type: 'tmpfs' }]);
  assert.equal(only(plan, 'mount').target, '/data');
  assert.equal(plan.warnings[0]?.at, '/mounts/0/destination');
});

test('a destination never leaves the root', () => {
  assert.equal(mountOf({ destination: '/../../etc', type: 'tmpfs' }).target, '/etc');
});

test('a missing source is the type', () => {
  assert.equal(mountOf({ destination: '/x', type: 'tmpfs' }).source, 'tmpfs');
});

for (const [name, mount, property] of [
  ['on the root', { destination: '/', type: 'tmpfs' }, 'destination'],
  ['on /proc that is no procfs', { destination: '/proc', type: 'tmpfs' }, 'destination'],
  ['inside /proc', { destination: '/proc/self', type: 'tmpfs' }, 'destination'],
  [
    'inside /proc by detour',
    { destination: '/x/../proc/sys', source: '/a', options: ['bind'] },
    'destination',
  ],
  ['without a type', { destination: '/x' }, 'type'],
  ['with a null byte', { destination: '/x', type: 'tmpfs', source: 'a\0' }, 'source'],
] as const satisfies readonly (readonly [string, Mount, string])[]) {
  test(`a mount ${name} is refused`, () => {
    assert.throws(
      () => compile([mount as Mount]),
      refusal('invalid-config', `/mounts/0/${property}`),
    );
  });
}

test('the files that lxcfs shows may be bound in /proc', () => {
  assert.equal(
    bindOf({ destination: '/proc/meminfo', source: '/l', options: ['bind'] }).target,
    '/proc/meminfo',
  );
});

test('/proc may be bound', () => {
  assert.equal(
    bindOf({ destination: '/proc', source: '/proc', options: ['rbind'] }).target,
    '/proc',
  );
});

test('remount: no new file system, so no mode, no type needed, read-only at once', () => {
  const options = ['remount', 'ro'];
  const tmpfs = mountOf({ destination: '/t', type: 'tmpfs', options });
  assert.deepEqual(
    [tmpfs.flags, tmpfs.keepMode, tmpfs.readonlyLate],
    [MS.REMOUNT | MS.RDONLY, false, false],
  );
  assert.equal(mountOf({ destination: '/proc', options }).fsType, '');
  // Devices are still to be made there.
  assert.equal(mountOf({ destination: '/dev', type: 'tmpfs', options }).readonlyLate, true);
});

test('remount with bind: the flags of what is there, whatever it is', () => {
  const mount = {
    destination: '/proc',
    type: 'bind',
    options: ['remount', 'bind', 'ro', 'size=1'],
  };
  const plan = compile([mount, { destination: '/dev', options: ['remount', 'rbind'] }]);
  const [step] = stepsOf(plan, 'mount');
  assert.deepEqual(
    [step?.flags, step?.fsType, step?.data],
    [MS.REMOUNT | MS.BIND | MS.RDONLY, '', ''],
  );
  assert.equal(stepsOf(plan, 'bind').length, 0);
  assert.equal(plan.warnings[0]?.at, '/mounts/0/options');
  // It is no /dev that the caller has bound there.
  assert.ok(stepsOf(plan, 'device').length > 0);
});

for (const [type, source] of [
  ['sysfs', '/sys'],
  ['mqueue', '/dev/mqueue'],
] as const) {
  test(`${type} in a user namespace: the host's is bound where the kernel says no`, () => {
    const mounts = [{ destination: '/x', type, options: ['ro'] }];
    const { otherwise } = only(compile(mounts, { linux: USER_NS }), 'mount');
    assert.deepEqual(otherwise?.errnos, [1]);
    assert.match(otherwise?.warning ?? '', new RegExp(`^${type} cannot be mounted on /x`));
    const { target, source: from, recursive, attributes } = otherwise?.bind ?? {};
    assert.deepEqual([target, from, recursive], ['/x', source, true]);
    assert.equal((attributes?.set ?? 0) & 1, 1);
    assert.equal(only(compile(mounts), 'mount').otherwise, undefined);
  });
}

test('mountLabel is the context of file systems that take one', () => {
  const plan = compile(
    [
      { destination: '/t', type: 'tmpfs', options: ['mode=755'] },
      { destination: '/proc', type: 'proc' },
    ],
    { linux: { mountLabel: 'a:b:c' }, facts: { selinux: true } },
  );
  assert.deepEqual(
    stepsOf(plan, 'mount').map((s) => s.data),
    ['mode=755,context="a:b:c"', ''],
  );
});

test('mountLabel without SELinux is a warning', () => {
  const plan = compile([{ destination: '/t', type: 'tmpfs' }], { linux: { mountLabel: 'a:b' } });
  assert.equal(only(plan, 'mount').data, '');
  assert.equal(plan.warnings[0]?.at, '/linux/mountLabel');
});

const CGROUP: Mount = {
  destination: '/sys/fs/cgroup',
  type: 'cgroup',
  source: 'cgroup',
  options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
};
const CGROUP_NS = { namespaces: [{ type: 'mount' as const }, { type: 'cgroup' as const }] };

test('cgroup v1 with a namespace: a tmpfs, and a mount of each hierarchy in it', () => {
  const plan = compile([CGROUP], { linux: CGROUP_NS });
  const [tmpfs, ...rest] = stepsOf(plan, 'mount');
  assert.deepEqual(
    [tmpfs?.fsType, tmpfs?.data, tmpfs?.readonlyLate, tmpfs?.flags],
    ['tmpfs', 'mode=755', true, 2 | 4 | 8],
  );
  assert.equal(rest.length, 9);
  assert.ok(rest.every((step) => step.fsType === 'cgroup' && step.flags === (1 | 2 | 4 | 8)));
  assert.deepEqual(
    rest.slice(-1).map((s) => [s.target, s.source, s.data]),
    [['/sys/fs/cgroup/systemd', 'systemd', 'name=systemd']],
  );
  assert.equal(stepsOf(plan, 'bind').length, 0);
});

test("cgroup v1 without a namespace: the container's own directories", () => {
  const plan = compile([CGROUP]);
  const binds = stepsOf(plan, 'bind');
  assert.equal(binds.length, 9);
  assert.deepEqual(
    [binds[0]?.target, binds[0]?.source, binds[0]?.recursive],
    ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu/box/c1', true],
  );
  assert.ok(binds.every((step) => ((step.attributes?.set ?? 0) & 1) === 1));
});

test('cgroup v1 with a namespace: recursive options are those of every mount in it', () => {
  const options = ['rro', 'rnosymfollow', 'noatime', 'x=1'];
  const plan = compile([{ ...CGROUP, options }], { linux: CGROUP_NS });
  const [tmpfs, ...rest] = stepsOf(plan, 'mount');
  assert.deepEqual([tmpfs?.readonlyLate, tmpfs?.flags], [true, 2 | 4 | 8 | MS.NOATIME]);
  assert.ok(rest.every(({ flags }) => flags === (1 | 2 | 4 | 8 | MS.NOATIME)));
  for (const step of [tmpfs, ...rest]) {
    assert.deepEqual(step?.recursive, { set: MOUNT_ATTR.NOSYMFOLLOW, clear: 0 });
  }
  assert.match(plan.warnings.map(({ message }) => message).join(), /x=1/);
});

test('cgroup v1 that may be written to stays so', () => {
  const plan = compile([{ ...CGROUP, options: ['rw'] }], { linux: CGROUP_NS });
  assert.ok(stepsOf(plan, 'mount').every((s) => !s.readonlyLate && (s.flags & 1) === 0));
});

test('controllers that are mounted together have a link each', () => {
  const plan = compile([CGROUP], { linux: CGROUP_NS, facts: { cgroup: V1 } });
  const links = stepsOf(plan, 'symlink').filter((s) => s.target.startsWith('/sys'));
  assert.deepEqual(
    links.map((s) => [s.target, s.content]),
    [
      ['/sys/fs/cgroup/cpu', 'cpu,cpuacct'],
      ['/sys/fs/cgroup/cpuacct', 'cpu,cpuacct'],
      ['/sys/fs/cgroup/net_cls', 'net_cls,net_prio'],
      ['/sys/fs/cgroup/net_prio', 'net_cls,net_prio'],
    ],
  );
});

test('cgroup v2 with a namespace is a mount of cgroup2', () => {
  const step = only(compile([CGROUP], { linux: CGROUP_NS, facts: { cgroup: V2 } }), 'mount');
  assert.deepEqual([step.fsType, step.target], ['cgroup2', '/sys/fs/cgroup']);
  assert.equal(step.flags & 1, 1);
});

test('cgroup v2 without a namespace is a bind of the host’s', () => {
  const step = only(compile([CGROUP], { facts: { cgroup: V2 } }), 'bind');
  assert.deepEqual([step.source, step.recursive], ['/sys/fs/cgroup', false]);
  assert.equal((step.attributes?.set ?? 0) & 1, 1);
});
