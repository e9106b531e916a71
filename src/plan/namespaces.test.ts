import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Namespace } from '../spec/config.gen.js';
import { compileCreate } from './compile.js';
import { compileExec } from './compile-exec.js';
import {
  type Changes,
  createInput,
  execInput,
  FACTS,
  only,
  ops,
  refusal,
  stepsOf,
} from './testing/fixtures.js';

const MAP = [{ containerID: 0, hostID: 100000, size: 65536 }];

function compile(namespaces: Namespace[], changes: Changes = {}) {
  return compileCreate(createInput({ ...changes, linux: { ...changes.linux, namespaces } }));
}

for (const [type, flag] of [
  ['pid', 0x20000000],
  ['network', 0x40000000],
  ['mount', 0x20000],
  ['ipc', 0x8000000],
  ['uts', 0x4000000],
] as const) {
  test(`a new ${type} namespace is made by the clone`, () => {
    const plan = compile([{ type }]);
    assert.equal(plan.spawn.cloneFlags, flag);
    assert.equal(stepsOf(plan, 'unshare').length, 0);
  });
}

test('flags add up', () => {
  assert.equal(
    compile([{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }]).spawn.cloneFlags,
    0x20000000 | 0x20000 | 0x8000000,
  );
});

test('a cgroup namespace is unshared by the helper, which is in its cgroup by then', () => {
  const plan = compile([{ type: 'mount' }, { type: 'cgroup' }]);
  assert.equal(plan.spawn.cloneFlags, 0x20000);
  assert.deepEqual(only(plan, 'unshare'), {
    op: 'unshare',
    at: '/linux/namespaces/1',
    flags: 0x2000000,
  });
});

test('a time namespace with offsets', () => {
  const plan = compile([{ type: 'mount' }, { type: 'time' }], {
    linux: {
      timeOffsets: { monotonic: { secs: 7881, nanosecs: 2718281 }, boottime: { secs: -5 } },
    },
  });
  assert.equal(only(plan, 'time_namespace').offsets, 'monotonic 7881 2718281\nboottime -5 0\n');
  assert.equal(plan.spawn.cloneFlags, 0x20000);
});

test('a time namespace without offsets', () => {
  assert.equal(only(compile([{ type: 'time' }]), 'time_namespace').offsets, '');
});

test('offsets keep 64 bits', () => {
  const plan = compile([{ type: 'time' }], {
    linux: { timeOffsets: { monotonic: { secs: 9007199254740993n } } },
  });
  assert.equal(only(plan, 'time_namespace').offsets, 'monotonic 9007199254740993 0\n');
});

test('offsets without a time namespace are refused', () => {
  assert.throws(
    () => compile([], { linux: { timeOffsets: { boottime: { secs: 1 } } } }),
    refusal('invalid-config', '/linux/timeOffsets'),
  );
});

test('an empty set of offsets asks for nothing', () => {
  compile([], { linux: { timeOffsets: {} } });
  compile([{ type: 'time', path: '/t' }], { linux: { timeOffsets: {} } });
});

test('offsets with a joined time namespace are refused', () => {
  assert.throws(
    () =>
      compile([{ type: 'time', path: '/t' }], {
        linux: { timeOffsets: { boottime: { secs: 1 } } },
      }),
    refusal('invalid-config', '/linux/timeOffsets'),
  );
});

test('a namespace with a path is joined by the helper', () => {
  const plan = compile([{ type: 'mount' }, { type: 'network', path: '/run/netns/x' }]);
  const join = only(plan, 'join');
  assert.equal(join.namespaces[0]?.type, 0x40000000);
  assert.deepEqual(plan.resources[join.namespaces[0]?.resource ?? -1], {
    kind: 'namespace',
    path: '/run/netns/x',
    at: '/linux/namespaces/1/path',
  });
  assert.equal(plan.spawn.cloneFlags, 0x20000);
});

test('an empty path is no path', () => {
  assert.equal(compile([{ type: 'uts', path: '' }]).spawn.cloneFlags, 0x4000000);
});

test('what is in a joined pid namespace sees nothing that shares the memory of the host', () => {
  const plan = compile([{ type: 'mount' }, { type: 'pid', path: '/proc/9/ns/pid' }]);
  assert.equal(plan.spawn.pidNamespace, undefined);
  const [joined] = only(plan, 'join').namespaces;
  const resource = plan.resources[joined?.resource ?? -1];
  assert.equal(resource?.kind === 'namespace' && resource.path, '/proc/9/ns/pid');
  assert.deepEqual(ops(plan).slice(0, 3), ['open_proc', 'join', 'fork']);
});

