/** The lines of the README's "In one line", each run as it stands there. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertNothingLeft, leftOf, noSandbox, scratch } from '../lib/boxes.js';
import { notRoot } from '../lib/groups.js';
import { waitFor } from '../lib/host.js';
import { PROJECT, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const text = readFileSync(path.join(PROJECT, 'README.md'), 'utf8');
const [, section = ''] = /\n## In one line\n([\s\S]*?)\n## /.exec(text) ?? [];
const LINES = [...section.matchAll(/^ {4}(npx ocirt .*)$/gm)].map(([, line = '']) => line);

const noPlugins =
  !(existsSync('/usr/lib/cni/bridge') && existsSync('/usr/sbin/iptables')) &&
  'there are no CNI plugins, or no iptables';

const lineWith = (word: string): string => {
  const found = LINES.filter((line) => line.includes(word));
  assert.equal(found.length, 1, `${word}: ${found}`);
  return found[0] ?? '';
};

/** The line with this runtime, in a shell. */
const words = (s: Sandbox, line: string): string =>
  `exec ${line.replace('npx ocirt', `${path.resolve(RUNTIME)} --root ${s.stateRoot}`)}`;

function run(s: Sandbox, line: string, input = '') {
  const result = spawnSync('sh', ['-c', words(s, line)], {
    cwd: s.dir,
    env: environment(s),
    input,
    encoding: 'utf8',
  });
  assertNothingLeft(s);
  return result;
}

const environment = (s: Sandbox) => ({ ...process.env, TMPDIR: scratch(s) });

const firstOutput = async (child: ChildProcess) => {
  if (child.stdout !== null) await once(child.stdout, 'data');
};

/** A network that stands for the host's: forwarding and rules that a bridge leaves there end with it. */
async function withHost(use: (pid: number) => Promise<void>): Promise<void> {
  const host = spawn('unshare', ['--net', 'sh', '-ec', HOST], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await firstOutput(host);
    await use(host.pid ?? 0);
  } finally {
    const ended = once(host, 'exit');
    host.stdin?.end();
    await ended;
  }
}

const HOST = `
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
ip link add out type veth peer name far
ip address add 192.0.2.1/24 dev out
ip link set far up
ip link set out up
echo ready
read -r _ || true
`;

const inside = (host: number, ...command: readonly string[]): [string, string[]] => [
  'nsenter',
  [`--net=/proc/${host}/ns/net`, ...command],
];

const own = { own: true, skip: noSandbox || notRoot };
const network = { own: true, skip: noSandbox || notRoot || noPlugins };

scenario('README, in one line: every line is tried', { own: true, skip: noSandbox }, () => {
  const tried = [
    'sandbox -- sh',
    '--memory',
    '--volume',
    '--overlay',
    'wget',
    '--publish',
    '--explain',
  ];
  assert.equal(LINES.length, tried.length);
  for (const word of tried) lineWith(word);
});

scenario('README, in one line: a shell', own, (s) => {
  const result = run(s, lineWith('sandbox -- sh'), 'id -u; exit 4\n');
  assert.deepEqual([result.stdout, result.status], ['0\n', 4]);
});

scenario('README, in one line: limits', own, (s) => {
  const result = run(s, lineWith('--memory'), 'x=$(head -c 100m /dev/zero | tr "\\0" a)\n');
  assert.match(result.stderr, /of 64\.0 MiB; out of memory/);
});

scenario('README, in one line: a volume', { ...own, needs: ['mount_setattr'] }, (s) => {
  writeFileSync(s.path('source.txt'), '');
  const { stdout, stderr } = run(s, lineWith('--volume'));
  assert.match(stdout, /^source\.txt$/m, stderr);
});

scenario('README, in one line: an overlay', own, (s) => {
  mkdirSync(s.path('DIR/bin'), { recursive: true });
  spawnSync('sh', ['-c', `cp "$(command -v busybox)" ${s.path('DIR/bin/sh')}`]);
  const result = run(s, lineWith('--overlay'), 'echo gone > /bin/x; echo /bin/*\n');
  assert.equal(result.stdout, '/bin/sh /bin/x\n', result.stderr);
  assert.ok(!existsSync(s.path('DIR/bin/x')));
});

scenario('README, in one line: to a server on the side of the host', network, async (s) => {
  await withHost(async (host) => {
    const serve =
      "require('http').createServer((_, answer) => answer.end('from the host\\n'))" +
      ".listen(8000, () => console.log('ready'))";
    const server = s.spawn(...inside(host, process.execPath, '-e', serve), {});
    await firstOutput(server);
    const [file, args] = inside(host, 'sh', '-c', words(s, lineWith('wget')));
    const { stdout, stderr } = spawnSync(file, args, { env: environment(s), encoding: 'utf8' });
    assert.equal(stdout, 'from the host\n', stderr);
    server.kill('SIGKILL');
    await once(server, 'exit');
  });
  assertNothingLeft(s);
});

scenario('README, in one line: a published port', network, async (s) => {
  await withHost(async (host) => {
    const child = s.spawn(...inside(host, 'sh', '-c', words(s, lineWith('--publish'))), {
      env: environment(s),
    });
    const page = await waitFor('the page', () => {
      const [file, args] = inside(host, 'curl', '-s', '-m', '5', 'http://127.0.0.1:8080/passwd');
      const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
      return status === 0 ? stdout : undefined;
    });
    assert.match(page ?? '', /^root:x:0:0:root/);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // busybox httpd as process 1 heeds no SIGTERM: its end is that of the container.
    const [name = ''] = leftOf(s).flatMap((left) => /^record (.*)$/.exec(left)?.[1] ?? []);
    s.runtime(['kill', name, 'KILL']);
    assert.equal(await ended, 137);
  });
  assertNothingLeft(s);
});

scenario('README, in one line: the explanation', own, (s) => {
  const result = run(s, lineWith('--explain'));
  assert.equal(result.status, 0);
  assert.match(result.stderr, /\[close_range\(2\), execve\(2\)\]/);
});
