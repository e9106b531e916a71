/** linux.namespaces: new ones, those of the host, and joined ones. config-linux.md, "Namespaces". */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { FIRST_ID, join, type Mapping, without, withUserNamespace } from '../lib/config.js';
import { noHostPids, notRoot } from '../lib/groups.js';
import { namespaceOf } from '../lib/host.js';
import { refused, says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import { scenario } from '../lib/sandbox.js';

type Link = keyof Reports['ns'];

/** The type in config.json, and the name of its link in /proc/PID/ns. */
const TYPES: readonly [type: string, link: Link][] = [
  ['pid', 'pid'],
  ['network', 'net'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['mount', 'mnt'],
];

const NO_TIME = { runc: 'runc 1.1 has no time namespaces' } as const;

for (const [type, link] of TYPES) {
  scenario(`a ${type} namespace without a path is a new one`, {}, (s) => {
    const [ns] = s.report(() => {}, 'ns');
    assert.match(ns[link], new RegExp(`^${link}:\\[\\d+\\]$`));
    assert.notEqual(ns[link], namespaceOf('self', link));
  });
}

for (const [type, link] of TYPES.filter(([type]) => type !== 'mount' && type !== 'pid')) {
  scenario(`without a ${type} namespace the host's is kept`, {}, (s) => {
    const [ns] = s.report((c) => {
      c.linux.namespaces = without(c, type);
      if (type === 'uts') delete c.hostname;
      // sysfs can be mounted only by the owner of the network namespace; the owner is us.
      if (type === 'ipc') c.mounts = c.mounts.filter((m) => m.type !== 'mqueue');
    }, 'ns');
    assert.equal(ns[link], namespaceOf('self', link));
  });
}

scenario("without a pid namespace the host's is kept", { skip: noHostPids }, (s) => {
  const [ns, pid] = s.report(
    (c) => {
      c.linux.namespaces = without(c, 'pid');
    },
    'ns',
    'pid',
  );
  assert.equal(ns.pid, namespaceOf('self', 'pid'));
  assert.ok(pid.pid > 1);
});

scenario('a new pid namespace begins with process 1', {}, (s) => {
  const [pid] = s.report(() => {}, 'pid');
  assert.deepEqual(pid, { pid: 1, parent: 0, group: 1, session: 1 });
});

scenario('a new network namespace has only lo, and it is up', {}, (s) => {
  const [links] = s.report(() => {}, 'links');
  assert.equal(links.lo?.up, true);
  assert.equal(links.eth0, undefined);
});

scenario('a cgroup namespace makes the own cgroup the root', {}, (s) => {
  const [ns, cgroup] = s.report(
    (c) => {
      c.linux.namespaces.push({ type: 'cgroup' });
    },
    'ns',
    'cat /proc/self/cgroup',
  );
  assert.notEqual(ns.cgroup, namespaceOf('self', 'cgroup'));
  const pids = String(cgroup)
    .split('\n')
    .find((line) => line.includes(':pids:'));
  if (pids !== undefined) assert.match(pids, /:pids:\/$/);
});

scenario('hostname is set in a new uts namespace', {}, (s) => {
  const [uname] = s.report((c) => {
    c.hostname = 'a-name.of-its-own';
  }, 'uname');
  assert.equal(uname.hostname, 'a-name.of-its-own');
});

scenario(
  'domainname is set in a new uts namespace',
  { not: { runc: 'newer than runc 1.1', crun: 'newer than crun 1.8' } },
  (s) => {
    const [uname] = s.report((c) => {
      c.domainname = 'example.org';
    }, 'uname');
    assert.equal(uname.domainname, 'example.org');
  },
);

scenario('hostname without a uts namespace is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.namespaces = without(c, 'uts');
  });
  refused(result);
  says(result.stderr, /hostname/i);
});

/** What /proc/PID/uid_map says. */
function mappingsOf(text: unknown): Mapping[] {
  const lines = String(text).trim().split('\n');
  return lines.map((line) => {
    const [containerID = -1, hostID = -1, size = -1] = line.trim().split(/\s+/).map(Number);
    return { containerID, hostID, size };
  });
}

