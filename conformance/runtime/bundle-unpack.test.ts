/** `ocirt bundle unpack`: from images and archives to containers that run. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Config } from '../lib/config.js';
import { waitFor } from '../lib/host.js';
import { layout, rootfsTar } from '../lib/images.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** The standalone executable has no `bundle`; what finds Node.js has. */
const alone = path.basename(path.dirname(RUNTIME)) === 'dist';
const needsNode = alone && 'the standalone executable alone has no bundle';

function unpack(s: Sandbox, source: string, options: string[] = []): string {
  const bundle = s.path('unpacked');
  const result = s.runtime(['bundle', 'unpack', ...options, source, bundle]);
  assert.equal(result.status, 0, result.stderr);
  return bundle;
}

/** Runs it without a terminal, in the sandbox's cgroup; what it prints. */
function run(s: Sandbox, bundle: string): string {
  const config = JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8')) as Config;
  const { process } = config;
  assert.ok(process);
  writeFileSync(
    path.join(bundle, 'config.json'),
    JSON.stringify({
      ...config,
      process: { ...process, terminal: false },
      linux: { ...config.linux, cgroupsPath: s.groupPath('unpacked') },
    }),
  );
  const result = s.runtime(['run', '--bundle', bundle, 'unpacked']);
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

scenario(
  'bundle unpack: an image layout of two layers runs',
  { own: true, skip: needsNode },
  (s) => {
    const config = {
      Entrypoint: ['/bin/payload'],
      Cmd: ['cat', '/work/note'],
      User: 'app',
      WorkingDir: '/work',
    };
    const base = rootfsTar(s, 'base', { 'etc/passwd': 'app:x:12:34::/:\n', 'work/old': '' });
    const top = rootfsTar(s, 'top', { 'work/note': 'from the second layer\n', 'work/.wh.old': '' });
    const bundle = unpack(s, layout(s, [base, top], config));
    const { process } = JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8'));
    assert.deepEqual(process.user, { uid: 12, gid: 34 });
    assert.deepEqual(readdirSync(path.join(bundle, 'rootfs/work')), ['note']);
    assert.match(run(s, bundle), /from the second layer/);
  },
);

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync);
const isStatic =
  busybox !== undefined && /statically linked|not a dynamic/.test(lddOf(busybox))
    ? busybox
    : undefined;

