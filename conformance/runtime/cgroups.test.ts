/** linux.cgroupsPath and linux.resources: config-linux.md, "Control groups". */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../lib/config.js';
import { groupBases, notRoot, notV1, SYSTEMD } from '../lib/groups.js';
import { cgroupMounts, cgroupV1, disk, processesOf } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { type Container, scenario } from '../lib/sandbox.js';

const MOUNTS = cgroupMounts();

/** Reasons to skip what is about paths that we choose ourselves. */
const ownPath = SYSTEMD ? 'systemd chooses the place' : notRoot;

/** A file of a container's cgroup, without its last newline. */
function read(container: Container, controller: string, file: string): string {
  return readFileSync(path.join(container.group(controller), file), 'utf8').trim();
}

function there(controller: string, file: string): boolean {
  return existsSync(path.join(MOUNTS.get(controller) ?? '/none', file));
}

const MIB = 1024 * 1024;

/** What config.json asks for, the file where the kernel shows it, and what it must show. */
const LIMITS: readonly [
  what: string,
  resources: object,
  controller: string,
  file: string,
  value: string,
][] = [
  [
    'memory.limit',
    { memory: { limit: 64 * MIB } },
    'memory',
    'memory.limit_in_bytes',
    String(64 * MIB),
  ],
  [
    'memory.limit -1',
    { memory: { limit: -1 } },
    'memory',
    'memory.limit_in_bytes',
    '9223372036854771712',
  ],
  [
    'memory.reservation',
    { memory: { reservation: 32 * MIB } },
    'memory',
    'memory.soft_limit_in_bytes',
    String(32 * MIB),
  ],
  [
    'memory.swap',
    { memory: { limit: 64 * MIB, swap: 128 * MIB } },
    'memory',
    'memory.memsw.limit_in_bytes',
    String(128 * MIB),
  ],
  [
    'memory.kernelTCP',
    { memory: { kernelTCP: 4 * MIB } },
    'memory',
    'memory.kmem.tcp.limit_in_bytes',
    String(4 * MIB),
  ],
  ['memory.swappiness', { memory: { swappiness: 11 } }, 'memory', 'memory.swappiness', '11'],
  ['cpu.shares', { cpu: { shares: 512 } }, 'cpu', 'cpu.shares', '512'],
  ['cpu.quota', { cpu: { quota: 50000, period: 100000 } }, 'cpu', 'cpu.cfs_quota_us', '50000'],
  ['cpu.period', { cpu: { period: 50000 } }, 'cpu', 'cpu.cfs_period_us', '50000'],
  ['cpu.quota -1', { cpu: { quota: -1 } }, 'cpu', 'cpu.cfs_quota_us', '-1'],
  ['cpu.cpus', { cpu: { cpus: '0' } }, 'cpuset', 'cpuset.cpus', '0'],
  ['cpu.mems', { cpu: { mems: '0' } }, 'cpuset', 'cpuset.mems', '0'],
  ['pids.limit', { pids: { limit: 20 } }, 'pids', 'pids.max', '20'],
  ['pids.limit -1', { pids: { limit: -1 } }, 'pids', 'pids.max', 'max'],
];

for (const [what, resources, controller, file, value] of LIMITS) {
  scenario(
    `${what} is in ${file}`,
    {
      skip:
        notV1 ||
        (!there(controller, file) &&
          !/cfs|y.limit_in|soft|pids.max/.test(file) &&
          `no ${file} here`),
    },
    (s) => {
      const container = s.created((c) => {
        Object.assign(c.linux.resources, resources);
      });
      assert.equal(read(container, controller, file), value);
    },
  );
}

scenario(
  'memory.disableOOMKiller',
  { skip: notV1 || (!there('memory', 'memory.oom_control') && 'no memory.oom_control here') },
  (s) => {
    const container = s.created((c) => {
      c.linux.resources.memory = { limit: 64 * MIB, disableOOMKiller: true };
    });
    assert.match(read(container, 'memory', 'memory.oom_control'), /oom_kill_disable 1/);
  },
);

for (const [member, file] of [
  ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device'],
  ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device'],
  ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device'],
  ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device'],
] as const) {
  scenario(
    `blockIO.${member} is in ${file}`,
    { skip: notV1 || (disk() === undefined && 'no block device') },
    (s) => {
      const device = disk();
      const container = s.created((c) => {
        c.linux.resources.blockIO = { [member]: [{ ...device, rate: 1048576 }] };
      });
      assert.equal(read(container, 'blkio', file), `${device?.major}:${device?.minor} 1048576`);
    },
  );
}

scenario(
  'hugepageLimits is in hugetlb.2MB.limit_in_bytes',
  { skip: !MOUNTS.has('hugetlb') && 'no hugetlb controller on v1' },
  (s) => {
    const container = s.created((c) => {
      c.linux.resources.hugepageLimits = [{ pageSize: '2MB', limit: 4 * MIB }];
    });
    assert.equal(read(container, 'hugetlb', 'hugetlb.2MB.limit_in_bytes'), String(4 * MIB));
  },
);

scenario('the container has a cgroup in every controller, and is in all of them', {}, async (s) => {
  const container = await s.running();
  const { pid } = container.state();
  for (const controller of MOUNTS.keys()) {
    if (controller === '' && cgroupV1()) continue;
    const dir = container.group(controller);
    assert.deepEqual(processesOf(dir), [pid], dir);
  }
});

