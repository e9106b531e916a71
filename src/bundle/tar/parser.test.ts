/** The reader of tars: against another one, in pieces of every size, and what it refuses. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { extract, pack } from 'tar-stream';
import { file, folder, type Item, symlink, tar } from '../testing/archives.js';
import { type TarHeader, TarParser } from './parser.js';

interface Read {
  readonly header: TarHeader;
  readonly data: Buffer;
}

/** Reads a tar in pieces of these sizes, again and again. */
function read(archive: Buffer, pieces: readonly number[] = [archive.length]): Read[] {
  const out: Read[] = [];
  const parser = new TarParser((header) => {
    const data = Buffer.alloc(Math.min(header.size, 1 << 20));
    out.push({ header, data });
    return {
      write: (chunk, offset) => {
        chunk.copy(data as unknown as Uint8Array, offset);
      },
      end() {},
    };
  });
  for (let at = 0, turn = 0; at < archive.length; turn++) {
    const size = pieces[turn % pieces.length] ?? 1;
    parser.push(archive.subarray(at, at + size));
    at += size;
  }
  parser.finish();
  return out;
}

const brief = (entries: readonly Read[]) =>
  entries.map(({ header, data }) => [
    header.name,
    header.type,
    header.linkname,
    header.size,
    data.toString('hex'),
  ]);

const name = fc
  .array(fc.constantFrom('a', 'ü', 'long-name-'.repeat(12), 'b c', '日'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join('/'));
const entry = fc.record({
  name,
  type: fc.constantFrom('file', 'directory', 'symlink'),
  data: fc.uint8Array({ maxLength: 1500 }),
});

async function packed(entries: readonly { name: string; type: string; data: Uint8Array }[]) {
  const stream = pack();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk as Buffer));
  for (const { name, type, data } of entries) {
    if (type === 'file') stream.entry({ name }, data);
    else if (type === 'directory') stream.entry({ name, type });
    else stream.entry({ name, type: 'symlink', linkname: `${name}/target` });
  }
  stream.finalize();
  await once(stream, 'end');
  return Buffer.concat(chunks as unknown as Uint8Array[]);
}

test('reads what tar-stream writes as tar-stream does, whatever the pieces', async () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 1300 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), pieces, async (entries, sizes) => {
      const archive = await packed(entries);
      const theirs: unknown[] = [];
      const reader = extract();
      reader.on('entry', (header, stream, next) => {
        const chunks: Uint8Array[] = [];
        stream.on('data', (chunk) => chunks.push(chunk as Uint8Array));
        stream.on('end', () => {
          const { name, type, linkname, size } = header;
          theirs.push([name, type, linkname ?? '', size, Buffer.concat(chunks).toString('hex')]);
          next();
        });
      });
      reader.end(archive as unknown as Uint8Array);
      await once(reader, 'finish');
      assert.deepEqual(brief(read(archive, sizes)), theirs);
    }),
    { numRuns: 60 },
  );
});

test('values of the extended header are bytes, and one without a value takes it away', () => {
  const value = new Uint8Array([0, 255, 10, 61, 0x80]);
  const [first] = read(tar([file('a', '', { pax: { 'SCHILY.xattr.user.x': value, path: 'b' } })]));
  assert.ok(first);
  const found = first.header.records.get('SCHILY.xattr.user.x');
  assert.deepEqual(new Uint8Array(found ?? []), value);
  assert.equal(first.header.name, 'b');
  const [second] = read(tar([file('a', 'x', { pax: { path: '' } })]));
  assert.equal(second?.header.name, 'a');
});

test('a global header holds for all that follow, an own one for the next only', () => {
  const global: Item = { name: 'g', type: 'g', data: '12 uid=1234\n' };
  const archive = tar([global, file('a', '', { pax: { gid: '5' } }), file('b')]);
  const of = (index: number, key: string) =>
    read(archive)[index]?.header.records.get(key)?.toString();
  assert.deepEqual(
    [of(0, 'uid'), of(0, 'gid'), of(1, 'uid'), of(1, 'gid')],
    ['1234', '5', '1234', undefined],
  );
});

test('long names of GNU, and a link target of them', () => {
  const long = 'n'.repeat(150);
  const archive = tar([
    { name: '././@LongLink', type: 'K', data: `${long}/to\0` },
    { name: '././@LongLink', type: 'L', data: `${long}/from\0` },
    symlink('short', 'short'),
    folder('next'),
  ]);
  const [link, next] = read(archive, [7]);
  assert.deepEqual([link?.header.name, link?.header.linkname], [`${long}/from`, `${long}/to`]);
  assert.equal(next?.header.name, 'next');
});

