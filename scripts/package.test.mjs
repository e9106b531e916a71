// The Debian package: builds it, unpacks it elsewhere, and runs what is in it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const project = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8'));
const work = mkdtempSync(path.join(tmpdir(), 'ocirt-package-'));
const tree = path.join(work, 'unpacked');
const doc = path.join(tree, 'usr/share/doc/ocirt');
let file = '';
after(() => rmSync(work, { recursive: true, force: true }));

const skip = !existsSync('/usr/bin/dpkg-deb')
  ? 'dpkg-deb is not installed'
  : !existsSync(path.join(project, 'dist/ocirt')) && 'dist/ocirt is not built';

function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: project, encoding: 'utf8', ...options });
  assert.equal(result.status, 0, `${program} ${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result.stdout.trim();
}

before(() => {
  if (skip) return;
  file = run('bash', ['scripts/package-deb', work]).split('\n').at(-1);
  run('dpkg-deb', ['--extract', file, tree]);
});

test('the name and the fields have the version of package.json and the architecture', {
  skip,
}, () => {
  const architecture = run('dpkg', ['--print-architecture']);
  assert.equal(path.basename(file), `ocirt_${version}_${architecture}.deb`);
  const field = (name) => run('dpkg-deb', ['--field', file, name]);
  assert.deepEqual(['Package', 'Version', 'Architecture'].map(field), [
    'ocirt',
    version,
    architecture,
  ]);
  // The executable is static. The addon is not: it is what readelf says of it that the package asks for.
  const wanted = /^libc6 \(>= (2\.\d+)\)$/.exec(field('Depends'))?.[1] ?? '';
  const addon = path.join(tree, 'usr/lib/ocirt/dist/native/ocirt.node');
  const asked = run('readelf', ['--version-info', addon]).match(/(?<=GLIBC_)2\.\d+/g) ?? [];
  const newest = asked.sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))).at(-1);
  assert.equal(wanted, newest);
  // What the verbs for people need is no matter to an engine.
  assert.match(field('Recommends'), /^nodejs \(>= 18\), busybox-static, zstd, /);
});

const EXECUTABLE = new Set([
  './usr/bin/ocirt',
  './usr/lib/ocirt/bin/ocirt-node',
  './usr/lib/ocirt/dist/native/ocirt-init',
]);

test('all of it is root’s, below /usr, and only what is to be executed can be', { skip }, () => {
  const lines = run('dpkg-deb', ['--contents', file]).split('\n');
  const found = lines.map((line) => /^(\S+) (\S+) .* (\.\/\S*)$/.exec(line)?.slice(1) ?? [line]);
  for (const [mode, owner, name] of found) {
    assert.equal(owner, 'root/root', name);
    assert.match(name, /^\.\/($|usr\/)/);
    const wanted = name.endsWith('/') ? 'drwxr-xr-x' : undefined;
    assert.equal(mode, wanted ?? (EXECUTABLE.has(name) ? '-rwxr-xr-x' : '-rw-r--r--'), name);
  }
});

test('the checksums are those of the files', { skip }, () => {
  const sums = run('dpkg-deb', ['--info', file, 'md5sums']);
  run('md5sum', ['--check', '--quiet', '--strict'], { cwd: tree, input: `${sums}\n` });
  assert.equal(sums.split('\n').length, run('find', [tree, '-type', 'f']).split('\n').length);
});

test('the documents are there, with the licences of what is linked in', { skip }, () => {
  const copyright = readFileSync(path.join(doc, 'copyright'), 'utf8');
  assert.match(copyright, /Permission is hereby granted/);
  assert.doesNotMatch(copyright, /@\w+@/);
  const changes = gunzipSync(new Uint8Array(readFileSync(path.join(doc, 'changelog.gz'))));
  assert.equal(changes.toString(), readFileSync(path.join(project, 'CHANGELOG.md'), 'utf8'));
  const debian = gunzipSync(new Uint8Array(readFileSync(path.join(doc, 'changelog.Debian.gz'))));
  assert.match(debian.toString(), new RegExp(`^ocirt \\(${version}\\) `));
  assert.ok(statSync(path.join(doc, 'README.md')).size > 0);
});

test('there are manual pages of all verbs, and completions of three shells', { skip }, async () => {
  const { VERBS } = await import('../dist/cli/verbs.js');
  const share = path.join(tree, 'usr/share');
  const pages = readdirSync(path.join(share, 'man/man8')).sort();
  const wanted = ['ocirt.8.gz', ...VERBS.map(({ name }) => `ocirt-${name}.8.gz`)];
  assert.deepEqual(pages, wanted.sort());
  const page = gunzipSync(
    new Uint8Array(readFileSync(path.join(share, 'man/man8/ocirt-run.8.gz'))),
  );
  assert.match(page.toString(), /^\.TH OCIRT-RUN 8/m);
  for (const [file, words] of [
    ['bash-completion/completions/ocirt', /^complete -F _ocirt ocirt$/m],
    ['zsh/vendor-completions/_ocirt', /^#compdef ocirt\n/],
    ['fish/vendor_completions.d/ocirt.fish', /^complete -c ocirt /m],
  ]) {
    assert.match(readFileSync(path.join(share, file), 'utf8'), words);
  }
});

test('the bill of materials has what is linked in, in its version', { skip }, () => {
  const bom = JSON.parse(readFileSync(path.join(doc, 'ocirt.cdx.json'), 'utf8'));
  assert.deepEqual([bom.bomFormat, bom.specVersion], ['CycloneDX', '1.5']);
  const { component } = bom.metadata;
  assert.deepEqual([component.name, component.version], ['ocirt', version]);
  const sum = run('sha256sum', [path.join(tree, 'usr/bin/ocirt')]).split(' ')[0];
  assert.deepEqual(component.hashes, [{ alg: 'SHA-256', content: sum }]);
  const found = new Map(bom.components.map((one) => [one.name, one]));
  const lock = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
  assert.equal(found.get('commander').version, lock.packages['node_modules/commander'].version);
  assert.match(found.get('commander').hashes[0].content, /^[0-9a-f]{128}$/);
  // Beside the executable.
  for (const name of readdirSync(path.join(tree, 'usr/lib/ocirt/node_modules'))) {
    assert.equal(found.get(name).version, lock.packages[`node_modules/${name}`].version);
    assert.ok(existsSync(path.join(tree, 'usr/lib/ocirt/node_modules', name, 'LICENSE')), name);
  }
  assert.ok(found.has('tar-stream'));
  const quickjs = path.basename(run('bash', ['scripts/fetch-quickjs']));
  assert.equal(found.get('quickjs').version, quickjs);
  for (const name of ['libc6-dev', 'libseccomp-dev']) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own
    const installed = run('dpkg-query', ['--show', '--showformat=${Version}', name]);
    assert.equal(found.get(name).version, installed);
  }
  assert.ok([...found.keys()].some((name) => name.startsWith('libstdc++')));
  // What the tools of development bring along is not in it.
  assert.ok(!found.has('typescript') && !found.has('ajv'));
  for (const { licenses, purl } of bom.components) {
    assert.ok(licenses.length === 1 && purl.startsWith('pkg:'));
  }
  const refs = bom.components.map((one) => one['bom-ref']);
  assert.equal(new Set(refs).size, refs.length);
  assert.deepEqual(bom.dependencies[0].dependsOn, refs);
});

test('every example names the executable where the package puts it', { skip }, () => {
  const examples = readdirSync(path.join(doc, 'examples')).filter((name) => name !== 'README');
  assert.deepEqual(examples, ['containerd.toml', 'containers.conf', 'crio.conf', 'daemon.json']);
  for (const name of examples) {
    assert.match(readFileSync(path.join(doc, 'examples', name), 'utf8'), /"\/usr\/bin\/ocirt"/);
  }
  JSON.parse(readFileSync(path.join(doc, 'examples/daemon.json'), 'utf8'));
});

test('the executable works where it was unpacked, without an environment', { skip }, () => {
  const ocirt = path.join(tree, 'usr/bin/ocirt');
  assert.match(run(ocirt, ['--version'], { env: {}, cwd: '/' }), new RegExp(`version ${version}`));
  assert.match(run(ocirt, ['features'], { env: {}, cwd: '/' }), /"ociVersionMax"/);
});

const noContainer = skip || (process.getuid() !== 0 && 'needs root');
test('the executable runs a container', { skip: noContainer }, () => {
  const env = { ...process.env, OCIRT: path.join(tree, 'usr/bin/ocirt') };
  assert.match(run('bundles/run', ['hello'], { env }), /\S/);
});

test('no tests, types or tools of development are in it', { skip }, () => {
  const files = run('find', [path.join(tree, 'usr/lib/ocirt'), '-type', 'f']).split('\n');
  assert.deepEqual(
    files.filter((file) => /\.test\.|\.d\.ts$|\/testing\/|typescript|\/ajv\//.test(file)),
    [],
  );
});

/** The one that sandboxes are made of by default. */
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file));
const noSandbox = noContainer || (busybox === undefined && 'no busybox');

test('sandbox and bundle: the executable becomes the Node.js host', { skip: noSandbox }, () => {
  const ocirt = path.join(tree, 'usr/bin/ocirt');
  const state = path.join(work, 'state');
  const env = { PATH: process.env.PATH, TMPDIR: work };
  const call = (...words) => run(ocirt, ['--root', state, ...words], { env, cwd: work });
  const script = 'echo "$1|$2|$3"; hostname';
  const said = call(
    ...['sandbox', '--quiet', '--hostname', 'of-the-package', '--'],
    ...['sh', '-c', script, 'sh', 'a b', '', 'ü\n'],
  );
  assert.equal(said, 'a b||ü\n\nof-the-package');
  const failed = spawnSync(ocirt, ['sandbox', '--quiet', '--', 'sh', '-c', 'exit 7'], { env });
  assert.equal(failed.status, 7);

  mkdirSync(path.join(work, 'root/etc'), { recursive: true });
  writeFileSync(path.join(work, 'root/etc/word'), 'packed\n');
  run('tar', ['-C', path.join(work, 'root'), '-czf', path.join(work, 'root.tgz'), '.']);
  call('bundle', 'unpack', 'root.tgz', 'bundle');
  assert.equal(readFileSync(path.join(work, 'bundle/rootfs/etc/word'), 'utf8'), 'packed\n');
  call('bundle', 'generate', 'generated', '--', 'true');
  assert.equal(call('run', '--bundle', 'generated', `package-${process.pid}`), '');
});

test('where there is no Node.js it says what to install', { skip: noSandbox }, () => {
  const bare = path.join(work, 'bare');
  run('cp', ['-a', tree, bare]);
  mkdirSync(path.join(bare, 'bin'));
  run('cp', ['-L', busybox, path.join(bare, 'bin/busybox')]);
  symlinkSync('busybox', path.join(bare, 'bin/sh'));
  const ocirt = path.join(tree, 'usr/bin/ocirt');
  const env = { PATH: process.env.PATH, TMPDIR: work };
  const inside = (...words) =>
    spawnSync(ocirt, ['sandbox', '--quiet', '--rootfs', bare, '--', '/usr/bin/ocirt', ...words], {
      env,
      encoding: 'utf8',
    });
  assert.match(inside('features').stdout, /"ociVersionMax"/);
  for (const words of [['sandbox'], ['bundle', 'gc']]) {
    const { status, stderr } = inside(...words);
    assert.equal(status, 127, stderr);
    assert.match(
      stderr,
      /needs Node\.js, and there is none: install it \(Debian: apt-get install nodejs\)/,
    );
  }
  // Without what it can become.
  rmSync(path.join(bare, 'usr/lib'), { recursive: true });
  assert.match(inside('sandbox').stderr, /needs-node|this is the standalone executable/);
});
