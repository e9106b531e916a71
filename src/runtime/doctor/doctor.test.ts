import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CgroupFacts } from '../../cgroup/types.js';
import { versionCheck as cgroupVersion, controllerCheck } from './cgroups.js';
import { type Check, mountLines, mountOf } from './check.js';
import { hidepidCheck, memfdCheck, systemCallChecks, versionCheck } from './kernel.js';
import { capabilityChecks, limitChecks } from './privileges.js';
import { subordinateIds } from './rootless.js';

const hierarchy = (controllers: string[]) => ({
  controllers,
  mountpoint: `/sys/fs/cgroup/${controllers.join(',')}`,
  root: '/',
  ownPath: '/',
});

const facts = (change: Partial<CgroupFacts>): CgroupFacts => ({
  mode: 'v2',
  v1: [],
  v2: { ...hierarchy([]), available: [] },
  ...change,
});

const named = (checks: readonly Check[], name: string): Check | undefined =>
  checks.find((check) => check.name === name);

for (const [release, grade] of [
  ['6.12.0-5-amd64', 'good'],
  ['5.12.0', 'good'],
  ['5.11.22', 'limited'],
  ['4.14.1', 'limited'],
  ['4.13.0', 'missing'],
  ['3.10.0-1160.el7', 'missing'],
] as const) {
  test(`kernel ${release} is ${grade}`, () => {
    const check = versionCheck(release);
    assert.equal(check.grade, grade);
    assert.equal(check.mend !== undefined, grade !== 'good');
  });
}

test('a system call that is missing is told with what goes without it', () => {
  const answers = [
    { name: 'memfd_create', code: '' },
    { name: 'clone3', code: 'EINVAL' },
    { name: 'openat2', code: 'ENOSYS' },
    { name: 'mount_setattr', code: 'EPERM' },
  ];
  const asRoot = systemCallChecks(answers, true);
  assert.equal(asRoot[0]?.reason, 'memfd_create clone3');
  assert.equal(named(asRoot, 'openat2')?.grade, 'limited');
  assert.match(named(asRoot, 'openat2')?.reason ?? '', /step by step/);
  assert.match(named(asRoot, 'mount_setattr')?.reason ?? '', /filter/);
  // That an ordinary user may not is as it should be.
  assert.equal(named(systemCallChecks(answers, false), 'mount_setattr'), undefined);
});

test('without memfd_create nothing starts', () => {
  const check = named(
    systemCallChecks([{ name: 'memfd_create', code: 'ENOSYS' }], true),
    'memfd_create',
  );
  assert.deepEqual([check?.grade, check?.needed], ['missing', true]);
});

test('vm.memfd_noexec', () => {
  assert.deepEqual(memfdCheck(undefined), []);
  assert.deepEqual(memfdCheck('1'), []);
  assert.equal(memfdCheck('2')[0]?.needed, true);
});

test('hidepid of /proc', () => {
  const mounted = (options: string) => `22 28 0:21 / /proc rw,nosuid - proc proc rw${options}\n`;
  assert.deepEqual(hidepidCheck(mounted(''), false), []);
  assert.deepEqual(hidepidCheck(mounted(',hidepid=0'), false), []);
  assert.deepEqual(hidepidCheck(mounted(',hidepid=off'), false), []);
  assert.equal(hidepidCheck(mounted(',gid=4,hidepid=2'), false)[0]?.grade, 'limited');
  assert.equal(hidepidCheck(mounted(',hidepid=invisible'), true)[0]?.grade, 'good');
});

test('the mount that a path lies on: the longest way down, and of two at one place the last', () => {
  const lines = mountLines(
    [
      '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
      '2 1 8:2 / /var rw,noexec - ext4 /dev/sda2 rw',
      '3 2 8:3 / /var/lib rw - ext4 /dev/sda3 rw',
      '4 1 8:4 / /home rw - ext4 /dev/sda4 rw',
      '5 1 8:5 / /home rw,noexec - ext4 /dev/sda5 rw',
      '',
    ].join('\n'),
  );
  assert.deepEqual(mountOf(lines, '/variable')?.target, '/');
  assert.deepEqual(mountOf(lines, '/var/tmp')?.options, ['rw', 'noexec']);
  assert.deepEqual(mountOf(lines, '/var/lib/docker')?.options, ['rw']);
  assert.deepEqual(mountOf(lines, '/home')?.options, ['rw', 'noexec']);
});

