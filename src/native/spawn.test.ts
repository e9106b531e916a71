import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLONE } from './constants.js';
import {
  execSteps,
  native,
  needsRoot,
  needsX86,
  openDescriptors,
  runPlan,
  spawnHelper,
  statusField,
  temporary,
} from './testing/helper.js';

const root = { skip: needsRoot };
const READY = [{ op: 'ready', at: '' }] as const;

/** What `ls -l /proc/PID/fd` shows, by number. */
function descriptors(pid: number): Record<string, string> {
  const names = native.readDirectory(`/proc/${pid}/fd`) ?? [];
  return Object.fromEntries(names.map((fd) => [fd, native.readLink(`/proc/${pid}/fd/${fd}`)]));
}

test('the helper runs a plan, from a sealed memfd, and ends with its channel', () => {
  const before = openDescriptors();
  const helper = native.spawn({ cloneFlags: 0, keepFds: [] });
  assert.ok(helper.pid > 0);
  assert.deepEqual(runPlan(helper, READY), { type: 'ready' });
  if (needsRoot === false) {
    assert.match(native.readLink(`/proc/${helper.pid}/exe`), /^\/memfd:ocirt-init/);
    // CVE-2019-5736: not even root can open what it executes for writing, or grow it through a
    // descriptor of it.
    assert.throws(() => native.open(`/proc/${helper.pid}/exe`, ['write']), { code: 'ETXTBSY' });
  }
  native.close([helper.channel]);
  assert.equal(native.awaitPidfd(helper.pidfd, 20_000), true);
  assert.equal(native.waitChild(helper.pid, true)?.pid, helper.pid);
  native.close([helper.pidfd]);
  // The memfd is kept.
  assert.ok(openDescriptors() <= before + 1);
});

test('the helper gets 0, 1, 2, its channel and what it is to keep', root, (t) => {
  const kept = native.open('/proc/self/comm', ['read']);
  const stray = native.open('/proc/self/maps', ['read']);
  t.after(() => native.close([kept, stray]));
  const helper = spawnHelper(t, { keepFds: [kept] });
  runPlan(helper, READY);
  const open = descriptors(helper.pid);
  assert.match(open[kept] ?? '', /\/comm$/);
  const others = Object.keys(open).filter((fd) => Number(fd) > 2 && Number(fd) !== kept);
  assert.equal(others.length, 1);
  assert.match(open[others[0] ?? ''] ?? '', /^socket:/);
  for (const fd of ['0', '1', '2']) {
    assert.equal(open[fd], native.readLink(`/proc/self/fd/${fd}`));
  }
});

test('stdio is put in place, also crosswise', root, (t) => {
  const dir = temporary(t);
  const fds = ['a', 'b', 'c'].map((name) =>
    native.open(join(dir, name), ['readwrite', 'create'], 0o600),
  );
  t.after(() => native.close(fds));
  const [a = -1, b = -1, c = -1] = fds;
  const helper = spawnHelper(t, { stdio: [c, a, b] });
  runPlan(helper, READY);
  const open = descriptors(helper.pid);
  assert.deepEqual(
    [open[0], open[1], open[2]],
    ['c', 'a', 'b'].map((name) => join(dir, name)),
  );
  const swapped = spawnHelper(t, { stdio: [1, 0, 0] });
  runPlan(swapped, READY);
  assert.equal(descriptors(swapped.pid)[0], native.readLink('/proc/self/fd/1'));
});

test('signals start from nothing', root, (t) => {
  // Node.js ignores SIGPIPE itself.
  const helper = spawnHelper(t);
  assert.equal(statusField(helper.pid, 'SigBlk'), '0000000000000000');
  assert.equal(native.kill(helper.pid, 0), true);
});