scenario('all cgroups are gone after delete', {}, async (s) => {
  const container = await s.running();
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  container.must('delete');
  for (const controller of MOUNTS.keys()) assert.ok(!existsSync(container.group(controller)));
});

scenario('cgroups that the container made below its own are removed too', {}, async (s) => {
  const container = await s.running();
  mkdirSync(path.join(container.group('pids'), 'inner/most'), { recursive: true });
  container.must('delete', ['--force']);
  for (const controller of MOUNTS.keys()) assert.ok(!existsSync(container.group(controller)));
});

/** The line of a process in /proc/PID/cgroup that tests look at. */
const LINE = cgroupV1() ? ':pids:' : '0::';

scenario('an absolute cgroupsPath is taken from the mount', { skip: ownPath }, (s) => {
  const container = s.created((c) => {
    c.linux.cgroupsPath = `${s.cgroup}/elsewhere`;
  });
  const { pid } = container.state();
  assert.match(
    readFileSync(`/proc/${pid}/cgroup`, 'utf8'),
    new RegExp(`${LINE}${s.cgroup}/elsewhere\n`),
  );
});

scenario('without a cgroupsPath the container still has a cgroup of its own', {}, (s) => {
  const container = s.created((c: Config) => {
    delete c.linux.cgroupsPath;
  });
  const { pid } = container.state();
  const group = new RegExp(`${LINE}(.*)\n`).exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  assert.match(String(group), new RegExp(`${container.id}(\\.scope)?(/|$)`));
  container.must('delete', ['--force']);
  assert.ok(!existsSync(path.join(MOUNTS.get(cgroupV1() ? 'pids' : '') ?? '', String(group))));
});

scenario('a cgroupsPath with .. does not leave the hierarchy', { skip: ownPath }, (s) => {
  const container = s.container((c) => {
    c.linux.cgroupsPath = `/../../..${s.cgroup}/dots`;
  });
  const result = container.call('create', ['--bundle', container.bundle]);
  if (result.status === 0) {
    assert.match(
      readFileSync(`/proc/${container.state().pid}/cgroup`, 'utf8'),
      new RegExp(`${LINE}${s.cgroup}/dots\n`),
    );
  }
});

scenario('resources.unified on cgroup v1 is an invalid configuration', { skip: notV1 }, (s) => {
  const result = s.run((c) => {
    c.linux.resources.unified = { 'memory.max': '1000000' };
  });
  refused(result);
  says(result.stderr, /invalid configuration/);
});

// What the limits do ---------------------------------------------------------------------------

scenario('pids.limit holds', {}, (s) => {
  const result = s.run((c) => {
    c.linux.resources.pids = { limit: 10 };
    c.process.args = ['/payload', 'fork-many', '50'];
  });
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout), { made: 9, error: 'EAGAIN' });
});

scenario('memory.limit holds: too much is killed', {}, (s) => {
  const use = (mib: number) =>
    s.run((c) => {
      c.linux.resources.memory = { limit: 32 * MIB, swap: 32 * MIB };
      c.process.args = ['/payload', 'mem', String(mib)];
    });
  assert.equal(use(8).stdout, 'taken\n');
  assert.equal(use(128).status, 137);
});

scenario('cpu.cpus is what the process may run on', {}, (s) => {
  const [cpus] = s.report((c) => {
    c.linux.resources.cpu = { cpus: '0' };
  }, 'affinity');
  assert.deepEqual(cpus, [0]);
});

scenario(
  'a limit that the kernel refuses is an error that names it, and nothing is left',
  {},
  (s) => {
    const container = s.container((c) => {
      c.linux.resources.cpu = { cpus: '4000' };
    });
    const result = container.call('create', ['--bundle', container.bundle]);
    refused(result);
    says(result.stderr, /cpuset\.cpus|cpus/);
    s.assertClean();
  },
);

scenario(
  'a cgroup with processes of somebody else in it is refused',
  { not: { runc: 'runc 1.1 only warns', crun: 'does not look' } },
  async (s) => {
    const first = await s.running();
    const second = s.container((c) => {
      c.linux.cgroupsPath = s.groupPath(path.basename(first.bundle));
    });
    const result = second.call('create', ['--bundle', second.bundle]);
    refused(result);
    says(result.stderr, /container's cgroup is not empty/);
    assert.equal(first.state().status, 'running');
  },
);

scenario('a cgroup that is frozen is refused', { skip: SYSTEMD && ownPath }, (s) => {
  const base = groupBases().get(cgroupV1() ? 'freezer' : '') ?? '';
  const dir = path.join(base, s.cgroup, 'cold');
  mkdirSync(dir, { recursive: true });
  writeFreezer(dir, true);
  s.defer(() => {
    if (existsSync(dir)) writeFreezer(dir, false);
    if (existsSync(dir)) rmdirSync(dir);
  });
  const container = s.container((c) => {
    c.linux.cgroupsPath = s.groupPath('cold');
  });
  const result = container.call('create', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /container's cgroup unexpectedly frozen/);
});

function writeFreezer(dir: string, frozen: boolean): void {
  if (cgroupV1()) writeFileSync(path.join(dir, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED');
  else writeFileSync(path.join(dir, 'cgroup.freeze'), frozen ? '1' : '0');
}
