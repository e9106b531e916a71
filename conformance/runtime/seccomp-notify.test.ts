/** SCMP_ACT_NOTIFY: a filter that asks an agent. config-linux.md, "Seccomp". */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Change, withUserNamespace } from '../lib/config.js';
import { waitFor } from '../lib/host.js';
import { says } from '../lib/refusal.js';
import { KIND } from '../lib/runtime.js';
import { type Sandbox, type State, scenario } from '../lib/sandbox.js';

const NOTIFY = 'SCMP_ACT_NOTIFY';

interface ProcessState {
  ociVersion: string;
  fds: string[];
  pid: number;
  metadata?: string;
  state: State;
}

/** An agent on a socket of the sandbox. */
class Agent {
  readonly path: string;
  readonly process: ChildProcess;
  #said = '';

  private constructor(sandbox: Sandbox) {
    this.path = sandbox.path('agent.sock');
    // The connection must end, but when is not said: only ocirt has ended it before the process goes on.
    const when = KIND === 'ocirt' ? 'end' : 'state';
    this.process = sandbox.helper(['seccomp-agent', this.path, when]);
    this.process.stdout?.on('data', (data) => {
      this.#said += String(data);
    });
  }

  static async start(sandbox: Sandbox): Promise<Agent> {
    const agent = new Agent(sandbox);
    await waitFor('the agent to listen', () => agent.#said.includes('listening\n'));
    return agent;
  }

  lines(): { state?: string; fds?: number; link?: string; call?: number; after?: number }[] {
    const lines = this.#said.split('\n').slice(1, -1);
    return lines.map(
      (line) => JSON.parse(line) as { state?: string; call?: number; after?: number },
    );
  }

  /** What has been said to it, once that is `count` states. */
  async states(count: number): Promise<ProcessState[]> {
    const states = () => this.lines().flatMap((line) => (line.state === undefined ? [] : [line]));
    await waitFor(`${count} states`, () => states().length >= count);
    for (const line of states()) {
      assert.deepEqual([line.fds, line.link], [1, 'anon_inode:seccomp notify']);
    }
    return states().map((line) => JSON.parse(line.state ?? '') as ProcessState);
  }
}

const notify =
  (path: string, names: readonly string[], more: Record<string, unknown> = {}): Change =>
  (c) => {
    c.root.readonly = false;
    c.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      listenerPath: path,
      syscalls: [{ names, action: NOTIFY }],
      ...more,
    };
  };

for (const noNewPrivileges of [true, false]) {
  scenario(`the agent answers; noNewPrivileges ${noNewPrivileges}`, {}, async (s) => {
    const agent = await Agent.start(s);
    const rule = notify(agent.path, ['mkdirat'], { listenerMetadata: 'some text' });
    const container = await s.running((c) => {
      rule(c);
      c.process.noNewPrivileges = noNewPrivileges;
      c.annotations = { 'org.example.key': 'value' };
    });
    const [first] = await agent.states(1);
    const { pid } = container.state();
    // Of this message, not of the config: which number, is left open.
    assert.match(first?.ociVersion ?? '', /^\d+\.\d+/);
    assert.deepEqual(first?.fds, ['seccompFd']);
    assert.equal(first?.pid, pid);
    assert.equal(first?.metadata, 'some text');
    assert.equal(first?.state.id, container.id);
    // A container that is being created may have none yet (runtime.md#state).
    if (KIND === 'ocirt' || first?.state.status !== 'creating') assert.equal(first?.state.pid, pid);
    assert.equal(first?.state.bundle, container.bundle);
    assert.deepEqual(first?.state.annotations, { 'org.example.key': 'value' });

    // exec: a filter of its own, and so a listener.
    const [made, fds] = container.report([], 'syscall mkdirat -100 0 0', 'fds');
    assert.deepEqual(made, { errno: 'EXDEV' });
    assert.deepEqual(
      fds.map((entry) => entry.fd).filter((fd) => fd > 3),
      [],
    );
    const [, second] = await agent.states(2);
    assert.notEqual(second?.pid, pid);
    assert.equal(second?.state.pid, pid);
    assert.equal(second?.state.status, 'running');
  });

  scenario(
    `calls that the runtime makes itself can be notified; noNewPrivileges ${noNewPrivileges}`,
    {},
    async (s) => {
      const agent = await Agent.start(s);
      const names = ['execve', 'openat', 'open', 'read', 'close', 'fcntl', 'close_range', 'futex'];
      const more = ['sched_yield', 'sendto', 'sendmsg', 'recvfrom', 'wait4', 'poll', 'mmap'];
      const file = s.path('hook.json');
      const container = await s.running((c) => {
        notify(agent.path, [...names, ...more])(c);
        c.process.noNewPrivileges = noNewPrivileges;
        c.mounts.push({ destination: '/srv', type: 'bind', source: s.dir, options: ['bind'] });
        c.hooks = {
          startContainer: [
            { path: '/payload', args: ['payload', 'hook', '/srv/hook.json', 'startContainer'] },
          ],
        };
      });
      const hook = JSON.parse(readFileSync(file, 'utf8')) as { fds: number[] };
      assert.deepEqual(hook.fds, [0, 1, 2]);
      const result = container.must('exec', [], ['/payload', 'print', 'from exec']);
      assert.equal(result.stdout, 'from exec\n');
      // SYS_execve of x86_64.
      await waitFor('execve', () => agent.lines().some((line) => line.call === 59));
    },
  );
}