test('versions of cgroups', () => {
  assert.equal(cgroupVersion(facts({}), true).grade, 'good');
  assert.equal(cgroupVersion(facts({ mode: 'hybrid' }), true).grade, 'limited');
  assert.equal(cgroupVersion(facts({ mode: 'none', v2: null }), true).needed, true);
  assert.equal(cgroupVersion(facts({ mode: 'none', v2: null }), false).needed, undefined);
});

test('controllers of v2: those that the kernel has can be enabled', () => {
  const available = ['cpu', 'memory', 'pids', 'io', 'cpuset'];
  const checks = controllerCheck(facts({ v2: { ...hierarchy([]), available } }), ['hugetlb']);
  assert.equal(named(checks, 'controllers')?.reason, 'cpu cpuset memory pids io');
  assert.match(named(checks, 'hugetlb')?.mend ?? '', /^echo \+hugetlb/);
  assert.match(named(checks, 'rdma')?.mend ?? '', /^a kernel/);
  assert.equal(named(checks, 'devices'), undefined);
});

test('controllers of v1: mounted, not mounted, and on the v2 side of a hybrid host', () => {
  const checks = controllerCheck(
    facts({
      mode: 'hybrid',
      v1: [hierarchy(['cpu', 'cpuacct']), hierarchy(['memory'])],
      v2: { ...hierarchy([]), available: ['hugetlb'] },
    }),
    ['pids', 'freezer'],
  );
  assert.equal(named(checks, 'controllers')?.reason, 'cpu memory');
  assert.match(named(checks, 'pids')?.mend ?? '', /mount -t cgroup -o pids cgroup/);
  assert.match(named(checks, 'hugetlb')?.reason ?? '', /v2 side/);
  assert.equal(named(checks, 'freezer')?.grade, 'missing');
  assert.equal(named(checks, 'net_cls')?.grade, 'limited');
});

const ALL = (1n << 41n) - 1n;
const SYS_ADMIN = 1n << 21n;
const SYS_RESOURCE = 1n << 24n;

test('capabilities that root lacks', () => {
  assert.equal(capabilityChecks(ALL, ALL, 40)[0]?.grade, 'good');
  const bounded = capabilityChecks(ALL & ~SYS_RESOURCE, ALL, 40);
  assert.deepEqual(
    bounded.map(({ name, grade }) => [name, grade]),
    [['CAP_SYS_RESOURCE', 'limited']],
  );
  assert.equal(capabilityChecks(ALL, ALL & ~SYS_ADMIN, 40)[0]?.needed, true);
  // A kernel that has fewer lacks nothing by that.
  assert.equal(capabilityChecks((1n << 38n) - 1n, (1n << 38n) - 1n, 37)[0]?.grade, 'good');
});

test('hard limits that engines ask for', () => {
  const limits = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             96365                unlimited            processes ',
    'Max open files            1024                 20000                files     ',
  ].join('\n');
  assert.deepEqual(limitChecks(limits, true), []);
  const checks = limitChecks(limits, false);
  assert.deepEqual(
    checks.map(({ name }) => name),
    ['hard limit nofile'],
  );
  assert.match(checks[0]?.mend ?? '', /"nofile=20000:20000"/);
});

test('subordinate ids, by name and by number', () => {
  const text = 'ada:100000:65536\n1001:300000:10\nbob:1:2\nada:bad\n';
  assert.deepEqual(subordinateIds(text, 'ada', 1001), [
    { first: 100000, size: 65536 },
    { first: 300000, size: 10 },
  ]);
  assert.deepEqual(subordinateIds(text, undefined, 7), []);
});
