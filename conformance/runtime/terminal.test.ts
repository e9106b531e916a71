/** Terminals: through a console socket, and in the foreground with signals and window sizes. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import type { Change } from '../lib/config.js';
import { withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { Listener, receiver } from '../lib/listener.js';
import { refused, says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const withTerminal =
  (...args: string[]): Change =>
  (c) => {
    c.process.terminal = true;
    c.process.args = ['/payload', ...args];
  };

/** The lines of a terminal, without what it is turned into on the way. */
function json<T>(heard: Listener, pattern = /(\{"stdin".*\})\r?\n/): Promise<T> {
  return heard.until(pattern).then((found) => JSON.parse(found[1] ?? '') as T);
}

scenario('create sends the master of the terminal to the console socket', {}, async (s) => {
  const { socket, heard } = await receiver(s);
  const container = s.created(withTerminal('tty'), ['--console-socket', socket]);
  const [, first] = await heard.until(/listening\n(\{.*\})\n/);
  const message = JSON.parse(first ?? '') as { message: string; fds: number; name: string };
  assert.equal(message.fds, 1);
  assert.ok(message.message.length >= 1);
  assert.match(message.name, /ptmx$/);
  container.must('start');
  const tty = await json<Reports['tty']>(heard);
  for (const end of [tty.stdin, tty.stdout, tty.stderr]) {
    assert.equal(end.tty, true);
    assert.match(end.name ?? '', /^\/dev\/(pts\/\d+|console)$/);
  }
  assert.equal(tty.controlling, true);
  assert.equal(tty.foreground, true);
});

scenario('consoleSize is the size of the terminal', {}, async (s) => {
  const { socket, heard } = await receiver(s);
  const container = s.created(
    (c) => {
      withTerminal('tty')(c);
      c.process.consoleSize = { height: 10, width: 110 };
    },
    ['--console-socket', socket],
  );
  container.must('start');
  const tty = await json<Reports['tty']>(heard);
  assert.deepEqual([tty.stdin.rows, tty.stdin.columns], [10, 110]);
});

scenario('the terminal belongs to the user, and to the tty group', {}, async (s) => {
  const { socket, heard } = await receiver(s);
  const container = s.created(
    (c) => {
      withTerminal('tty')(c);
      c.process.user = { uid: 1000, gid: 1000 };
    },
    ['--console-socket', socket],
  );
  container.must('start');
  const tty = await json<Reports['tty']>(heard);
  assert.deepEqual([tty.stdin.uid, tty.stdin.gid], [1000, 5]);
});

