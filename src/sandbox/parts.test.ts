import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageWith } from '../cli/testing/usage.js';
import { OcirtError } from '../errors.js';
import { isStatic } from './busybox.js';
import { kernelVersion, userName } from './host.js';
import { type IdFacts, idMaps, isMapped, ROOTS_RANGE, subordinate } from './ids.js';
import { keeperSteps } from './keeper.js';
import { chooseDriver, type OverlayFacts } from './overlay.js';
import { type Report, reportText } from './report.js';
import { removalPlan } from './sweep.js';
import { Teller, wrapped } from './tell.js';

// Users -------------------------------------------------------------------------------------------

const USER: IdFacts = {
  euid: 1000,
  egid: 1001,
  name: 'ada',
  subuid: 'bob:1:2\nada:100000:65536\n',
  subgid: '1000:200000:70000\n',
  helpers: true,
  uidMap: '         0          0 4294967295\n',
  initialUserNamespace: true,
};

test('subuid(5): the first line of the user, by name or number', () => {
  assert.deepEqual(subordinate(USER.subuid, 'ada', 1000), { start: 100000, count: 65536 });
  assert.deepEqual(subordinate(USER.subgid, 'ada', 1000), { start: 200000, count: 70000 });
  assert.equal(subordinate('ada:x:1\nada:5:0\n', 'ada', 1), undefined);
});

test('an ordinary user: root is who asks, the others are the subordinate ones', () => {
  const { uid, gid } = idMaps(USER);
  assert.deepEqual(uid, [
    { containerID: 0, hostID: 1000, size: 1 },
    { containerID: 1, hostID: 100000, size: 65536 },
  ]);
  assert.equal(gid[1]?.size, 65536);
  const alone = [{ containerID: 0, hostID: 1001, size: 1 }];
  assert.deepEqual(idMaps({ ...USER, helpers: false }).gid, alone);
  assert.deepEqual(idMaps({ ...USER, subuid: '' }).gid, alone);
});

test('root: a range of nobody; in a user namespace no more than that has', () => {
  const { uid } = idMaps({ ...USER, euid: 0 });
  assert.deepEqual(uid, [{ containerID: 0, hostID: ROOTS_RANGE, size: 65536 }]);
  const inside = {
    ...USER,
    euid: 0,
    initialUserNamespace: false,
    uidMap: '0 1000 1\n1 100000 9\n',
  };
  assert.deepEqual(idMaps(inside).uid, [{ containerID: 0, hostID: 0, size: 1 }]);
  assert.ok(isMapped(uid, 65535) && !isMapped(uid, 65536));
});

test('the host: versions and names', () => {
  assert.deepEqual(kernelVersion('6.18.44-x'), [6, 18]);
  assert.equal(userName('root:x:0:0::/:\nada:x:1000:1:::\n', 1000), 'ada');
  assert.equal(userName('', 5), '');
});

// The overlay -------------------------------------------------------------------------------------

test('who lays an overlay: the kernel where it can, else fuse-overlayfs, else nobody', () => {
  const facts = (change: Partial<OverlayFacts>): OverlayFacts => ({
    userNamespace: true,
    kernel: [5, 10],
    fuse: '/usr/bin/fuse-overlayfs',
    ...change,
  });
  assert.equal(chooseDriver('auto', facts({ kernel: [5, 11] })), 'kernel');
  assert.equal(chooseDriver('auto', facts({ kernel: [6, 0] })), 'kernel');
  assert.equal(chooseDriver('auto', facts({ userNamespace: false })), 'kernel');
  assert.equal(chooseDriver('auto', facts({})), 'fuse');
  assert.equal(chooseDriver('fuse', facts({ kernel: [6, 0] })), 'fuse');
  for (const [asked, change] of [
    ['auto', { fuse: undefined }],
    ['fuse', { fuse: undefined }],
    ['kernel', {}],
  ] as const) {
    assert.throws(
      () => chooseDriver(asked, facts(change)),
      (error) => error instanceof OcirtError && error.code === 'overlay-unsupported',
    );
  }
});