test('new namespaces, and root of a new user namespace', root, (t) => {
  const helper = spawnHelper(t, {
    cloneFlags: CLONE.NEWUSER | CLONE.NEWPID | CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWIPC,
    mapping: { uidMap: '0 200000 1000\n', gidMap: '0 300000 1000\n', denySetgroups: true },
  });
  runPlan(helper, READY);
  assert.match(statusField(helper.pid, 'NSpid'), /\t1$/);
  assert.match(statusField(helper.pid, 'Uid'), /^200000\t200000\t200000/);
  assert.match(statusField(helper.pid, 'Gid'), /^300000\t300000\t300000/);
  assert.equal(native.readFiles([`/proc/${helper.pid}/setgroups`])[0], 'deny\n');
  for (const type of ['user', 'pid', 'mnt', 'uts', 'ipc']) {
    const link = (pid: number | string) => native.readLink(`/proc/${pid}/ns/${type}`);
    assert.notEqual(link(helper.pid), link('self'), type);
  }
  assert.equal(native.readLink(`/proc/${helper.pid}/ns/net`), native.readLink('/proc/self/ns/net'));
});

test('the namespaces of a process that are not ours, in the order of joining', root, (t) => {
  const plain = spawnHelper(t, {});
  assert.deepEqual(native.foreignNamespaces(plain.pid), []);
  const cloneFlags = CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWNET | CLONE.NEWCGROUP;
  const other = spawnHelper(t, { cloneFlags });
  assert.deepEqual(native.foreignNamespaces(other.pid), ['uts', 'net', 'mnt', 'cgroup']);
  assert.throws(() => native.foreignNamespaces(0), { code: 'EINVAL' });
  // No process has so high a number: proc(5), pid_max.
  assert.throws(() => native.foreignNamespaces(2 ** 30), { code: 'ENOENT' });
});

test('capabilities survive where 0 is not mapped', root, (t) => {
  const helper = spawnHelper(t, {
    cloneFlags: CLONE.NEWUSER | CLONE.NEWNS,
    mapping: {
      uidMap: '7 200000 1\n',
      gidMap: '7 200000 1\n',
      uid: 7,
      gid: 7,
      denySetgroups: false,
    },
  });
  runPlan(helper, READY);
  const all = ((1n << BigInt(native.identity().lastCap + 1)) - 1n).toString(16).padStart(16, '0');
  assert.equal(statusField(helper.pid, 'CapEff'), all);
  assert.equal(statusField(helper.pid, 'CapAmb'), all);
  // It is one of its users all the same, or it could make no file.
  assert.match(statusField(helper.pid, 'Uid'), /^200000\s+200000/);
  assert.match(statusField(helper.pid, 'Gid'), /^200000\s+200000/);
});

test('the host stays dumpable: its own /proc files stay its own', root, (t) => {
  const comm = native.status('/proc/self/environ', true)?.uid;
  spawnHelper(t, {
    cloneFlags: CLONE.NEWUSER,
    mapping: { uidMap: '0 200000 1\n', gidMap: '0 200000 1\n', denySetgroups: false },
  });
  assert.equal(native.status('/proc/self/environ', true)?.uid, comm);
});

test('a pid namespace is joined at birth, and left by the host', root, (t) => {
  const first = spawnHelper(t, { cloneFlags: CLONE.NEWPID });
  const fd = native.open(`/proc/${first.pid}/ns/pid`, ['read']);
  t.after(() => native.close([fd]));
  const second = spawnHelper(t, { pidNamespaceFd: fd });
  assert.match(statusField(second.pid, 'NSpid'), new RegExp(`^${second.pid}\t2$`));
  assert.equal(
    native.readLink('/proc/thread-self/ns/pid_for_children'),
    native.readLink('/proc/self/ns/pid'),
  );
  // The first one of a pid namespace ends only when all others in it have been reaped.
  native.kill(second.pid, 9);
  native.waitChild(second.pid, true);
});

test('other namespaces are joined at birth too, beside a new user namespace', root, (t) => {
  const first = spawnHelper(t, { cloneFlags: CLONE.NEWNET | CLONE.NEWUTS });
  const fds = ['net', 'uts'].map((name) => native.open(`/proc/${first.pid}/ns/${name}`, ['read']));
  t.after(() => native.close(fds));
  const own = ['net', 'uts'].map((name) => native.readLink(`/proc/thread-self/ns/${name}`));
  const second = spawnHelper(t, {
    cloneFlags: CLONE.NEWUSER,
    mapping: { uidMap: '0 200000 1\n', gidMap: '0 200000 1\n', denySetgroups: false },
    joinedFds: fds,
  });
  for (const name of ['net', 'uts']) {
    assert.equal(
      native.readLink(`/proc/${second.pid}/ns/${name}`),
      native.readLink(`/proc/${first.pid}/ns/${name}`),
    );
  }
  assert.deepEqual(
    ['net', 'uts'].map((name) => native.readLink(`/proc/thread-self/ns/${name}`)),
    own,
  );
});