scenario('a user namespace with mappings: root inside is another outside', {}, async (s) => {
  const container = await s.running((c) => {
    withUserNamespace(c);
    c.root.readonly = false;
  });
  const { pid } = container.state();
  assert.notEqual(namespaceOf(pid, 'user'), namespaceOf('self', 'user'));
  const [id, map, gidMap] = container.report(
    [],
    'id',
    'cat /proc/self/uid_map',
    'cat /proc/self/gid_map',
  );
  assert.equal(id.uid, 0);
  assert.equal(id.gid, 0);
  const { linux } = s.readConfig(container.bundle);
  assert.deepEqual(mappingsOf(map), linux.uidMappings);
  assert.deepEqual(mappingsOf(gidMap), linux.gidMappings);
  assert.notEqual(linux.uidMappings?.[0]?.hostID, 0);
});

scenario('a user namespace with two ranges of ids', {}, (s) => {
  let wanted: Mapping[] = [
    { containerID: 0, hostID: FIRST_ID, size: 10 },
    { containerID: 10, hostID: FIRST_ID + 1000, size: 20 },
  ];
  const [map] = s.report((c) => {
    // An ordinary user's are two in any case: himself, and what /etc/subuid gives him.
    const own = c.linux.uidMappings;
    withUserNamespace(c);
    if (own === undefined) c.linux.uidMappings = wanted;
    else wanted = own;
  }, 'cat /proc/self/uid_map');
  assert.equal(wanted.length, 2);
  assert.deepEqual(mappingsOf(map), wanted);
});

const NO_ROOT = {
  runc: 'wants a 0 in the mappings',
  crun: 'exec wants a 0 in the mappings',
};

scenario('a user namespace without root', { skip: notRoot, not: NO_ROOT }, async (s) => {
  const container = await s.running((c) => {
    withUserNamespace(c);
    const mapped = [{ containerID: 5, hostID: FIRST_ID + 5, size: 10 }];
    c.linux.uidMappings = mapped;
    c.linux.gidMappings = mapped;
    c.process.user = { uid: 7, gid: 8 };
    c.mounts = c.mounts.filter(({ type }) => type !== 'devpts');
    c.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
  });
  const exec = (...options: string[]): Record<string, number> =>
    JSON.parse(container.must('exec', options, ['/payload', 'report', 'id']).stdout)[0];
  const first = exec();
  assert.deepEqual([first.uid, first.gid], [7, 8]);
  const other = exec('--user', '9:10');
  assert.deepEqual([other.uid, other.gid], [9, 10]);
  assert.match(
    container.call('exec', ['--user', '0'], ['/payload', 'exit', '0']).stderr,
    /unmapped/,
  );
});

scenario("in a user namespace the devices are the host's own, and work", {}, (s) => {
  const [node, opened] = s.report(withUserNamespace, 'stat /dev/null', 'open /dev/null rw data');
  assert.equal(node.type, 'char');
  assert.deepEqual([node.major, node.minor], [1, 3]);
  assert.equal(opened, 'ok');
});

scenario('a process with another uid in a user namespace', {}, (s) => {
  const [id] = s.report((c) => {
    withUserNamespace(c);
    c.process.user = { uid: 1000, gid: 1000, additionalGids: [5] };
  }, 'id');
  assert.deepEqual(id, {
    uid: 1000,
    euid: 1000,
    suid: 1000,
    gid: 1000,
    egid: 1000,
    sgid: 1000,
    groups: [5],
  });
});

scenario(
  'uid mappings without a user namespace are refused',
  { not: { runc: 'runc 1.1 ignores them', crun: 'crun ignores them' } },
  (s) => {
    const result = s.run((c) => {
      c.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }];
    });
    refused(result);
  },
);

scenario('the same namespace type twice is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.namespaces.push({ type: 'ipc' });
  });
  refused(result);
});

for (const [type, link] of [...TYPES, ['cgroup', 'cgroup'] as const]) {
  if (type === 'mount') continue;
  scenario(`a ${type} namespace with a path is joined`, {}, async (s) => {
    const donor = await s.running((c) => {
      if (type === 'cgroup') c.linux.namespaces.push({ type });
    });
    const { pid } = donor.state();
    const [ns] = s.report((c) => {
      join(c, pid, [type, link]);
      if (type === 'uts') delete c.hostname;
    }, 'ns');
    assert.equal(ns[link], namespaceOf(pid, link));
  });
}

