/** Unpacking on the real kernel: sources of every kind, by root where owners and devices matter. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from '../native/testing/helper.js';
import { native, needsRoot, temporary } from '../native/testing/helper.js';
import type { Runtime } from '../runtime/context.js';
import {
  file,
  folder,
  hardLink,
  type Item,
  type LayoutOptions,
  layoutFiles,
  symlink,
  tar,
  tarOfFiles,
  writeFiles,
  zip,
} from './testing/archives.js';
import { type UnpackOptions, unpack } from './unpack.js';

const asRoot = { skip: needsRoot };

/** Unpacks `source` beside it; the bundle's path, its config, and what was warned of. */
async function unpacked(dir: string, source: string, more: Partial<UnpackOptions> = {}) {
  const warned: string[] = [];
  const log = { error() {}, debug() {}, warn: (text: string) => warned.push(text) };
  const bundle = join(dir, 'bundle');
  await unpack({ native, log } as unknown as Runtime, { source, bundle, ...more });
  const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  return { rootfs: join(bundle, 'rootfs'), config, warned };
}

async function layout(
  t: TestContext,
  layers: readonly (readonly Item[])[],
  options: LayoutOptions = {},
) {
  const dir = temporary(t);
  writeFiles(join(dir, 'image'), layoutFiles(layers, options));
  return unpacked(dir, join(dir, 'image'));
}

/** All that there is below a folder: kind, mode, owner, time, links, bytes. */
function listing(root: string): string[] {
  return readdirSync(root, { recursive: true })
    .map(String)
    .concat('.')
    .sort()
    .map((name) => {
      const status = lstatSync(join(root, name), { bigint: true });
      const what = status.isFile()
        ? readFileSync(join(root, name), 'hex')
        : status.isSymbolicLink()
          ? readlinkSync(join(root, name))
          : status.rdev;
      const links = status.isDirectory() ? '' : status.nlink;
      return [
        name,
        status.mode.toString(8),
        status.uid,
        status.gid,
        status.mtimeNs,
        links,
        what,
      ].join(' ');
    });
}

const TREE: readonly Item[] = [
  folder('./', { mode: 0o751, mtime: 1_500_000_000 }),
  folder('./etc/', { mode: 0o755, uid: 3, gid: 4 }),
  file('./etc/passwd', 'app:x:7:8::/home:/bin/sh\n'),
  file('./etc/group', 'eight:x:8:\nmore:x:9:other,app\n'),
  folder('./bin/', { mode: 0o700 }),
  file('./bin/su', 'su', { mode: 0o4755, uid: 1000, gid: 1001 }),
  hardLink('./bin/also', 'bin/su'),
  symlink('./sbin', 'bin'),
  symlink('./out', '/nowhere/../..'),
  file('./empty', '', { mode: 0o2600 }),
  file('./ns', 'x', { pax: { mtime: '1600000001.123456789' } }),
  file('short', 'long', { pax: { path: `./${'long/'.repeat(40)}name` } }),
  { name: './fifo', type: '6', mode: 0o622 },
  folder('./tmp', { mode: 0o1777, mtime: 1_400_000_000 }),
  file('./tmp/a', 'a'),
];

test(
  'a plain tar gives what GNU tar gives, to the byte, mode, owner and time',
  asRoot,
  async (t) => {
    const dir = temporary(t);
    // Folders that the archive leaves out have no time that could be compared.
    const items = TREE.filter(({ pax }) => pax?.path === undefined);
    for (const packed of [false, true]) {
      const source = join(dir, `${packed}.tar`);
      writeFileSync(source, packed ? zip(tar(items)) : new Uint8Array(tar(items)));
      mkdirSync(join(dir, `${packed}`));
      execFileSync('tar', [
        '-xpf',
        source,
        '-C',
        join(dir, `${packed}`),
        '--numeric-owner',
        '--same-owner',
      ]);
      mkdirSync(join(dir, `${packed}-ours`));
      const { rootfs, config } = await unpacked(join(dir, `${packed}-ours`), source);
      assert.deepEqual(listing(rootfs), listing(join(dir, `${packed}`)));
      assert.deepEqual(config.process.args, ['sh']);
    }
  },
);