test('beside a new user namespace a joined pid namespace is for the clone', () => {
  const plan = compile([{ type: 'user' }, { type: 'pid', path: '/proc/9/ns/pid' }], {
    linux: { uidMappings: MAP, gidMappings: MAP },
  });
  assert.equal(stepsOf(plan, 'fork').length, 0);
  const resource = plan.resources[plan.spawn.pidNamespace ?? -1];
  assert.equal(resource?.kind === 'namespace' && resource.path, '/proc/9/ns/pid');
});

test('a new user namespace: made by the clone, maps written by the host', () => {
  const plan = compile([{ type: 'user' }, { type: 'mount' }], {
    linux: {
      uidMappings: [...MAP, { containerID: 65536, hostID: 0, size: 1 }],
      gidMappings: MAP,
    },
  });
  assert.equal(plan.spawn.cloneFlags, 0x10000000 | 0x20000);
  assert.deepEqual(plan.spawn.mapping, {
    uidMap: '0 100000 65536\n65536 0 1\n',
    gidMap: '0 100000 65536\n',
    uid: 0,
    gid: 0,
    denySetgroups: false,
    viaHelpers: false,
  });
  assert.equal(stepsOf(plan, 'identity').length, 0);
});

test('where 0 is not mapped, the helper becomes the first of the users', () => {
  const plan = compile([{ type: 'user' }], {
    linux: {
      uidMappings: [
        { containerID: 7, hostID: 100007, size: 1 },
        { containerID: 3, hostID: 100003, size: 1 },
      ],
      gidMappings: [{ containerID: 9, hostID: 100009, size: 1 }],
    },
  });
  assert.equal(plan.spawn.mapping?.uid, 7);
  assert.equal(plan.spawn.mapping?.gid, 9);
});

const ROOTLESS = { euid: 1000, egid: 1000, privileged: false };

test('rootless with its own id alone writes the map itself, and gives up setgroups', () => {
  const own = [{ containerID: 0, hostID: 1000, size: 1 }];
  const plan = compile([{ type: 'user' }], {
    linux: { uidMappings: own, gidMappings: own },
    facts: ROOTLESS,
  });
  assert.deepEqual(plan.spawn.mapping, {
    uidMap: '0 1000 1\n',
    gidMap: '0 1000 1\n',
    uid: 0,
    gid: 0,
    denySetgroups: true,
    viaHelpers: false,
  });
  assert.equal(only(plan, 'user').groups, undefined);
});

test('rootless with more needs newuidmap', () => {
  const plan = compile([{ type: 'user' }], {
    linux: { uidMappings: MAP, gidMappings: MAP },
    facts: ROOTLESS,
  });
  assert.equal(plan.spawn.mapping?.viaHelpers, true);
  // newgidmap leaves setgroups(2) to those who were given groups.
  assert.equal(plan.spawn.mapping?.denySetgroups, false);
  assert.deepEqual(only(plan, 'user').groups, []);
});

test('rootless without a user namespace is refused', () => {
  assert.throws(
    () => compile([{ type: 'mount' }], { facts: ROOTLESS }),
    refusal('rootless-denied', '/linux/namespaces'),
  );
});

test('a new user namespace without mappings is refused', () => {
  assert.throws(() => compile([{ type: 'user' }]), refusal('invalid-config', '/linux/uidMappings'));
});

test('mappings without a user namespace are refused', () => {
  assert.throws(
    () => compile([{ type: 'mount' }], { linux: { gidMappings: MAP } }),
    refusal('invalid-config', '/linux/gidMappings'),
  );
});

test('beside a new user namespace the host joins for the child', () => {
  const plan = compile(
    [
      { type: 'user' },
      { type: 'network', path: '/n' },
      { type: 'ipc', path: '/i' },
      { type: 'mount' },
    ],
    { linux: { uidMappings: MAP, gidMappings: MAP } },
  );
  assert.equal(stepsOf(plan, 'join').length, 0);
  assert.deepEqual(
    plan.spawn.joined?.map((entry) => entry.type),
    [0x40000000, 0x8000000],
  );
});

test('a joined user namespace comes last in the join, and owns what is new', () => {
  const plan = compile([
    { type: 'user', path: '/u' },
    { type: 'network', path: '/n' },
    { type: 'mount' },
    { type: 'cgroup' },
    { type: 'uts' },
  ]);
  assert.equal(plan.spawn.cloneFlags, 0);
  assert.equal(plan.spawn.mapping, undefined);
  assert.deepEqual(
    only(plan, 'join').namespaces.map((entry) => entry.type),
    [0x40000000, 0x10000000],
  );
  assert.equal(only(plan, 'unshare').flags, 0x20000 | 0x2000000 | 0x4000000);
  assert.deepEqual(ops(plan).slice(0, 5), ['open_proc', 'join', 'unshare', 'identity', 'keyring']);
});

