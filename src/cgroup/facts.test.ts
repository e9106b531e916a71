import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HYBRID, V1, V2 } from '../plan/testing/fixtures.js';
import { cgroup2Options, parseCgroupFacts } from './facts.js';
import { cgroupPaths } from './path.js';

test('hybrid: v1 controllers and a v2 mount', () => {
  assert.equal(HYBRID.mode, 'hybrid');
  assert.equal(HYBRID.v1.length, 9);
  assert.deepEqual(HYBRID.v2, {
    controllers: [],
    mountpoint: '/sys/fs/cgroup/unified',
    root: '/',
    ownPath: '/',
    available: ['hugetlb'],
  });
});

test('own paths differ by hierarchy', () => {
  const memory = HYBRID.v1.find((h) => h.controllers.includes('memory'));
  assert.equal(memory?.ownPath, '/agent/x');
  assert.equal(HYBRID.v1[0]?.ownPath, '/');
});

test('v1: pairs of controllers, named hierarchies', () => {
  assert.equal(V1.mode, 'v1');
  assert.deepEqual(V1.v1[0]?.controllers, ['cpu', 'cpuacct']);
  assert.equal(V1.v1[0]?.ownPath, '/user.slice');
  assert.equal(V1.v2, null);
});

test('v2 only', () => {
  assert.equal(V2.mode, 'v2');
  assert.deepEqual(V2.v1, []);
  assert.equal(V2.v2?.ownPath, '/user.slice/user-0.slice/session-1.scope');
  assert.ok(V2.v2?.available.includes('memory'));
});

test('nothing mounted', () => {
  assert.deepEqual(parseCgroupFacts('25 1 0:1 / / rw - ext4 /dev/sda rw\n', '0::/\n', null), {
    mode: 'none',
    v1: [],
    v2: null,
  });
});

test('options that are no controllers are passed over', () => {
  const facts = parseCgroupFacts(
    '9 1 0:9 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/x/y,name=systemd\n',
    '1:name=systemd:/init.scope\n',
    null,
  );
  assert.deepEqual(facts.v1[0]?.controllers, ['name=systemd']);
  assert.equal(facts.v1[0]?.ownPath, '/init.scope');
});

test('spaces in a mountpoint', () => {
  const facts = parseCgroupFacts('9 1 0:9 / /a\\040b rw - cgroup cgroup rw,pids\n', '', null);
  assert.equal(facts.v1[0]?.mountpoint, '/a b');
});

test('the usual place is preferred, a second mount of a hierarchy is none of its own', () => {
  const facts = parseCgroupFacts(
    '9 1 0:9 / /mnt/pids rw - cgroup cgroup rw,pids\n10 1 0:9 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n',
    '',
    null,
  );
  assert.deepEqual(
    facts.v1.map((h) => h.mountpoint),
    ['/sys/fs/cgroup/pids'],
  );
});

const NESTED = parseCgroupFacts(
  '9 1 0:9 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n',
  '5:pids:/docker/abc/sub\n',
  null,
);

test('inside a container: the mount shows a part only', () => {
  assert.equal(NESTED.v1[0]?.root, '/docker/abc');
  assert.equal(cgroupPaths(NESTED, undefined, 'c1').paths.pids, '/sys/fs/cgroup/pids/sub/c1');
});

test('absolute: the same path below each mount', () => {
  const { paths, directories } = cgroupPaths(HYBRID, '/box/c1', 'id');
  assert.equal(paths.memory, '/sys/fs/cgroup/memory/box/c1');
  assert.equal(paths['name=systemd'], '/sys/fs/cgroup/systemd/box/c1');
  assert.equal(paths[''], '/sys/fs/cgroup/unified/box/c1');
  assert.equal(Object.keys(paths).length, 10);
  assert.equal(directories.length, 20);
  assert.ok(
    directories.indexOf('/sys/fs/cgroup/memory/box') <
      directories.indexOf('/sys/fs/cgroup/memory/box/c1'),
  );
});

test('controllers that are mounted together share a directory', () => {
  const { paths, directories } = cgroupPaths(V1, '/c1', 'id');
  assert.equal(paths.cpu, paths.cpuacct);
  assert.equal(new Set(directories).size, directories.length);
});

test('relative, and absent: below the runtime’s own', () => {
  assert.equal(cgroupPaths(HYBRID, 'box', 'id').paths.memory, '/sys/fs/cgroup/memory/agent/x/box');
  assert.equal(cgroupPaths(HYBRID, undefined, 'id').paths.pids, '/sys/fs/cgroup/pids/id');
  assert.equal(cgroupPaths(HYBRID, '', 'id').paths.pids, '/sys/fs/cgroup/pids/id');
});

test('on v2 relative is below the parent of the runtime’s own, which has processes', () => {
  assert.equal(
    cgroupPaths(V2, undefined, 'id').paths[''],
    '/sys/fs/cgroup/user.slice/user-0.slice/id',
  );
  assert.deepEqual(cgroupPaths(V2, '/a/b', 'id').directories, [
    '/sys/fs/cgroup/a',
    '/sys/fs/cgroup/a/b',
  ]);
});

for (const path of ['/../../etc', '../../../etc', '/a/../../etc']) {
  test(`"${path}" does not leave the mount`, () => {
    assert.ok(cgroupPaths(HYBRID, path, 'id').paths.pids?.endsWith('/etc'));
    assert.ok(cgroupPaths(HYBRID, path, 'id').paths.pids?.startsWith('/sys/fs/cgroup/pids/'));
  });
}

test('an absolute path may have colons', () => {
  assert.equal(cgroupPaths(HYBRID, '/a:b:c', 'id').paths.pids, '/sys/fs/cgroup/pids/a:b:c');
});

test('the words among the options of the cgroup2 file system', () => {
  const line = (options: string) =>
    `32 27 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 ${options}\n`;
  assert.deepEqual(cgroup2Options(line('rw,seclabel,nsdelegate,memory_recursiveprot')), {
    mountpoint: '/sys/fs/cgroup',
    options: ['nsdelegate', 'memory_recursiveprot'],
  });
  assert.deepEqual(cgroup2Options(line('ro'))?.options, []);
  assert.equal(cgroup2Options('25 1 0:1 / / rw - ext4 /dev/sda rw\n'), undefined);
});
