/** Default devices and links, linux.devices and the rules about them. config-linux.md, "Devices". */

import assert from 'node:assert/strict';
import type { Change } from '../lib/config.js';
import { notRootsDevices, ROOTLESS } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { refused } from '../lib/refusal.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** config-linux.md, "Default Devices", with the numbers of the kernel's devices.txt. */
const DEFAULT_DEVICES: readonly [path: string, major: number, minor: number][] = [
  ['/dev/null', 1, 3],
  ['/dev/zero', 1, 5],
  ['/dev/full', 1, 7],
  ['/dev/random', 1, 8],
  ['/dev/urandom', 1, 9],
  ['/dev/tty', 5, 0],
];

const owner = ROOTLESS ? 65534 : 0;

for (const [device, major, minor] of DEFAULT_DEVICES) {
  scenario(`${device} is there, and everybody may use it`, {}, (s) => {
    const [node] = s.report(() => {}, `stat ${device}`);
    assert.deepEqual(
      {
        type: node.type,
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        major: node.major,
        minor: node.minor,
      },
      // One of the host's belongs to its root, who is nobody in a user namespace.
      { type: 'char', mode: '0666', uid: owner, gid: owner, major, minor },
    );
  });
}

scenario('the default devices can be used', {}, (s) => {
  const [nul, zero, random, urandom, full] = s.report(
    () => {},
    'open /dev/null w data',
    'read /dev/zero',
    'read /dev/random',
    'read /dev/urandom',
    'open /dev/full w data',
  );
  assert.deepEqual([nul, zero, random, urandom], ['ok', 16, 16, 16]);
  assert.deepEqual(full, { errno: 'ENOSPC' });
});

/** runtime-linux.md, "Dev symbolic links", and /dev/ptmx. */
for (const [link, target] of [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/ptmx', 'pts/ptmx'],
] as const) {
  scenario(`${link} is a link to ${target}`, {}, (s) => {
    const [found] = s.report(() => {}, `readlink ${link}`);
    assert.ok(found === target || found === `/dev/${target}`, String(found));
  });
}

const withDevices =
  (...devices: Record<string, unknown>[]): Change =>
  (c) => {
    c.linux.devices = devices;
  };

scenario(
  'a character device of linux.devices, with mode and owner',
  { skip: notRootsDevices },
  (s) => {
    const [node] = s.report(
      withDevices({
        path: '/dev/other',
        type: 'c',
        major: 10,
        minor: 229,
        fileMode: 0o640,
        uid: 7,
        gid: 9,
      }),
      'stat /dev/other',
    );
    assert.deepEqual(
      {
        type: node.type,
        mode: node.mode,
        uid: node.uid,
        gid: node.gid,
        major: node.major,
        minor: node.minor,
      },
      { type: 'char', mode: '0640', uid: 7, gid: 9, major: 10, minor: 229 },
    );
  },
);

scenario('a block device of linux.devices', { skip: notRootsDevices }, (s) => {
  const [node] = s.report(
    withDevices({
      path: '/dev/disk',
      type: 'b',
      major: 7,
      minor: 0,
      fileMode: 0o660,
      uid: 0,
      gid: 6,
    }),
    'stat /dev/disk',
  );
  assert.deepEqual(
    [node.type, node.mode, node.gid, node.major, node.minor],
    ['block', '0660', 6, 7, 0],
  );
});

scenario('a fifo of linux.devices, in a folder that is made for it', {}, (s) => {
  const [node] = s.report(
    withDevices({ path: '/dev/deep/er/fifo', type: 'p', fileMode: 0o622 }),
    'stat /dev/deep/er/fifo',
  );
  assert.deepEqual([node.type, node.mode], ['fifo', '0622']);
});

scenario(
  'an unbuffered character device (u) is a character device',
  { skip: notRootsDevices },
  (s) => {
    const [node] = s.report(
      withDevices({ path: '/dev/other', type: 'u', major: 1, minor: 5, fileMode: 0o666 }),
      'stat /dev/other',
    );
    assert.deepEqual([node.type, node.major, node.minor], ['char', 1, 5]);
  },
);

scenario('default devices that are listed too do no harm', {}, (s) => {
  const [tty, ptmx] = s.report(
    withDevices(
      { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: 0o666 },
      { path: '/dev/ptmx', type: 'c', major: 5, minor: 2, fileMode: 0o666 },
    ),
    'stat /dev/tty',
    'stat /dev/ptmx',
  );
  assert.deepEqual([tty.type, tty.major], ['char', 5]);
  assert.ok(['char', 'symlink'].includes(ptmx.type));
});

scenario(
  '/dev/null that is listed too does no harm',
  { not: { runc: 'loses its own rule for it' } },
  (s) => {
    const [node, wrote] = s.report(
      withDevices({ path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 }),
      'stat /dev/null',
      'open /dev/null rw data',
    );
    assert.deepEqual([node.type, node.mode], ['char', '0666']);
    assert.equal(wrote, 'ok');
  },
);