test('with a joined user namespace a pid namespace needs a fork', () => {
  for (const pid of [{ type: 'pid' }, { type: 'pid', path: '/p' }] as const) {
    const plan = compile([{ type: 'user', path: '/u' }, pid, { type: 'mount' }]);
    const order = ops(plan);
    assert.ok(order.indexOf('unshare') < order.indexOf('fork'));
    assert.ok(order.indexOf('fork') < order.indexOf('identity'));
    assert.equal(plan.spawn.pidNamespace, undefined);
  }
});

test('in a user namespace of an engine the helper forks into a joined pid namespace', () => {
  const within = { facts: { initialUserNamespace: false } };
  const joined = compile([{ type: 'mount' }, { type: 'pid', path: '/p' }], within);
  assert.equal(joined.spawn.pidNamespace, undefined);
  assert.deepEqual(
    only(joined, 'join').namespaces.map((entry) => entry.type),
    [0x20000000],
  );
  assert.deepEqual(ops(joined).slice(0, 3), ['open_proc', 'join', 'fork']);
  assert.equal(joined.spawn.cloneFlags, 0x20000);
  const made = compile([{ type: 'mount' }, { type: 'pid' }], within);
  assert.equal(stepsOf(made, 'fork').length, 0);
  assert.equal(made.spawn.cloneFlags, 0x20000000 | 0x20000);
  const exec = compileExec(
    execInput({ facts: { ...FACTS, ...within.facts }, namespaces: ['pid', 'mount'] }),
  );
  assert.deepEqual(ops(exec).slice(0, 3), ['open_proc', 'join', 'fork']);
  assert.equal(exec.spawn.pidNamespace, undefined);
});

test('mappings beside a joined user namespace are a warning', () => {
  const plan = compile([{ type: 'user', path: '/u' }], {
    linux: { uidMappings: MAP, gidMappings: MAP },
  });
  assert.equal(plan.warnings[0]?.at, '/linux/uidMappings');
});

test('a namespace twice is refused', () => {
  assert.throws(
    () => compile([{ type: 'uts' }, { type: 'uts', path: '/x' }]),
    refusal('invalid-config', '/linux/namespaces/1/type'),
  );
});

test('an unknown namespace is refused', () => {
  assert.throws(
    () => compile([{ type: 'toString' as 'uts' }]),
    refusal('invalid-config', '/linux/namespaces/0/type'),
  );
});

test('loopback is brought up in a new network namespace', () => {
  assert.equal(stepsOf(compile([{ type: 'network' }]), 'loopback').length, 1);
});

test('but not in a joined one, nor in the host’s', () => {
  assert.equal(stepsOf(compile([{ type: 'network', path: '/n' }]), 'loopback').length, 0);
  assert.equal(stepsOf(compile([{ type: 'mount' }]), 'loopback').length, 0);
});

for (const property of ['hostname', 'domainname'] as const) {
  test(`${property} needs a uts namespace`, () => {
    const config = { [property]: 'box' };
    assert.equal(only(compile([{ type: 'uts' }], { config }), property).name, 'box');
  });
  test(`${property} without one is refused`, () => {
    assert.throws(
      () =>
        compileCreate({
          ...createInput(),
          config: { ...createInput().config, [property]: 'x', linux: {} },
        }),
      refusal('invalid-config', `/${property}`),
    );
  });
}

test('exec joins by the init’s namespaces, and goes on as a child in its pid namespace', () => {
  const plan = compileExec(execInput());
  assert.deepEqual(
    only(plan, 'join').namespaces.map((entry) => entry.type),
    [0x20000, 0x20000000, 0x4000000],
  );
  assert.deepEqual(ops(plan).slice(0, 3), ['open_proc', 'join', 'fork']);
  assert.equal(plan.spawn.pidNamespace, undefined);
  assert.equal(plan.spawn.cloneFlags, 0);
});

test('exec into a user namespace: it comes last, then a fork into the pid namespace', () => {
  const plan = compileExec(execInput({ namespaces: ['user', 'pid', 'mount'] }));
  assert.deepEqual(
    only(plan, 'join').namespaces.map((entry) => entry.type),
    [0x20000000, 0x20000, 0x10000000],
  );
  assert.deepEqual(ops(plan).slice(0, 4), ['open_proc', 'join', 'fork', 'identity']);
});

test('exec where nothing differs joins nothing', () => {
  const plan = compileExec(execInput({ namespaces: [] }));
  assert.equal(stepsOf(plan, 'join').length, 0);
  assert.deepEqual(plan.resources, []);
});