const V0 = { 'GNU.sparse.size': '3000', 'GNU.sparse.numblocks': '2' };
const MAP = '1000,3,2999,1';

for (const [form, item] of [
  ['0.1', file('x', 'abcd', { pax: { ...V0, 'GNU.sparse.map': MAP, 'GNU.sparse.name': 'real' } })],
  [
    '1.0',
    file('x', `2\n1000\n3\n2999\n1\n`.padEnd(512, '\0').concat('abcd'), {
      pax: {
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'real',
        'GNU.sparse.realsize': '3000',
      },
    }),
  ],
] as const) {
  test(`a sparse file of form ${form}: its data where it belongs`, () => {
    const [one, next] = read(tar([item, file('next', 'n')]), [100]);
    assert.equal(one?.header.name, 'real');
    assert.equal(one.header.size, 3000);
    const expected = Buffer.alloc(3000);
    expected.write('abc', 1000);
    expected.write('d', 2999);
    assert.deepEqual(one.data, expected);
    assert.equal(next?.data.toString(), 'n');
  });
}

for (const [what, map, size, why] of [
  ['runs over each other', '0,3,2,1', '3000', /disorder/],
  ['a run beyond the end', '2998,4', '3000', /beyond its end/],
  ['a run that is negative', '-1,4', '3000', /disorder/],
  ['more than there is', '0,5', '3000', /as much data/],
  ['less than there is', '0,3', '3000', /as much data/],
  ['half a pair', '0,4,7', '3000', /half a pair/],
  ['a size that is none', '0,4', 'big', /beyond its end/],
  ['numbers beyond 53 bits', '9007199254740993,4', '9007199254740999', /disorder/],
] as const) {
  test(`refused: a sparse map with ${what}`, () => {
    const pax = { 'GNU.sparse.size': size, 'GNU.sparse.map': map };
    assert.throws(() => read(tar([file('x', 'abcd', { pax })])), {
      code: 'image-invalid',
      message: why,
    });
  });
}

for (const [what, archive, why] of [
  [
    'a record that is longer than its header',
    [{ name: 'p', type: 'x', data: '99 path=x\n' }],
    /length/,
  ],
  ['a record without a key', [{ name: 'p', type: 'x', data: '5 =x\n' }], /key/],
  ['a record of no length', [{ name: 'p', type: 'x', data: 'path=xyz\n' }], /length/],
  ['a sparse map without lines', [file('x', 'x'.repeat(512), { pax: V1() })], /no lines/],
  [
    'a sparse map without an end',
    [file('x', `400\n${'1\n'.repeat(254)}`, { pax: V1() })],
    /no end/,
  ],
  [
    'an extended header and nothing behind it',
    [{ name: 'p', type: 'x', data: '12 uid=1234\n' }],
    undefined,
  ],
] as const) {
  test(`refused: ${what}`, () => {
    const whole = tar(archive);
    const data = why === undefined ? whole.subarray(0, 1024) : whole;
    assert.throws(() => read(data), { code: 'image-invalid', message: why ?? /cut off/ });
  });
}

function V1() {
  return { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '3000' };
}

test('numbers in binary: a time before 1970, an owner beyond 21 bits', () => {
  const block = Buffer.from(tar([file('a')]) as unknown as Uint8Array);
  block.fill(0xff, 136, 148);
  block[147] = 0xfe;
  block.fill(0, 108, 116);
  block[108] = 0x80;
  block.writeUInt32BE(3_000_000_000, 112);
  block.write('        ', 148);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const [{ header } = {}] = read(block);
  assert.deepEqual([header?.mtime, header?.uid], [-2, 3_000_000_000]);
});

test('the archive ends at two blocks of zeros; one alone is a fault', () => {
  const first = tar([file('a')]);
  const second = tar([file('b')]);
  const both = Buffer.concat([first, second] as unknown as Uint8Array[]);
  assert.deepEqual(
    read(both).map(({ header }) => header.name),
    ['a'],
  );
  const broken = Buffer.concat([first.subarray(0, 1024), second] as unknown as Uint8Array[]);
  assert.throws(() => read(broken), { code: 'image-invalid', message: /zeros in its midst/ });
});

test('a hard link that says it has data has none', () => {
  const link: Item = { name: 'l', type: '1', link: 'a', pax: { size: '512' } };
  const names = read(tar([file('a'), link, file('b')])).map(({ header }) => header.name);
  assert.deepEqual(names, ['a', 'l', 'b']);
});