function lddOf(file: string): string {
  const { stdout, stderr } = spawnSync('ldd', [file], { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

scenario(
  'bundle unpack: a plain tar has the config that spec writes, and runs',
  { own: true, skip: needsNode || (isStatic === undefined && 'no static busybox') },
  (s) => {
    const dir = s.path('root');
    mkdirSync(path.join(dir, 'bin'), { recursive: true });
    copyFileSync(isStatic ?? '', path.join(dir, 'bin/busybox'));
    execFileSync('ln', ['-s', 'busybox', path.join(dir, 'bin/sh')]);
    execFileSync('tar', ['-C', dir, '-czf', s.path('root.tgz'), '.']);
    const bundle = unpack(s, s.path('root.tgz'));
    const file = path.join(bundle, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual(config.process.args, ['sh']);
    config.process.args = ['sh', '-c', 'echo I run'];
    writeFileSync(file, JSON.stringify(config));
    assert.equal(run(s, bundle), 'I run\n');
  },
);

scenario('bundle unpack: a hostile archive leaves nothing', { own: true, skip: needsNode }, (s) => {
  writeFileSync(s.path('victim'), 'as it was');
  mkdirSync(s.path('in'));
  writeFileSync(s.path('in/victim'), 'changed');
  execFileSync('tar', [
    '-C',
    s.path('in'),
    '-cPf',
    s.path('bad.tar'),
    '--transform',
    's,^,../../../,',
    'victim',
  ]);
  const before = readdirSync(s.dir);
  const result = s.runtime(['bundle', 'unpack', s.path('bad.tar'), s.path('bundle')]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /archive entry .*victim.*its name has .*\.\..* in it/);
  assert.deepEqual(
    readdirSync(s.dir).filter((name) => !before.includes(name) && !/std|out|err/.test(name)),
    [],
  );
  assert.equal(readFileSync(s.path('victim'), 'utf8'), 'as it was');
});

scenario(
  'bundle unpack: the standalone executable alone says what to use',
  { own: true, skip: !alone && 'this finds Node.js' },
  (s) => {
    const result = s.runtime(['bundle', 'unpack', 'a', s.path('bundle')]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /bundle needs Node\.js.*bin\/ocirt/);
  },
);

scenario(
  'bundle unpack: a signal in the midst leaves nothing',
  { own: true, skip: needsNode },
  async (s) => {
    mkdirSync(s.path('place'));
    // A file of zeros that are none of its holes: it takes long.
    execFileSync('truncate', ['-s', '7G', s.path('big')]);
    const header = `tar -cf - --format=ustar -C ${s.dir} big 2>/dev/null | head -c 512`;
    execFileSync('sh', ['-c', `${header} >${s.path('big.tar')}`]);
    execFileSync('truncate', ['-s', `${7 * 2 ** 30 + 1536}`, s.path('big.tar')]);
    const child = spawn(RUNTIME, ['bundle', 'unpack', s.path('big.tar'), s.path('place/bundle')]);
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    await waitFor('its folder', () => readdirSync(s.path('place')).length > 0);
    child.kill('SIGTERM');
    assert.equal(await ended, 'SIGTERM');
    assert.deepEqual(readdirSync(s.path('place')), []);
  },
);

scenario(
  'bundle unpack: a signal at the moment when its folder is made leaves nothing',
  { own: true, skip: needsNode },
  (s) => {
    mkdirSync(s.path('place'));
    const inject = '--inject=mkdir,mkdirat:signal=SIGTERM:when=1';
    const command = [RUNTIME, 'bundle', 'unpack', rootfsTar(s, 'base', {}), s.path('place/bundle')];
    const trace = s.path('trace');
    const { signal } = spawnSync('strace', ['-f', '-o', trace, inject, '--', ...command]);
    assert.equal(signal, 'SIGTERM');
    assert.match(
      readFileSync(trace, 'utf8'),
      /mkdir.*\.bundle\.unpack-\w+", 0700\) = 0\n.*SIGTERM/,
    );
    assert.deepEqual(readdirSync(s.path('place')), []);
  },
);

const nobody = process.geteuid?.() !== 0 && 'needs root, to be somebody else';

scenario('bundle unpack: by an ordinary user', { own: true, skip: needsNode || nobody }, (s) => {
  execFileSync('chmod', ['0777', s.dir]);
  const source = rootfsTar(s, 'base', { 'shut/a': 'a' });
  const dir = s.path('base');
  execFileSync('chmod', ['0555', path.join(dir, 'shut')]);
  execFileSync('tar', ['-C', dir, '--format=pax', '-cf', source, '.']);
  execFileSync('chmod', ['0644', source]);
  const bundle = s.path('mine');
  const as = ['--reuid=65534', '--regid=65534', '--clear-groups', RUNTIME];
  const { status, stderr } = spawnSync('setpriv', [...as, 'bundle', 'unpack', source, bundle], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /owners are left out/);
  const { uid, mode } = statSync(path.join(bundle, 'rootfs/shut'));
  assert.deepEqual([uid, mode & 0o7777], [65534, 0o555]);
  assert.equal(readFileSync(path.join(bundle, 'rootfs/shut/a'), 'utf8'), 'a');
  const config = JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8')) as Config;
  assert.ok(config.linux?.namespaces?.some(({ type }) => type === 'user'));
});

scenario(
  'bundle unpack: what is compressed with xz is named',
  { own: true, skip: needsNode },
  (s) => {
    const source = rootfsTar(s, 'base', { a: 'a' });
    execFileSync('xz', ['--keep', source]);
    const result = s.runtime(['bundle', 'unpack', `${source}.xz`, s.path('bundle')]);
    assert.match(result.stderr, /compressed with xz, .*code=image-unsupported.*xz -d/);
    assert.ok(!existsSync(s.path('bundle')));
  },
);

scenario(
  'bundle: a folder that is not there is named, with what to do',
  { own: true, skip: needsNode },
  (s) => {
    const source = rootfsTar(s, 'base', { a: 'a' });
    for (const words of [
      ['unpack', source, s.path('none/bundle')],
      ['diff', '--output', s.path('none/layer.tar'), s.path('base'), s.path('base')],
      ['gc', s.path('none')],
    ]) {
      const { status, stderr } = s.runtime(['bundle', ...words]);
      assert.equal(status, 1);
      assert.match(stderr, /none\S*: no such file or directory" code=system-refused/);
      assert.doesNotMatch(stderr, /stack=/);
    }
  },
);
