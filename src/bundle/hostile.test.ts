/** Archives and images that want harm: refused by name, nothing left behind, nothing touched outside. */
import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { native, needsRoot, temporary } from '../native/testing/helper.js';
import type { Runtime } from '../runtime/context.js';
import {
  file,
  folder,
  hardLink,
  type Item,
  type LayoutOptions,
  layoutFiles,
  OCI,
  symlink,
  tar,
  writeFiles,
  zip,
} from './testing/archives.js';
import { unpack } from './unpack.js';

const asRoot = { skip: needsRoot };

/** From the rootfs in its working folder to the folder of the test. */
const UP = '../../..';

/** What is outside: the victim that archives name, and one of each kind beside it. */
function canary(place: string): void {
  mkdirSync(join(place, 'folder'), { recursive: true });
  writeFileSync(join(place, 'victim'), 'do not touch', { mode: 0o600 });
  writeFileSync(join(place, 'folder/inside'), 'nor this');
  symlinkSync('folder', join(place, 'link'));
  native.makeNode(join(place, 'fifo'), 'fifo', 0, 0);
}

/** All of it, with the time of the last change of any kind, which nobody can set back. */
const outside = (place: string) =>
  readdirSync(place, { recursive: true })
    .map(String)
    .concat('')
    .sort()
    .map((name) => {
      const { mode, uid, gid, size, nlink, ino, mtimeNs, ctimeNs } = lstatSync(join(place, name), {
        bigint: true,
      });
      // The folder itself has had the unpacking in it.
      if (name === '') return { name, mode, uid };
      return { name, mode, uid, gid, size, nlink, ino, mtimeNs, ctimeNs };
    });

/** Unpacks beside a canary, and holds that nothing else is there afterwards, and it as it was. */
async function refused(dir: string, source: string, code: string, why: RegExp, maxSize?: number) {
  const place = join(dir, 'place');
  canary(place);
  const before = outside(place);
  const log = { error() {}, debug() {}, warn() {} };
  await assert.rejects(
    unpack({ native, log } as unknown as Runtime, {
      source,
      bundle: join(place, 'bundle'),
      maxSize,
    }),
    (error: { code?: string; message: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, why);
      return true;
    },
  );
  assert.deepEqual(outside(place), before);
}

const deep = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => symlink(`l${index}`, `l${index + 1}`));

