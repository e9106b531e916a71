/** The record of a tree is read as it was written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node } from './node.js';
import { decodeRecord, encodeNode, encodeRecord } from './record.js';

const text = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((one) => !/[\0]|\ufffd/u.test(one));
const common = {
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.nat(),
  gid: fc.nat(),
  mtimeNs: fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }),
  xattrs: fc.uniqueArray(
    fc.tuple(
      text.map((one) => `user.${one.replaceAll('=', '')}`),
      fc.uint8Array({ minLength: 1 }),
    ),
    { selector: ([key]) => key, maxLength: 3 },
  ),
  size: fc.constant(0),
};
const node: fc.Arbitrary<Node> = fc.oneof(
  fc.record({ ...common, type: fc.constantFrom('directory', 'fifo') }),
  fc.record({ ...common, type: fc.constant('symlink'), target: text }),
  fc.record({ ...common, type: fc.constant('block-device'), device: fc.tuple(fc.nat(), fc.nat()) }),
  fc.record({
    ...common,
    type: fc.constant('file'),
    size: fc.nat(),
    sha256: fc.constant('ab'.repeat(32)),
    group: fc.nat().map(String),
  }),
) as fc.Arbitrary<Node>;

test('any tree', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, node), { selector: ([path]) => path }), (nodes) => {
      const all = new Map<string, Node>(nodes.map(([path, one]) => [path, { ...one }]));
      const written = encodeRecord([...all].map(([path, one]) => encodeNode(path, one)));
      assert.deepEqual(decodeRecord(written), all);
    }),
  );
});

test('the root, and what a person reads', () => {
  const root = {
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtimeNs: -1n,
    size: 0,
    xattrs: [],
  } as const;
  assert.equal(encodeNode('', root), '. type=dir mode=0755 uid=0 gid=0 time=-1.999999999\n');
  assert.match(encodeNode('a b\n#', root), /^\.\/a\\040b\\012\\043 /);
});

for (const line of [
  './a',
  './a type=file',
  'a type=dir mode=0755 uid=0 gid=0 time=0.000000000',
  './a type=door mode=0 uid=0 gid=0 time=0.000000000',
]) {
  test(`no line of a record: ${line}`, () => {
    assert.throws(() => decodeRecord(`#mtree\n${line}\n`), /can't be read/);
  });
}