scenario('a connection has one state, and ends with it', {}, async (s) => {
  const agent = await Agent.start(s);
  const container = await s.running(notify(agent.path, ['mkdirat']));
  container.must('exec', [], ['/payload', 'exit', '0']);
  await agent.states(2);
  const after = () => agent.lines().flatMap((line) => line.after ?? []);
  await waitFor('the end of both', () => after().length >= 2);
  assert.deepEqual(after(), [0, 0]);
});

scenario('the agent answers; SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', {}, async (s) => {
  const agent = await Agent.start(s);
  const flags = ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'];
  const [made] = s.report(notify(agent.path, ['mkdirat'], { flags }), 'syscall mkdirat -100 0 0');
  assert.deepEqual(made, { errno: 'EXDEV' });
  assert.equal((await agent.states(1)).length, 1);
});

scenario('a terminal and a user namespace beside it', {}, async (s) => {
  const agent = await Agent.start(s);
  const result = s.run((c) => {
    notify(agent.path, ['mkdirat', 'execve'])(c);
    c.process.args = ['/payload', 'syscall', 'mkdirat', '-100', '0', '0'];
    c.process.user = { uid: 1000, gid: 1000 };
    withUserNamespace(c);
  });
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout), { errno: 'EXDEV' });
});

scenario('without an agent nothing is started', {}, async (s) => {
  const result = s.run(notify(s.path('nobody.sock'), ['mkdirat']));
  assert.notEqual(result.status, 0);
  says(result.stderr, /failed to connect with seccomp agent/);
  assert.equal(result.stdout, '');
  s.assertClean();
});

scenario('an agent that has gone by the start', {}, async (s) => {
  const agent = await Agent.start(s);
  const container = s.created(notify(agent.path, ['mkdirat']));
  agent.process.kill('SIGKILL');
  await waitFor('its end', () => agent.process.signalCode !== null);
  // One that has told the agent by then, and set the filter, has nothing to tell it any more.
  if (KIND !== 'ocirt' && agent.lines().length > 0) return;
  const result = container.call('start');
  assert.notEqual(result.status, 0);
  says(result.stderr, /failed to connect with seccomp agent/);
  assert.equal(container.output(), '');
});

scenario('the write system call is not for the agent', {}, (s) => {
  const result = s.run(notify(s.path('agent.sock'), ['write']));
  assert.notEqual(result.status, 0);
  says(result.stderr, /SCMP_ACT_NOTIFY cannot be used for the write syscall/);
});

scenario('listenerPath without a rule that notifies is ignored', {}, (s) => {
  const result = s.run((c) => {
    notify('/nonexistent/agent.sock', ['mkdirat'])(c);
    c.linux.seccomp = { ...c.linux.seccomp, syscalls: [] };
  });
  assert.equal(result.status, 0, result.stderr);
  assert.equal(result.stdout, 'hello\n');
});
