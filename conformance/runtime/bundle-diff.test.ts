/** `bundle diff`, `bundle gc`, and the line of progress. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';
import { fill, must, needs, needsNode, treeOf } from '../lib/trees.js';

function bundleCall(s: Sandbox, ...args: string[]): string {
  const result = s.runtime(['bundle', ...args]);
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

/** A tar of what is hard to unpack, and a bundle of it. */
function unpacked(s: Sandbox): { tar: string; bundle: string } {
  mkdirSync(s.path('tree'));
  fill(s.path('tree'), 1);
  const tar = s.path('base.tar');
  const all = ['--xattrs', '--xattrs-include=*', '--format=pax', '--numeric-owner'];
  must('tar', ['-C', s.path('tree'), ...all, '-cf', tar, '.']);
  bundleCall(s, 'unpack', tar, s.path('bundle'));
  return { tar, bundle: s.path('bundle') };
}

const tools = needs('umoci', 'buildah', 'skopeo', 'setfattr', 'setcap', 'python3');

scenario(
  'bundle diff: as a layer on a fresh image it gives the changed tree, by ocirt, umoci and buildah',
  { own: true, skip: tools },
  (s) => {
    const { tar, bundle } = unpacked(s);
    const rootfs = path.join(bundle, 'rootfs');
    fill(rootfs, 2);
    fill(rootfs, 3);
    // The same bytes as a file of its own, where there was a hard link.
    cpSync(path.join(rootfs, 'set/uid'), s.path('copy'));
    renameSync(s.path('copy'), path.join(rootfs, 'set/uid'));
    const expected = treeOf(rootfs);
    bundleCall(s, 'diff', '--output', s.path('layer.tar'), bundle);
    assert.deepEqual(treeOf(rootfs), expected, 'the tree itself is as before');

    const image = `${s.path('layout')}:v1`;
    must('umoci', ['init', '--layout', s.path('layout')]);
    must('umoci', ['new', '--image', image]);
    for (const layer of [tar, s.path('layer.tar')]) {
      must('umoci', ['raw', 'add-layer', '--image', image, layer]);
    }
    bundleCall(s, 'unpack', s.path('layout'), s.path('ours'));
    assert.deepEqual(treeOf(s.path('ours/rootfs')), expected);
    must('umoci', ['unpack', '--image', image, s.path('theirs')]);
    assert.deepEqual(treeOf(s.path('theirs/rootfs')), expected);
    const store = ['--root', s.path('store'), '--runroot', s.path('run')];
    const buildah = (...args: string[]) =>
      must('buildah', [...store, '--storage-driver=vfs', '--log-level=error', ...args]).trim();
    const storage = `containers-storage:[vfs@${s.path('store')}+${s.path('run')}]localhost/x:v1`;
    must('skopeo', ['--insecure-policy', 'copy', '--quiet', `oci:${image}`, storage]);
    const mounted = buildah('mount', buildah('from', '--pull-never', 'localhost/x:v1'));
    // Its plain folders copy a layer to the next without trusted.*, and links to links as several; and a
    // folder keeps attributes that the next layer no longer gives it.
    const brief = (lines: readonly string[]) =>
      lines.map((line) => JSON.stringify({ ...JSON.parse(line), xattrs: 0, links: 0, same: 0 }));
    // The root has the time of the mount.
    assert.deepEqual(brief(treeOf(mounted)).slice(1), brief(expected).slice(1));
  },
);

scenario('bundle diff: nothing changed, nothing in the layer', { own: true, skip: tools }, (s) => {
  const { bundle } = unpacked(s);
  const layer = bundleCall(s, 'diff', bundle);
  assert.deepEqual([layer.length, /^\0*$/.test(layer)], [1024, true]);
  // A copy has other numbers of files, and other times of the last change of any kind.
  must('cp', ['-a', bundle, s.path('copy')]);
  assert.equal(bundleCall(s, 'diff', s.path('copy')).length, 1024);
  assert.equal(bundleCall(s, 'diff', bundle, s.path('copy')).length, 1024);
});

function names(s: Sandbox, ...args: string[]): string[] {
  bundleCall(s, 'diff', '--output', s.path('out.tar'), ...args);
  return must('tar', ['-tf', s.path('out.tar')])
    .trimEnd()
    .split('\n');
}

scenario(
  'bundle diff: bytes that changed under the same time; from one folder to another; both ways',
  { own: true, skip: needsNode },
  (s) => {
    mkdirSync(s.path('a/d'), { recursive: true });
    for (const [name, text] of Object.entries({ same: '1', bytes: '1', 'd/gone': '1' })) {
      writeFileSync(s.path(`a/${name}`), text);
    }
    must('touch', ['-d', '@1000', s.path('a/bytes'), s.path('a/d')]);
    must('cp', ['-a', s.path('a'), s.path('b')]);
    writeFileSync(s.path('b/bytes'), '2');
    must('rm', [s.path('b/d/gone')]);
    must('touch', ['-d', '@1000', s.path('b/bytes'), s.path('b/d')]);
    assert.deepEqual(names(s, s.path('a'), s.path('b')), ['d/.wh.gone', 'bytes'].sort());
    assert.deepEqual(names(s, s.path('b'), s.path('a')), ['bytes', 'd/gone']);
  },
);

