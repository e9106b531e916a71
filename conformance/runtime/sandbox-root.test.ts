/** `ocirt sandbox --rootfs` and `--overlay`, `--rootless`, and `ocirt bundle generate`. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { assertNothingLeft, box, noSandbox, shell } from '../lib/boxes.js';
import { notRoot } from '../lib/groups.js';
import { layout, rootfsTar } from '../lib/images.js';
import { PAYLOAD, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const own = { own: true, skip: noSandbox };
const root = { own: true, skip: noSandbox || notRoot };

/** A root of busybox, in a folder. */
function folder(s: Sandbox, name = 'folder'): string {
  const dir = s.path(name);
  for (const part of ['bin', 'etc', 'home/old'])
    mkdirSync(path.join(dir, part), { recursive: true });
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  copyFileSync(busybox, path.join(dir, 'bin/busybox'));
  for (const program of ['sh', 'ls', 'cat', 'rm', 'mkdir', 'rmdir', 'touch', 'id', 'mv', 'chmod']) {
    execFileSync('ln', ['-s', 'busybox', path.join(dir, 'bin', program)]);
  }
  writeFileSync(
    path.join(dir, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\ngrace:x:7:8::/home:/bin/sh\n',
  );
  writeFileSync(path.join(dir, 'home/old/file'), 'as it was\n');
  return dir;
}

/** Every entry below a folder: kind, mode, owner, times, links, and what files hold. */
function manifest(dir: string): string {
  const list = execFileSync('find', [dir, '-printf', '%p %y %m %U %G %s %T@ %C@ %l\n'], {
    encoding: 'utf8',
  });
  const sums = execFileSync('sh', ['-c', 'find "$1" -type f -exec sha256sum {} +', 'sh', dir], {
    encoding: 'utf8',
  });
  return `${list.split('\n').sort().join('\n')}${sums.split('\n').sort().join('\n')}`;
}

const CHANGES =
  'rm /etc/passwd; rm -r /home/old; mkdir /home/old; echo x > /home/old/new; mv /bin/touch /bin/t; chmod 700 /etc; ls /home/old';

scenario('sandbox: a folder is the root as it is, and keeps what is written', root, (s) => {
  const dir = folder(s);
  shell(s, ['--rootfs', dir], 'echo kept > /etc/note');
  assert.equal(readFileSync(path.join(dir, 'etc/note'), 'utf8'), 'kept\n');
  assertNothingLeft(s);
});

scenario('sandbox: an overlay leaves the root untouched to the letter', own, (s) => {
  const dir = folder(s);
  const before = manifest(dir);
  assert.equal(shell(s, ['--rootfs', dir, '--overlay'], CHANGES), 'new\n');
  assert.equal(manifest(dir), before);
  assert.equal(shell(s, ['--rootfs', dir, '--overlay'], 'cat /home/old/file'), 'as it was\n');
  assert.equal(manifest(dir), before);
  assertNothingLeft(s);
});

scenario('sandbox: an overlay on the root of the host', root, (s) => {
  const file = `/${path.basename(s.dir)}`;
  const said = shell(s, ['--rootfs', '/', '--overlay'], `echo inside > ${file}; cat ${file}`);
  assert.equal(said, 'inside\n');
  assert.ok(!existsSync(file));
});

scenario('sandbox: what an overlay keeps is there the next time', own, (s) => {
  const dir = folder(s);
  const before = manifest(dir);
  const keep = ['--rootfs', dir, '--overlay-keep', s.path('kept,1:2')];
  shell(s, keep, 'echo one > /note');
  assert.equal(shell(s, keep, 'echo two >> /note; cat /note'), 'one\ntwo\n');
  assert.equal(manifest(dir), before);
  assert.ok(existsSync(s.path('kept,1:2/upper/note')));
});

scenario('sandbox: a tar, and an image with its own words', own, (s) => {
  const tar = rootfsTar(s, 'tar', { 'work/note': 'in the tar\n' });
  const plain = box(s, ['--quiet', '--rootfs', tar], ['/bin/payload', 'cat', '/work/note']);
  assert.equal(JSON.parse(plain.stdout), 'in the tar\n', plain.stderr);
  const image = layout(s, [tar], {
    Entrypoint: ['/bin/payload'],
    Cmd: ['cat', 'note'],
    WorkingDir: '/work',
  });
  for (const source of [image, `oci:${image}`]) {
    const result = box(s, ['--quiet', '--rootfs', source], []);
    assert.equal(JSON.parse(result.stdout), 'in the tar\n', result.stderr);
  }
  const other = box(s, ['--quiet', '--rootfs', image], ['/bin/payload', 'cat', '/work/note']);
  assert.equal(JSON.parse(other.stdout), 'in the tar\n', other.stderr);
  assertNothingLeft(s);
});

scenario('sandbox: --user by the names of the root', root, (s) => {
  const dir = folder(s);
  assert.match(
    shell(s, ['--rootfs', dir, '--overlay', '--user', 'grace'], 'id'),
    /^uid=7\(grace\) gid=8/,
  );
});

scenario('sandbox: --rootless as root: its users are nobody on the host', root, (s) => {
  const script =
    'cat /proc/self/uid_map; mkdir /d && rmdir /home && mkdir /home && touch /home/x && ls /home; id -u';
  for (const options of [['--rootless'], ['--rootless', '--overlay']]) {
    const [map = '', ...rest] = shell(s, options, script).trim().split('\n');
    assert.deepEqual(map.trim().split(/\s+/), ['0', '1610612736', '65536']);
    assert.deepEqual(rest, ['x', '0']);
  }
  const refused = box(s, ['--rootless', '--rootfs', folder(s)], ['true']);
  assert.match(refused.stderr, /rootfs-unmapped/);
  assertNothingLeft(s);
});

scenario('sandbox: an ordinary user has a user namespace without asking', root, (s) => {
  const dir = s.path('user');
  for (const part of ['state', 'tmp']) mkdirSync(path.join(dir, part), { recursive: true });
  execFileSync('chown', ['-R', '4711:4711', dir]);
  chmodSync(s.dir, 0o755);
  const call = (...words: string[]): string =>
    execFileSync(
      'setpriv',
      [
        '--reuid=4711',
        '--regid=4711',
        '--clear-groups',
        '--inh-caps=-all',
        RUNTIME,
        '--root',
        `${dir}/state`,
        'sandbox',
        '--quiet',
        ...words,
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH, TMPDIR: `${dir}/tmp` } },
    );
  assert.match(
    call('--', 'sh', '-c', 'id -u; cat /proc/self/uid_map; ls /sys/class/net'),
    /^0\n +0 +4711 +1\nlo\n$/,
  );
  const low = folder(s);
  const before = manifest(low);
  assert.equal(
    call(
      '--rootfs',
      low,
      '--overlay',
      '--',
      'sh',
      '-c',
      'echo mine > /new; cat /new; id -u',
    ).trim(),
    'mine\n0',
  );
  assert.equal(manifest(low), before);
  assert.deepEqual(readdirSync(`${dir}/tmp`), []);
  assert.deepEqual(readdirSync(`${dir}/state/@sandbox`), ['lock']);
});

