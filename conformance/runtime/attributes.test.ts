/** Memory policy, scheduling, sysctls of joined namespaces, remounts: config-linux.md, config.md. */

import assert from 'node:assert/strict';
import { type Change, join, without } from '../lib/config.js';
import { cgroupMounts } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const NEWER = { runc: 'newer than runc 1.1', crun: 'newer than crun 1.8' };

/** MPOL_* of <linux/mempolicy.h>: mode, nodes, and what get_mempolicy(2) says then. */
const POLICIES: readonly (readonly [string, string | undefined, number])[] = [
  ['MPOL_DEFAULT', undefined, 0],
  ['MPOL_LOCAL', undefined, 4],
  // Without nodes: the local one.
  ['MPOL_PREFERRED', undefined, 4],
  ['MPOL_PREFERRED', '0', 1],
  ['MPOL_BIND', '0', 2],
  ['MPOL_INTERLEAVE', '0-0', 3],
  ['MPOL_PREFERRED_MANY', '0', 5],
  ['MPOL_WEIGHTED_INTERLEAVE', '0', 6],
];

const policy =
  (memoryPolicy: Record<string, unknown>): Change =>
  (c) => {
    c.linux.memoryPolicy = memoryPolicy;
  };

for (const [mode, nodes, number] of POLICIES) {
  const value = nodes === undefined ? { mode } : { mode, nodes };
  scenario(`memoryPolicy ${mode} ${nodes ?? 'without nodes'}`, { not: NEWER }, (s) => {
    const [found] = s.report(policy(value), 'mempolicy');
    assert.deepEqual(found, { mode: number, nodes: number === 0 || number === 4 ? 0 : 1 });
  });
}

for (const [flag, bit] of [
  ['MPOL_F_NUMA_BALANCING', 1 << 13],
  ['MPOL_F_RELATIVE_NODES', 1 << 14],
  ['MPOL_F_STATIC_NODES', 1 << 15],
] as const) {
  scenario(`memoryPolicy MPOL_BIND with ${flag}`, { not: NEWER }, (s) => {
    const [found] = s.report(policy({ mode: 'MPOL_BIND', nodes: '0', flags: [flag] }), 'mempolicy');
    assert.equal(found.mode, 2 | bit);
  });
}

scenario('memoryPolicy holds for exec', { not: NEWER }, async (s) => {
  const container = await s.running(policy({ mode: 'MPOL_BIND', nodes: '0' }));
  const [found] = container.report([], 'mempolicy');
  assert.deepEqual(found, { mode: 2, nodes: 1 });
});

for (const [what, value, words] of [
  ['without a mode', { nodes: '0' }, /invalid memory policy/],
  ['of an unknown mode', { mode: 'MPOL_X' }, /invalid memory policy mode/],
  ['of an unknown flag', { mode: 'MPOL_BIND', nodes: '0', flags: ['X'] }, /memory policy flag/],
  ['of nodes that are none', { mode: 'MPOL_BIND', nodes: 'a-b' }, /invalid memory policy node/],
  ['with nodes too many', { mode: 'MPOL_DEFAULT', nodes: '0-7' }, /requires 0 nodes but got 8/],
  ['that the kernel refuses', { mode: 'MPOL_BIND', nodes: '876' }, /invalid memory policy/],
] as const) {
  scenario(`a memoryPolicy ${what} is refused`, { not: NEWER }, (s) => {
    const result = s.run(policy(value));
    assert.notEqual(result.status, 0);
    says(result.stderr, words);
  });
}

scenario('SCHED_DEADLINE and a cpuset of some CPUs', { not: NEWER }, (s) => {
  const result = s.run((c) => {
    const times = { runtime: 1_000_000, deadline: 5_000_000, period: 5_000_000 };
    c.process.scheduler = { policy: 'SCHED_DEADLINE', ...times };
    c.linux.resources = { cpu: { cpus: '0' } };
  });
  assert.notEqual(result.status, 0);
  says(result.stderr, /process scheduler can't be used together with AllowedCPUs/);
});

/** Joins the host's own namespace of a type by its path. */
const joined =
  (type: string, file: string, sysctl: Record<string, string>): Change =>
  (c) => {
    c.linux.namespaces = [...without(c, type), { type, path: `/proc/${process.pid}/ns/${file}` }];
    c.linux.sysctl = sysctl;
    delete c.hostname;
  };

for (const [type, file, name, value, words] of [
  ['network', 'net', 'net.core.somaxconn', '77', /not allowed in host network namespace/],
  ['ipc', 'ipc', 'kernel.msgmax', '7777', /not allowed in the hosts ipc namespace/],
  ['uts', 'uts', 'kernel.domainname', 'x.test', /not allowed in the hosts uts namespace/],
] as const) {
  scenario(
    `a sysctl of the host's ${type} namespace, joined by its path`,
    type === 'network'
      ? { not: { crun: 'does not look' } }
      : { not: { runc: 'looks at the network only', crun: 'does not look' } },
    (s) => {
      const result = s.run(joined(type, file, { [name]: value }));
      assert.notEqual(result.status, 0);
      says(result.stderr, words);
    },
  );
}

scenario('a sysctl of another namespace that is joined is set', {}, async (s) => {
  const donor = await s.running();
  const { pid } = donor.state();
  const [value] = s.report((c) => {
    join(c, pid, ['ipc', 'ipc']);
    c.linux.sysctl = { 'kernel.msgmax': '7777' };
  }, 'cat /proc/sys/kernel/msgmax');
  assert.equal(value, '7777\n');
});

/** A tmpfs at /srv, mounted again with other options. */
const remounted =
  (...options: string[]): Change =>
  (c) => {
    c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] });
    c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs', options });
  };

