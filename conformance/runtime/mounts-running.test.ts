/** `mounts add` and `mounts remove`: mounts of a running container, as crun has them. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { notOwn } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

// crun 1.8.1, Debian 12's, has no such verb.
const skip = notOwn || notRoot;

interface Mount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

const writable: Change = (c) => {
  c.root.readonly = false;
};

/** Runs it; an empty text is success. */
function change(s: Sandbox, container: Container, action: string, mounts: unknown): string {
  const file = s.path(`mounts-${action}.json`);
  writeFileSync(file, JSON.stringify(mounts));
  const result = s.runtime(['mounts', action, container.id, file]);
  assert.equal(result.status, result.stderr === '' ? 0 : 1, result.stderr);
  return result.stderr;
}

/** The mounts that the container's process sees, by target; the last of each counts. */
function seen(container: Container): Map<string, string> {
  const text = readFileSync(`/proc/${container.state().pid}/mountinfo`, 'utf8');
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.split(' ')[4] ?? '', line]),
  );
}

/** The source is the host's, and is brought in detached. */
const needs = ['open_tree', 'move_mount'];

scenario('a file system and bind mounts, of a folder and a file', { skip, needs }, async (s) => {
  const container = await s.running(writable);
  const folder = s.path('folder');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'file'), 'of the host');
  const mounts: Mount[] = [
    { destination: '/new/tmp', type: 'tmpfs', source: 'tmpfs', options: ['size=1m', 'nosuid'] },
    { destination: '/new/folder', source: folder, options: ['bind', 'ro'] },
    { destination: '/new/file', source: path.join(folder, 'file'), options: ['bind'] },
  ];
  assert.equal(change(s, container, 'add', mounts), '');
  const after = seen(container);
  assert.match(after.get('/new/tmp') ?? '', /nosuid.* - tmpfs .*size=1024k/);
  assert.match(after.get('/new/folder') ?? '', / ro,/);
  const [text, denied] = container.report([], 'cat /new/folder/file', 'mkdir /new/folder/x');
  assert.equal(text, 'of the host');
  assert.deepEqual(denied, { errno: 'EROFS' });
  assert.deepEqual(container.report([], 'cat /new/file'), ['of the host']);
  // Nothing of it on the host.
  assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(container.bundle));

  assert.equal(change(s, container, 'remove', { mounts: mounts.slice(0, 2) }), '');
  const left = seen(container);
  assert.deepEqual(
    [left.has('/new/tmp'), left.has('/new/folder'), left.has('/new/file')],
    [false, false, true],
  );
  assert.equal(change(s, container, 'remove', mounts.slice(2)), '');
});

scenario('mounts of a created and of a paused container', { skip }, async (s) => {
  const mounts = [{ destination: '/new', type: 'tmpfs', source: 'tmpfs' }];
  const created = s.created(writable);
  assert.equal(change(s, created, 'add', mounts), '');
  assert.ok(seen(created).has('/new'));
  const paused = await s.running(writable);
  paused.must('pause');
  assert.equal(change(s, paused, 'add', mounts), '');
  assert.ok(seen(paused).has('/new'));
  paused.must('resume');
});

scenario('mounts of a container with a user namespace', { skip, needs }, async (s) => {
  const container = await s.running((c) => {
    writable(c);
    c.linux.namespaces.push({ type: 'user' });
    c.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
    c.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
  });
  const folder = s.path('folder');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'file'), 'of the host');
  const mounts = [
    { destination: '/new/tmp', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/new/folder', source: folder, options: ['bind'] },
  ];
  assert.equal(change(s, container, 'add', mounts), '');
  assert.deepEqual(container.report([], 'cat /new/folder/file'), ['of the host']);
});

scenario('a link in the container leads nowhere but into the container', { skip }, async (s) => {
  const container = await s.running(writable);
  const rootfs = path.join(container.bundle, 'rootfs');
  const outside = s.path('outside');
  mkdirSync(outside);
  symlinkSync(outside, path.join(rootfs, 'out'));
  symlinkSync(`../../../../..${outside}`, path.join(rootfs, 'up'));
  for (const destination of ['/out', '/up']) {
    const mounts = [{ destination, type: 'tmpfs', source: 'tmpfs' }];
    assert.equal(change(s, container, 'add', mounts), '');
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(outside));
    // It was followed inside: the folder was made there.
    assert.ok(seen(container).has(outside), destination);
    assert.equal(change(s, container, 'remove', [{ destination: outside }]), '');
  }
});

scenario('a link to a place in /proc is not mounted on', { skip }, async (s) => {
  const container = await s.running(writable);
  symlinkSync('/proc/self', path.join(container.bundle, 'rootfs/link'));
  const said = change(s, container, 'add', [
    { destination: '/link/attr', type: 'tmpfs', source: 'tmpfs' },
  ]);
  assert.match(said, /proc/);
});