scenario('bundle generate: the bundle that sandbox would run', own, (s) => {
  const dir = folder(s);
  const bundle = s.path('made');
  const made = s.runtime([
    'bundle',
    'generate',
    '--overlay',
    '--hostname',
    'gen',
    '--env',
    'A=b',
    dir,
    bundle,
    '--',
    'sh',
    '-c',
    'cat /proc/sys/kernel/hostname; echo $A; echo > /x',
  ]);
  assert.equal(made.status, 0, made.stderr);
  const file = path.join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(config.root.path, 'overlay/merged');
  assert.equal(config.mounts[0].options[0], `lowerdir=${dir}`);
  writeFileSync(
    file,
    JSON.stringify({ ...config, linux: { ...config.linux, cgroupsPath: s.groupPath('made') } }),
  );
  const before = manifest(dir);
  const result = s.runtime(['run', '--bundle', bundle, 'made']);
  assert.equal(result.stdout, 'gen\nb\n', result.stderr);
  assert.equal(manifest(dir), before);
  assert.ok(existsSync(path.join(bundle, 'overlay/upper/x')));
  assert.match(s.runtime(['bundle', 'generate', bundle]).stderr, /bundle-exists/);
});

scenario(
  'bundle generate: what config.json cannot say is refused, and nothing is made',
  own,
  (s) => {
    for (const [words, said] of [
      [['--network', 'pasta'], /network-invalid|network-program-missing/],
      [['--tag', 'x'], /--tag is not for bundle generate/],
      [['--rootfs', '/', '/'], /two sources/],
      [['--volume', '/no/such:/x'], /volume-missing/],
    ] as const) {
      const result = s.runtime(['bundle', 'generate', ...words, s.path('none')]);
      assert.equal(result.status, 1, words.join(' '));
      assert.match(result.stderr, said);
      assert.ok(!existsSync(s.path('none')));
    }
  },
);

scenario('an overlay on / as the first mount: the root is under it', { own: true }, (s) => {
  for (const name of ['up', 'work', 'low']) mkdirSync(s.path(name));
  chownSync(s.path('low'), process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  copyFileSync(PAYLOAD, s.path('low/payload'));
  s.report((config) => {
    config.root.readonly = false;
    config.mounts.unshift({
      destination: '/',
      type: 'overlay',
      source: 'overlay',
      options: [
        `lowerdir=${s.path('low')}`,
        `upperdir=${s.path('up')}`,
        `workdir=${s.path('work')}`,
      ],
    });
  }, 'mkdir /written');
  assert.ok(existsSync(s.path('up/written')));
  assert.deepEqual(execFileSync('ls', [s.path('low')], { encoding: 'utf8' }), 'payload\n');
});
