import assert from 'node:assert/strict';
import { lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { native, needsRoot, openDescriptors, temporary } from './testing/helper.js';

test('readFiles: text, null for what is missing, U+FFFD for what is no UTF-8', (t) => {
  const dir = temporary(t);
  native.replaceFile(join(dir, 'a'), 'one', 0o600);
  native.replaceFile(join(dir, 'b'), new Uint8Array([0x61, 0xff]), 0o600);
  const read = native.readFiles([
    join(dir, 'a'),
    join(dir, 'none'),
    join(dir, 'a/x'),
    join(dir, 'b'),
  ]);
  assert.deepEqual(read, ['one', null, null, 'a\ufffd']);
  assert.throws(() => native.readFiles([dir]), { code: 'EISDIR', syscall: 'read', path: dir });
});

test('readFiles reads files that are longer than they say', () => {
  // /proc files have size 0.
  assert.match(native.readFiles(['/proc/self/status'])[0] ?? '', /^Name:/);
});

test('writes to one file in a row each begin where it begins', (t) => {
  const path = join(temporary(t), 'file');
  native.writeFiles([{ path, data: '', create: 0o600 }]);
  const again = ['longer', 'abc', 'x'].map((data) => ({ path, data }));
  assert.deepEqual(native.writeFiles(again), []);
  assert.deepEqual(native.readFiles([path]), ['xbcger']);
  const appended = [
    { path, data: '1', append: true },
    { path, data: '2' },
    { path: '/dev/full', data: '3' },
    { path: '/dev/full', data: '4' },
    { path, data: '5' },
  ];
  assert.deepEqual(
    native.writeFiles(appended).map(({ index, code }) => [index, code]),
    [
      [2, 'ENOSPC'],
      [3, 'ENOSPC'],
    ],
  );
  assert.deepEqual(native.readFiles([path]), ['5bcger1']);
});

test('writeFiles stops at nothing and returns every failure', (t) => {
  const dir = temporary(t);
  const failures = native.writeFiles([
    { path: join(dir, 'none'), data: 'x' },
    { path: join(dir, 'new'), data: 'first', create: 0o640 },
    { path: dir, data: 'x' },
    { path: join(dir, 'new'), data: '+', append: true },
  ]);
  assert.deepEqual(failures, [
    { index: 0, syscall: 'open', errno: 2, code: 'ENOENT', path: join(dir, 'none') },
    { index: 2, syscall: 'open', errno: 21, code: 'EISDIR', path: dir },
  ]);
  assert.equal(readFileSync(join(dir, 'new'), 'utf8'), 'first+');
  native.writeFiles([{ path: join(dir, 'new'), data: 'z', truncate: true }]);
  assert.equal(readFileSync(join(dir, 'new'), 'utf8'), 'z');
});

test('replaceFile has the mode asked for whatever the umask, and leaves nothing beside it', (t) => {
  const dir = temporary(t);
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  const path = join(dir, 'f');
  native.replaceFile(path, 'a', 0o644);
  const before = native.status(path, true)?.ino;
  native.replaceFile(path, 'b', 0o664);
  assert.equal(statSync(path).mode & 0o7777, 0o664);
  assert.notEqual(native.status(path, true)?.ino, before);
  assert.deepEqual(native.readDirectory(dir), ['f']);
  assert.throws(() => native.replaceFile(join(dir, 'no/f'), '', 0o600), { code: 'ENOENT' });
  // A directory can't be replaced by a file: the temporary file goes too.
  native.makeDirectory(join(dir, 'd'), 0o755, false);
  assert.throws(() => native.replaceFile(join(dir, 'd'), '', 0o600), { syscall: 'rename' });
  assert.deepEqual(native.readDirectory(dir), ['d', 'f']);
});

test('status has every bit of 64-bit numbers', (t) => {
  const dir = temporary(t);
  native.replaceFile(join(dir, 'f'), 'abc', 0o4750);
  native.writeFiles([]);
  const status = native.status(join(dir, 'f'), false);
  const node = lstatSync(join(dir, 'f'), { bigint: true });
  assert.equal(status?.type, 'file');
  assert.equal(status?.mode, 0o4750);
  assert.equal(status?.size, 3);
  assert.equal(status?.dev, node.dev);
  assert.equal(status?.ino, node.ino);
  assert.equal(status?.mtimeNs, node.mtimeNs);
  assert.equal(native.status(join(dir, 'f/x'), true), null);
  const device = native.status('/dev/null', true);
  assert.deepEqual([device?.type, device?.major, device?.minor], ['char', 1, 3]);
});

test('status, readLink and realPath on links', (t) => {
  const dir = temporary(t);
  native.makeDirectory(join(dir, 'd'), 0o700, false);
  native.rename(join(dir, 'd'), join(dir, 'e'));
  assert.equal(native.readLink('/proc/self'), String(process.pid));
  assert.equal(native.status('/proc/self', false)?.type, 'symlink');
  assert.equal(native.status('/proc/self', true)?.type, 'directory');
  assert.equal(native.realPath(`/proc/self/cwd`), process.cwd());
  assert.throws(() => native.realPath(join(dir, 'd')), { code: 'ENOENT' });
  assert.throws(() => native.readLink(dir), { code: 'EINVAL' });
});

test('makeDirectory: what was made, what was there, what is in the way', (t) => {
  const dir = temporary(t);
  assert.equal(native.makeDirectory(join(dir, 'a//b/c/'), 0o755, true), true);
  assert.equal(native.makeDirectory(join(dir, 'a/b/c'), 0o755, true), false);
  assert.throws(() => native.makeDirectory(join(dir, 'a'), 0o755, false), { code: 'EEXIST' });
  native.replaceFile(join(dir, 'f'), '', 0o600);
  assert.throws(() => native.makeDirectory(join(dir, 'f'), 0o755, true), { code: 'ENOTDIR' });
  assert.throws(() => native.makeDirectory(join(dir, 'f/x'), 0o755, true), { code: 'ENOTDIR' });
  native.removeDirectory(join(dir, 'a/b/c'));
  assert.deepEqual(native.readDirectory(join(dir, 'a/b')), []);
  assert.equal(native.readDirectory(join(dir, 'a/b/c')), null);
});

test('removeTree follows no link, and is content with nothing', (t) => {
  const dir = temporary(t);
  native.makeDirectory(join(dir, 'keep'), 0o755, false);
  native.replaceFile(join(dir, 'keep/file'), 'x', 0o600);
  native.makeDirectory(join(dir, 'tree/deep/er'), 0o755, true);
  native.replaceFile(join(dir, 'tree/deep/file'), 'x', 0o600);
  const made = native.runProgram({
    path: '/bin/ln',
    args: ['ln', '-s', join(dir, 'keep'), join(dir, 'tree/link')],
    env: [],
  });
  assert.equal(made.exitCode, 0);
  native.removeTree(join(dir, 'tree'));
  native.removeTree(join(dir, 'tree'));
  assert.deepEqual(native.readDirectory(dir), ['keep']);
  assert.deepEqual(native.readDirectory(join(dir, 'keep')), ['file']);
  native.removeTree(join(dir, 'keep/file'));
  assert.deepEqual(native.readDirectory(join(dir, 'keep')), []);
});

test('removeTree stops at another file system', { skip: needsRoot }, (t) => {
  const dir = temporary(t);
  native.makeDirectory(join(dir, 'tree/mnt'), 0o755, true);
  // In a mount namespace of its own: nothing stays mounted whatever happens.
  const script = `mount -t tmpfs t "$1/tree/mnt" && touch "$1/tree/mnt/kept" &&
    "$2" -e 'const [, core, dir] = process.argv;
      try { require(core).removeTree(dir + "/tree"); console.log("removed"); }
      catch (e) { console.log(e.code); }' "$3" "$1"; ls "$1/tree/mnt"`;
  const result = native.runProgram({
    path: '/usr/bin/unshare',
    args: ['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, 'sh', dir].concat(
      process.execPath,
      join(native.installDirectory(), 'ocirt.node'),
    ),
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
  });
  assert.equal(Buffer.from(result.stdout).toString(), 'EXDEV\nkept\n');
});

test('open, read, write, lock and close', (t) => {
  const dir = temporary(t);
  const path = join(dir, 'f');
  const before = openDescriptors();
  const fd = native.open(path, ['readwrite', 'create', 'exclusive'], 0o600);
  native.write(fd, 'hello');
  assert.throws(() => native.open(path, ['write', 'create', 'exclusive']), { code: 'EEXIST' });
  const other = native.open(path, ['read']);
  assert.equal(Buffer.from(native.read(other, 3)).toString(), 'hel');
  assert.equal(Buffer.from(native.read(other, 99)).toString(), 'lo');
  assert.equal(native.read(other, 99).length, 0);
  assert.equal(native.lock(fd, true, false), true);
  assert.equal(native.lock(other, false, false), false);
  assert.equal(native.isTerminal(fd), false);
  // FD_CLOEXEC shows in fdinfo as 02000000.
  assert.match(
    native.readFiles([`/proc/self/fdinfo/${fd}`])[0] ?? '',
    /flags:\t0[0-7]*2[0-7]{6}\n/,
  );
  native.close([fd, other]);
  assert.equal(openDescriptors(), before);
  assert.throws(() => native.close([fd]), { code: 'EBADF' });
  assert.throws(() => native.open(path, ['sideways' as 'read']), { code: 'EINVAL' });
});

test('a NUL in a path is refused, not cut off', (t) => {
  const dir = temporary(t);
  assert.throws(() => native.removeTree(`${dir}\0x`), { code: 'EINVAL', path: dir });
  assert.throws(() => native.open(`${dir}\0`, ['read']), { code: 'EINVAL' });
  assert.throws(
    () =>
      native.writeFiles([{ path: `${dir}/a\0b`, data: '', create: 0o600 }]).map((f) => {
        throw Object.assign(new Error(), { code: f.code });
      }),
    { code: 'EINVAL' },
  );
  assert.deepEqual(native.readDirectory(dir), []);
});

test("errors read as runc's do", () => {
  assert.throws(() => native.open('/nonexistent/x', ['read']), {
    name: 'NativeError',
    message: 'open /nonexistent/x: no such file or directory',
    syscall: 'open',
    errno: 2,
    code: 'ENOENT',
    path: '/nonexistent/x',
  });
});

test('setAttributes: times to the nanosecond, before 1970 too, of a link itself', (t) => {
  const dir = temporary(t);
  const path = join(dir, 'a');
  native.replaceFile(path, '', 0o600);
  symlinkSync('none', join(dir, 'link'));
  for (const ns of [1_600_000_001_123_456_789n, -1n]) {
    for (const one of [path, join(dir, 'link')]) {
      assert.deepEqual(native.setAttributes(one, -1, -1, -1, -1, ns, []), []);
      assert.equal(lstatSync(one, { bigint: true }).mtimeNs, ns);
    }
  }
  assert.throws(() => native.setAttributes(join(dir, 'none'), -1, -1, -1, -1, 0n, []), {
    code: 'ENOENT',
  });
});

test('makeNode: fifos, and devices by their numbers', { skip: needsRoot }, (t) => {
  const dir = temporary(t);
  native.makeNode(join(dir, 'fifo'), 'fifo', 0, 0);
  native.makeNode(join(dir, 'char'), 'character-device', 1, 3);
  native.makeNode(join(dir, 'block'), 'block-device', 7, 300);
  const of = (name: string) => native.status(join(dir, name), false);
  assert.equal(of('fifo')?.type, 'fifo');
  const { type, major, minor } = of('block') ?? {};
  assert.deepEqual([type, major, minor], ['block', 7, 300]);
  assert.equal(of('char')?.type, 'char');
  assert.throws(() => native.makeNode(join(dir, 'fifo'), 'fifo', 0, 0), { code: 'EEXIST' });
});

/** What folderAttributes tells of one name. */
function told(dir: string, name: string) {
  const fd = native.open(dir, ['read', 'directory']);
  try {
    const { names, numbers, xattrs } = native.folderAttributes(fd);
    const index = names.indexOf(name);
    const own = numbers.slice(index * 11, index * 11 + 11);
    const attributes = xattrs.filter((_, at) => at % 2 === 1 && xattrs[at - 1] === index);
    return {
      numbers: own,
      xattrs: (attributes as [string, Uint8Array][]).map(([key, value]) => [
        key,
        new Uint8Array(value),
      ]),
    };
  } finally {
    native.close([fd]);
  }
}

// A file capability, which is no text, and which a change of owner would take away.
const CAPABILITY = new Uint8Array(20);
CAPABILITY.set([1, 0, 0, 2, 0x80, 0xff]);
const ATTRIBUTES = [
  ['security.capability', CAPABILITY],
  ['user.note', new Uint8Array([0, 255])],
] as const;

test('setAttributes, makeFile and folderAttributes: owner, bytes of attributes, mode, in one', {
  skip: needsRoot,
}, (t) => {
  const dir = temporary(t);
  const path = join(dir, 'a');
  native.replaceFile(path, '12', 0o600);
  assert.deepEqual(native.setAttributes(path, -1, 7, 8, 0o4711, 5n, ATTRIBUTES), []);
  const text = new Uint8Array([1, 2]);
  assert.deepEqual(native.makeFile(join(dir, 'b'), text, 7, 8, 0o4711, 5n, ATTRIBUTES), []);
  for (const name of ['a', 'b']) {
    const { numbers, xattrs } = told(dir, name);
    const { dev, ino } = lstatSync(join(dir, name), { bigint: true });
    assert.deepEqual(numbers.slice(0, 9), [0o104711, 7, 8, 2, 1, 0, 0, 0, 5]);
    assert.deepEqual(numbers.slice(9).map(BigInt), [dev, ino]);
    assert.deepEqual(xattrs, ATTRIBUTES);
  }
  native.clearExtendedAttributes(path);
  assert.deepEqual(told(dir, 'a').xattrs, []);
  assert.equal(told(dir, 'b').xattrs.length, 2);
});

test('folderAttributes: the folder first, the others in the order of their bytes', (t) => {
  const dir = temporary(t);
  for (const name of ['b', '\u{10000}', '\uffee', 'B'])
    native.replaceFile(join(dir, name), '', 0o600);
  symlinkSync('none', join(dir, 'link'));
  native.setAttributes(join(dir, 'link'), -1, -1, -1, -1, -1n, []);
  const fd = native.open(dir, ['read', 'directory']);
  const { names } = native.folderAttributes(fd);
  native.close([fd]);
  assert.deepEqual(names, ['.', 'B', 'b', 'link', '\uffee', '\u{10000}']);
  const [mode = 0] = told(dir, '.').numbers;
  assert.equal(Number(mode) & 0o170000, 0o040000);
  assert.deepEqual(told(dir, 'link').numbers.slice(7, 9), [-1, 999_999_999]);
  assert.throws(() => native.folderAttributes(fd), { code: 'ENOENT', syscall: 'opendir' });
});

test('makeFile: modes that umask or a change of owner would touch, and nothing in the place of another', (t) => {
  const dir = temporary(t);
  const bytes = new TextEncoder().encode('text');
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  for (const mode of [0o666, 0o444, 0o6755, 0o1777, 0]) {
    const path = join(dir, mode.toString(8));
    native.makeFile(path, bytes, -1, -1, mode, -1n, []);
    const found = lstatSync(path, { bigint: true });
    assert.deepEqual([Number(found.mode & 0o7777n), found.mtimeNs], [mode, -1n]);
    if (mode !== 0) assert.equal(readFileSync(path, 'utf8'), 'text');
    assert.throws(() => native.makeFile(path, bytes, -1, -1, mode, 0n, []), { code: 'EEXIST' });
  }
  symlinkSync('elsewhere', join(dir, 'link'));
  assert.throws(() => native.makeFile(join(dir, 'link'), bytes, -1, -1, 0o600, 0n, []), {
    code: 'EEXIST',
  });
  assert.equal(native.status(join(dir, 'elsewhere'), true), null);
});

test('makeFile: owners of others keep setuid and setgid', { skip: needsRoot }, (t) => {
  const dir = temporary(t);
  native.makeFile(join(dir, 'a'), new Uint8Array([1]), 7, 8, 0o6711, 0n, []);
  assert.deepEqual(told(dir, 'a').numbers.slice(0, 4), [0o106711, 7, 8, 1]);
});

test('setAttributes: names what the file system does not take, and reports what fails', (t) => {
  const dir = temporary(t);
  symlinkSync('none', join(dir, 'link'));
  const note = [['user.note', new Uint8Array([1])]] as const;
  assert.deepEqual(native.setAttributes(join(dir, 'link'), -1, -1, -1, -1, 0n, note), [
    'user.note',
  ]);
  assert.throws(() => native.setAttributes(join(dir, 'none'), -1, -1, -1, -1, 0n, note), {
    code: 'ENOENT',
    syscall: 'lsetxattr',
  });
});