scenario('remount changes a mount, and adds none', {}, (s) => {
  const [made, mounts] = s.report(
    remounted('remount', 'ro', 'noexec'),
    'mkdir /srv/x',
    'mountinfo',
  );
  assert.deepEqual(made, { errno: 'EROFS' });
  const found = mounts.filter((mount) => mount.target === '/srv');
  assert.equal(found.length, 1);
  assert.ok(found[0]?.options.includes('noexec'));
  assert.ok(!found[0]?.options.includes('nosuid'));
});

scenario('remount of /proc, read-only', {}, (s) => {
  const [opened] = s.report((c) => {
    c.linux.readonlyPaths = [];
    c.mounts.push({
      destination: '/proc',
      type: 'proc',
      source: 'proc',
      options: ['remount', 'ro'],
    });
  }, 'open /proc/sys/kernel/hostname w');
  assert.deepEqual(opened, { errno: 'EROFS' });
});

scenario('remount without a type', { not: { crun: 'asks for a type' } }, (s) => {
  const [made] = s.report((c) => {
    c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
    c.mounts.push({ destination: '/srv', options: ['remount', 'ro'] });
  }, 'mkdir /srv/x');
  assert.deepEqual(made, { errno: 'EROFS' });
});

scenario(
  'remount with bind changes the one mount, whatever is there, and needs no source',
  {},
  (s) => {
    const [made, mounts] = s.report(
      (c) => {
        c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
        c.mounts.push({ destination: '/srv', options: ['remount', 'bind', 'ro', 'nosuid'] });
      },
      'mkdir /srv/x',
      'mountinfo',
    );
    assert.deepEqual(made, { errno: 'EROFS' });
    const found = mounts.filter((mount) => mount.target === '/srv');
    assert.deepEqual(
      found.map(({ type }) => type),
      ['tmpfs'],
    );
    assert.ok(found[0]?.options.includes('nosuid'));
    assert.ok(!found[0]?.superOptions.includes('ro'));
  },
);

scenario('remount of /dev, read-only: the devices are made before', {}, (s) => {
  const [made, device] = s.report(
    (c) => {
      c.mounts.push({
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['remount', 'ro'],
      });
    },
    'mkdir /dev/x',
    'stat /dev/null',
  );
  assert.deepEqual(made, { errno: 'EROFS' });
  assert.equal(device.type, 'char');
});

scenario('remount where nothing is mounted is refused', {}, (s) => {
  const result = s.run((c) => {
    c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs', options: ['remount'] });
  });
  assert.notEqual(result.status, 0);
});

/** Options of the super block that show in no other place. */
for (const [option, shown] of [
  ['lazytime', 'lazytime'],
  ['iversion', undefined],
  ['noiversion', undefined],
  ['nolazytime', undefined],
  ['silent', undefined],
  ['loud', undefined],
  ['mand', undefined],
  ['nomand', undefined],
] as const) {
  const other = 'passes some of them to the file system';
  const not = { runc: other, crun: other };
  scenario(`mount option ${option}`, { not }, (s) => {
    const [mounts] = s.report((c) => {
      c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs', options: [option] });
    }, 'mountinfo');
    const mount = mounts.find((entry) => entry.target === '/srv');
    assert.equal(mount?.type, 'tmpfs');
    if (shown !== undefined) assert.ok(mount?.superOptions.includes(shown));
  });
}

for (const [name, resources, controller] of [
  ['rdma', { rdma: { mlx5_1: { hcaHandles: 3 } } }, 'rdma'],
  ['network.classID', { network: { classID: 1048577 } }, 'net_cls'],
  ['network.priorities', { network: { priorities: [{ name: 'lo', priority: 5 }] } }, 'net_prio'],
] as const) {
  const skip = cgroupMounts().has(controller) ? 'this machine has it' : false;
  const v2 = cgroupMounts().size === 1 ? 'cgroup v2 has no such controller' : false;
  scenario(
    `${name} where the host has no such controller is refused by name`,
    { skip: skip || v2, not: { runc: 'passes over it', crun: 'has other words' } },
    (s: Sandbox) => {
      const result = s.run((c) => {
        Object.assign(c.linux, { resources });
      });
      refused(result);
      says(result.stderr, new RegExp(`no cgroup controller ${controller}`));
      s.assertClean();
    },
  );
}

scenario('domainname', { not: { runc: 'newer than runc 1.1' } }, (s) => {
  const [name] = s.report((c) => {
    c.domainname = 'lab.example';
  }, 'uname');
  assert.equal(name.domainname, 'lab.example');
});

scenario(
  'recursive options on a new file system',
  { not: { runc: 'for bind mounts only' }, needs: ['mount_setattr'] },
  (s) => {
    const [mounts] = s.report((c) => {
      c.mounts.push({
        destination: '/srv',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['rro', 'rnosuid'],
      });
    }, 'mountinfo');
    const options = mounts.find((entry) => entry.target === '/srv')?.options ?? [];
    assert.ok(options.includes('ro') && options.includes('nosuid'), `${options}`);
  },
);