test('what goes wrong is an error, and leaves no process and no descriptor', root, () => {
  const mapping = (uidMap: string) => ({ uidMap, gidMap: '0 0 1\n', denySetgroups: false });
  const net = native.open('/proc/self/ns/net', ['read']);
  const mount = native.open('/proc/self/ns/mnt', ['read']);
  native.close(
    [native.spawn({ cloneFlags: 0, keepFds: [] })].flatMap((h) => {
      native.kill(h.pid, 9);
      native.waitChild(h.pid, true);
      return [h.channel, h.pidfd];
    }),
  );
  const before = openDescriptors();
  const cases = [
    [{ keepFds: [9999] }, 'EBADF', 'fcntl'],
    [{ stdio: [9999, 1, 2] }, 'EBADF', 'fcntl'],
    [{ cloneFlags: CLONE.NEWUSER, mapping: mapping('nonsense') }, 'EINVAL', 'write'],
    [
      {
        cloneFlags: CLONE.NEWUSER,
        mapping: { ...mapping('0 0 1\n'), newuidmap: '/nonexistent' },
      },
      'ENOENT',
      'execve',
    ],
    [
      { cloneFlags: CLONE.NEWUSER, mapping: { ...mapping('0 0 1'), newgidmap: '/bin/false' } },
      '',
      'newgidmap',
    ],
    [{ joinedFds: [mount] }, 'EINVAL', 'setns'],
    [{ cgroupFd: net }, 'EBADF', 'clone3'],
  ] as const;
  for (const [request, code, syscall] of cases) {
    assert.throws(
      () => native.spawn({ cloneFlags: 0, keepFds: [], ...request }),
      (error) => {
        const { code: actual, syscall: call } = error as { code: string; syscall: string };
        assert.deepEqual([actual, call], [code, syscall]);
        return true;
      },
    );
    assert.equal(native.waitChild(-1, false), null);
    assert.equal(openDescriptors(), before);
  }
  native.close([net, mount]);
});

test('without clone3, close_range and pidfd_open it works the same', {
  skip: needsRoot || needsX86,
}, (t) => {
  const dir = temporary(t);
  // A Node.js under a filter that answers ENOSYS to the new calls, as an old kernel does.
  const { program } = native.buildSeccomp({
    defaultAction: { kind: 'allow', value: 0 },
    architectures: [],
    rules: [
      {
        names: ['clone3', 'close_range', 'pidfd_open'],
        action: { kind: 'errno', value: 38 },
        args: [],
      },
    ],
    enosysForNewer: false,
  });
  const script = `
    const native = require(${JSON.stringify(join(native.installDirectory(), 'ocirt.node'))});
    let cgroupFd;
    const cgroup = '/sys/fs/cgroup/unified/ocirt-test-' + process.pid;
    if (native.status('/sys/fs/cgroup/unified/cgroup.procs', true)) {
      native.makeDirectory(cgroup, 0o755, false);
      cgroupFd = native.open(cgroup, ['read', 'directory']);
    }
    const out = { cgroup: cgroupFd !== undefined };
    try {
      const helper = native.spawn({ cloneFlags: ${CLONE.NEWPID}, keepFds: [], cgroupFd });
      out.pidfd = helper.pidfd;
      out.fds = native.readDirectory('/proc/' + helper.pid + '/fd').length;
      out.nspid = /NSpid:.*\\t1$/m.test(native.readFiles(['/proc/' + helper.pid + '/status'])[0]);
      out.born = native.readFiles(['/proc/' + helper.pid + '/cgroup'])[0].includes('0::/ocirt-test-');
      native.kill(helper.pid, 9);
      out.signal = native.waitChild(helper.pid, true).signal;
      out.program = native.runProgram({ path: '/bin/true', args: ['true'], env: [] }).exitCode;
    } catch (error) {
      out.error = error.message;
    }
    if (cgroupFd !== undefined) native.removeDirectory(cgroup);
    native.replaceFile(${JSON.stringify(join(dir, 'out'))}, JSON.stringify(out), 0o600);`;
  const helper = spawnHelper(t);
  const answer = runPlan(helper, [
    { op: 'no_new_privs', at: '' },
    { op: 'seccomp', at: '', program, flags: 0 },
    ...execSteps([process.execPath, '-e', script]),
  ]);
  assert.equal(answer, null);
  native.waitChild(helper.pid, true);
  const out = JSON.parse(native.readFiles([join(dir, 'out')])[0] ?? '{}');
  // CLONE_PIDFD of clone(2), Linux 5.2, still gives one.
  assert.ok(out.pidfd >= 0);
  delete out.pidfd;
  assert.deepEqual(out, {
    cgroup: out.cgroup,
    // 0, 1, 2 and the channel.
    fds: 4,
    nspid: true,
    born: out.cgroup,
    signal: 9,
    program: 0,
  });
});