scenario('a user namespace with a path is joined', {}, async (s) => {
  const donor = await s.running(withUserNamespace);
  const { pid } = donor.state();
  const [ns, id] = s.report(
    (c) => {
      // runc 1.1 wants the mappings, too.
      withUserNamespace(c);
      join(c, pid, ['user', 'user']);
    },
    'ns',
    'id',
  );
  assert.equal(ns.user, namespaceOf(pid, 'user'));
  assert.equal(id.uid, 0);
});

scenario(
  'user, network and ipc namespaces of another container are joined together',
  {},
  async (s) => {
    const donor = await s.running(withUserNamespace);
    const { pid } = donor.state();
    const [ns] = s.report((c) => {
      withUserNamespace(c);
      join(c, pid, ['user', 'user'], ['network', 'net'], ['ipc', 'ipc']);
    }, 'ns');
    assert.deepEqual(
      [ns.user, ns.net, ns.ipc],
      [namespaceOf(pid, 'user'), namespaceOf(pid, 'net'), namespaceOf(pid, 'ipc')],
    );
  },
);

scenario('two containers share a pid namespace and see each other', {}, async (s) => {
  const donor = await s.running();
  const { pid } = donor.state();
  const [ids, line] = s.report(
    (c) => {
      join(c, pid, ['pid', 'pid']);
    },
    'pid',
    'cat /proc/1/cmdline',
  );
  assert.ok(ids.pid > 1);
  assert.equal(line, '/payload\0pause\0');
});

scenario('a namespace path that does not exist is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.namespaces = [
      ...without(c, 'network'),
      { type: 'network', path: '/proc/self/ns/none' },
    ];
  });
  refused(result);
  says(result.stderr, /no such file or directory/i);
});

scenario('a namespace path of another type is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.namespaces = [...without(c, 'network'), { type: 'network', path: '/proc/self/ns/uts' }];
  });
  refused(result);
});

scenario('a namespace path that is a plain file is refused', {}, (s) => {
  const file = s.path('file');
  writeFileSync(file, '');
  const result = s.run((c) => {
    c.linux.namespaces = [...without(c, 'network'), { type: 'network', path: file }];
  });
  refused(result);
});

scenario(
  'a new time namespace with offsets',
  { not: { ...NO_TIME, crun: 'not in crun 1.8 here' } },
  (s) => {
    const [plain] = s.report(() => {}, 'clocks');
    const [ns, clocks] = s.report(
      (c) => {
        c.linux.namespaces.push({ type: 'time' });
        c.linux.timeOffsets = {
          monotonic: { secs: 100000, nanosecs: 0 },
          boottime: { secs: 200000, nanosecs: 0 },
        };
      },
      'ns',
      'clocks',
    );
    assert.notEqual(ns.time, namespaceOf('self', 'time'));
    const near = (value: number, wanted: number) =>
      assert.ok(Math.abs(value - wanted) < 300, `${value} is not near ${wanted}`);
    near(clocks.monotonic - plain.monotonic, 100000);
    near(clocks.boottime - plain.boottime, 200000);
  },
);

scenario(
  'a new time namespace with offsets beside a new user namespace',
  { not: { ...NO_TIME, crun: 'not in crun 1.8 here' } },
  (s) => {
    const [offsets] = s.report((c) => {
      withUserNamespace(c);
      c.linux.namespaces.push({ type: 'time' });
      c.linux.timeOffsets = { boottime: { secs: 200000, nanosecs: 0 } };
    }, 'cat /proc/self/timens_offsets');
    assert.match(String(offsets), /^boottime +200000 +0$/m);
  },
);

scenario('sysctls of new namespaces are set', {}, (s) => {
  const [somaxconn, forward, shm] = s.report(
    (c) => {
      c.linux.sysctl = {
        'net.core.somaxconn': '256',
        'net/ipv4/ip_forward': '1',
        'kernel.shm_rmid_forced': '1',
      };
    },
    'cat /proc/sys/net/core/somaxconn',
    'cat /proc/sys/net/ipv4/ip_forward',
    'cat /proc/sys/kernel/shm_rmid_forced',
  );
  assert.deepEqual([somaxconn, forward, shm], ['256\n', '1\n', '1\n']);
});

scenario('a sysctl of the host is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.sysctl = { 'vm.swappiness': '50' };
  });
  refused(result);
  says(result.stderr, /vm.swappiness/);
});

scenario('a net sysctl without a network namespace is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.namespaces = without(c, 'network');
    c.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
  });
  refused(result);
});
