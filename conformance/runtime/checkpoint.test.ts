/** checkpoint and restore: what goes on, and what is put in the place of what lay outside. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import {
  ANYWAY,
  checkpoint,
  counting,
  env,
  goesOn,
  moves,
  mustCheckpoint,
  mustRestore,
  reached,
  TCP,
  test,
} from '../lib/checkpoints.js';
import type { Change } from '../lib/config.js';
import { criuFeature } from '../lib/criu.js';
import { notV1 } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { Listener, receiver } from '../lib/listener.js';
import { refused, says } from '../lib/refusal.js';
import { OPTIONS, PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { Container, type Sandbox, type State } from '../lib/sandbox.js';

test('it goes on counting, with an open file and a TCP connection', ANYWAY, async (s) => {
  const container = await s.running(counting(s, 'talk', '/srv/count'));
  await goesOn(s, container, ...TCP);
});

test('again and again', {}, async (s) => {
  const container = await s.running(counting(s, 'talk', '/srv/count'));
  for (let time = 0; time < 3; time++) {
    rmSync(s.path('images'), { recursive: true, force: true });
    await goesOn(s, container, ...TCP);
  }
});

/** A process in a network namespace of its own that answers one connection. */
async function peer(s: Sandbox): Promise<{ pid: number; port: string }> {
  const child = s.spawn('unshare', ['--net', PAYLOAD, 'talk-server']);
  const heard = new Listener(child);
  const [, port = ''] = await heard.until(/port (\d+)\n/);
  return { pid: child.pid ?? 0, port };
}

test('a TCP connection to somebody outside, in a network namespace by path', {}, async (s) => {
  const { pid, port } = await peer(s);
  const container = await s.running((c) => {
    counting(s, 'talk', '/srv/count', '127.0.0.1', port)(c);
    const network = c.linux.namespaces.find(({ type }) => type === 'network');
    assert.ok(network !== undefined);
    network.path = `/proc/${pid}/ns/net`;
  });
  await goesOn(s, container, ...TCP);
});

test('a pid namespace by path', {}, async (s) => {
  const holder = s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  holder.must('create', ['--bundle', holder.bundle]);
  holder.must('start');
  await holder.untilPrinted('ready\n');
  const { pid } = holder.state();
  const container = await s.running((c) => {
    counting(s, 'count', '/srv/count')(c);
    const namespace = c.linux.namespaces.find(({ type }) => type === 'pid');
    assert.ok(namespace !== undefined);
    namespace.path = `/proc/${pid}/ns/pid`;
  });
  await goesOn(s, container);
});

test('a restored container is one like any other', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  const before = container.state();
  mustCheckpoint(container);
  mustRestore(container, '--pid-file', s.path('pid'));
  const state = container.state();
  assert.equal(Number(readFileSync(s.path('pid'), 'utf8')), state.pid);
  assert.equal(state.bundle, before.bundle);
  const [pid, group] = container.report([], 'pid', 'cat /etc/group');
  assert.ok(pid.pid > 1, 'it is in the same pid namespace');
  assert.match(String(group), /^root:/);
  container.must('pause');
  assert.equal(container.state().status, 'paused');
  container.must('resume');
  await moves(s);
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  container.must('delete');
  s.assertClean();
});

test('a paused container', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  container.must('pause');
  const before = reached(s);
  mustCheckpoint(container);
  mustRestore(container);
  await waitFor('the count to move', () => reached(s) > before);
});

test('--leave-running: it goes on, and the images are of then', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  await moves(s);
  mustCheckpoint(container, '--leave-running');
  assert.equal(container.state().status, 'running');
  await moves(s);
  container.must('delete', ['--force']);
  mustRestore(container);
  await moves(s);
});

test('limits, masks and the cgroup are as before', {}, async (s) => {
  const container = await s.running((c) => {
    counting(s, 'count', '/srv/count')(c);
    c.linux.resources = { pids: { limit: 77 } };
    c.linux.maskedPaths = ['/proc/kcore', '/sys/firmware', '/dir/file'];
    c.linux.readonlyPaths = ['/proc/sys'];
  });
  mustCheckpoint(container);
  mustRestore(container);
  const file = path.join(container.group('pids'), 'pids.max');
  assert.equal(readFileSync(file, 'utf8').trim(), '77');
  const [masked, open] = container.report([], 'cat /dir/file', 'open /proc/sys/kernel/hostname w');
  assert.equal(masked, '');
  assert.notEqual(open, 'ok');
});