test('a layout: long names, numbers, times of nanoseconds, devices', asRoot, async (t) => {
  const device: Item = { name: 'null', type: '3', major: 1, minor: 3, mode: 0o666 };
  const { rootfs } = await layout(t, [[...TREE, device]]);
  assert.equal(lstatSync(join(rootfs, 'ns'), { bigint: true }).mtimeNs, 1_600_000_001_123_456_789n);
  assert.equal(readFileSync(join(rootfs, 'long/'.repeat(40), 'name'), 'utf8'), 'long');
  assert.equal(lstatSync(join(rootfs, 'null')).rdev, 0x103);
  assert.equal(lstatSync(join(rootfs, 'bin/su')).mode & 0o7777, 0o4755);
  assert.equal(lstatSync(join(rootfs, 'bin/su')).ino, lstatSync(join(rootfs, 'bin/also')).ino);
});

test('layers: whiteouts are of lower layers only, opaque ones in any order', asRoot, async (t) => {
  const { rootfs } = await layout(t, [
    [
      folder('a'),
      file('a/1'),
      file('a/2'),
      folder('a/d'),
      file('a/d/x'),
      file('b'),
      folder('o'),
      file('o/old'),
    ],
    [
      file('o/new'),
      file('o/.wh..wh..opq'),
      file('a/.wh.1'),
      file('.wh.b'),
      file('b2'),
      file('.wh.b2'),
      file('.wh.none'),
      file('gone/.wh.none'),
      file('a/.wh.d'),
    ],
  ]);
  assert.deepEqual(readdirSync(rootfs, { recursive: true }).sort(), [
    'a',
    'a/2',
    'b2',
    'o',
    'o/new',
  ]);
});

test(
  'layers: a file in place of a folder, a folder in place of a link, hard links to lower layers',
  asRoot,
  async (t) => {
    const { rootfs } = await layout(t, [
      [
        folder('d'),
        file('d/x'),
        symlink('l', 'd'),
        file('f', 'one'),
        folder('usr/bin'),
        symlink('bin', 'usr/bin'),
        symlink('abs', '/usr'),
      ],
      [
        file('d', 'now'),
        folder('l'),
        file('l/y'),
        hardLink('g', 'f'),
        file('bin/tool', 'in usr'),
        file('abs/lib', 'in usr'),
      ],
      [file('f', 'two')],
    ]);
    assert.equal(readFileSync(join(rootfs, 'd'), 'utf8'), 'now');
    assert.deepEqual(readdirSync(join(rootfs, 'l')), ['y']);
    assert.equal(readFileSync(join(rootfs, 'g'), 'utf8'), 'one');
    assert.equal(readFileSync(join(rootfs, 'f'), 'utf8'), 'two');
    assert.equal(readFileSync(join(rootfs, 'usr/bin/tool'), 'utf8'), 'in usr');
    assert.equal(readFileSync(join(rootfs, 'usr/lib'), 'utf8'), 'in usr');
  },
);

test('a folder keeps the time that its layer gave it', asRoot, async (t) => {
  const { rootfs } = await layout(t, [
    [folder('d', { mtime: 1_000 }), file('d/x'), file('d/y')],
    [file('d/.wh.x'), file('d/z')],
  ]);
  assert.equal(lstatSync(join(rootfs, 'd')).mtimeMs, 1_000_000);
});

test('extended attributes of users are set, others named in a warning', asRoot, async (t) => {
  const { warned } = await layout(t, [
    [
      file('a', '', {
        pax: {
          'SCHILY.xattr.trusted.overlay.redirect': '/etc',
          'SCHILY.xattr.user.note': 'kept',
          'VENDOR.new': '1',
        },
      }),
    ],
  ]);
  assert.match(warned.join('\n'), /trusted\.overlay\.redirect are left out/);
  assert.match(warned.join('\n'), /VENDOR\.new of the extended header is left out/);
});

test(
  "config.json: the image's words, variables, folder, user by name, labels",
  asRoot,
  async (t) => {
    const { config } = await layout(t, [TREE], {
      config: {
        Entrypoint: ['/bin/su'],
        Cmd: ['-l'],
        Env: ['PATH=/bin', 'A=b'],
        WorkingDir: '/tmp',
        User: 'app',
        StopSignal: 'SIGINT',
        ExposedPorts: { '80/tcp': {}, '53/udp': {} },
        Labels: { 'org.example.x': 'y', 'org.opencontainers.image.os': 'label' },
      },
    });
    const { args, env, cwd, user } = config.process;
    assert.deepEqual(args, ['/bin/su', '-l']);
    assert.deepEqual(env, ['PATH=/bin', 'A=b', 'TERM=xterm']);
    assert.equal(cwd, '/tmp');
    assert.deepEqual(user, { uid: 7, gid: 8, additionalGids: [9] });
    assert.deepEqual(config.annotations, {
      'org.opencontainers.image.os': 'label',
      'org.opencontainers.image.architecture': 'amd64',
      'org.opencontainers.image.stopSignal': 'SIGINT',
      'org.opencontainers.image.exposedPorts': '53/udp,80/tcp',
      'org.example.x': 'y',
    });
  },
);