const TASKS = '/sys/fs/cgroup/pids/tasks';
const noV1 = needsRoot || (native.status(TASKS, true) === null && 'no v1 cgroups here');

test('it moves itself into v1 cgroups before it runs a plan', { skip: noV1 }, (t) => {
  const groups = ['pids', 'freezer'].map((name) => `/sys/fs/cgroup/${name}/ocirt-test-spawn`);
  for (const group of groups) native.makeDirectory(group, 0o755, false);
  const helper = spawnHelper(t, { cgroupTasks: groups.map((group) => `${group}/tasks`) });
  // After the helper's own end: hooks run in order.
  t.after(() => {
    for (const group of groups) native.removeDirectory(group);
  });
  assert.equal(helper.inCgroups, true);
  assert.deepEqual(runPlan(helper, READY), { type: 'ready' });
  const [lines] = native.readFiles([`/proc/${helper.pid}/cgroup`]);
  assert.match(lines ?? '', /:pids:\/ocirt-test-spawn$/m);
  assert.match(lines ?? '', /:freezer:\/ocirt-test-spawn$/m);
});

test('a cgroup that it cannot move to is told', { skip: noV1 }, (t) => {
  const helper = spawnHelper(t, { cgroupTasks: ['/sys/fs/cgroup/pids/nowhere/tasks'] });
  assert.equal(helper.inCgroups, false);
  const refused = spawnHelper(t, { cgroupTasks: ['/dev/full'] });
  assert.equal(refused.inCgroups, true);
  assert.deepEqual(runPlan(refused, READY), { type: 'sync', name: 'cgroups' });
});

test('what moves it to its cgroups is not left open', { skip: noV1 }, (t) => {
  const helper = spawnHelper(t, { cgroupTasks: [TASKS, '/sys/fs/cgroup/freezer/tasks'] });
  runPlan(helper, READY);
  const open = Object.values(descriptors(helper.pid));
  assert.deepEqual(
    open.filter((file) => file.endsWith('/tasks')),
    [],
  );
});

test('beside id maps it moves itself to its cgroups as well', { skip: noV1 }, (t) => {
  const group = '/sys/fs/cgroup/pids/ocirt-test-spawn-map';
  native.makeDirectory(group, 0o755, false);
  const helper = spawnHelper(t, {
    cloneFlags: CLONE.NEWUSER,
    mapping: { uidMap: '0 200000 1000\n', gidMap: '0 300000 1000\n', denySetgroups: true },
    cgroupTasks: [`${group}/tasks`],
  });
  t.after(() => native.removeDirectory(group));
  assert.deepEqual(runPlan(helper, READY), { type: 'ready' });
  assert.match(
    native.readFiles([`/proc/${helper.pid}/cgroup`])[0] ?? '',
    /:pids:\/ocirt-test-spawn-map$/m,
  );
});
