/** What counts as a change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf } from './changes.js';
import type { Node } from './node.js';

const file = (more: Partial<Node> = {}): Node => ({
  ...{ type: 'file', mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n, xattrs: [], size: 1 },
  ...more,
});
const folder = (more: Partial<Node> = {}): Node => file({ type: 'directory', size: 0, ...more });

type Tree = Record<string, Node>;

function changes(lower: Tree, upper: Tree, sameBytes = true) {
  const nodes = (tree: Tree) => new Map(Object.entries({ '': folder(), ...tree }));
  return changesOf(nodes(lower), nodes(upper), () => sameBytes);
}

const one = new Uint8Array([1]);

for (const [what, lower, upper] of [
  ['the mode', file(), file({ mode: 0o600 })],
  ['the owner', file(), file({ uid: 1 })],
  ['the group', file(), file({ gid: 1 })],
  ['the time by a nanosecond', file(), file({ mtimeNs: 1n })],
  ['the size', file(), file({ size: 2 })],
  ['a new attribute', file(), file({ xattrs: [['user.a', one]] })],
  ['another attribute', file({ xattrs: [['user.a', one]] }), file({ xattrs: [['user.b', one]] })],
  [
    'another value',
    file({ xattrs: [['user.a', one]] }),
    file({ xattrs: [['user.a', new Uint8Array([2])]] }),
  ],
  ['the kind', file(), folder({ size: 1 })],
  ['the target', file({ type: 'symlink', target: 'a' }), file({ type: 'symlink', target: 'b' })],
  [
    'the device',
    file({ type: 'block-device', device: [1, 2] }),
    file({ type: 'block-device', device: [1, 3] }),
  ],
] as const) {
  test(`a change: ${what}`, () => {
    assert.deepEqual(changes({ a: lower, b: file() }, { a: upper, b: file() }), {
      changed: ['a'],
      gone: [],
    });
  });
}

test('nothing where all is the same; the bytes where only they tell', () => {
  assert.deepEqual(changes({ a: file() }, { a: file() }), { changed: [], gone: [] });
  assert.deepEqual(changes({ a: file() }, { a: file() }, false).changed, ['a']);
});

test('what is gone is told once, for all that was below it', () => {
  const lower = { d: folder(), 'd/x': folder(), 'd/x/y': file(), 'd/z': file(), e: file() };
  assert.deepEqual(changes(lower, { d: folder() }), { changed: [], gone: ['d/x', 'd/z', 'e'] });
  // A file in place of the folder says it by itself.
  assert.deepEqual(changes(lower, { d: file(), e: file() }), { changed: ['d'], gone: [] });
});

test('hard links: all names of a file, or none', () => {
  const linked = (group: string, more: Partial<Node> = {}) => file({ group, ...more });
  const lower = { a: linked('1'), b: linked('1'), c: file() };
  // The numbers are of no matter.
  assert.deepEqual(changes(lower, { a: linked('9'), b: linked('9'), c: file() }).changed, []);
  assert.deepEqual(changes(lower, { a: linked('9'), b: linked('9'), c: linked('9') }).changed, [
    'a',
    'b',
    'c',
  ]);
  assert.deepEqual(changes(lower, { a: file(), b: file(), c: file() }).changed, ['a', 'b']);
  const changed = linked('1', { mode: 0o600 });
  assert.deepEqual(changes(lower, { a: changed, b: changed, c: file() }).changed, ['a', 'b']);
});
