/** linux.cgroupsPath and linux.resources on cgroup v1: config-linux.md, "Control groups". */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../lib/config.js';
import { cgroupDirectories, cgroupMounts, cgroupV1, processesOf } from '../lib/host.js';
import { type Container, scenario } from '../lib/sandbox.js';

const MOUNTS = cgroupMounts();
const skip = !cgroupV1() && 'the controllers are not on cgroup v1';

/** A file of a container's cgroup, without its last newline. */
function read(container: Container, controller: string, file: string): string {
  const name = path.basename(container.bundle);
  return readFileSync(
    path.join(MOUNTS.get(controller) ?? '', container.sandbox.cgroup, name, file),
    'utf8',
  ).trim();
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
        skip ||
        (!there(controller, file) && !/cfs|limit_in|soft|pids.max/.test(file) && `no ${file} here`),
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
  { skip: skip || (!there('memory', 'memory.oom_control') && 'no memory.oom_control here') },
  (s) => {
    const container = s.created((c) => {
      c.linux.resources.memory = { limit: 64 * MIB, disableOOMKiller: true };
    });
    assert.match(read(container, 'memory', 'memory.oom_control'), /oom_kill_disable 1/);
  },
);

/** A block device of the machine, as major:minor. */
function disk(): { major: number; minor: number } | undefined {
  const found = /(\d+):(\d+)/.exec(
    tryRead('/sys/block/vda/dev') ??
      tryRead('/sys/block/sda/dev') ??
      tryRead('/sys/block/loop0/dev') ??
      '',
  );
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

function tryRead(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

for (const [member, file] of [
  ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device'],
  ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device'],
  ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device'],
  ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device'],
] as const) {
  scenario(
    `blockIO.${member} is in ${file}`,
    { skip: skip || (disk() === undefined && 'no block device') },
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

scenario(
  'the container has a cgroup in every controller, and is in all of them',
  { skip },
  async (s) => {
    const container = await s.running();
    const { pid } = container.state();
    for (const [controller, mount] of MOUNTS) {
      if (controller === '') continue;
      const dir = path.join(mount, s.cgroup, path.basename(container.bundle));
      assert.deepEqual(processesOf(dir), [pid], dir);
    }
  },
);

scenario('all cgroups are gone after delete', { skip }, async (s) => {
  const container = await s.running();
  container.must('kill', [], ['KILL']);
  await container.until('stopped');
  container.must('delete');
  assert.deepEqual(cgroupDirectories(`${s.cgroup}/${path.basename(container.bundle)}`), []);
});

scenario('cgroups that the container made below its own are removed too', { skip }, async (s) => {
  const container = await s.running();
  const dir = path.join(
    MOUNTS.get('pids') ?? '',
    s.cgroup,
    path.basename(container.bundle),
    'inner/most',
  );
  mkdirSync(dir, { recursive: true });
  container.must('delete', ['--force']);
  assert.deepEqual(cgroupDirectories(`${s.cgroup}/${path.basename(container.bundle)}`), []);
});

scenario('an absolute cgroupsPath is taken from the mount of the hierarchy', { skip }, (s) => {
  const container = s.created((c) => {
    c.linux.cgroupsPath = `${s.cgroup}/elsewhere`;
  });
  const { pid } = container.state();
  assert.match(
    readFileSync(`/proc/${pid}/cgroup`, 'utf8'),
    new RegExp(`:pids:${s.cgroup}/elsewhere\n`),
  );
});

scenario('without a cgroupsPath the container still has a cgroup of its own', { skip }, (s) => {
  const container = s.created((c: Config) => {
    delete c.linux.cgroupsPath;
  });
  const { pid } = container.state();
  const group = /:pids:(.*)\n/.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  assert.match(String(group), new RegExp(`${container.id}$`));
  container.must('delete', ['--force']);
  assert.ok(!existsSync(path.join(MOUNTS.get('pids') ?? '', String(group))));
});

scenario('a cgroupsPath with .. does not leave the hierarchy', { skip }, (s) => {
  const container = s.container((c) => {
    c.linux.cgroupsPath = `/../../..${s.cgroup}/dots`;
  });
  const result = container.call('create', ['--bundle', container.bundle]);
  if (result.status === 0) {
    assert.match(
      readFileSync(`/proc/${container.state().pid}/cgroup`, 'utf8'),
      new RegExp(`:pids:${s.cgroup}/dots\n`),
    );
  }
});

scenario('resources.unified on cgroup v1 is an invalid configuration', { skip }, (s) => {
  const result = s.run((c) => {
    c.linux.resources.unified = { 'memory.max': '1000000' };
  });
  assert.equal(result.status, 1);
  assert.match(result.stderr, /invalid configuration/);
});

// What the limits do ---------------------------------------------------------------------------

scenario('pids.limit holds', { skip }, (s) => {
  const result = s.run((c) => {
    c.linux.resources.pids = { limit: 10 };
    c.process.args = ['/payload', 'fork-many', '50'];
  });
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual(JSON.parse(result.stdout), { made: 9, error: 'EAGAIN' });
});

scenario('memory.limit holds: too much is killed', { skip }, (s) => {
  const use = (mib: number) =>
    s.run((c) => {
      c.linux.resources.memory = { limit: 32 * MIB, swap: 32 * MIB };
      c.process.args = ['/payload', 'mem', String(mib)];
    });
  assert.equal(use(8).stdout, 'taken\n');
  assert.equal(use(128).status, 137);
});

scenario('cpu.cpus is what the process may run on', { skip }, (s) => {
  const [cpus] = s.report((c) => {
    c.linux.resources.cpu = { cpus: '0' };
  }, 'affinity');
  assert.deepEqual(cpus, [0]);
});

scenario(
  'a limit that the kernel refuses is an error that names it, and nothing is left',
  { skip },
  (s) => {
    const container = s.container((c) => {
      c.linux.resources.cpu = { cpus: '4000' };
    });
    const result = container.call('create', ['--bundle', container.bundle]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /cpuset\.cpus|cpus/);
    s.assertClean();
  },
);

scenario(
  'a cgroup with processes of somebody else in it is refused',
  { skip, not: { runc: 'runc 1.1 only warns', crun: 'does not look' } },
  async (s) => {
    const first = await s.running();
    const second = s.container((c) => {
      c.linux.cgroupsPath = `${s.cgroup}/${path.basename(first.bundle)}`;
    });
    const result = second.call('create', ['--bundle', second.bundle]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /container's cgroup is not empty/);
    assert.equal(first.state().status, 'running');
  },
);

scenario('a cgroup that is frozen is refused', { skip }, (s) => {
  const dir = path.join(MOUNTS.get('freezer') ?? '', s.cgroup, 'cold');
  mkdirSync(dir, { recursive: true });
  writeFreezer(dir, 'FROZEN');
  s.defer(() => {
    writeFreezer(dir, 'THAWED');
    if (existsSync(dir)) rmdirSync(dir);
  });
  const container = s.container((c) => {
    c.linux.cgroupsPath = `${s.cgroup}/cold`;
  });
  const result = container.call('create', ['--bundle', container.bundle]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /container's cgroup unexpectedly frozen/);
});

function writeFreezer(dir: string, state: string): void {
  if (existsSync(dir)) writeFileSync(path.join(dir, 'freezer.state'), state);
}

scenario(
  'cgroup v2: the files of a container',
  { skip: cgroupV1() && 'the controllers are on cgroup v1' },
  (s) => {
    const container = s.created((c) => {
      c.linux.resources.memory = { limit: 64 * MIB };
      c.linux.resources.pids = { limit: 20 };
      c.linux.resources.cpu = { quota: 50000, period: 100000, shares: 1024 };
    });
    assert.equal(read(container, '', 'memory.max'), String(64 * MIB));
    assert.equal(read(container, '', 'pids.max'), '20');
    assert.equal(read(container, '', 'cpu.max'), '50000 100000');
  },
);