scenario('/dev/console is the terminal', {}, async (s) => {
  const { socket, heard } = await receiver(s);
  const container = s.created(
    withTerminal(
      'report',
      'stat',
      '/dev/console',
      ',',
      'mountinfo',
      ',',
      'open',
      '/dev/console',
      'w',
    ),
    ['--console-socket', socket],
  );
  container.must('start');
  const [, text] = await heard.until(/(\[\{"type".*\])\r?\n/);
  const [node, mounts, opened] = JSON.parse(text ?? '') as [
    Reports['stat'],
    Reports['mountinfo'],
    string,
  ];
  assert.equal(node.type, 'char');
  assert.ok(node.major >= 136 && node.major <= 143, 'it is a pty of devpts');
  assert.ok(mounts.some((mount) => mount.target === '/dev/console' && mount.type === 'devpts'));
  assert.equal(opened, 'ok');
});

scenario('what is typed comes to the process, what it says comes back', {}, async (s) => {
  const { socket, child, heard } = await receiver(s);
  const container = s.created(withTerminal('echo'), ['--console-socket', socket]);
  container.must('start');
  child.stdin?.write('hello there\n');
  await heard.until(/hello there[\r\n]+hello there/);
  child.stdin?.write('\x04');
  await container.until('stopped');
  await heard.end();
});

scenario('a terminal in a user namespace', {}, async (s) => {
  const { socket, heard } = await receiver(s);
  const container = s.created(
    (c) => {
      withTerminal('tty')(c);
      withUserNamespace(c);
    },
    ['--console-socket', socket],
  );
  container.must('start');
  const tty = await json<Reports['tty']>(heard);
  assert.deepEqual([tty.stdin.tty, tty.stdin.uid, tty.controlling], [true, 0, true]);
});

scenario('create of a terminal without a console socket is refused', {}, (s) => {
  const container = s.container(withTerminal('tty'));
  const result = container.call('create', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /console.socket|tty/i);
  s.assertClean();
});

scenario('a console socket without a terminal is refused', {}, async (s) => {
  const { socket } = await receiver(s);
  const container = s.container();
  const result = container.call('create', [
    '--bundle',
    container.bundle,
    '--console-socket',
    socket,
  ]);
  refused(result);
  says(result.stderr, /console.socket|tty/i);
});

scenario('a console socket that nobody listens on', {}, (s) => {
  const container = s.container(withTerminal('tty'));
  const result = container.call('create', [
    '--bundle',
    container.bundle,
    '--console-socket',
    s.path('none.sock'),
  ]);
  refused(result);
  says(result.stderr, /no such file or directory|connection refused/i);
  s.assertClean();
});

scenario('exec --tty --detach with a console socket', {}, async (s) => {
  const container = await s.running();
  const { socket, heard } = await receiver(s);
  container.must('exec', ['--tty', '--detach', '--console-socket', socket], ['/payload', 'tty']);
  const tty = await json<Reports['tty']>(heard);
  assert.deepEqual(
    [tty.stdin.tty, tty.stdout.tty, tty.stderr.tty, tty.controlling],
    [true, true, true, true],
  );
});

scenario("a terminal in exec's process file, with its size", {}, async (s) => {
  const container = await s.running();
  const { socket, heard } = await receiver(s);
  const process = {
    ...s.readConfig(container.bundle).process,
    terminal: true,
    consoleSize: { height: 33, width: 44 },
    args: ['/payload', 'tty'],
  };
  s.writeConfig(s.dir, process);
  container.must('exec', [
    '--process',
    s.path('config.json'),
    '--detach',
    '--console-socket',
    socket,
  ]);
  const tty = await json<Reports['tty']>(heard);
  assert.deepEqual([tty.stdin.rows, tty.stdin.columns], [33, 44]);
});

// In the foreground ---------------------------------------------------------------------------

/** `run` or `exec` on a terminal of our own: 24 rows, 80 columns. */
function onTerminal(s: Sandbox, args: string[]): { child: ChildProcess; heard: Listener } {
  const child = s.helper(['pty', RUNTIME, '--root', s.stateRoot, ...args]);
  return { child, heard: new Listener(child) };
}

scenario(
  "run in the foreground: the process has a terminal of the caller's size",
  {},
  async (s) => {
    const container = s.container(withTerminal('tty'));
    const { heard } = onTerminal(s, ['run', '--bundle', container.bundle, container.id]);
    const tty = await json<Reports['tty']>(heard);
    assert.deepEqual([tty.stdin.rows, tty.stdin.columns], [24, 80]);
    assert.deepEqual(
      [tty.stdin.tty, tty.stdout.tty, tty.stderr.tty, tty.controlling],
      [true, true, true, true],
    );
    assert.equal(await heard.end(), 0);
  },
);

scenario('run in the foreground: exit status', {}, async (s) => {
  const container = s.container(withTerminal('exit', '33'));
  const { heard } = onTerminal(s, ['run', '--bundle', container.bundle, container.id]);
  assert.equal(await heard.end(), 33);
});

scenario(
  'run in the foreground: the terminal adds no carriage return of its own',
  {},
  async (s) => {
    const container = s.container(withTerminal('tty'));
    const { heard } = onTerminal(s, ['run', '--bundle', container.bundle, container.id]);
    const tty = await json<Reports['tty']>(heard);
    assert.equal(tty.stdout.onlcr, false);
    await heard.end();
  },
);

scenario('run in the foreground: typing, and ^D ends it', {}, async (s) => {
  const container = s.container(withTerminal('echo'));
  const { child, heard } = onTerminal(s, ['run', '--bundle', container.bundle, container.id]);
  child.stdin?.write('typed\n');
  await heard.until(/typed[\r\n]+typed/);
  child.stdin?.write('\x04');
  assert.equal(await heard.end(), 0);
});

scenario('run in the foreground: ^C reaches the process', {}, async (s) => {
  const container = s.container(withTerminal('trap', '2'));
  const { child, heard } = onTerminal(s, ['run', '--bundle', container.bundle, container.id]);
  await heard.until(/ready/);
  child.stdin?.write('\x03');
  await heard.until(/signal 2/);
  assert.equal(await heard.end(), 7);
});

scenario('run in the foreground: a change of the window size', {}, async (s) => {
  const container = s.container(withTerminal('trap', '28', '15'));
  const { child, heard } = onTerminal(s, ['run', '--bundle', container.bundle, container.id]);
  await heard.until(/ready/);
  child.kill('SIGUSR1');
  await heard.until(/signal 28 50x120/);
  container.must('kill', [], ['TERM']);
  assert.equal(await heard.end(), 7);
});

scenario("run in the foreground leaves the caller's terminal as it was", {}, async (s) => {
  const container = s.container(withTerminal('exit', '0'));
  const child = s.helper([
    'pty',
    '/bin/sh',
    '-c',
    `stty -a; "$0" "$@"; echo status $?; stty -a`,
    RUNTIME,
    '--root',
    s.stateRoot,
    'run',
    '--bundle',
    container.bundle,
    container.id,
  ]);
  const heard = new Listener(child);
  await heard.end();
  const [before, after] = heard.text.split(/status 0\r?\n/);
  assert.ok(after, heard.text);
  assert.equal(before?.slice(0, after.length), after);
});

scenario('exec --tty in the foreground', {}, async (s) => {
  const container = await s.running();
  const { heard } = onTerminal(s, ['exec', '--tty', container.id, '/payload', 'tty']);
  const tty = await json<Reports['tty']>(heard);
  assert.deepEqual(
    [tty.stdin.tty, tty.stdin.rows, tty.stdin.columns, tty.controlling],
    [true, 24, 80, true],
  );
  assert.equal(await heard.end(), 0);
});

scenario('exec --tty: exit status', {}, async (s) => {
  const container = await s.running();
  const { heard } = onTerminal(s, ['exec', '-t', container.id, '/payload', 'exit', '9']);
  assert.equal(await heard.end(), 9);
});

// Without a terminal ---------------------------------------------------------------------------

for (const [name, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
  ['SIGHUP', 1],
  ['SIGUSR1', 10],
] as const) {
  scenario(`run in the foreground gives ${name} on`, {}, async (s) => {
    const container = s.container((c) => {
      c.process.args = ['/payload', 'trap', String(number)];
    });
    const child = s.spawn(RUNTIME, [
      '--root',
      s.stateRoot,
      'run',
      '--bundle',
      container.bundle,
      container.id,
    ]);
    const heard = new Listener(child);
    await heard.until(/ready/);
    child.kill(name);
    await heard.until(new RegExp(`signal ${number}`));
    assert.equal(await heard.end(), 7);
  });
}

scenario('a process that ends by the signal that was given on', { skip: notRoot }, async (s) => {
  const container = s.container((c) => {
    c.linux.namespaces = c.linux.namespaces.filter((namespace) => namespace.type !== 'pid');
    c.process.args = ['/payload', 'trap', '10'];
  });
  const child = s.spawn(RUNTIME, [
    '--root',
    s.stateRoot,
    'run',
    '--bundle',
    container.bundle,
    container.id,
  ]);
  const heard = new Listener(child);
  await heard.until(/ready/);
  child.kill('SIGTERM');
  assert.equal(await heard.end(), 128 + 15);
});

scenario("a terminal's process sees no tty when there is none", {}, (s) => {
  const [tty] = s.report(() => {}, 'tty');
  assert.deepEqual([tty.stdin.tty, tty.stdout.tty, tty.controlling], [false, false, false]);
});