test('a cgroup namespace', { skip: notV1 }, async (s) => {
  const container = await s.running((c) => {
    counting(s, 'count', '/srv/count')(c);
    c.linux.namespaces.push({ type: 'cgroup' });
  });
  await goesOn(s, container);
});

test('a mount whose place is behind a link', {}, async (s) => {
  const container = s.container((c) => {
    counting(s, 'count', '/link/count')(c);
    const mount = c.mounts.at(-1);
    assert.ok(mount !== undefined);
    mount.destination = '/link';
  });
  symlinkSync('/srv', path.join(container.bundle, 'rootfs/link'));
  container.must('create', ['--bundle', container.bundle]);
  container.must('start');
  await container.untilPrinted('ready\n');
  await goesOn(s, container);
});

test('a file that is masked behind a link', {}, async (s) => {
  const container = s.container((c) => {
    counting(s, 'count', '/srv/count')(c);
    c.linux.maskedPaths = ['/link/secret'];
  });
  // On the host that leads nowhere.
  symlinkSync('/of-the-container', path.join(container.bundle, 'rootfs/link'));
  mkdirSync(path.join(container.bundle, 'rootfs/of-the-container'));
  writeFileSync(path.join(container.bundle, 'rootfs/of-the-container/secret'), 'hidden');
  container.must('create', ['--bundle', container.bundle]);
  container.must('start');
  await container.untilPrinted('ready\n');
  await goesOn(s, container);
  assert.deepEqual(container.report([], 'cat /link/secret'), ['']);
});

test('files of its own that are called as what lies outside stay its own', {}, async (s) => {
  const names = ['/x file[7:1]', '/file[7:1]'];
  const container = s.created((c) => {
    c.process.args = ['/payload', 'hold', ...names];
    c.root.readonly = false;
  });
  container.must('start');
  await container.untilPrinted('ready\n');
  const held = () => {
    const folder = `/proc/${container.state().pid}/fd`;
    return readdirSync(folder)
      .map((fd) => readlinkSync(path.join(folder, fd)))
      .filter((link) => link.includes('['));
  };
  assert.deepEqual(held(), names);
  mustCheckpoint(container);
  mustRestore(container);
  assert.deepEqual(held(), names);
});

test('another bundle, whose root has no places for the mounts', {}, async (s) => {
  const change: Change = (c) => {
    counting(s, 'count', '/data/deep/count')(c);
    const mount = c.mounts.at(-1);
    assert.ok(mount !== undefined);
    mount.destination = '/data/deep';
  };
  const container = await s.running(change);
  await moves(s);
  mustCheckpoint(container);
  const before = reached(s);
  const bundle = s.bundle(change);
  for (const place of ['proc', 'sys', 'dev'])
    rmSync(path.join(bundle, 'rootfs', place), { recursive: true });
  const moved = new Container(s, container.id, bundle);
  mustRestore(moved);
  await moves(s);
  assert.ok(reached(s) >= before);
});

/** A runtime call in the foreground, to talk with. */
function foreground(s: Sandbox, verb: string, id: string, bundle: string, more: string[] = []) {
  const args = ['--root', s.stateRoot, ...OPTIONS, verb, '--bundle', bundle, ...more, id];
  // Of Node.js a child gets sockets; these are pipes, and the status is the runtime's.
  const script = 'set -o pipefail; cat | "$@" 2>&1 | cat';
  const child = s.spawn('bash', ['-c', script, 'bash', RUNTIME, ...args], { env });
  return { child, heard: new Listener(child) };
}

test('pipes: its new standard input and output, and its exit status', ANYWAY, async (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'echo'];
  });
  const { id, bundle } = container;
  const first = foreground(s, 'run', id, bundle);
  first.child.stdin?.write('before\n');
  await first.heard.until(/before\n/);
  mustCheckpoint(container);
  first.child.stdin?.end();
  await first.heard.end();
  const again = foreground(s, 'restore', id, bundle, ['--image-path', s.path('images')]);
  again.child.stdin?.write('after\n');
  await again.heard.until(/after\n/);
  again.child.stdin?.end();
  assert.equal(await again.heard.end(), 0);
  assert.equal(container.call('state').status, 1, 'it is deleted when it has ended');
});

