/** Masked and read-only paths. config-linux.md, "Masked Paths", "Readonly Paths". */

import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOTLESS } from '../lib/groups.js';
import { WITHOUT } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

scenario('a masked file reads as empty and cannot be written', {}, (s) => {
  const [text, node] = s.report(
    (c) => {
      c.linux.maskedPaths = ['/dir/file'];
    },
    'cat /dir/file',
    'stat /dir/file',
  );
  assert.equal(text, '');
  assert.deepEqual([node.type, node.major, node.minor], ['char', 1, 3]);
});

// A mask that is the host's own /dev/null would let root of the container change it for everybody.
scenario("the mode of the host's /dev/null cannot be changed through a mask", {}, (s) => {
  if (!ROOTLESS) s.defer(() => chmodSync('/dev/null', 0o666));
  s.run((c) => {
    c.linux.maskedPaths = ['/dir/file'];
    c.process.args = ['/payload', 'chmod', '/dir/file', '0667'];
  });
  assert.equal(statSync('/dev/null').mode & 0o7777, 0o666);
});

scenario('a masked folder is empty and read-only', {}, (s) => {
  const [names, wrote] = s.report(
    (c) => {
      c.root.readonly = false;
      c.linux.maskedPaths = ['/dir'];
    },
    'ls /dir',
    'open /dir/new c',
  );
  assert.deepEqual(names, []);
  assert.deepEqual(wrote, { errno: 'EROFS' });
});

scenario('the same path masked twice', {}, (s) => {
  const [names] = s.report((c) => {
    c.linux.maskedPaths = ['/dir', '/dir', '/none', '/dir/none'];
  }, 'ls /dir');
  assert.deepEqual(names, []);
});

scenario('the default masks hide what they should of /proc', {}, (s) => {
  const [timers, kcore] = s.report(() => {}, 'cat /proc/timer_list', 'cat /proc/keys');
  for (const seen of [timers, kcore]) {
    assert.ok(seen === '' || typeof seen === 'object', String(seen).slice(0, 80));
  }
});

scenario('read-only paths: readable, not writable', {}, (s) => {
  const [text, wrote, sysctl] = s.report(
    (c) => {
      c.root.readonly = false;
      c.linux.readonlyPaths?.push('/dir');
    },
    'cat /dir/file',
    'open /dir/file w data',
    'open /proc/sys/kernel/hostname w',
  );
  assert.equal(text, 'of the root file system\n');
  assert.deepEqual(wrote, { errno: 'EROFS' });
  // Of root's namespace is what belongs to root, whoever else looks at it.
  assert.deepEqual(sysctl, { errno: ROOTLESS ? 'EACCES' : 'EROFS' });
});

scenario(
  'a read-only path holds for mounts below it',
  {
    not: { runc: 'changes the top mount only', crun: 'changes the top mount only' },
    skip: WITHOUT.includes('mount_setattr') && 'for the one mount only before Linux 5.12',
  },
  (s) => {
    const [wrote] = s.report((c) => {
      c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
      c.mounts.push({ destination: '/srv/inner', type: 'tmpfs', source: 'tmpfs' });
      c.linux.readonlyPaths?.push('/srv');
    }, 'open /srv/inner/new c');
    assert.deepEqual(wrote, { errno: 'EROFS' });
  },
);

scenario('read-only and masked paths that do not exist are passed over', {}, (s) => {
  const [text] = s.report((c) => {
    c.linux.readonlyPaths = ['/none', '/proc/none'];
    c.linux.maskedPaths = ['/none/at/all'];
  }, 'cat /dir/file');
  assert.equal(text, 'of the root file system\n');
});

scenario('without masks nothing is masked', {}, (s) => {
  const [text, mounts] = s.report(
    (c) => {
      c.linux.maskedPaths = [];
      c.linux.readonlyPaths = [];
    },
    'cat /proc/version',
    'mountinfo',
  );
  assert.match(String(text), /^Linux/);
  assert.deepEqual(
    mounts.filter((mount) => mount.target.startsWith('/proc/')),
    [],
  );
});

scenario('a mount keeps what a read-only root has at its place', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'cat', '/dir/extra'];
  });
  writeFileSync(path.join(container.bundle, 'rootfs/dir/extra'), 'kept');
  assert.equal(JSON.parse(container.must('run', ['--bundle', container.bundle]).stdout), 'kept');
});
