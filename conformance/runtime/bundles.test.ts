/** The example bundles of bundles/, each as its README line says. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { IDENTITY, notRoot, ROOTLESS } from '../lib/groups.js';
import { CALL_LIMIT_MS } from '../lib/limit.js';
import { noIdMaps, notOwn, OWN, PAYLOAD, PROJECT, RUNTIME } from '../lib/runtime.js';

const BUNDLES = path.join(PROJECT, 'bundles');

/** Their configs ask for what is new in the specification. */
const example = (name: string, body: () => void, skip: string | false = false) =>
  test(`${OWN}${name}`, { skip: notOwn || skip }, body);

const notUser: string | false =
  IDENTITY === 'an ordinary user' && 'its config.json has no user namespace: it is for root';
const not1000: string | false =
  IDENTITY !== 'root' && process.getuid?.() !== 1000 && 'its config.json maps user 1000';

function run(name: string, options: { terminal?: boolean; input?: string } = {}): string {
  const command = [path.join(BUNDLES, 'run'), name];
  const [program = '', ...args] = options.terminal ? [PAYLOAD, 'pty', ...command] : command;
  const result = spawnSync(program, args, {
    env: { ...process.env, OCIRT: RUNTIME },
    input: options.input ?? '',
    encoding: 'utf8',
    timeout: CALL_LIMIT_MS,
  });
  assert.equal(result.status, 0, result.stdout + result.stderr);
  return result.stdout;
}

example(
  'hello tells who it is',
  () => {
    const said = run('hello');
    assert.match(said, /I am hello, user 0, and process 1 of:/);
    assert.match(said, /\/proc +proc/);
    assert.match(said, /\/dev\/mqueue +mqueue/);
    assert.match(said, /memory +67108864 bytes/);
    assert.match(said, /processes +32\n/);
    assert.match(said, /CPU time +50000/);
    assert.match(said, /files +1024\n/);
  },
  notUser,
);

example(
  'shell is a shell on a terminal',
  () => {
    const said = run('shell', { terminal: true, input: 'tty\nhostname\nexit\n' });
    assert.match(said, /\/dev\/(pts\/0|console)/);
    assert.match(said, /\nshell/);
  },
  notUser,
);

example(
  'limits survives with fewer processes than it wants',
  () => {
    const said = run('limits');
    assert.match(said, /can't fork|Resource temporarily unavailable/);
    assert.match(said, /survived\n$/);
  },
  notUser,
);

example(
  'seccomp refuses two system calls',
  () => {
    const said = run('seccomp');
    assert.match(said, /can't create directory '\/tmp\/new': Operation not permitted/);
    assert.match(said, /Operation not supported/);
    assert.match(said, /done\n$/);
  },
  notUser,
);

example(
  'rootless is user 1000 outside',
  () => {
    assert.equal(run('rootless'), 'inside I am 0, outside 1000\n');
  },
  not1000,
);

example(
  'network reaches itself, and has nothing else',
  () => {
    assert.equal(run('network'), '1: lo: <LOOPBACK,UP,LOWER_UP>\nroot:x:0:\n');
  },
  notUser,
);

example(
  'user is root inside, and nobody outside',
  () => {
    assert.equal(run('user'), 'inside I am 0, outside 100000\n65534 65534 /bin\nchanged\n');
  },
  ROOTLESS && 'its config.json maps ids that root alone has',
);

example(
  'read-only may write to /tmp, and no more than 16 MB',
  () => {
    assert.equal(
      run('read-only'),
      "touch: /new: Read-only file system\ndd: error writing '/tmp/big': No space left on device\n16\n",
    );
  },
  notUser,
);

example(
  'hooks finds the file that its hook has made',
  () => {
    assert.equal(run('hooks'), 'from a hook, before the start\n');
  },
  notUser,
);

example(
  'idmap sees its file as of another user',
  () => {
    assert.equal(run('idmap'), '1000 1000 /etc/note.txt\nI belong to root outside.\n');
  },
  notRoot || noIdMaps,
);

example('every bundle has a line that says what it is', () => {
  const names = readdirSync(BUNDLES, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const readme = readFileSync(path.join(BUNDLES, 'README.md'), 'utf8');
  assert.equal(names.length, 10);
  for (const { name } of names) {
    const text = readFileSync(path.join(BUNDLES, name, 'README.md'), 'utf8');
    assert.match(text, /^[^\n]{20,}\n$/, name);
    assert.ok(readme.includes(`[${name}](${name}/config.json)`), name);
  }
});
