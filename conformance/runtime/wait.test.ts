/** `wait`, and the exit status that a monitor keeps. docs/exit-status.md. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import type { Change } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { processExists, sleep, waitFor } from '../lib/host.js';
import { OPTIONS, RUNTIME, WITHOUT } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

interface End {
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly oomKilled: boolean | null;
  readonly finished: string | null;
}

const [major = 0, minor = 0] = release().split('.').map(Number);
/** A pidfd tells how its process ended: Linux 6.15. */
const TOLD = major > 6 || (major === 6 && minor >= 15);
/** So it is with who waits without being the parent, where he has a pidfd. */
const HEARD = TOLD && !WITHOUT.includes('pidfd_open');
const own = true;
/** Who reaps at once, as the tests' subreaper does, leaves an older kernel's monitor nothing to see. */
const unknown = !TOLD && 'before Linux 6.15 only the parent is sure to be told how a process ended';

const ends =
  (...args: string[]): Change =>
  (c) => {
    c.process.args = ['/payload', ...args];
  };

function ended(container: Container): End {
  const { stdout } = container.must('wait', ['--format', 'json']);
  const { id, ...end } = JSON.parse(stdout) as End & { id: string };
  assert.equal(id, container.id);
  return end;
}

const kept = (container: Container): End | undefined => (container.state() as { exit?: End }).exit;

function recordOf(s: Sandbox, container: Container): { monitor?: { pid: number } } {
  return JSON.parse(readFileSync(path.join(s.stateRoot, container.id, 'state.json'), 'utf8'));
}

/** A running container with a monitor, and the monitor's pid. */
function monitored(s: Sandbox, change: Change): { container: Container; monitor: number } {
  const container = s.created(change, ['--monitor']);
  const monitor = recordOf(s, container).monitor?.pid ?? 0;
  assert.ok(processExists(monitor));
  return { container, monitor };
}

/** A `wait` that has begun. */
function waiting(s: Sandbox, container: Container, ...options: string[]) {
  const args = ['--root', s.stateRoot, ...OPTIONS, 'wait', ...options, container.id];
  const child = s.spawn(RUNTIME, args);
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.stderr += chunk;
  });
  // After it has ended what it said may still be on its way.
  let closed = false;
  child.once('close', () => {
    closed = true;
  });
  // Without pidfds there is nothing of it to be seen.
  const begun = WITHOUT.includes('pidfd_open')
    ? sleep(3000)
    : waitFor('wait to wait', () => {
        const fds = fdsOf(child.pid ?? 0);
        return fds.some((target) => target.includes('pidfd')) || child.exitCode !== null;
      });
  const over = async () => {
    await waitFor('the end of wait', () => closed);
    return { status: child.exitCode, ...said };
  };
  return { begun, over };
}

function fdsOf(pid: number): string[] {
  try {
    const dir = `/proc/${pid}/fd`;
    return readdirSync(dir).map((fd) => readlinkSync(path.join(dir, fd)));
  } catch {
    return [];
  }
}

scenario('wait: the exit status, as it is kept by a monitor', { own, skip: unknown }, async (s) => {
  const { container, monitor } = monitored(s, ends('exit', '7'));
  assert.equal(kept(container), undefined);
  container.must('start');
  assert.equal(container.must('wait').stdout, '7\n');
  const end = ended(container);
  assert.deepEqual([end.exitCode, end.signal, end.oomKilled], [7, 0, false]);
  assert.ok(Math.abs(Date.parse(end.finished ?? '') - Date.now()) < 600_000, String(end.finished));
  assert.deepEqual(kept(container), end);
  assert.equal(container.call('wait', ['--exit-code']).status, 7);
  await waitFor('the end of the monitor', () => !processExists(monitor));
});

scenario('wait: the signal that ended it', { own, skip: unknown }, (s) => {
  const { container } = monitored(s, ends('pause'));
  container.must('start');
  container.must('kill', [], ['KILL']);
  assert.equal(container.must('wait').stdout, '137\n');
  assert.deepEqual([ended(container).signal, kept(container)?.signal], [9, 9]);
});

scenario('wait: a container that was never started', { own, skip: unknown }, (s) => {
  const { container } = monitored(s, ends('pause'));
  container.must('kill', [], ['KILL']);
  assert.equal(ended(container).exitCode, 137);
});

scenario('wait: the kernel ran out of memory', { own, skip: unknown || notRoot }, (s) => {
  const { container } = monitored(s, (c) => {
    ends('mem', '200')(c);
    Object.assign(c.linux.resources, { memory: { limit: 16 << 20, swap: 16 << 20 } });
  });
  container.must('start');
  const end = ended(container);
  assert.deepEqual([end.exitCode, end.signal, end.oomKilled], [137, 9, true]);
  assert.deepEqual(kept(container), end);
});

scenario('wait: a monitor that an annotation asks for', { own, skip: unknown }, (s) => {
  const container = s.created((c) => {
    ends('exit', '3')(c);
    c.annotations = { 'io.github.ocirt.monitor': 'true' };
  });
  container.must('start');
  assert.equal(ended(container).exitCode, 3);
  const other = s.created((c) => {
    ends('exit', '3')(c);
    c.annotations = { 'io.github.ocirt.monitor': 'false' };
  });
  assert.equal(recordOf(s, other).monitor, undefined);
});

