import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOUNT_ATTR, MS } from '../native/constants.js';
import { bindAttributes, knownMountOptions, parseMountOptions } from './mount-options.js';
import { refusal } from './testing/fixtures.js';

/** The table of config.md, "Linux mount options". */
const SPECIFIED =
  `async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev
  nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private
  ratime rbind rdev rdiratime relatime remount rexec ridmap rnoatime rnodiratime rnoexec rnorelatime
  rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid
  rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable rnodev`.split(
    /\s+/,
  );

test('every option of the specification is known', () => {
  assert.deepEqual(
    SPECIFIED.filter((name) => !knownMountOptions().includes(name)),
    [],
  );
  assert.equal(knownMountOptions().length, SPECIFIED.length);
});

test('no known option ends up in the data', () => {
  for (const name of knownMountOptions()) {
    assert.deepEqual(parseMountOptions([name], '/o').data, [], name);
  }
});

/** option -> [flag set, the option that takes it back] as mount(8) has them. */
const PAIRS: readonly (readonly [string, number, string])[] = [
  ['ro', 1, 'rw'],
  ['nosuid', 2, 'suid'],
  ['nodev', 4, 'dev'],
  ['noexec', 8, 'exec'],
  ['sync', 16, 'async'],
  ['mand', 64, 'nomand'],
  ['nosymfollow', 256, 'symfollow'],
  ['noatime', 1024, 'atime'],
  ['nodiratime', 2048, 'diratime'],
  ['silent', 32768, 'loud'],
  ['relatime', 1 << 21, 'norelatime'],
  ['iversion', 1 << 23, 'noiversion'],
  ['strictatime', 1 << 24, 'nostrictatime'],
  ['lazytime', 1 << 25, 'nolazytime'],
];
for (const [name, flag, inverse] of PAIRS) {
  test(`${name} sets its flag, ${inverse} takes it back, and the last one wins`, () => {
    assert.equal(parseMountOptions([name], '/o').flags, flag);
    const off = parseMountOptions([name, inverse], '/o');
    assert.deepEqual([off.flags, off.cleared], [0, flag]);
    const on = parseMountOptions([inverse, name], '/o');
    assert.deepEqual([on.flags, on.cleared], [flag, 0]);
  });
}

const PROPAGATION: readonly (readonly [string, number])[] = [
  ['private', 1 << 18],
  ['slave', 1 << 19],
  ['shared', 1 << 20],
  ['unbindable', 1 << 17],
];
for (const [name, flag] of PROPAGATION) {
  test(`${name} and r${name} are propagation, no flags`, () => {
    const options = parseMountOptions([name, `r${name}`], '/o');
    assert.deepEqual(options.propagation, [flag, flag | 16384]);
    assert.equal(options.flags, 0);
  });
}

const RECURSIVE: readonly (readonly [string, number, string])[] = [
  ['rro', 1, 'rrw'],
  ['rnosuid', 2, 'rsuid'],
  ['rnodev', 4, 'rdev'],
  ['rnoexec', 8, 'rexec'],
  ['rnodiratime', 0x80, 'rdiratime'],
  ['rnosymfollow', 0x200000, 'rsymfollow'],
];
for (const [name, bit, inverse] of RECURSIVE) {
  test(`${name} and ${inverse} are attributes of the whole tree`, () => {
    assert.deepEqual(parseMountOptions([name], '/o').recursive, { set: bit, clear: 0 });
    assert.deepEqual(parseMountOptions([name, inverse], '/o').recursive, { set: 0, clear: bit });
    assert.equal(parseMountOptions([name], '/o').flags, 0);
  });
}

for (const [name, value] of [
  ['rnoatime', 0x10],
  ['rstrictatime', 0x20],
  ['rrelatime', 0],
  ['ratime', 0],
] as const) {
  test(`${name} clears the whole atime field, as mount_setattr(2) demands`, () => {
    assert.deepEqual(parseMountOptions([name], '/o').recursive, { set: value, clear: 0x70 });
  });
}

test('of two recursive atime modes the last one counts', () => {
  assert.deepEqual(parseMountOptions(['rnoatime', 'rstrictatime'], '/o').recursive, {
    set: 0x20,
    clear: 0x70,
  });
});

test('what is unknown is data, in order', () => {
  const options = parseMountOptions(['mode=755', 'ro', 'size=64k', 'gid=5'], '/o');
  assert.deepEqual(options.data, ['mode=755', 'size=64k', 'gid=5']);
});

test('names of Object.prototype are data too', () => {
  assert.deepEqual(parseMountOptions(['constructor', '__proto__'], '/o').data, [
    'constructor',
    '__proto__',
  ]);
});

test('idmap is for one mount, ridmap for its tree; the last one wins', () => {
  assert.equal(parseMountOptions(['ro'], '/o').idmap, undefined);
  assert.deepEqual(parseMountOptions(['ridmap', 'idmap'], '/o').idmap, { recursive: false });
  assert.deepEqual(parseMountOptions(['idmap', 'ridmap'], '/o').idmap, { recursive: true });
});

test('a null byte is refused', () => {
  assert.throws(() => parseMountOptions(['a\0b'], '/o'), refusal('invalid-config', '/o/0'));
});

const attributes = (...names: string[]) => bindAttributes(parseMountOptions(names, '/o'), false);

test('a plain bind keeps the attributes of its source', () => {
  assert.equal(attributes('bind'), undefined);
  assert.equal(attributes('rbind', 'rprivate'), undefined);
  assert.equal(attributes('bind', 'rro'), undefined);
});

test('a bind with a flag has exactly the named ones, but its own atime mode', () => {
  const { NOSUID, NODEV, NOEXEC, NOSYMFOLLOW, RDONLY } = MOUNT_ATTR;
  assert.deepEqual(attributes('bind', 'ro'), {
    set: RDONLY,
    clear: NOSUID | NODEV | NOEXEC | NOSYMFOLLOW,
  });
});

test('rw alone is a flag too', () => {
  assert.deepEqual(attributes('rbind', 'rw'), { set: 0, clear: 1 | 2 | 4 | 8 | 0x200000 });
});

test('a named atime mode replaces the field', () => {
  const result = attributes('bind', 'noatime');
  assert.equal((result?.set ?? 0) & MOUNT_ATTR.ATIME, MOUNT_ATTR.NOATIME);
  assert.equal((result?.clear ?? 0) & MOUNT_ATTR.ATIME, MOUNT_ATTR.ATIME);
});

test('in a user namespace only what is taken back by name must go', () => {
  const options = parseMountOptions(['bind', 'ro', 'suid'], '/o');
  assert.deepEqual(bindAttributes(options, true), {
    set: MOUNT_ATTR.RDONLY,
    clear: MOUNT_ATTR.NOSUID,
    tryClear: MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC | MOUNT_ATTR.NOSYMFOLLOW,
  });
});

test('bind and rbind are method, remount is passed on', () => {
  assert.equal(parseMountOptions(['rbind'], '/o').flags, MS.BIND | MS.REC);
  assert.equal(parseMountOptions(['remount'], '/o').flags, MS.REMOUNT);
});