scenario('bundle diff: what it refuses', { own: true, skip: needsNode }, (s) => {
  const refused = (why: RegExp, ...args: string[]) => {
    const result = s.runtime(['bundle', 'diff', ...args]);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, why);
  };
  mkdirSync(s.path('a'));
  mkdirSync(s.path('b'));
  refused(/rootfs\.mtree: not there/, s.path('a'));
  writeFileSync(s.path('a/rootfs.mtree'), './x type=door\n');
  refused(/a line that can't be read/, s.path('a'));
  refused(/--tag is not for bundle diff/, '--tag', 'x', s.path('a'));
  refused(/diff takes a bundle, or a lower and an upper one/, 'a', 'b', 'c');
  writeFileSync(s.path('b/.wh.x'), '');
  refused(/would take another file away/, s.path('a'), s.path('b'));
  refused(
    /would take another file away/,
    '--output',
    s.path('layer.tar'),
    s.path('a'),
    s.path('b'),
  );
  // A file that is not whole has no name.
  assert.deepEqual(
    readdirSync(s.dir).filter((name) => name.includes('layer')),
    [],
  );
  mkdirSync(s.path('place'));
  writeFileSync(Buffer.from([...Buffer.from(s.path('a/')), 0xff]) as never, '');
  refused(/ÿ.*: a name that is not UTF-8/, s.path('b'), s.path('a'));
  const call = `${RUNTIME} bundle diff ${s.path('place')} ${s.path('place')}`;
  const { stdout } = spawnSync('script', ['-qec', call, '/dev/null'], { encoding: 'utf8' });
  assert.match(stdout, /a layer is not for a terminal/);
});

const nobody = process.geteuid?.() !== 0 && 'needs root, to be somebody else';

scenario(
  "bundle diff: the files of an ordinary user are root's",
  { own: true, skip: needsNode || nobody },
  (s) => {
    mkdirSync(s.path('a'));
    mkdirSync(s.path('b'));
    writeFileSync(s.path('b/mine'), '');
    for (const name of ['', 'a', 'b', 'b/mine']) chmodSync(s.path(name), 0o755);
    must('chown', ['65534:65534', s.path('b/mine')]);
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', RUNTIME];
    const tar = execFileSync('setpriv', [...as, 'bundle', 'diff', s.path('a'), s.path('b')]);
    const listed = spawnSync('tar', ['--numeric-owner', '-tvf', '-'], { input: tar as never });
    assert.match(String(listed.stdout), / 0\/0 .* mine$/m);
  },
);

/** An archive with one file of holes that are none to it: it takes long to unpack. */
function longTar(s: Sandbox): string {
  execFileSync('truncate', ['-s', '7G', s.path('big')]);
  const head = must('sh', [
    '-c',
    `tar -cf - --format=ustar -C ${s.dir} big 2>/dev/null | head -c 512 | base64`,
  ]);
  writeFileSync(s.path('big.tar'), new Uint8Array(Buffer.from(head, 'base64')));
  execFileSync('truncate', ['-s', `${7 * 2 ** 30 + 1536}`, s.path('big.tar')]);
  return s.path('big.tar');
}

scenario('bundle gc: what a killed unpack left', { own: true, skip: needsNode }, async (s) => {
  mkdirSync(s.path('place'));
  const child = spawn(RUNTIME, ['bundle', 'unpack', longTar(s), s.path('place/bundle')]);
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const left = await waitFor('its folder', () =>
    readdirSync(s.path('place')).find((name) =>
      existsSync(s.path('place', name, 'bundle/rootfs/big')),
    ),
  );
  // It is at work: nothing is taken from under it.
  assert.equal(bundleCall(s, 'gc', s.path('place')), '');
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  const path = s.path('place', String(left));
  assert.equal(bundleCall(s, 'gc', '--dry-run', s.path('place')), `${path}\n`);
  assert.ok(statSync(path).isDirectory());
  assert.equal(bundleCall(s, 'gc', s.path('place')), `${path}\n`);
  assert.deepEqual(readdirSync(s.path('place')), []);
});

scenario(
  'bundle unpack: progress on a terminal only, and not with --quiet',
  { own: true, skip: needsNode },
  (s) => {
    mkdirSync(s.path('tree'));
    writeFileSync(s.path('tree/file'), 'x'.repeat(100_000));
    must('tar', ['-C', s.path('tree'), '-cf', s.path('a.tar'), '.']);
    const at = (...args: string[]) => {
      const call = [RUNTIME, 'bundle', 'unpack', ...args].join(' ');
      const done = spawnSync('script', ['-qec', call, '/dev/null'], { encoding: 'utf8' });
      assert.equal(done.status, 0, done.stdout);
      return done.stdout;
    };
    const shown = at(s.path('a.tar'), s.path('one'));
    assert.match(shown, /layer 1 of 1 \[\.+\] {3}0% /);
    // In the end the line is empty again.
    assert.ok(shown.endsWith('\r\x1b[K'), JSON.stringify(shown));
    assert.equal(at('--quiet', s.path('a.tar'), s.path('two')), '');
    const piped = s.runtime(['bundle', 'unpack', s.path('a.tar'), s.path('three')]);
    assert.deepEqual([piped.stdout, piped.stderr], ['', '']);
    assert.match(
      readFileSync(s.path('three/rootfs.mtree'), 'utf8'),
      /^\.\/file type=file .* size=100000 /m,
    );
  },
);