scenario('run --detach --monitor', { own }, (s) => {
  const container = s.container(ends('exit', '5'));
  container.must('run', ['--bundle', container.bundle, '--detach', '--monitor']);
  assert.ok(recordOf(s, container).monitor, 'there is no monitor');
  const { exitCode } = ended(container);
  assert.ok(exitCode === 5 || (!TOLD && exitCode === null), String(exitCode));
});

scenario('wait: it waits', { own, skip: unknown }, async (s) => {
  const { container } = monitored(s, ends('pause'));
  container.must('start');
  await container.untilPrinted('ready\n');
  const one = waiting(s, container);
  const two = waiting(s, container);
  await Promise.all([one.begun, two.begun]);
  container.must('kill', [], ['TERM']);
  for (const { over } of [one, two]) {
    assert.deepEqual(await over(), { status: 0, stdout: '0\n', stderr: '' });
  }
});

// Nobody but root may look at what it holds.
scenario(
  'the monitor holds nothing of the caller, and is not in the container',
  { own, skip: notRoot },
  (s) => {
    const { container, monitor } = monitored(s, ends('pause'));
    const fds = fdsOf(monitor).sort();
    const state = path.join(s.stateRoot, container.id);
    assert.deepEqual(fds.filter((target) => target === '/dev/null').length, 3, String(fds));
    for (const target of fds) {
      const expected =
        ['/dev/null', state].includes(target) || /pidfd|memory\.(oom_control|events)/.test(target);
      assert.ok(expected, `the monitor holds ${target}`);
    }
    assert.ok(fds.length <= 6, String(fds));
    assert.equal(readlinkSync(`/proc/${monitor}/cwd`), '/');
    assert.equal(readFileSync(`/proc/${monitor}/comm`, 'utf8'), 'ocirt-monitor\n');
    for (const type of ['pid', 'mnt', 'user', 'net', 'ipc', 'uts', 'cgroup']) {
      const namespace = (pid: number | 'self') => readlinkSync(`/proc/${pid}/ns/${type}`);
      assert.equal(namespace(monitor), namespace('self'), type);
    }
    assert.ok(!readFileSync(`/proc/${monitor}/cgroup`, 'utf8').includes(path.basename(s.dir)));
    // Of a session of its own.
    assert.equal(/^\d+ \(.*\) \S \d+ \d+ (\d+)/.exec(readStat(monitor))?.[1], String(monitor));
    const pss = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${monitor}/smaps_rollup`, 'utf8'));
    assert.ok(Number(pss?.[1]) < 600, `PSS ${pss?.[1]} kB`);
  },
);

const readStat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8');

scenario('a monitor that looks only when all is over', { own }, async (s) => {
  const { container, monitor } = monitored(s, ends('exit', '9'));
  const { pid } = container.state();
  process.kill(monitor, 'SIGSTOP');
  container.must('start');
  await container.until('stopped');
  await waitFor('the process to be reaped', () => !processExists(pid));
  assert.equal(kept(container), undefined);
  process.kill(monitor, 'SIGCONT');
  await waitFor('the end of the monitor', () => !processExists(monitor));
  assert.equal(ended(container).exitCode, TOLD ? 9 : null);
});

scenario('a monitor that was killed: nothing is known, and wait says so', { own }, async (s) => {
  const { container, monitor } = monitored(s, ends('exit', '9'));
  const { pid } = container.state();
  process.kill(monitor, 'SIGKILL');
  await waitFor('the end of the monitor', () => !processExists(monitor));
  container.must('start');
  await container.until('stopped');
  // A zombie would still tell.
  await waitFor('the process to be reaped', () => !existsSync(`/proc/${pid}`));
  const result = container.must('wait');
  assert.equal(result.stdout, 'unknown\n');
  assert.match(result.stderr, /not known/);
  assert.equal(ended(container).exitCode, null);
  assert.equal(kept(container), undefined);
  const refused = container.call('wait', ['--exit-code']);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /--monitor/);
});

scenario('wait without a monitor', { own }, async (s) => {
  const container = await s.running();
  assert.equal(recordOf(s, container).monitor, undefined);
  const { begun, over } = waiting(s, container, '--format', 'json');
  await begun;
  container.must('kill', [], ['KILL']);
  const { status, stdout } = await over();
  assert.equal(status, 0);
  const { exitCode } = JSON.parse(stdout) as End;
  assert.ok(exitCode === 137 || (!HEARD && exitCode === null), stdout);
});

scenario('a delete while wait waits', { own }, async (s) => {
  const { container, monitor } = monitored(s, ends('pause'));
  const plain = s.created(ends('pause'));
  const waits = [waiting(s, container), waiting(s, plain)];
  for (const { begun } of waits) await begun;
  container.must('delete', ['--force']);
  plain.must('delete', ['--force']);
  for (const { over } of waits) {
    const { status, stdout } = await over();
    assert.equal(status, 0);
    assert.match(stdout, HEARD ? /^137\n$/ : /^(137|unknown)\n$/);
  }
  await waitFor('the end of the monitor', () => !processExists(monitor));
});

scenario('wait: no such container', { own }, (s) => {
  const result = s.runtime(['wait', 'none']);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /container does not exist/);
});