const ENTRIES: readonly (readonly [name: string, items: readonly Item[], why: RegExp])[] = [
  ['..', [file(`${UP}/victim`)], /"\.\." in it/],
  ['.. in the middle', [folder('a'), file(`a/../${UP}/victim`)], /"\.\." in it/],
  ['.. alone', [folder('..')], /"\.\." in it/],
  ['an absolute name', [file('/tmp/ocirt-hostile')], /absolute/],
  ['a long name with ..', [file('x', '', { pax: { path: `${UP}/victim` } })], /"\.\." in it/],
  ['a file through a link out', [symlink('l', UP), file('l/victim')], /link leads out/],
  [
    'a file through an absolute link',
    [symlink('l', '/nowhere'), file('l/victim')],
    /leads to nothing/,
  ],
  [
    'a file through two links',
    [folder('a'), symlink('a/b', '..'), symlink('c', `a/b/${UP}`), file('c/victim')],
    /link leads out/,
  ],
  ['a folder through a link out', [symlink('l', `${UP}/place`), folder('l/new')], /link leads out/],
  [
    'a circle of links',
    [symlink('a', 'b'), symlink('b', 'a'), file('a/x')],
    /too many symbolic links/,
  ],
  ['a long chain of links', [...deep(50), file('l0/x')], /too many symbolic links/],
  ['a hard link out', [hardLink('h', `${UP}/victim`)], /"\.\." in it/],
  ['an absolute hard link', [hardLink('h', '/etc/passwd')], /absolute/],
  [
    'a hard link through a link out',
    [symlink('l', UP), hardLink('h', 'l/victim')],
    /link leads out/,
  ],
  ['a hard link to a folder', [folder('d'), hardLink('h', 'd')], /hard link to a folder/],
  ['a hard link to nothing', [hardLink('h', 'none')], /not there/],
  ['a whiteout of ..', [file('.wh...')], /whiteout of no name/],
  ['a whiteout of .', [file('.wh..')], /whiteout of no name/],
  ['a whiteout of nothing', [file('.wh.')], /whiteout of no name/],
  ['a whiteout through a link out', [symlink('l', UP), file('l/.wh.victim')], /link leads out/],
  [
    'an opaque folder through a link out',
    [symlink('l', UP), file('l/.wh..wh..opq')],
    /link leads out/,
  ],
  ['a whiteout as a folder', [file('.wh.a/b')], /not the last part/],
  ['a name below a file', [file('f'), file('f/x')], /not a folder/],
  ['the root as a file', [file('./', '', { type: '2', link: UP })], /root is a folder/],
  ['an empty symbolic link', [symlink('l', '')], /empty/],
  ['a NUL in a name', [file('x', '', { pax: { path: 'a\0b' } })], /NUL/],
  ['a component that is too long', [file('x', '', { pax: { path: 'n'.repeat(300) } })], /too long/],
  ['an owner that is none', [file('x', '', { pax: { uid: '-1' } })], /uid/],
  ['a time that is none', [file('x', '', { pax: { mtime: 'now' } })], /time/],
  [
    'a time that no clock has',
    [file('x', '', { pax: { mtime: '99999999999' } })],
    /too far from 1970/,
  ],
  [
    'a file through a link in place of a folder of the same archive',
    [folder('d'), file('d/x'), symlink('d', UP), file('d/victim')],
    /link leads out/,
  ],
  [
    'a hard link to a link out, and a file through it',
    [symlink('l', UP), hardLink('h', 'l'), file('h/victim')],
    /link leads out/,
  ],
  [
    'a sparse file whose name in the map leads out',
    [
      file('x', 'abcd', {
        pax: { 'GNU.sparse.size': '4', 'GNU.sparse.map': '0,4', 'GNU.sparse.name': `${UP}/victim` },
      }),
    ],
    /"\.\." in it/,
  ],
  [
    'a link target with a NUL',
    [{ name: 'l', type: '2', pax: { linkpath: 'a\0b' } }],
    /target is empty, too long/,
  ],
  [
    'a device whose number is none',
    [{ name: 'd', type: '4', major: 4096 }],
    /4096:0, which is none/,
  ],
  [
    'a file below a device',
    [{ name: 'd', type: '3', major: 1, minor: 3 }, file('d/x')],
    /not a folder/,
  ],
  ['a volume of GNU tar', [{ name: 'v', type: 'V' }], /not supported/],
  [
    'a name that is not UTF-8',
    [file('x', '', { pax: { path: new Uint8Array([0x61, 0xff]) } })],
    /UTF-8/,
  ],
];

for (const [name, items, why] of ENTRIES) {
  test(`refused: ${name}`, name.includes('below a device') ? asRoot : {}, async (t) => {
    const dir = temporary(t);
    writeFiles(join(dir, 'image'), layoutFiles([items]));
    await refused(dir, join(dir, 'image'), 'archive-refused', why);
  });
}

const ZEROS = 'sha256:'.padEnd(71, '0');

const IMAGES: readonly (readonly [
  name: string,
  options: LayoutOptions,
  code: string,
  why: RegExp,
])[] = [
  [
    'a layer that is not what its digest says',
    {
      change: ({ config }) => {
        config.rootfs.diff_ids[0] = ZEROS;
      },
    },
    'digest-mismatch',
    /not those/,
  ],
  [
    'a blob of another size',
    {
      change: ({ manifest }) => {
        manifest.layers[0].size++;
      },
    },
    'image-invalid',
    /should have/,
  ],
  [
    'a digest that is a path',
    {
      change: ({ manifest }) => {
        manifest.layers[0].digest = 'sha256:../../../etc/passwd';
      },
    },
    'image-invalid',
    /not a digest/,
  ],
  [
    'a weak digest',
    {
      change: ({ manifest }) => {
        manifest.layers[0].digest = 'md5:00';
      },
    },
    'image-invalid',
    /not a digest/,
  ],
  [
    'a layer of a foreign type',
    {
      change: ({ manifest }) => {
        manifest.layers[0].mediaType = 'text/plain';
      },
    },
    'image-unsupported',
    /media type/,
  ],
  [
    'a layer that says it is not compressed',
    {
      change: ({ manifest }) => {
        manifest.layers[0].mediaType = `${OCI}.layer.v1.tar`;
      },
    },
    'image-invalid',
    /can't be read/,
  ],
  [
    'more layers than diff_ids',
    {
      change: ({ config }) => {
        config.rootfs.diff_ids = [];
      },
    },
    'image-invalid',
    /diff_ids/,
  ],
  [
    'a manifest that is an index as well',
    {
      change: ({ manifest }) => {
        manifest.manifests = [];
      },
    },
    'image-invalid',
    /as well/,
  ],
  [
    'an image of Windows',
    {
      change: ({ config }) => {
        config.os = 'windows';
      },
    },
    'image-unsupported',
    /windows/,
  ],
  ['a user that is not there', { config: { User: 'nobody-here' } }, 'image-invalid', /etc\/passwd/],
  ['arguments that are no list', { config: { Cmd: 'sh' } }, 'image-invalid', /list of words/],
];

