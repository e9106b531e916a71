import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource, Step } from '../plan/plan.js';
import { baseName, directoryName, resolvePath } from './bundle.js';
import { checkConsole } from './console.js';
import { defaultConfig, rootlessConfig } from './default-config.js';
import { mergeProcess } from './exec-process.js';
import { isIdentityMap } from './facts.js';
import { exitCodeOf } from './foreground.js';
import { splitHookState } from './hooks.js';
import { parseNofile } from './nofile.js';
import { parseOomKills } from './oom.js';
import { filterPs } from './ps.js';
import { bindSteps } from './resources.js';
import { parsePasswd, stateDocument } from './state.js';
import { tailOf } from './tail.js';
import { formatSeconds, formatTime } from './time.js';

test('paths are made absolute without looking at the disk', () => {
  for (const [base, path, result] of [
    ['/a/b', 'c', '/a/b/c'],
    ['/a/b', '.', '/a/b'],
    ['/a/b', '../c', '/a/c'],
    ['/a/b', '/c//d/', '/c/d'],
    ['/', '../..', '/'],
  ] as const) {
    assert.equal(resolvePath(base, path), result);
  }
  assert.deepEqual(
    [baseName('/a/b'), directoryName('/a/b'), directoryName('/a')],
    ['b', '/a', '/'],
  );
});

test('a terminal and a console socket go together when detached', () => {
  const socket = '/s';
  const no = (terminal: boolean, detach: boolean, given: string | undefined): void =>
    checkConsole({ terminal, detach, socket: given });
  no(true, true, socket);
  no(false, true, undefined);
  no(true, false, undefined);
  assert.throws(() => no(true, true, undefined), /will detach without setting console socket/);
  assert.throws(() => no(false, true, socket), /cannot use console socket/);
  assert.throws(() => no(true, false, socket), /cannot use console socket/);
});

const base = {
  cwd: '/',
  args: ['sh'],
  env: ['A=1'],
  terminal: true,
  user: { uid: 5, gid: 6, additionalGids: [7] },
  capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] },
};

test('exec: what is not said is as in config.json, but for the terminal', () => {
  const merged = mergeProcess(base, { args: ['ls'] });
  assert.deepEqual(merged, { ...base, args: ['ls'], terminal: false });
});

test('exec: options change the process', () => {
  const merged = mergeProcess(base, {
    args: ['ls', '-l'],
    tty: true,
    cwd: '/tmp',
    env: ['B=2'],
    user: '1000:1001',
    additionalGids: ['100', '65534'],
    noNewPrivs: true,
    apparmor: 'p',
    processLabel: 'l',
  });
  assert.deepEqual(merged.user, { uid: 1000, gid: 1001, additionalGids: [7, 100, 65534] });
  assert.deepEqual(merged.env, ['A=1', 'B=2']);
  assert.deepEqual(
    [
      merged.terminal,
      merged.cwd,
      merged.noNewPrivileges,
      merged.apparmorProfile,
      merged.selinuxLabel,
    ],
    [true, '/tmp', true, 'p', 'l'],
  );
});

test('exec --user UID keeps the group; names are refused', () => {
  const merged = mergeProcess(base, { args: ['ls'], user: '1000' });
  assert.deepEqual([merged.user?.uid, merged.user?.gid], [1000, 6]);
  for (const user of ['root', '1:', '1:g', ':1', '-1', '4294967295', '1:2:3']) {
    assert.throws(() => mergeProcess(base, { args: ['ls'], user }), { code: 'user-invalid' });
  }
});

test('exec --cap: ambient only where there is an inheritable set', () => {
  const without = mergeProcess(base, { args: ['ls'], caps: ['CAP_CHOWN'] }).capabilities;
  assert.deepEqual(without?.bounding, ['CAP_KILL', 'CAP_CHOWN']);
  assert.deepEqual(without?.effective, ['CAP_KILL', 'CAP_CHOWN']);
  assert.deepEqual(without?.permitted, ['CAP_KILL', 'CAP_CHOWN']);
  assert.equal(without?.ambient, undefined);
  const capabilities = { ...base.capabilities, inheritable: ['CAP_KILL'] };
  const merged = mergeProcess({ ...base, capabilities }, { args: ['ls'], caps: ['CAP_CHOWN'] });
  assert.deepEqual(merged.capabilities?.ambient, ['CAP_CHOWN']);
});

test('exec without a command is refused', () => {
  assert.throws(() => mergeProcess(base, { args: [] }), { code: 'args-missing' });
});

test('the exit code of a process that a signal ended is 128 + its number', () => {
  assert.equal(exitCodeOf({ pid: 1, exitCode: 3, signal: 0 }), 3);
  assert.equal(exitCodeOf({ pid: 1, exitCode: -1, signal: 9 }), 137);
});

test('the state for hooks in the container is JSON once a pid is put in between', () => {
  const record = { ociVersion: '1.3.0', id: 'c', bundle: '/b', annotations: { k: 'v"' } };
  const [head, tail] = splitHookState(record, 'creating');
  assert.deepEqual(JSON.parse(`${head}7${tail}`), { ...record, status: 'creating', pid: 7 });
});

test('resource indexes become descriptor numbers', () => {
  const steps: Step[] = [
    { op: 'join', at: '', namespaces: [{ type: 1, resource: 1 }] },
    { op: 'wait_start', at: '', resource: 0 },
    { op: 'session', at: '' },
  ];
  assert.deepEqual(bindSteps(steps, [10, 11], []), [
    { op: 'join', at: '', namespaces: [{ type: 1, resource: 11 }] },
    { op: 'wait_start', at: '', resource: 10 },
    { op: 'session', at: '' },
  ]);
  assert.throws(() => bindSteps(steps, [10], []), { code: 'internal' });
});

