import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import { type CheckpointFlags, dumpOptions, type RestoreFlags, restoreOptions } from './options.js';

const dump = (flags: CheckpointFlags, annotations: Record<string, string> = {}) =>
  dumpOptions({
    flags,
    folders: { imagesFd: 5, workFd: 6 },
    annotations,
    pid: 42,
    rootfs: '/bundle/rootfs',
    freezer: '/sys/fs/cgroup/freezer/x',
    mounts: [{ key: '/data', val: '/data' }],
    external: ['net[4026532000]:extRootNetNS'],
  });
const restore = (flags: RestoreFlags) =>
  restoreOptions({
    flags,
    folders: { imagesFd: 5 },
    annotations: {},
    root: '/run/ocirt/x/criu-root',
    terminal: false,
    mounts: [{ key: '/data', val: '/srv/data' }],
    inherited: [{ key: 'pipe:[7]', fd: 1 }],
    joined: [{ ns: 'ipc', nsFile: '/proc/7/ns/ipc' }],
    cgroups: [{ ctrl: 'cpu', path: '/x' }],
  });

test('a dump without flags', () => {
  const options = dump({});
  assert.equal(options.pid, 42);
  assert.equal(options.imagesDirFd, 5);
  assert.equal(options.workDirFd, 6);
  assert.equal(options.logFile, 'dump.log');
  assert.equal(options.freezeCgroup, '/sys/fs/cgroup/freezer/x');
  assert.equal(options.leaveRunning, false);
  assert.equal(options.tcpEstablished, false);
  assert.equal(options.manageCgroupsMode, 6);
  // CLONE_NEWNET: what is in a network namespace is never saved.
  assert.equal(options.emptyNs, 0x40000000);
  assert.equal(options.trackMem, undefined);
  assert.deepEqual(options.extMnt, [{ key: '/data', val: '/data' }]);
});

for (const [flag, option] of [
  ['leaveRunning', 'leaveRunning'],
  ['tcpEstablished', 'tcpEstablished'],
  ['tcpSkipInFlight', 'tcpSkipInFlight'],
  ['linkRemap', 'linkRemap'],
  ['extUnixSk', 'extUnixSk'],
  ['shellJob', 'shellJob'],
  ['fileLocks', 'fileLocks'],
  ['autoDedup', 'autoDedup'],
  ['lazyPages', 'lazyPages'],
] as const) {
  test(`a dump with ${flag}`, () => {
    assert.equal(dump({ [flag]: true })[option], true);
    assert.equal(dump({})[option], false);
  });
}

test('a pre-dump has no mounts, and memory is tracked', () => {
  const options = dump({ preDump: true });
  assert.equal(options.extMnt, undefined);
  assert.equal(options.trackMem, true);
});

test('a dump upon another one', () => {
  const options = dump({ parentPath: '../before' });
  assert.equal(options.parentImg, '../before');
  assert.equal(options.trackMem, true);
});

for (const [text, server] of [
  ['192.0.2.1:27', { address: '192.0.2.1', port: 27 }],
  ['host:65535', { address: 'host', port: 65535 }],
  ['[2001:db8::1]:1', { address: '2001:db8::1', port: 1 }],
] as const) {
  test(`a page server: ${text}`, () => {
    assert.deepEqual(dump({ pageServer: text }).pageServer, server);
  });
}

for (const [flags, message] of [
  [{ pageServer: 'host' }, /Use --page-server ADDRESS:PORT/],
  [{ pageServer: ':27' }, /Use --page-server ADDRESS:PORT/],
  [{ pageServer: 'host:' }, /Use --page-server ADDRESS:PORT/],
  [{ pageServer: 'host:x' }, /Invalid port number/],
  [{ pageServer: 'host:65536' }, /Invalid port number/],
  [{ manageCgroupsMode: 'none' }, /invalid manage-cgroups-mode value/],
  [{ networkLock: 'none' }, /invalid network-lock value/],
  [{ networkLock: 'toString' }, /invalid network-lock value/],
  [{ emptyNs: ['network', 'pid'] }, /namespace "pid" is not supported/],
] as const) {
  test(`refused: ${JSON.stringify(flags)}`, () => {
    assert.throws(
      () => dump(flags),
      (error) =>
        error instanceof OcirtError && error.code === 'usage' && message.test(error.message),
    );
  });
}

for (const [mode, number] of [
  ['soft', 3],
  ['full', 4],
  ['strict', 5],
  ['ignore', 0],
  ['', 6],
] as const) {
  test(`cgroups: '${mode}'`, () => {
    assert.equal(dump({ manageCgroupsMode: mode }).manageCgroupsMode, number);
    assert.equal(restore({ manageCgroupsMode: mode }).manageCgroupsMode, number);
  });
}

for (const [method, number] of [
  ['iptables', 1],
  ['nftables', 2],
  ['skip', 3],
] as const) {
  test(`the network is locked by ${method}`, () => {
    assert.equal(dump({ networkLock: method }).networkLock, number);
  });
}

test("the administrator's settings: runc's, a container's own, or none", () => {
  assert.equal(dump({}).configFile, '/etc/criu/runc.conf');
  assert.equal(dump({}, { 'org.criu.config': '/etc/own.conf' }).configFile, '/etc/own.conf');
  assert.equal('configFile' in dump({}, { 'org.criu.config': '' }), false);
});

test('a restore', () => {
  const options = restore({ tcpClose: true, lsmProfile: 'apparmor:x', lsmMountContext: 'a:b' });
  assert.equal(options.logFile, 'restore.log');
  assert.equal(options.rstSibling, true);
  assert.equal(options.root, '/run/ocirt/x/criu-root');
  assert.equal(options.tcpClose, true);
  assert.equal(options.lsmProfile, 'apparmor:x');
  assert.equal(options.lsmMountContext, 'a:b');
  assert.deepEqual(options.extMnt, [{ key: '/data', val: '/srv/data' }]);
  assert.deepEqual(options.inheritFd, [{ key: 'pipe:[7]', fd: 1 }]);
  assert.deepEqual(options.cgRoot, [{ ctrl: 'cpu', path: '/x' }]);
  assert.equal(options.workDirFd, undefined);
});

test('cgroups of others are not saved', () => {
  const of = (hierarchies?: readonly string[]) =>
    dumpOptions({
      flags: {},
      folders: { imagesFd: 5 },
      annotations: {},
      pid: 42,
      rootfs: '/r',
      hierarchies,
      mounts: [],
      external: [],
    });
  assert.equal(of(undefined).cgroupDumpController, undefined);
  assert.deepEqual(of(['cpu,cpuacct', '']).cgroupDumpController, ['cpu,cpuacct', '']);
  assert.equal(of(['pids']).manageCgroupsMode, 6);
  assert.deepEqual([of([]).cgroupDumpController, of([]).manageCgroupsMode], [undefined, 0]);
});

test("of a shell job the terminal is the caller's, if it has none of its own", () => {
  const of = (terminal: boolean, shellJob: boolean) =>
    restoreOptions({
      flags: { shellJob },
      folders: { imagesFd: 5 },
      annotations: {},
      root: '/r',
      terminal,
      mounts: [],
      inherited: [],
      joined: [],
      cgroups: [],
    }).orphanPtsMaster;
  assert.deepEqual(
    [of(false, false), of(true, false), of(true, true), of(false, true)],
    [true, true, true, false],
  );
});
