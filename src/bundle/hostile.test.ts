/** Archives and images that want harm: refused by name, nothing left behind, nothing touched outside. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { native, temporary } from '../native/testing/helper.js';
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

const VICTIM = 'do not touch';
/** From the rootfs in its working folder to the folder of the test. */
const UP = '../../..';

/** Unpacks in a folder with a victim in it, and holds that nothing else is there afterwards. */
async function refused(dir: string, source: string, code: string, why: RegExp, maxSize?: number) {
  mkdirSync(join(dir, 'place'));
  const victim = join(dir, 'place/victim');
  writeFileSync(victim, VICTIM, { mode: 0o600 });
  const before = statSync(victim);
  const log = { error() {}, debug() {}, warn() {} };
  await assert.rejects(
    unpack({ native, log } as unknown as Runtime, {
      source,
      bundle: join(dir, 'place/bundle'),
      maxSize,
    }),
    (error: { code?: string; message: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, why);
      return true;
    },
  );
  assert.deepEqual(readdirSync(join(dir, 'place')), ['victim']);
  assert.equal(readFileSync(victim, 'utf8'), VICTIM);
  const { mode, mtimeMs, nlink } = statSync(victim);
  assert.deepEqual(
    { mode, mtimeMs, nlink },
    { mode: before.mode, mtimeMs: before.mtimeMs, nlink: 1 },
  );
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
];

for (const [name, items, why] of ENTRIES) {
  test(`refused: ${name}`, async (t) => {
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