test('a tree that could not be opened is left to its path', () => {
  const step = {
    op: 'bind',
    at: '',
    target: '/t',
    recursive: true,
    propagation: [],
    optional: false,
  };
  const tree: Resource = { kind: 'tree', path: '/source', recursive: true, at: '/mounts/0/source' };
  assert.deepEqual(bindSteps([{ ...step, resource: 0 } as Step], [-1], [tree]), [
    { ...step, resource: -1, source: '/source' },
  ]);
});

test('the tail of a plan is from wait_start on, without the bytes of the filter', () => {
  const steps: Step[] = [
    { op: 'session', at: '' },
    { op: 'wait_start', at: '', resource: 0 },
    { op: 'seccomp', at: '', program: new Uint8Array(8), flags: 4 },
    { op: 'exec', at: '', args: ['x'], preserveFds: 0 },
  ];
  const tail = tailOf(steps);
  assert.equal(tail.first, 1);
  assert.deepEqual(
    tail.steps.map((step) => step.op),
    ['wait_start', 'seccomp', 'exec'],
  );
  assert.equal(tail.steps[1]?.op === 'seccomp' && tail.steps[1].program.length, 0);
});

test('limits of open files, as /proc/PID/limits has them', () => {
  const line = 'Max open files            1024                 1048576              files     \n';
  assert.deepEqual(parseNofile(`Limit  Soft Limit\n${line}`), { soft: 1024n, hard: 1048576n });
  assert.equal(parseNofile('Max open files unlimited unlimited')?.hard, 18446744073709551615n);
  assert.equal(parseNofile(''), undefined);
});

test('kills of the OOM killer, of v1 and v2', () => {
  assert.equal(parseOomKills('oom_kill_disable 0\nunder_oom 0\noom_kill 2\n'), 2);
  assert.equal(parseOomKills('low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n'), 1);
  assert.equal(parseOomKills(''), 0);
});

test("ps: the header and the container's lines", () => {
  const output = 'UID  PID PPID CMD\nroot   7    1 sleep 42\nroot  42    1 PID 7\n\n';
  assert.deepEqual(filterPs(output, [42]), ['UID  PID PPID CMD', 'root  42    1 PID 7']);
  assert.deepEqual(filterPs(output, []), ['UID  PID PPID CMD']);
  assert.throws(() => filterPs('CMD\nx\n', [1]), /couldn't find PID field/);
});

test('names of users', () => {
  const names = parsePasswd('root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\n# note\nbin:x:2:2::/:\n');
  assert.deepEqual(
    [...names],
    [
      [0, 'root'],
      [2, 'bin'],
    ],
  );
});

test('the state document: order of keys, no pid when stopped, no empty annotations', () => {
  const record = {
    format: 1,
    ociVersion: '1.3.0',
    id: 'c',
    bundle: '/b',
    rootfs: '/b/r',
    created: 't',
    owner: 0,
    annotations: {},
    phase: 'created',
    init: { pid: 7, startTime: '1' },
    cgroup: { mode: 'v1', paths: {} },
    namespaces: [],
    ownPidNamespace: true,
    rootless: false,
  } as const;
  assert.equal(
    JSON.stringify(stateDocument(record, 'running', 'root')),
    '{"ociVersion":"1.3.0","id":"c","pid":7,"status":"running","bundle":"/b","rootfs":"/b/r","created":"t","owner":"root"}',
  );
  const stopped = stateDocument({ ...record, annotations: { a: 'b' } }, 'stopped', '');
  assert.deepEqual([stopped.pid, stopped.annotations], [0, { a: 'b' }]);
});

test('times', () => {
  assert.equal(formatTime(1_000_000_000_123_456_700n), '2001-09-09T01:46:40.1234567Z');
  assert.equal(formatTime(1_000_000_000_000_000_000n), '2001-09-09T01:46:40Z');
  assert.equal(formatSeconds(1_000_000_000_999_999_999n), '2001-09-09T01:46:40Z');
});

test('uid maps: the initial user namespace and others', () => {
  assert.ok(isIdentityMap('         0          0 4294967295\n'));
  assert.ok(!isIdentityMap('         0       1000          1\n'));
  assert.ok(!isIdentityMap('0 0 65536\n65536 65536 10\n'));
});

test('the default config is what scripts edit', () => {
  const config = defaultConfig(false);
  assert.deepEqual(config.process?.args, ['sh']);
  assert.equal(config.process?.capabilities?.ambient, undefined);
  assert.equal(config.process?.capabilities?.inheritable, undefined);
  assert.deepEqual(
    config.linux?.namespaces?.map(({ type }) => type),
    ['pid', 'network', 'ipc', 'uts', 'mount'],
  );
  assert.deepEqual(defaultConfig(true).linux?.namespaces?.at(-1), { type: 'cgroup' });
});

test('the rootless config: user namespace, no network one, no gid=, /sys bound, no limits', () => {
  const config = rootlessConfig(defaultConfig(false), 1000, 1001);
  const types = config.linux?.namespaces?.map(({ type }) => type) ?? [];
  assert.ok(types.includes('user') && !types.includes('network'));
  assert.deepEqual(config.linux?.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }]);
  assert.deepEqual(config.linux?.gidMappings, [{ containerID: 0, hostID: 1001, size: 1 }]);
  assert.equal(config.linux?.resources, undefined);
  const options = config.mounts?.flatMap((mount) => mount.options ?? []) ?? [];
  assert.ok(!options.some((option) => option.startsWith('gid=')));
  const sys = config.mounts?.find(({ destination }) => destination === '/sys');
  assert.deepEqual([sys?.type, sys?.source, sys?.options?.[0]], ['none', '/sys', 'rbind']);
});