scenario(
  'two devices of the same path are refused',
  { not: { runc: 'takes the first', crun: 'takes the first' } },
  (s) => {
    const result = s.run(
      withDevices(
        { path: '/dev/a', type: 'c', major: 1, minor: 3 },
        { path: '/dev/a', type: 'c', major: 1, minor: 5 },
      ),
    );
    refused(result);
  },
);

// The device cgroup ---------------------------------------------------------------------------

/** Root of the container may make nodes, so that only the device cgroup says no. */
const withMknod: Change = (c) => {
  for (const set of ['bounding', 'effective', 'permitted'] as const) {
    c.process.capabilities?.[set]?.push('CAP_MKNOD');
  }
};

function tryNode(s: Sandbox, rules: Record<string, unknown>[], node: string) {
  const [result] = s.report((c) => {
    withMknod(c);
    c.linux.resources.devices = rules;
  }, `mknod /dev/probe ${node}` as 'mknod');
  return result;
}

const DENY_ALL = { allow: false, access: 'rwm' };

scenario('deny all: a device may be made but not opened', { skip: notRootsDevices }, (s) => {
  // runc's and the specification's default rules allow mknod of everything.
  const result = tryNode(s, [DENY_ALL], 'c 10 229');
  assert.deepEqual(result, { mknod: 'ok', open: { errno: 'EPERM' } });
});

scenario(
  'allow one device: it can be opened, its neighbour cannot',
  { skip: notRootsDevices },
  (s) => {
    const rules = [DENY_ALL, { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' }];
    const allowed = tryNode(s, rules, 'c 10 229');
    assert.ok('open' in allowed);
    assert.notDeepEqual(allowed.open, { errno: 'EPERM' });
    const denied = tryNode(s, rules, 'c 10 230');
    assert.ok('open' in denied);
    assert.deepEqual(denied.open, { errno: 'EPERM' });
  },
);

scenario('allow a whole major number', { skip: notRootsDevices }, (s) => {
  const rules = [DENY_ALL, { allow: true, type: 'c', major: 10, access: 'rw' }];
  const result = tryNode(s, rules, 'c 10 231');
  assert.ok('open' in result);
  assert.notDeepEqual(result.open, { errno: 'EPERM' });
});

scenario(
  'allow all, then deny one: the last rule that fits decides',
  { skip: notRootsDevices },
  (s) => {
    const rules = [
      { allow: true, access: 'rwm' },
      { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
    ];
    assert.deepEqual(tryNode(s, rules, 'c 10 229'), { errno: 'EPERM' });
    const other = tryNode(s, rules, 'c 10 231');
    assert.ok('open' in other);
    assert.notDeepEqual(other.open, { errno: 'EPERM' });
  },
);

scenario('read may be allowed without write', { skip: notRootsDevices }, (s) => {
  const [read, write] = s.report(
    (c) => {
      c.linux.devices = [{ path: '/dev/kmsg2', type: 'c', major: 1, minor: 11, fileMode: 0o666 }];
      c.linux.resources.devices = [
        DENY_ALL,
        { allow: true, type: 'c', major: 1, minor: 11, access: 'r' },
      ];
    },
    'open /dev/kmsg2 r',
    'open /dev/kmsg2 w',
  );
  assert.notDeepEqual(write, 'ok');
  assert.deepEqual(write, { errno: 'EPERM' });
  // Reading kmsg may be forbidden by the kernel too (dmesg_restrict), which is the same errno.
  assert.ok(read === 'ok' || read.errno === 'EPERM');
});

scenario(
  'the v1 device list of the cgroup is what the rules say',
  { skip: (!cgroupV1() && 'the device controller is not on v1') || notRootsDevices },
  async (s) => {
    const container = await s.running((c) => {
      c.mounts = c.mounts.map((m) => (m.type === 'cgroup' ? { ...m, options: ['ro'] } : m));
      c.linux.resources.devices = [
        DENY_ALL,
        { allow: true, type: 'b', major: 7, minor: 3, access: 'r' },
      ];
    });
    const [list] = container.report([], 'cat /sys/fs/cgroup/devices/devices.list');
    const lines = String(list).trim().split('\n');
    assert.ok(lines.includes('b 7:3 r') || lines.includes('b 7:3 rm'), String(list));
    assert.ok(!lines.includes('a *:* rwm'), 'everything is allowed');
    for (const rule of [
      'c 1:3 rwm',
      'c 1:5 rwm',
      'c 1:7 rwm',
      'c 1:8 rwm',
      'c 1:9 rwm',
      'c 5:0 rwm',
      'c 5:2 rwm',
      'c 136:* rwm',
    ]) {
      assert.ok(lines.includes(rule), `${rule} is missing`);
    }
  },
);
