import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, inheritedDescriptors } from './descriptors.js';

const INNER = 30;
const OUTER = 31;
const inner = (mount: number): boolean => mount === INNER;
const ownPipe = (link: string): boolean => link === 'pipe:[8]';
const described = (link: string, mount: number) =>
  describe({ link, mount, inode: 0xabcn }, inner, ownPipe);

for (const [title, link, mount, expected] of [
  ['a pipe from outside', 'pipe:[7]', OUTER, { text: 'pipe:[7]' }],
  ["a pipe of the container's own", 'pipe:[8]', OUTER, { text: '' }],
  ['a file of the container', '/var/log', INNER, { text: '/var/log' }],
  [
    'a file from outside',
    '/var/log/a b',
    OUTER,
    { text: 'file[1f:abc] /var/log/a b', external: 'file[1f:abc]' },
  ],
  [
    "the host's null device",
    '/dev/null',
    OUTER,
    { text: 'file[1f:abc] /dev/null', external: 'file[1f:abc]' },
  ],
  ["the caller's terminal is for --shell-job", '/dev/pts/3', OUTER, { text: '/dev/pts/3' }],
  ['a socket', 'socket:[9]', OUTER, { text: 'socket:[9]' }],
] as const) {
  test(`descriptor: ${title}`, () => assert.deepEqual(described(link, mount), expected));
}

test('what is replaced at restore: pipes, as runc writes them, and files from outside', () => {
  const list = ['file[1f:5] /dev/null', 'pipe:[7]', 'file[1f:abc] /var/log/a b', 'pipe:[9]'];
  assert.deepEqual(inheritedDescriptors(list), [
    { number: 0, key: 'file[1f:5]', path: '/dev/null' },
    { number: 1, key: 'pipe:[7]' },
    { number: 2, key: 'file[1f:abc]', path: '/var/log/a b' },
  ]);
});

test('what stays as it was', () => {
  assert.deepEqual(inheritedDescriptors(['/dev/null', '', 'socket:[1]']), []);
  assert.deepEqual(inheritedDescriptors([1, null, { text: 'pipe:[7]' }]), []);
});

test("a file of the container's own is taken for nothing of the host's, whatever its name", () => {
  for (const name of [
    '/x file[7:1]',
    '/x\nfile[7:1] /dev/null',
    '/file[7:1] /dev/null',
    '/pipe:[7]',
    '/x pipe:[7]',
    '/dev/null file[1f:abc]',
  ]) {
    const { text, external } = described(name, INNER);
    assert.equal(external, undefined);
    assert.deepEqual(inheritedDescriptors([text]), [], name);
  }
});
