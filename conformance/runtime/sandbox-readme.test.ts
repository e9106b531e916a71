/** The lines of the README's "In one line", each run as it stands there. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createPort } from 'node:net';
import path from 'node:path';
import { assertNothingLeft, leftOf, needsNode, scratch } from '../lib/boxes.js';
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
  const env = { ...process.env, TMPDIR: scratch(s) };
  const result = spawnSync('sh', ['-c', words(s, line)], {
    cwd: s.dir,
    env,
    input,
    encoding: 'utf8',
  });
  assertNothingLeft(s);
  return result;
}

async function freePort(): Promise<number> {
  const server = createPort().listen(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const own = { own: true, skip: needsNode || notRoot };
const network = { own: true, skip: needsNode || notRoot || noPlugins };

scenario('README, in one line: every line is tried', { own: true, skip: needsNode }, () => {
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

scenario('README, in one line: a volume', own, (s) => {
  writeFileSync(s.path('source.txt'), '');
  assert.match(run(s, lineWith('--volume')).stdout, /^source\.txt$/m);
});

scenario('README, in one line: an overlay', own, (s) => {
  mkdirSync(s.path('DIR/bin'), { recursive: true });
  spawnSync('sh', ['-c', `cp "$(command -v busybox)" ${s.path('DIR/bin/sh')}`]);
  const result = run(s, lineWith('--overlay'), 'echo gone > /bin/x; echo /bin/*\n');
  assert.equal(result.stdout, '/bin/sh /bin/x\n', result.stderr);
  assert.ok(!existsSync(s.path('DIR/bin/x')));
});

scenario('README, in one line: to a server on the side of the host', network, async (s) => {
  const server = createServer((_request, response) => response.end('from the host\n')).listen(0);
  const { port } = server.address() as AddressInfo;
  try {
    const env = { ...process.env, TMPDIR: scratch(s) };
    const child = s.spawn('sh', ['-c', words(s, lineWith('wget')).replace('8000', `${port}`)], {
      env,
    });
    let said = '';
    child.stdout?.on('data', (data) => {
      said += data;
    });
    await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(said, 'from the host\n');
  } finally {
    server.close();
  }
  assertNothingLeft(s);
});

scenario('README, in one line: a published port', network, async (s) => {
  const port = await freePort();
  const line = words(s, lineWith('--publish')).replace('8080', `${port}`);
  const child = s.spawn('sh', ['-c', line], { env: { ...process.env, TMPDIR: scratch(s) } });
  const page = await waitFor('the page', () => {
    const { status, stdout } = spawnSync(
      'curl',
      ['-s', '-m', '5', `http://127.0.0.1:${port}/passwd`],
      { encoding: 'utf8' },
    );
    return status === 0 ? stdout : undefined;
  });
  assert.match(page ?? '', /^root:x:0:0:root/);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // busybox httpd as process 1 heeds no SIGTERM: its end is that of the container.
  const [name = ''] = leftOf(s).flatMap((left) => /^record (.*)$/.exec(left)?.[1] ?? []);
  s.runtime(['kill', name, 'KILL']);
  assert.equal(await ended, 137);
  assertNothingLeft(s);
});

scenario('README, in one line: the explanation', own, (s) => {
  const result = run(s, lineWith('--explain'));
  assert.equal(result.status, 0);
  assert.match(result.stderr, /\[close_range\(2\), execve\(2\)\]/);
});