for (const [name, options, code, why] of IMAGES) {
  test(`refused: ${name}`, async (t) => {
    const dir = temporary(t);
    writeFiles(join(dir, 'image'), layoutFiles([[file('a', 'x')]], options));
    await refused(dir, join(dir, 'image'), code, why);
  });
}

test('refused: a blob whose bytes were changed', async (t) => {
  const dir = temporary(t);
  const files = layoutFiles([[file('a', 'x')]], { gzip: false });
  const layer = [...files].find(([, data]) => data.length >= 2048);
  assert.ok(layer);
  layer[1][600] = 0x7a;
  writeFiles(join(dir, 'image'), files);
  await refused(dir, join(dir, 'image'), 'digest-mismatch', /not those/);
});

test('/etc/passwd of an image is not read through a link out', async (t) => {
  const dir = temporary(t);
  const items = [folder('etc'), symlink('etc/passwd', '/etc/passwd')];
  writeFiles(join(dir, 'image'), layoutFiles([items], { config: { User: 'root' } }));
  await refused(dir, join(dir, 'image'), 'image-invalid', /not in its \/etc\/passwd/);
});

test('refused: more bytes than --max-size', async (t) => {
  const dir = temporary(t);
  writeFiles(join(dir, 'image'), layoutFiles([[file('a', 'x'.repeat(100_000))]]));
  await refused(dir, join(dir, 'image'), 'archive-too-large', /more than 50000/, 50_000);
});

test('refused: a bomb of holes', async (t) => {
  const dir = temporary(t);
  const pax = { 'GNU.sparse.size': '99999999999999', 'GNU.sparse.map': '99999999999990,4' };
  writeFiles(join(dir, 'image'), layoutFiles([[file('x', 'abcd', { pax })]]));
  await refused(dir, join(dir, 'image'), 'archive-too-large', /more than/);
});

test(
  'a device is taken away before a file gets its name: nothing is written into it',
  asRoot,
  async (t) => {
    const dir = temporary(t);
    // Nobody may open it: the kernel has no such driver.
    const device: Item = { name: 'd', type: '4', major: 4000, minor: 1 };
    const items = [device, hardLink('h', 'd'), file('h', 'one'), file('d', 'two')];
    writeFiles(join(dir, 'image'), layoutFiles([items]));
    const log = { error() {}, debug() {}, warn() {} };
    const runtime = { native, log } as unknown as Runtime;
    await unpack(runtime, { source: join(dir, 'image'), bundle: join(dir, 'bundle') });
    for (const [name, text] of Object.entries({ h: 'one', d: 'two' })) {
      assert.equal(readFileSync(join(dir, 'bundle/rootfs', name), 'utf8'), text);
    }
  },
);

test('refused: a bomb of zeros', async (t) => {
  const dir = temporary(t);
  const source = join(dir, 'bomb.tar.gz');
  writeFileSync(source, zip(Buffer.alloc(100 * 2 ** 20)));
  await refused(dir, source, 'archive-too-large', /500 times/);
});

for (const [name, data] of [
  ['an archive that is cut off', tar([file('a', 'x'.repeat(2000))]).subarray(0, 1500)],
  ['what is no archive', Buffer.from('x'.repeat(1024))],
  ['a size that is no number', tar([file('a', '', { pax: { size: 'none' } })])],
] as const) {
  test(`refused: ${name}`, async (t) => {
    const dir = temporary(t);
    writeFileSync(join(dir, 'a.tar'), new Uint8Array(data));
    await refused(dir, join(dir, 'a.tar'), 'image-invalid', /can't be read/);
  });
}

test('refused: a size that is none', async (t) => {
  const dir = temporary(t);
  writeFileSync(join(dir, 'a.tar'), new Uint8Array(tar([file('a', 'x', { sizeByte: 0x90 })])));
  await refused(dir, join(dir, 'a.tar'), 'image-invalid', /the size of "a" is none/);
});
