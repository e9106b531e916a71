/** linux.resources on cgroup v2, and who owns the cgroup: config-linux.md, "Control groups". */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Change, withUserNamespace } from '../lib/config.js';
import { NO_TASK, notRoot, notV2 } from '../lib/groups.js';
import { disk } from '../lib/host.js';
import { type Container, scenario } from '../lib/sandbox.js';

const MIB = 1024 * 1024;

/** A file of a container's cgroup, without its last newline. */
const read = (container: Container, file: string): string =>
  readFileSync(path.join(container.group(), file), 'utf8').trim();

/** What config.json asks for, the file where the kernel shows it, and what it must show. */
const LIMITS_V2: readonly [
  what: string,
  resources: object,
  file: string,
  value: string | RegExp,
][] = [
  ['memory.limit', { memory: { limit: 64 * MIB } }, 'memory.max', String(64 * MIB)],
  ['memory.limit -1', { memory: { limit: -1 } }, 'memory.max', 'max'],
  ['memory.reservation', { memory: { reservation: 32 * MIB } }, 'memory.low', String(32 * MIB)],
  [
    'memory.swap less memory.limit',
    { memory: { limit: 64 * MIB, swap: 96 * MIB } },
    'memory.swap.max',
    String(32 * MIB),
  ],
  ['cpu.shares', { cpu: { shares: 512 } }, 'cpu.weight', '59'],
  ['cpu.quota', { cpu: { quota: 50500, period: 100000 } }, 'cpu.max', '50500 100000'],
  ['cpu.period', { cpu: { period: 50000 } }, 'cpu.max', 'max 50000'],
  ['cpu.quota -1', { cpu: { quota: -1 } }, 'cpu.max', 'max 100000'],
  ['cpu.burst', { cpu: { quota: 50000, burst: 20000 } }, 'cpu.max.burst', '20000'],
  ['cpu.idle', { cpu: { idle: 1 } }, 'cpu.idle', '1'],
  ['cpu.cpus', { cpu: { cpus: '0' } }, 'cpuset.cpus', '0'],
  ['cpu.mems', { cpu: { mems: '0' } }, 'cpuset.mems', '0'],
  ['pids.limit', { pids: { limit: 20 } }, 'pids.max', '20'],
  ['pids.limit 0', { pids: { limit: 0 } }, 'pids.max', NO_TASK],
  ['pids.limit -1', { pids: { limit: -1 } }, 'pids.max', 'max'],
  ['blockIO.weight', { blockIO: { weight: 500 } }, 'io.weight', 'default 4950'],
  [
    'hugepageLimits',
    { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MIB }] },
    'hugetlb.2MB.max',
    String(4 * MIB),
  ],
  [
    'hugepageLimits, reserved',
    { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MIB }] },
    'hugetlb.2MB.rsvd.max',
    String(4 * MIB),
  ],
  ['unified memory.high', { unified: { 'memory.high': '33554432' } }, 'memory.high', '33554432'],
  ['unified memory.oom.group', { unified: { 'memory.oom.group': '1' } }, 'memory.oom.group', '1'],
  [
    'unified before the others',
    { pids: { limit: 20 }, unified: { 'pids.max': '30' } },
    'pids.max',
    '30',
  ],
];

for (const [what, resources, file, value] of LIMITS_V2) {
  const skip = notV2 || (file.startsWith('hugetlb') && notRoot);
  scenario(`v2: ${what} is in ${file}`, { skip }, (s) => {
    const container = s.created((c) => {
      Object.assign(c.linux.resources, resources);
      // A process that has to run takes more than one task; this one only waits.
      c.process.args = ['/payload', 'pause'];
    });
    const found = read(container, file);
    if (typeof value === 'string') assert.equal(found, value);
    else assert.match(found, value);
  });
}

scenario(
  'v2: throttles are in io.max',
  { skip: notV2 || (disk() === undefined && 'no block device') },
  (s) => {
    const device = disk();
    const container = s.created((c) => {
      c.linux.resources.blockIO = {
        throttleReadBpsDevice: [{ ...device, rate: 1048576 }],
        throttleWriteIOPSDevice: [{ ...device, rate: 50 }],
      };
    });
    assert.equal(
      read(container, 'io.max'),
      `${device?.major}:${device?.minor} rbps=1048576 wbps=max riops=max wiops=50`,
    );
  },
);

/** In user and cgroup namespaces of its own; the mount of its cgroup with these options. */
const delegated =
  (...options: string[]): Change =>
  (c) => {
    withUserNamespace(c);
    c.linux.namespaces.push({ type: 'cgroup' });
    c.mounts = c.mounts.map((mount) => (mount.type === 'cgroup' ? { ...mount, options } : mount));
  };

scenario(
  'v2: a cgroup that is mounted writable is given to the user of the container',
  { skip: notV2 || notRoot, not: { runc: 'with systemd only', crun: 'by an annotation' } },
  (s) => {
    const [folder, made, procs, max] = s.report(
      delegated('rw'),
      'stat /sys/fs/cgroup',
      'mkdir /sys/fs/cgroup/inner',
      'stat /sys/fs/cgroup/cgroup.procs',
      'stat /sys/fs/cgroup/memory.max',
    );
    assert.deepEqual([folder.uid, made, procs.uid], [0, 'ok', 0]);
    // Its limits are not the container's to lift: root of the host owns them, who is nobody here.
    assert.equal(max.uid, 65534);
  },
);

scenario('v2: one that is mounted read-only is not', { skip: notV2 || notRoot }, (s) => {
  const [folder] = s.report(delegated('ro'), 'stat /sys/fs/cgroup');
  assert.equal(folder.uid, 65534);
});