scenario('remove: what is masked stays masked, whatever links lead there', { skip }, async (s) => {
  const container = await s.running((c) => {
    writable(c);
    c.linux.maskedPaths = ['/proc/version'];
  });
  const rootfs = path.join(container.bundle, 'rootfs');
  assert.ok(seen(container).has('/proc/version'));
  // First a mount, as its owner asked for it; then the folder above it is replaced.
  mkdirSync(path.join(rootfs, 'a/version'), { recursive: true });
  assert.equal(
    change(s, container, 'add', [{ destination: '/a/version', type: 'tmpfs', source: 'tmpfs' }]),
    '',
  );
  renameSync(path.join(rootfs, 'a'), path.join(rootfs, 'b'));
  symlinkSync('/proc', path.join(rootfs, 'a'));
  assert.match(change(s, container, 'remove', [{ destination: '/a/version' }]), /symbolic link/);
  assert.ok(seen(container).has('/proc/version'));
});

scenario('mounts: what is refused', { skip }, async (s) => {
  const container = await s.running(writable);
  for (const [action, mounts, words] of [
    ['add', [{ destination: '/', type: 'tmpfs', source: 'tmpfs' }], /root file system/],
    ['add', [{ destination: '/x', source: '/no/such', options: ['bind'] }], /no such file/],
    ['add', [{ destination: '/x', type: 'cgroup', source: 'cgroup' }], /cgroup/],
    ['add', [{ destination: '/proc/1', type: 'tmpfs', source: 'tmpfs' }], /inside \/proc/],
    ['add', { other: 1 }, /must be an array/],
    ['add', [{ type: 'tmpfs' }], /destination/],
    ['remove', [{ destination: '/' }], /root file system/],
    ['remove', [{ destination: '/srv' }], /nothing is mounted there/],
    ['remove', [{ destination: '/no/such' }], /no such file/],
    ['move', [], /not add or remove/],
  ] as const) {
    assert.match(change(s, container, action, mounts), words, `${action} ${String(words)}`);
  }
  const unread = s.runtime(['mounts', 'add', container.id, '/no/such']);
  assert.match(unread.stderr, /the file of mounts: open \/no\/such: no such file/);
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  const mounts = [{ destination: '/new', type: 'tmpfs', source: 'tmpfs' }];
  assert.match(change(s, container, 'add', mounts), /container not running/);
});

scenario("add: a source is never looked up among the container's files", { skip }, async (s) => {
  const container = await s.running(writable);
  for (const type of ['ext4', 'overlay', 'nfs']) {
    const mounts = [{ destination: '/new', type, source: '/dev/disk' }];
    assert.match(
      change(s, container, 'add', mounts),
      new RegExp(`type ${type} cannot be added to a running container.*bind mount`),
    );
  }
  assert.ok(!seen(container).has('/new'));
});

scenario('add: nothing is remounted, since a link may lead there', { skip }, async (s) => {
  const container = await s.running(writable);
  const before = seen(container).get('/sys');
  symlinkSync('/sys', path.join(container.bundle, 'rootfs/data'));
  for (const options of [
    ['remount', 'rw'],
    ['remount', 'bind', 'rw'],
  ]) {
    const mounts = [{ destination: '/data', type: 'tmpfs', source: '/', options }];
    assert.match(change(s, container, 'add', mounts), /cannot be changed/);
  }
  assert.equal(seen(container).get('/sys'), before);
});

scenario("add: a container's own /proc says nothing of where to mount", { skip }, async (s) => {
  const container = await s.running((c) => {
    writable(c);
    c.mounts = c.mounts.filter(({ destination }) => destination !== '/proc');
    c.linux.maskedPaths = [];
    c.linux.readonlyPaths = [];
  });
  const rootfs = path.join(container.bundle, 'rootfs');
  for (const folder of ['other', 'proc/self/fd']) {
    mkdirSync(path.join(rootfs, folder), { recursive: true });
  }
  for (let fd = 3; fd < 64; fd++) symlinkSync('/other', path.join(rootfs, `proc/self/fd/${fd}`));
  const mounts = [{ destination: '/new', type: 'tmpfs', source: 'tmpfs' }];
  assert.equal(change(s, container, 'add', mounts), '');
  const after = seen(container);
  assert.deepEqual([after.has('/new'), after.has('/other')], [true, false]);
});

scenario(
  'add: one that fails when it is there already is taken away again',
  { skip },
  async (s) => {
    const container = await s.running(writable);
    const full = path.join(container.bundle, 'rootfs/full');
    mkdirSync(full);
    writeFileSync(path.join(full, 'file'), 'x'.repeat(1 << 20));
    const copied: Mount = { destination: '/full', type: 'tmpfs', source: 'tmpfs' };
    // What is to be copied into it does not fit.
    const options = ['size=64k', 'tmpcopyup'];
    assert.match(change(s, container, 'add', [{ ...copied, options }]), /no space left/);
    assert.ok(!seen(container).has('/full'));
  },
);

scenario('add: what stays when a later one fails is as it was asked for', { skip }, async (s) => {
  const container = await s.running(writable);
  const mounts: Mount[] = [
    { destination: '/one', type: 'tmpfs', source: 'tmpfs', options: ['ro'] },
    { destination: '/two', type: 'tmpfs', source: 'tmpfs', options: ['size=none'] },
  ];
  assert.match(change(s, container, 'add', mounts), /invalid argument/);
  const after = seen(container);
  assert.ok(!after.has('/two'));
  assert.match(after.get('/one') ?? '', / ro,/);
});
