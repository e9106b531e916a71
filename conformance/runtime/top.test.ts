/** `top`: what containers use, as lines and on a terminal. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { Change } from '../lib/config.js';
import { childrenOf, waitFor } from '../lib/host.js';
import { Listener } from '../lib/listener.js';
import { OPTIONS, PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

const MIB = 1024 * 1024;
const own = { own: true };

interface Line {
  time: string;
  id: string;
  cpuPercent: number | null;
  memoryPercent: number | null;
  usage: { memory: { limitBytes: number | null } } | null;
}

const limited: Change = (c) => {
  Object.assign(c.linux.resources, {
    memory: { limit: 64 * MIB, swap: 64 * MIB },
    pids: { limit: 20 },
  });
  c.process.args = ['/payload', 'mem', '24', '200'];
};

// top, in a pipe --------------------------------------------------------------------------------

const lines = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

scenario('top --once: a line for each container, whatever its state', own, async (s) => {
  const running = await s.running();
  const created = s.created();
  const paused = await s.running();
  paused.must('pause');
  const stopped = s.created((c) => {
    c.process.args = ['/payload', 'exit', '0'];
  });
  stopped.must('start');
  await stopped.until('stopped');
  const wanted = [
    `${created.id} created`,
    `${paused.id} paused`,
    `${running.id} running`,
    `${stopped.id} stopped`,
  ].sort();
  const { stdout, status } = s.runtime(['top', '--once', '--sort', 'id']);
  assert.equal(status, 0);
  const [header = '', ...rows] = stdout.trim().split('\n');
  const titles = header.split(/\s+/);
  assert.deepEqual(titles.slice(0, 4), ['TIME', 'ID', 'STATUS', 'CPU%']);
  const cells = rows.map((row) => row.split(/\s+/));
  assert.deepEqual(
    cells.map((row) => row.slice(1, 3).join(' ')),
    wanted,
  );
  for (const row of cells) assert.equal(row.length, titles.length);
  paused.must('resume');
});

scenario('top --format json: shares are of the time between two looks', own, async (s) => {
  const container = await s.running((c) => {
    limited(c);
    delete c.linux.resources.cpu;
  });
  const busy = s.spawn(RUNTIME, [
    '--root',
    s.stateRoot,
    ...OPTIONS,
    'exec',
    container.id,
    '/payload',
    'mem',
    '1',
    '60000',
  ]);
  const { stdout } = s.runtime(['top', '--format=json', '--interval=300ms', '--count=3']);
  busy.kill('SIGKILL');
  const seen = lines(stdout);
  assert.equal(seen.length, 3);
  for (const line of seen) {
    assert.equal(line.id, container.id);
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(line.cpuPercent !== null && line.cpuPercent >= 0, `${line.cpuPercent}`);
    assert.ok((line.memoryPercent ?? 0) > 30 && (line.memoryPercent ?? 0) <= 100);
    assert.equal(line.usage?.memory.limitBytes, 64 * MIB);
  }
  assert.ok(
    seen.some((line) => (line.cpuPercent ?? 0) > 1),
    stdout,
  );
});

scenario('top: containers come and go while it looks; a closed pipe ends it', own, async (s) => {
  const first = await s.running();
  const child = s.spawn(RUNTIME, [
    '--root',
    s.stateRoot,
    ...OPTIONS,
    'top',
    '--format=json',
    '--interval=50ms',
  ]);
  const heard = new Listener(child);
  await heard.until(new RegExp(`"id":"${first.id}"`));
  const second = await s.running();
  await heard.until(new RegExp(`"id":"${second.id}"`));
  first.must('delete', ['--force']);
  await waitFor('looks that find the second one alone', () => {
    const whole = heard.text.slice(0, heard.text.lastIndexOf('\n') + 1);
    return lines(whole)
      .slice(-4)
      .every(({ id }) => id === second.id);
  });
  child.stdout?.destroy();
  await waitFor('the end of top', () => child.exitCode !== null || child.signalCode !== null);
});

scenario('top: what its options may not be', own, (s) => {
  for (const args of [
    ['--interval=0s'],
    ['--interval=soon'],
    ['--count=0'],
    ['--sort=size'],
    ['--format=yaml'],
    ['id'],
  ]) {
    const result = s.runtime(['top', ...args]);
    assert.notEqual(result.status, 0, args.join(' '));
    assert.notEqual(result.stderr, '');
  }
});

// top, on a terminal ----------------------------------------------------------------------------

const ALTERNATE = '\x1b[?1049h';
const NORMAL = '\x1b[?1049l';

/** `top` on a terminal of 24 rows and 80 columns, between two looks at how the terminal is set. */
function onTerminal(
  s: Sandbox,
  args: readonly string[],
  type = 'xterm',
): { child: ChildProcess; heard: Listener } {
  const child = s.spawn(
    PAYLOAD,
    [
      'pty',
      '/bin/sh',
      '-c',
      'trap : INT; stty -g; "$0" "$@"; echo "status $?"; stty -g; echo over',
      RUNTIME,
      '--root',
      s.stateRoot,
      ...OPTIONS,
      'top',
      ...args,
    ],
    { env: { ...process.env, TERM: type, NO_COLOR: '' } },
  );
  return { child, heard: new Listener(child) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const ATTRIBUTES = /\x1b\[[0-9;?]*[A-Za-z]/g;

/** The pictures that a terminal was sent, as text without its attributes. */
const pictures = (text: string): string[] =>
  text
    .split('\x1b[H')
    .slice(1)
    .map((picture) => picture.replace(ATTRIBUTES, ''));

/** The terminal adds a carriage return of its own. */
const linesOf = (picture: string): string[] => picture.split(/\r+\n/);

/** How it ended: everything is as it was. */
async function restored(heard: Listener, status: number): Promise<void> {
  await heard.until(/over/);
  const before = heard.text.slice(0, heard.text.indexOf(ALTERNATE));
  const after = heard.text.slice(heard.text.indexOf(NORMAL) + NORMAL.length);
  const [, said, settings = ''] = /^status (\d+)\r?\n([\s\S]*)over/m.exec(after) ?? [];
  assert.equal(Number(said), status, heard.text);
  assert.match(settings, /^[\da-f:]+\r*\n$/);
  assert.equal(settings, before);
  // The cursor is there again, and lines wrap.
  const left = heard.text.slice(heard.text.lastIndexOf('\x1b[?25l'));
  assert.ok(left.includes('\x1b[?25h') && left.includes('\x1b[?7h'));
  await heard.end();
}

/** The process of `top`: the shell's child, below the one with the pty. */
function topOf(child: ChildProcess): number {
  const [shell = 0] = childrenOf(child.pid ?? 0);
  const [top = 0] = childrenOf(shell);
  return top;
}

const shows =
  (container: Container) =>
  (picture: string): boolean =>
    picture.includes(container.id.slice(0, 10)) && picture.includes('q quit');

async function untilShown(heard: Listener, seen: (picture: string) => boolean): Promise<string> {
  let found: string | undefined;
  await waitFor('a picture', () => {
    // The last may not be whole yet.
    found = pictures(heard.text).slice(0, -1).findLast(seen);
    return found !== undefined;
  });
  return found ?? '';
}

scenario('top on a terminal: the other screen, its size, and back with q', own, async (s) => {
  const container = await s.running();
  const { child, heard } = onTerminal(s, ['--interval=100ms']);
  const picture = await untilShown(heard, shows(container));
  const rows = linesOf(picture);
  assert.equal(rows.length, 24);
  for (const row of rows) assert.ok(row.length <= 80, `${row.length}: ${row}`);
  assert.match(rows[0] ?? '', /^ocirt top \d\d:\d\d:\d\dZ {2}1 container: 1 running/);
  child.stdin?.write('q');
  await restored(heard, 0);
  assert.equal(heard.text.split(ALTERNATE).length, 2);
  assert.equal(heard.text.split(NORMAL).length, 2);
});

scenario('top on a terminal: keys sort, and a new size is followed', own, async (s) => {
  const container = await s.running();
  const { child, heard } = onTerminal(s, ['--interval=100ms']);
  await untilShown(heard, shows(container));
  child.stdin?.write('m');
  await untilShown(heard, (picture) => picture.includes('by memory'));
  child.stdin?.write('r');
  await untilShown(heard, (picture) => picture.includes('by memory, reversed'));
  // 50 rows of 120 columns.
  child.kill('SIGUSR1');
  const large = await untilShown(heard, (picture) => linesOf(picture).length === 50);
  assert.match(large, /THR%/);
  child.stdin?.write('q');
  await restored(heard, 0);
});

scenario('top on a terminal: ^C ends it, and the terminal is as it was', own, async (s) => {
  const container = await s.running();
  const { child, heard } = onTerminal(s, ['--interval=1m']);
  await heard.until(/q quit/);
  assert.ok(pictures(heard.text).some((picture) => picture.includes(container.id.slice(0, 10))));
  child.stdin?.write('\x03');
  await restored(heard, 0);
});

for (const [name, number] of [
  ['SIGTERM', 15],
  ['SIGHUP', 1],
  ['SIGQUIT', 3],
] as const) {
  scenario(`top on a terminal: ${name} ends it, and the terminal is as it was`, own, async (s) => {
    const { child, heard } = onTerminal(s, ['--interval=1m']);
    await heard.until(/q quit/);
    process.kill(topOf(child), name);
    await restored(heard, 128 + number);
  });
}

scenario(
  'top on a terminal: stopped, it gives the terminal back, and takes it again',
  own,
  async (s) => {
    const { child, heard } = onTerminal(s, ['--interval=1m']);
    await heard.until(/q quit/);
    const top = topOf(child);
    const state = (): string =>
      /\) (\w)/.exec(readFileSync(`/proc/${top}/stat`, 'utf8'))?.[1] ?? '';
    process.kill(top, 'SIGTSTP');
    await waitFor('top to be stopped', () => state() === 'T');
    // Written before it stopped; the terminal's other end may still have it.
    await waitFor('the screen as it was', () => heard.text.includes(NORMAL));
    process.kill(top, 'SIGCONT');
    const back = heard.text.indexOf(NORMAL);
    await waitFor('another picture', () => {
      const again = heard.text.indexOf(ALTERNATE, back);
      return again > 0 && heard.text.indexOf('q quit', again) > 0;
    });
    child.stdin?.write('q');
    await heard.until(/status 0[\s\S]*over/);
    await heard.end();
  },
);

scenario(
  'top on a terminal: the last look, or an error, gives the terminal back',
  own,
  async (s) => {
    await restored(onTerminal(s, ['--interval=50ms', '--count=3']).heard, 0);
    const { heard } = onTerminal(s, ['--interval=100ms']);
    await heard.until(/q quit/);
    rmSync(s.stateRoot, { recursive: true });
    await restored(heard, 1);
    assert.match(heard.text.slice(heard.text.indexOf(NORMAL)), /no such file or directory/);
  },
);

scenario('top on a terminal with --once, and one that can do nothing: lines', own, async (s) => {
  const container = await s.running();
  for (const { heard } of [
    onTerminal(s, ['--once']),
    onTerminal(s, ['--count=1', '--interval=100ms'], 'dumb'),
  ]) {
    await heard.until(/over/);
    assert.ok(!heard.text.includes('\x1b'), heard.text);
    assert.match(heard.text, new RegExp(`Z ${container.id} running`));
    await heard.end();
  }
});