// busybox -----------------------------------------------------------------------------------------

/** An ELF header with these segments. */
function elf(types: readonly number[], change: (bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(64 + types.length * 56);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, types.length, true);
  for (const [index, type] of types.entries()) view.setUint32(64 + index * 56, type, true);
  change(bytes);
  return bytes;
}

test('a static executable names no loader', () => {
  assert.ok(isStatic(elf([1, 1, 4])));
  assert.ok(!isStatic(elf([1, 3, 1])));
  assert.ok(!isStatic(elf([1], (bytes) => bytes.set([0x23, 0x21]))));
  assert.ok(!isStatic(elf([1], (bytes) => bytes.set([1], 4))));
  assert.ok(!isStatic(elf([1, 1]).subarray(0, 100)));
  assert.ok(!isStatic(new Uint8Array(3)));
});

// What runs beside it -------------------------------------------------------------------------------

test('the keeper watches, and then is another program', () => {
  const steps = keeperSteps(9, ['/n', 'x'], ['A=b']);
  assert.deepEqual(
    steps.map(({ op }) => op),
    ['watch', 'environment', 'exec'],
  );
});

test('files of other users are removed by the root of their user namespace', () => {
  const one = [{ containerID: 0, hostID: 1000, size: 1 }];
  const single = removalPlan('/w', { uid: one, gid: one }).spawn.mapping;
  assert.deepEqual(
    [single?.uidMap, single?.viaHelpers, single?.denySetgroups],
    ['0 1000 1\n', false, true],
  );
  const more = [...one, { containerID: 1, hostID: 100000, size: 65536 }];
  assert.equal(removalPlan('/w', { uid: more, gid: more }).spawn.mapping?.viaHelpers, true);
});

// Words -------------------------------------------------------------------------------------------

test('the report: what was used, of how much, and what was refused', () => {
  const report: Report = {
    name: 'box',
    exitCode: 137,
    elapsed: 2_000_000_000n,
    pidsRefused: 1n,
    limits: { memory: 1 << 24, cpus: 0.5, pids: 4 },
    usage: usageWith({
      memory: { peakBytes: 1n << 24n, oomKills: 2n },
      cpu: {
        totalNs: 900_000_000n,
        userNs: 1n,
        systemNs: 0n,
        throttledPeriods: 3n,
        throttledNs: 1_000_000_000n,
      },
      pids: { peak: 4n },
      io: { readBytes: 8192n, writtenBytes: 0n },
    }),
  };
  assert.equal(
    reportText(report),
    `box: ended with status 137 after 2.000 s
  memory     at most 16.0 MiB of 16.0 MiB; out of memory: the kernel has killed 2 times
  processor  0.900 s (0.000 s user, 0.000 s kernel), 0.45 of 0.5 in use; held back 3 times, for 1.000 s
  processes  at most 4 of 4 at a time; the limit has refused one once
  disk       8.0 KiB read, 0 B written
`,
  );
  assert.match(reportText({ ...report, usage: null }), /not counted/);
  assert.equal(
    reportText({ ...report, usage: usageWith(), pidsRefused: null }),
    'box: ended with status 137 after 2.000 s\n',
    'what the kernel does not count is left out',
  );
});

test('a reason is told once, and long ones in lines', () => {
  let said = '';
  const teller = new Teller((text) => {
    said += text;
  });
  const told = { what: 'does', syscall: 'call(2)', why: 'it must' };
  teller.tell(told, '/a', 5_000n);
  teller.tell(told);
  assert.equal(
    said,
    '  1  does  (config.json /a)\n     [call(2), 5 µs]\n     it must\n  2  does\n     [call(2)]\n',
  );
  assert.equal(wrapped('aa bb cc', '', 5), 'aa bb\ncc\n');
});
