/** exec: another process in a container that is there. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withUserNamespace } from '../lib/config.js';
import {
  cgroupMounts,
  cgroupV1,
  namespaceOf,
  processExists,
  processesOf,
  waitFor,
} from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { RUNTIME } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

const onlyOne = os.availableParallelism() < 2 && 'there is one processor only';

scenario('exec runs a program, with its output and status', {}, async (s) => {
  const container = await s.running();
  const result = container.call('exec', [], ['/payload', 'print', 'there']);
  assert.deepEqual([result.status, result.stdout], [0, 'there\n']);
  assert.equal(container.call('exec', [], ['/payload', 'exit', '17']).status, 17);
});

scenario('exec says nothing of its own, whatever the config asks for in vain', {}, async (s) => {
  const container = await s.running((c) => {
    // Not inheritable: runc's own spec has been like that.
    c.process.capabilities = {
      bounding: ['CAP_KILL'],
      permitted: ['CAP_KILL'],
      effective: ['CAP_KILL'],
      ambient: ['CAP_KILL'],
    };
  });
  const result = container.call('exec', [], ['/payload', 'exit', '0']);
  assert.deepEqual([result.status, result.stdout, result.stderr], [0, '', '']);
});

scenario('exec of a process that is ended by a signal', {}, async (s) => {
  const container = await s.running();
  assert.equal(container.call('exec', [], ['/payload', 'raise', '9']).status, 137);
});

scenario('exec has the namespaces of the container', {}, async (s) => {
  const container = await s.running((c) => {
    c.linux.namespaces.push({ type: 'cgroup' });
  });
  const { pid } = container.state();
  const [ns] = container.report([], 'ns');
  for (const type of ['pid', 'net', 'ipc', 'uts', 'mnt', 'cgroup'] as const) {
    assert.equal(ns[type], namespaceOf(pid, type), type);
  }
});

scenario("exec has the container's root and a process 1 above it", {}, async (s) => {
  const container = await s.running();
  const [text, pid, init] = container.report([], 'cat /dir/file', 'pid', 'cat /proc/1/cmdline');
  assert.equal(text, 'of the root file system\n');
  assert.ok(pid.pid > 1);
  assert.equal(pid.session, pid.pid);
  assert.equal(init, '/payload\0pause\0');
});

scenario('exec is in the cgroups of the container', {}, async (s) => {
  const container = await s.running();
  const [own] = container.report([], 'cat /proc/self/cgroup');
  const init = readFileSync(`/proc/${container.state().pid}/cgroup`, 'utf8');
  assert.equal(own, init);
});

scenario("exec has the config's limits, capabilities, no new privileges", {}, async (s) => {
  const container = await s.running((c) => {
    c.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 123, hard: 456 }];
    c.process.oomScoreAdj = 222;
  });
  const [limits, caps, flags, oom] = container.report([], 'rlimits', 'caps', 'flags', 'oom');
  assert.deepEqual(limits.RLIMIT_NOFILE, { soft: '123', hard: '456' });
  assert.equal(caps.effective, '0000000020000420');
  assert.equal(caps.bounding, '0000000020000420');
  assert.equal(flags.noNewPrivileges, 1);
  assert.equal(oom, 222);
});

scenario(
  "exec has the config's umask, or that of its process file",
  { not: { runc: 'newer than runc 1.1' } },
  async (s) => {
    const container = await s.running((c) => {
      c.process.user.umask = 0o77;
    });
    assert.equal(container.report([], 'umask')[0], '0077');
    const user = { uid: 0, gid: 0, umask: 0o27 };
    writeFileSync(
      s.path('process.json'),
      JSON.stringify({ user, args: ['/payload', 'umask'], cwd: '/' }),
    );
    assert.equal(
      JSON.parse(container.must('exec', ['--process', s.path('process.json')]).stdout),
      '0027',
    );
  },
);

scenario("exec has the config's env, and --env adds to it", {}, async (s) => {
  const container = await s.running((c) => {
    c.process.env.push('OF=config', 'BOTH=config');
  });
  const [env] = container.report(['--env', 'NEW=1', '--env', 'BOTH=exec'], 'env');
  assert.ok(env.includes('OF=config'));
  assert.ok(env.includes('NEW=1'));
  assert.ok(env.includes('BOTH=exec'));
  assert.ok(env.includes('HOME=/root'));
});

scenario('exec --cwd', {}, async (s) => {
  const container = await s.running();
  assert.equal(container.report(['--cwd', '/dir'], 'cwd')[0], '/dir');
});

for (const [user, uid, gid] of [
  ['1000', 1000, 0],
  ['1000:2000', 1000, 2000],
] as const) {
  scenario(`exec --user ${user}`, {}, async (s) => {
    const container = await s.running();
    const [id] = container.report(['--user', user], 'id');
    assert.deepEqual([id.uid, id.gid], [uid, gid]);
  });
}

scenario('exec --cwd: a relative one is refused', { not: { crun: 'takes it' } }, async (s) => {
  const container = await s.running();
  const result = container.call('exec', ['--cwd', 'dir'], ['/payload', 'cwd']);
  refused(result, 255);
  assert.equal(result.stdout, '');
  says(result.stderr, /cwd must be an absolute path/i);
});

scenario('exec --user has the home of that user', {}, async (s) => {
  const container = await s.running();
  const [env] = container.report(['--user', '1000:1000'], 'env');
  assert.ok(env.includes('HOME=/home/grace'), String(env));
});

scenario('exec --additional-gids', {}, async (s) => {
  const container = await s.running();
  const [id] = container.report(
    ['--user', '1000:1000', '--additional-gids', '100', '--additional-gids', '65534'],
    'id',
  );
  assert.deepEqual(
    [...id.groups].sort((a, b) => a - b),
    [100, 65534],
  );
});

scenario('exec --cap adds a capability', {}, async (s) => {
  const container = await s.running();
  const [caps] = container.report(['--cap', 'CAP_NET_RAW'], 'caps');
  const bits = BigInt(`0x${caps.effective}`);
  assert.equal((bits >> 13n) & 1n, 1n);
  assert.equal((bits >> 5n) & 1n, 1n);
});

scenario('exec --no-new-privs', {}, async (s) => {
  const container = await s.running((c) => {
    c.process.noNewPrivileges = false;
  });
  assert.equal(container.report([], 'flags')[0].noNewPrivileges, 0);
  assert.equal(container.report(['--no-new-privs'], 'flags')[0].noNewPrivileges, 1);
});

scenario('exec --process: all from a file', {}, async (s) => {
  const container = await s.running((c) => {
    c.process.env.push('OF=config');
  });
  writeFileSync(
    s.path('process.json'),
    JSON.stringify({
      terminal: false,
      user: { uid: 1000, gid: 1000, additionalGids: [7] },
      args: ['/payload', 'report', 'id', ',', 'env', ',', 'cwd', ',', 'caps', ',', 'rlimits'],
      env: ['ONLY=this'],
      cwd: '/dir',
      capabilities: { bounding: ['CAP_KILL'] },
      rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 2 }],
      noNewPrivileges: true,
    }),
  );
  const result = container.must('exec', ['--process', s.path('process.json')]);
  const [id, env, cwd, caps, limits] = JSON.parse(result.stdout);
  assert.deepEqual([id.uid, id.gid, id.groups], [1000, 1000, [7]]);
  assert.deepEqual([...env].sort(), ['HOME=/home/grace', 'ONLY=this']);
  assert.equal(cwd, '/dir');
  assert.equal(caps.bounding, '0000000000000020');
  assert.deepEqual(limits.RLIMIT_CORE, { soft: '1', hard: '2' });
});

scenario('exec --process: what the file is silent about is as in the container', {}, async (s) => {
  const container = await s.running((c) => {
    c.process.capabilities = { bounding: ['CAP_CHOWN'], effective: ['CAP_CHOWN'] };
    c.process.capabilities.permitted = ['CAP_CHOWN'];
    c.process.rlimits = [{ type: 'RLIMIT_CORE', soft: 3, hard: 4 }];
  });
  const args = ['/payload', 'report', 'caps', ',', 'rlimits'];
  writeFileSync(
    s.path('process.json'),
    JSON.stringify({ user: { uid: 0, gid: 0 }, args, cwd: '/', env: [] }),
  );
  const result = container.must('exec', ['--process', s.path('process.json')]);
  const [caps, limits] = JSON.parse(result.stdout);
  assert.deepEqual([caps.bounding, caps.effective], ['0000000000000001', '0000000000000001']);
  assert.deepEqual(limits.RLIMIT_CORE, { soft: '3', hard: '4' });
});

scenario(
  'execCPUAffinity: initial is of the time before the cgroup, whose cpuset may lack it',
  { skip: onlyOne },
  async (s) => {
    const container = await s.running((c) => {
      c.linux.resources.cpu = { cpus: '0' };
    });
    const exec = (execCPUAffinity: object): unknown => {
      const file = s.path('process.json');
      const args = ['/payload', 'report', 'affinity'];
      const user = { uid: 0, gid: 0 };
      writeFileSync(file, JSON.stringify({ user, args, cwd: '/', execCPUAffinity }));
      return JSON.parse(container.must('exec', ['--process', file]).stdout)[0];
    };
    assert.deepEqual(exec({ initial: '1' }), [0]);
    assert.deepEqual(exec({ initial: '1', final: '0' }), [0]);
  },
);

scenario('exec --detach with --pid-file', {}, async (s) => {
  const container = await s.running();
  container.must('exec', ['--detach', '--pid-file', s.path('pid')], ['/payload', 'pause']);
  const pid = Number(readFileSync(s.path('pid'), 'utf8'));
  assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /payload\0pause/);
  assert.equal(namespaceOf(pid, 'mnt'), namespaceOf(container.state().pid, 'mnt'));
  process.kill(pid, 'SIGKILL');
  await waitFor('it to end', () => !processExists(pid));
});

scenario('exec of a process that ends when the container is deleted', {}, async (s) => {
  const container = await s.running();
  container.must('exec', ['--detach', '--pid-file', s.path('pid')], ['/payload', 'pause']);
  const pid = Number(readFileSync(s.path('pid'), 'utf8'));
  container.must('delete', ['--force']);
  await waitFor('it to end', () => !processExists(pid));
});

scenario('exec: standard input', {}, async (s) => {
  const container = await s.running();
  const result = container.call('exec', [], ['/payload', 'echo'], { input: 'some text\n' });
  assert.equal(result.stdout, 'some text\n');
});

scenario('exec: only the standard descriptors', {}, async (s) => {
  const container = await s.running();
  const [fds] = container.report([], 'fds');
  assert.deepEqual(
    fds.map((fd) => fd.fd),
    [0, 1, 2],
  );
});

scenario('exec --preserve-fds', {}, async (s) => {
  const container = await s.running();
  const result = container.call('exec', ['--preserve-fds', '2'], ['/payload', 'fds'], {
    extraFds: [2, 2, 2],
  });
  assert.deepEqual(
    (JSON.parse(result.stdout) as { fd: number }[]).map((fd) => fd.fd),
    [0, 1, 2, 3, 4],
  );
});

scenario('exec into a created container leaves it created', {}, (s) => {
  const container = s.created();
  const [text] = container.report([], 'cat /dir/file');
  assert.equal(text, 'of the root file system\n');
  assert.equal(container.state().status, 'created');
});

scenario('exec into a container with a user namespace', {}, async (s) => {
  const container = await s.running(withUserNamespace);
  const [id, ns] = container.report(['--user', '5:6'], 'id', 'ns');
  assert.deepEqual([id.uid, id.gid], [5, 6]);
  assert.equal(ns.user, namespaceOf(container.state().pid, 'user'));
});

scenario('exec arguments that look like options go to the program', {}, async (s) => {
  const container = await s.running();
  const result = container.call('exec', [], ['/payload', 'args', '-t', '--cwd', '/x', '--']);
  assert.deepEqual(JSON.parse(result.stdout).slice(1), ['args', '-t', '--cwd', '/x', '--']);
});

for (const [what, args] of [
  ['a program that does not exist', ['/none']],
  ['a name that PATH does not lead to', ['none']],
] as const) {
  scenario(`exec of ${what}: 255 or 127, and its words`, {}, async (s) => {
    const container = await s.running();
    const result = container.call('exec', [], [...args]);
    refused(result, 255);
    says(result.stderr, /no such file or directory|executable file not found in \$PATH/);
  });
}

scenario('exec into an unknown container: 255', {}, (s) => {
  assert.equal(s.runtime(['exec', 'nobody', '/payload', 'print']).status, 255);
});

scenario('exec into a stopped container: 255', {}, async (s) => {
  const container = s.created();
  container.must('start');
  await container.until('stopped');
  const result = container.call('exec', [], ['/payload', 'print']);
  refused(result, 255);
  says(result.stderr, /stopped/);
});

scenario('exec with a pid file that cannot be written: 255', {}, async (s) => {
  const container = await s.running();
  assert.equal(
    container.call('exec', ['--pid-file', s.path('none/pid')], ['/payload', 'print']).status,
    255,
  );
});

scenario('exec into a paused container is refused', {}, async (s) => {
  const container = await s.running();
  container.must('pause');
  const result = container.call('exec', [], ['/payload', 'print']);
  refused(result, 255);
  says(result.stderr, /cannot exec in a paused container/);
  container.must('resume');
  assert.equal(container.call('exec', [], ['/payload', 'print', 'x']).stdout, 'x\n');
});

scenario('exec --ignore-paused waits until it is resumed', {}, async (s) => {
  const container = await s.running();
  container.must('pause');
  const child = s.spawn(RUNTIME, [
    ...['--root', s.stateRoot, 'exec', '--ignore-paused', container.id, '/payload', 'print', 'x'],
  ]);
  let text = '';
  child.stdout?.on('data', (data) => {
    text += String(data);
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(text, '');
  container.must('resume');
  await waitFor('the output', () => text === 'x\n');
});

// /proc/self/exe of what enters must never be a file of the host that the container could write to:
// CVE-2019-5736. A process that looks at all others while exec enters sees no such thing.
scenario('what enters the container is never a file of the host', {}, async (s) => {
  const container = await s.running();
  const [line] = container.report([], 'readlink /proc/self/exe');
  assert.equal(line, '/payload');
});

scenario("exec --cgroup joins a cgroup below the container's", {}, async (s) => {
  const container = await s.running();
  const group = container.group('pids');
  for (const controller of cgroupMounts().keys()) {
    mkdirSync(path.join(container.group(controller), 'sub'), { recursive: true });
  }
  const bad = container.call('exec', ['--cgroup', '..'], ['/payload', 'print']);
  refused(bad, 255);
  says(bad.stderr, /(bad|not a) sub cgroup path/);
  container.must(
    'exec',
    ['--cgroup', cgroupV1() ? 'pids:sub' : 'sub', '--detach', '--pid-file', s.path('pid')],
    ['/payload', 'pause'],
  );
  const pid = Number(readFileSync(s.path('pid'), 'utf8'));
  assert.deepEqual(processesOf(path.join(group, 'sub')), [pid]);
});