for (const [given, uid, gid] of [
  ['5', 5, 0],
  ['7', 7, 8],
  ['app:more', 7, 9],
  ['5:6', 5, 6],
] as const) {
  test(`User ${given} is ${uid}:${gid}`, asRoot, async (t) => {
    const { config } = await layout(t, [TREE], { config: { User: given } });
    assert.equal(config.process.user.uid, uid);
    assert.equal(config.process.user.gid, gid);
  });
}

test('a layout in a tar, oci:PATH:TAG, and a docker-archive', asRoot, async (t) => {
  const dir = temporary(t);
  const files = layoutFiles([[file('a', 'one')]], { tag: 'v1', gzip: false });
  writeFiles(join(dir, 'image'), files);
  const source = join(dir, 'image.tar');
  writeFileSync(source, new Uint8Array(tarOfFiles(files)));
  const index = JSON.parse(String(files.get('index.json')));
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const manifest = JSON.parse(String(files.get(blob(index.manifests[0].digest))));
  const saved = new Map([
    ['config.json', files.get(blob(manifest.config.digest)) as Buffer],
    ['layer.tar', files.get(blob(manifest.layers[0].digest)) as Buffer],
    [
      'manifest.json',
      Buffer.from(
        JSON.stringify([{ Config: 'config.json', RepoTags: ['x/y:v1'], Layers: ['layer.tar'] }]),
      ),
    ],
  ]);
  const docker = join(dir, 'docker.tar.gz');
  writeFileSync(docker, zip(tarOfFiles(saved)));
  const sources: readonly [string, Partial<UnpackOptions>][] = [
    [source, {}],
    [source, { tag: 'v1' }],
    [`oci:${join(dir, 'image')}:v1`, {}],
    [docker, {}],
    [docker, { image: 'x/y:v1' }],
  ];
  for (const [index, [given, more]] of sources.entries()) {
    mkdirSync(join(dir, `${index}`));
    const { rootfs } = await unpacked(join(dir, `${index}`), given, more);
    assert.equal(readFileSync(join(rootfs, 'a'), 'utf8'), 'one');
  }
  await assert.rejects(unpacked(dir, source, { tag: 'v2' }), /0 images with the tag v2.*v1/);
  await assert.rejects(unpacked(dir, docker, { image: 'z' }), /0 images with the name z.*x\/y:v1/);
  await assert.rejects(unpacked(dir, docker, { tag: 'v1' }), { code: 'usage' });
});

test('a bundle that is there is left alone', async (t) => {
  const dir = temporary(t);
  mkdirSync(join(dir, 'bundle/rootfs'), { recursive: true });
  await assert.rejects(unpacked(dir, join(dir, 'none')), { code: 'bundle-exists' });
  assert.deepEqual(readdirSync(join(dir, 'bundle')), ['rootfs']);
});

const UPPER: readonly Item[] = [
  folder('./', { mode: 0o700, mtime: 1_550_000_000 }),
  folder('./etc/', { mode: 0o750, mtime: 1_550_000_001 }),
  file('./etc/passwd', 'other', { mode: 0o600, uid: 9 }),
  hardLink('./etc/more', './etc/group'),
  folder('./bin/', { mode: 0o711, mtime: 1_550_000_002 }),
  symlink('./bin/su', 'also'),
];

const SAME: readonly (readonly [string, readonly (readonly Item[])[], LayoutOptions])[] = [
  ['one layer', [TREE], {}],
  ['one layer, not compressed', [TREE], { gzip: false }],
  ['two layers', [TREE, UPPER], {}],
  ['the same layer twice', [TREE, TREE], {}],
  ['three layers, an empty one among them', [TREE, [], UPPER], {}],
];

for (const [name, layers, options] of SAME) {
  test(`a layout of ${name} gives what GNU tar makes of its layers`, asRoot, async (t) => {
    const flat = layers.map((items) => items.filter(({ pax }) => pax?.path === undefined));
    const { rootfs } = await layout(t, flat, options);
    const dir = temporary(t);
    mkdirSync(join(dir, 'tar'));
    for (const items of flat) {
      writeFileSync(join(dir, 'layer.tar'), new Uint8Array(tar(items)));
      const args = ['-xpf', join(dir, 'layer.tar'), '-C', join(dir, 'tar'), '--numeric-owner'];
      execFileSync('tar', [...args, '--same-owner']);
    }
    assert.deepEqual(listing(rootfs), listing(join(dir, 'tar')));
  });
}
