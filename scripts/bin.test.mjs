// bin/ocirt and bin/ocirt-node: which host they start, from wherever and however they are called.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const top = mkdtempSync(path.join(tmpdir(), 'ocirt-bin-'));
after(() => rmSync(top, { recursive: true, force: true }));

function program(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

/** A tree with our bin/ and hosts that say who they are. */
function tree(name, { standalone }) {
  const dir = path.join(top, name);
  cpSync(path.join(project, 'bin'), path.join(dir, 'bin'), { recursive: true });
  program(path.join(dir, 'node'), '#!/bin/sh\necho "node: $*"\n');
  mkdirSync(path.join(dir, 'dist'));
  writeFileSync(path.join(dir, 'dist/node-path'), `${dir}/node\n`);
  if (standalone) program(path.join(dir, 'dist/ocirt'), '#!/bin/sh\necho "standalone: $*"\n');
  return dir;
}

const call = (file, args, options = {}) =>
  execFileSync(file, args, { env: {}, encoding: 'utf8', ...options }).trim();

const both = tree('both', { standalone: true });
const nodeOnly = tree('node-only', { standalone: false });

test('bin/ocirt is the standalone executable where it is built, with the arguments as they are', () => {
  assert.equal(call(path.join(both, 'bin/ocirt'), ['kill', 'a b', '9']), 'standalone: kill a b 9');
});

test('bin/ocirt takes Node.js for bundle, which the standalone executable has not', () => {
  const said = (...args) => call(path.join(both, 'bin/ocirt'), args);
  assert.match(said('bundle', 'unpack', 'a', 'b c'), /^node: .* bundle unpack a b c$/);
  assert.match(said('--debug', '--root', '/r', 'bundle', 'unpack'), /^node: /);
  assert.match(said('--root=/r', 'bundle'), /^node: /);
  assert.equal(said('run', 'bundle'), 'standalone: run bundle');
  assert.equal(
    said('--root', '/r', 'run', '-b', 'bundle', 'x'),
    'standalone: --root /r run -b bundle x',
  );
});

test('bin/ocirt is the Node.js host where nothing else is built', () => {
  const said = call(path.join(nodeOnly, 'bin/ocirt'), ['list']);
  assert.match(said, /^node: .*dist\/cli\/entry\.js --host-nofile-soft=\S+ --host-fds=0 list$/);
});

test('bin/ocirt-node is the Node.js host, whatever is built', () => {
  assert.match(call(path.join(both, 'bin/ocirt-node'), ['list']), /^node: .* list$/);
});

test('through links of links, relative and absolute, from another directory', () => {
  for (const name of ['ocirt', 'ocirt-node']) {
    const direct = call(path.join(both, 'bin', name), ['list']).split(' ')[0];
    symlinkSync(path.join('both/bin', name), path.join(top, `${name}-relative`));
    symlinkSync(path.join(top, `${name}-relative`), path.join(top, `${name}-absolute`));
    const linked = call(path.join(top, `${name}-absolute`), ['list'], { cwd: '/' });
    assert.equal(linked.split(' ')[0], direct);
    assert.equal(call(`./${name}-relative`, ['list'], { cwd: top }).split(' ')[0], direct);
  }
});

test('by name from PATH', () => {
  const env = { PATH: `${path.join(both, 'bin')}:/usr/bin:/bin` };
  assert.equal(call('/bin/sh', ['-c', 'ocirt list'], { env, cwd: '/' }), 'standalone: list');
});
