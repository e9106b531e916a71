/** What is written is read again as it was, by our reader and by GNU tar. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Metadata, metadataOf } from '../entry.js';
import { type TarHeader, TarParser } from './parser.js';
import { encodeEntry, ending, filling, type NewEntry } from './writer.js';

function archive(entries: readonly NewEntry[]): Buffer {
  const data = entries.flatMap((entry) => {
    const head = new Uint8Array(encodeEntry(entry));
    return [head, new Uint8Array(entry.size).fill(0x78), filling(entry.size)];
  });
  return Buffer.concat([...data, ending()]);
}

function read(data: Buffer): [TarHeader, Metadata][] {
  const out: [TarHeader, Metadata][] = [];
  const parser = new TarParser((header) => {
    out.push([header, metadataOf(header)]);
    return undefined;
  });
  parser.push(data);
  parser.finish();
  return out;
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 });
const name = text.filter((one) => !/[\0/]|^\.\.?$|\ufffd/u.test(one));
const id = fc.integer({ min: 0, max: 0xfffffffe });
const entries: fc.Arbitrary<NewEntry> = fc.record({
  name,
  type: fc.constantFrom('file', 'symlink', 'link', 'fifo', 'character-device'),
  linkname: name,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: id,
  gid: id,
  size: fc.integer({ min: 0, max: 1500 }),
  mtimeNs: fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }),
  major: fc.integer({ min: 0, max: 0xfff }),
  minor: fc.integer({ min: 0, max: 0xfffff }),
  xattrs: fc.uniqueArray(
    fc.tuple(
      fc.stringMatching(/^user\.[a-z]{1,9}$/),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
    ),
    { selector: ([key]) => key, maxLength: 3 },
  ),
});

test('any entry is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 4 }), (given) => {
      const written = given.map((entry) => ({
        ...entry,
        size: entry.type === 'file' ? entry.size : 0,
        linkname: /link/.test(entry.type) ? (entry.linkname ?? '') : '',
      }));
      const found = read(archive(written)).map(([header, metadata]) => ({
        name: header.name,
        type: header.type,
        linkname: header.linkname,
        mode: metadata.mode,
        uid: metadata.uid,
        gid: metadata.gid,
        size: header.size,
        mtimeNs: metadata.mtimeNs,
        major: header.devmajor,
        minor: header.devminor,
        xattrs: metadata.xattrs.map(([key, value]) => [key, new Uint8Array(value)]),
      }));
      assert.deepEqual(found, written);
    }),
  );
});

test('GNU tar reads it', () => {
  const common = {
    mode: 0o644,
    uid: 3_000_000,
    gid: 1,
    size: 0,
    mtimeNs: -1_500_000_000n,
  } as const;
  const data = archive([
    { ...common, name: 'dir/', type: 'directory' },
    { ...common, name: `dir/${'ü'.repeat(120)}`, type: 'file', size: 600 },
    { ...common, name: 'link', type: 'symlink', linkname: 'ü' },
  ]);
  const args = ['--numeric-owner', '--quoting-style=literal', '-tvf', '-'];
  const listed = execFileSync('tar', args, {
    input: data as unknown as Uint8Array,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  });
  assert.match(listed, /^drw-r--r-- 3000000\/1 +0 1969-12-31 23:59 dir\/$/m);
  assert.match(listed, /^-rw-r--r-- 3000000\/1 +600 1969-12-31 23:59 dir\/ü{120}$/m);
  assert.match(listed, / link -> ü$/m);
});