test('a terminal, sent to another console socket', ANYWAY, async (s) => {
  const one = await receiver(s, 'one.sock');
  const container = s.created(
    (c) => {
      c.process.terminal = true;
      c.process.args = ['/payload', 'echo'];
    },
    ['--console-socket', one.socket],
  );
  container.must('start');
  one.child.stdin?.write('before\n');
  await one.heard.until(/before[\r\n]+before/);
  mustCheckpoint(container);
  const two = await receiver(s, 'two.sock');
  mustRestore(container, '--console-socket', two.socket);
  two.child.stdin?.write('after\n');
  await two.heard.until(/after[\r\n]+after/);
});

test('--monitor: how a restored container ends is kept', { own: true }, async (s) => {
  const container = await s.running((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  mustCheckpoint(container);
  mustRestore(container, '--monitor');
  container.must('kill', [], ['TERM']);
  // Before Linux 6.15 a parent that reaps at once may be faster than the monitor.
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const told = major > 6 || (major === 6 && minor >= 15) ? /^0\n$/ : /^(0|unknown)\n$/;
  assert.match(container.must('wait').stdout, told);
});

test('hooks: which are run, in which order, with which pid', { own: true }, async (s) => {
  const calls = s.path('calls');
  const container = await s.running((c) => {
    counting(s, 'count', '/srv/count')(c);
    c.hooks = {};
    for (const name of ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop']) {
      c.hooks[name] = [{ path: PAYLOAD, args: ['ocirt-payload', 'hook', calls, name, '0'] }];
    }
  });
  const called = (): [string, number, string][] =>
    readFileSync(calls, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { name, state } = JSON.parse(line) as { name: string; state: string };
        const { pid, status } = JSON.parse(state) as State;
        return [name, pid, status];
      });
  rmSync(calls);
  mustCheckpoint(container);
  assert.deepEqual(
    called().map(([name]) => name),
    ['poststop'],
  );
  rmSync(calls);
  mustRestore(container);
  const { pid } = container.state();
  assert.deepEqual(called(), [
    ['prestart', pid, 'creating'],
    ['createRuntime', pid, 'creating'],
    ['poststart', pid, 'running'],
  ]);
});

test('--work-path has the log, --image-path has the images', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  const work = ['--work-path', s.path('work')];
  mustCheckpoint(container, ...work);
  mustRestore(container, ...work);
  assert.ok(existsSync(s.path('work', 'dump.log')));
  assert.ok(existsSync(s.path('work', 'restore.log')));
  assert.ok(existsSync(s.path('images', 'descriptors.json')));
  assert.ok(!existsSync(s.path('images', 'dump.log')));
});

for (const mode of ['soft', 'full', 'ignore']) {
  test(`--manage-cgroups-mode ${mode}`, {}, async (s) => {
    const container = await s.running(counting(s, 'count', '/srv/count'));
    await goesOn(s, container, '--manage-cgroups-mode', mode);
  });
}

test('--file-locks', {}, async (s) => {
  const container = await s.running((c) => {
    counting(s, 'lock', '/srv/count')(c);
  });
  assert.notEqual(checkpoint(container).status, 0, 'it has a lock');
  await goesOn(s, container, '--file-locks');
});

test('--pre-dump, and a checkpoint upon it', {}, async (s) => {
  const container = await s.running(counting(s, 'count', '/srv/count'));
  const before = ['--image-path', s.path('before'), '--pre-dump'];
  const result = container.call('checkpoint', before, [], { env });
  assert.equal(container.state().status, 'running');
  if (!criuFeature('mem_dirty_track')) {
    refused(result);
    says(result.stderr, /criu is missing features: \[MemTrack\]/);
    return;
  }
  assert.equal(result.status, 0, result.stderr);
  await moves(s);
  mustCheckpoint(container, '--parent-path', '../before');
  assert.ok(existsSync(s.path('images', 'parent')));
  mustRestore(container);
  await moves(s);
});
