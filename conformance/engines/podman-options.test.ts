/** Podman as root: what the options of `podman run` make of a container, networks, users, pods. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupMounts, cgroupV1, waitFor } from '../lib/host.js';
import { checks, type World } from './engine.js';
import {
  IMAGE,
  inspect,
  podman,
  podmanRun,
  podmanSh,
  podmanStart,
  preparePodman,
} from './podman-engine.js';

const check = checks('podman options', ['podman', 'conmon'], preparePodman);

const V1_ONLY = cgroupV1() ? {} : { skip: 'reads cgroup v1 files' };

/** Options, and the cgroup files that they show in. */
const LIMITS: [string, string[], Record<string, string>][] = [
  ['--memory', ['--memory=64m'], { 'memory/memory.limit_in_bytes': '67108864' }],
  [
    '--memory-swap',
    ['--memory=64m', '--memory-swap=96m'],
    { 'memory/memory.memsw.limit_in_bytes': '100663296' },
  ],
  [
    '--memory-reservation',
    ['--memory-reservation=32m'],
    { 'memory/memory.soft_limit_in_bytes': '33554432' },
  ],
  ['--pids-limit', ['--pids-limit=33'], { 'pids/pids.max': '33' }],
  [
    '--cpus',
    ['--cpus=1.5'],
    { 'cpu/cpu.cfs_quota_us': '150000', 'cpu/cpu.cfs_period_us': '100000' },
  ],
  ['--cpu-shares', ['--cpu-shares=333'], { 'cpu/cpu.shares': '333' }],
  ['--cpuset-cpus', ['--cpuset-cpus=0'], { 'cpuset/cpuset.cpus': '0' }],
];
for (const [name, options, files] of LIMITS) {
  check(
    `${name} is in the cgroup`,
    (w) => {
      const values = Object.values(files).join('\n');
      const names = Object.keys(files).map((file) => `/sys/fs/cgroup/${file}`);
      podmanRun(w, options, ['cat', ...names])
        .status(0)
        .says(values);
    },
    V1_ONLY,
  );
}

check(
  'update changes a limit',
  (w) => {
    podmanStart(w, 'updated', ['--memory=64m']);
    try {
      podman(w, ['update', '--memory', '80m', 'updated']).status(0);
      const file = '/sys/fs/cgroup/memory/memory.limit_in_bytes';
      podman(w, ['exec', 'updated', 'cat', file]).status(0).says('83886080');
    } finally {
      podman(w, ['rm', '-f', '-t', '0', 'updated']).status(0);
    }
  },
  V1_ONLY,
);

check(
  'the cgroup of a container is where podman looks, in every hierarchy',
  (w) => {
    podmanStart(w, 'placed');
    const group = path.join(w.cgroup, `libpod-${inspect(w, 'placed', '.Id')}`);
    const pid = inspect(w, 'placed', '.State.Pid');
    const lines = readFileSync(`/proc/self/cgroup`, 'utf8').trim().split('\n');
    const own = w.sh(`cat /proc/${pid}/cgroup`).text.split('\n');
    assert.equal(own.length, lines.length);
    for (const line of own) {
      const [, controllers = '', where] = line.split(':');
      // A hierarchy that is mounted nowhere (one that was unmounted lasts a while) is nobody's.
      if (!cgroupMounts().has(controllers.split(',')[0] ?? '')) continue;
      assert.equal(where?.split('/container')[0], group, line);
    }
    podman(w, ['rm', '-f', '-t', '0', 'placed']).status(0);
    for (const mount of cgroupMounts().values()) {
      assert.ok(!existsSync(path.join(mount, group)), `${mount}${group} is left`);
    }
  },
  V1_ONLY,
);

/** Options, and the effective and bounding set that they give. */
const CAPABILITIES: [string[], string][] = [
  [['--cap-drop=all'], '0000000000000000'],
  [['--cap-drop=all', '--cap-add=chown'], '0000000000000001'],
  [['--cap-drop=all', '--cap-add=net_admin,sys_ptrace'], '0000000000081000'],
];
for (const [options, bits] of CAPABILITIES) {
  check(`capabilities with ${options.join(' ')}`, (w) => {
    const sets = podmanRun(w, options, ['grep', '-E', 'Cap(Eff|Prm|Bnd)', '/proc/self/status']);
    sets.status(0).says(['CapPrm', 'CapEff', 'CapBnd'].map((set) => `${set}:\t${bits}`).join('\n'));
  });
}

check('capabilities of an ordinary user: bounding, but none effective', (w) => {
  const sets = podmanRun(w, ['--user=1000'], ['grep', '-E', 'CapEff|CapBnd', '/proc/self/status']);
  sets.status(0).says(/^CapEff:\t0{16}\nCapBnd:\t(?!0{16})/);
});

check('volumes: read-only and writable, and of one file', (w) => {
  mkdirSync(w.path('volume'), { recursive: true });
  writeFileSync(w.path('volume/file'), 'seen\n');
  const volume = (options: string) => ['-v', `${w.path('volume')}:/mnt${options}`];
  podmanSh(w, volume(''), 'cat /mnt/file; echo new >/mnt/new').status(0).says('seen');
  assert.equal(readFileSync(w.path('volume/new'), 'utf8'), 'new\n');
  podmanSh(w, volume(':ro'), 'cat /mnt/file; touch /mnt/x')
    .status(1)
    .complains(/Read-only/);
  podmanRun(w, ['-v', `${w.path('volume/file')}:/etc/one`], ['cat', '/etc/one']).says('seen');
  podmanSh(w, volume(':O'), 'echo over >/mnt/over; cat /mnt/over').status(0).says('over');
  assert.ok(!existsSync(w.path('volume/over')), 'an overlay volume wrote through');
});

check('a volume with rshared propagates mounts to the host', (w) => {
  w.sh('mkdir -p /run/shared && mount -t tmpfs t /run/shared && mount --make-shared /run/shared');
  w.sh('mkdir /run/shared/inner');
  const options = ['--privileged', '-v', '/run/shared:/mnt:rshared'];
  podmanSh(w, options, 'mount -t tmpfs t /mnt/inner && touch /mnt/inner/there').status(0);
  w.sh('ls /run/shared/inner').says('there');
  w.sh('umount /run/shared/inner /run/shared');
});

check('named volumes keep what is written, with the content of the image', (w) => {
  const options = ['-v', 'kept:/etc'];
  podmanSh(w, options, 'cat /etc/passwd >/dev/null && echo kept >/etc/kept').status(0);
  podmanRun(w, options, ['cat', '/etc/kept']).status(0).says('kept');
  podman(w, ['volume', 'rm', 'kept']).status(0);
});

check('--tmpfs and --mount type=tmpfs', (w) => {
  podmanRun(
    w,
    ['--tmpfs=/t:size=1m,mode=0700'],
    ['sh', '-c', 'grep " /t " /proc/mounts; stat -c %a /t'],
  )
    .status(0)
    .says(/tmpfs .*size=1024k[\s\S]*\n700$/);
  podmanRun(w, ['--mount=type=tmpfs,dst=/t2,ro'], ['touch', '/t2/x'])
    .status(1)
    .complains(/Read-only/);
});

check('--read-only, with a writable /tmp and /run', (w) => {
  podmanSh(w, ['--read-only'], 'touch /tmp/x /run/x && touch /x')
    .status(1)
    .complains(/Read-only/);
});

check('--user by name and number, --group-add, --umask', (w) => {
  podmanSh(w, ['--user=grace'], 'id -u; id -g; id -G').status(0).says('1000\n1000\n1000 2000');
  podmanSh(w, ['--user=5:6', '--group-add=77'], 'id -u; id -g; id -G').says('5\n6\n6 77');
  podmanSh(w, ['--umask=0077'], 'umask').status(0).says('0077');
});

check('--hostname, --workdir, --env, --add-host', (w) => {
  const options = [
    '--hostname=named',
    '--workdir=/var/tmp',
    '--env=A=b c',
    '--add-host=far:10.9.8.7',
  ];
  const script = 'hostname; pwd; echo "$A"; grep far /etc/hosts';
  podmanSh(w, options, script)
    .status(0)
    .says(/^named\n\/var\/tmp\nb c\n10\.9\.8\.7\s+far$/);
});

check('--ulimit, --oom-score-adj, --shm-size', (w) => {
  // Podman adds a limit of processes above what a machine may allow: it is given, too.
  const ulimits = ['--ulimit=nofile=77:99', '--ulimit=nproc=5000:6000', '--ulimit=core=0'];
  podmanSh(w, ulimits, 'ulimit -Sn; ulimit -Hn; ulimit -c').status(0).says('77\n99\n0');
  podmanRun(w, ['--oom-score-adj=321'], ['cat', '/proc/self/oom_score_adj']).says('321');
  podmanRun(w, ['--shm-size=3m'], ['grep', '/dev/shm', '/proc/mounts']).says(/size=3072k/);
});

check('--sysctl of the network and of ipc', (w) => {
  const options = [
    '--sysctl=net.ipv4.ip_unprivileged_port_start=80',
    '--sysctl=kernel.msgmax=12345',
  ];
  const files = ['/proc/sys/net/ipv4/ip_unprivileged_port_start', '/proc/sys/kernel/msgmax'];
  podmanRun(w, options, ['cat', ...files])
    .status(0)
    .says('80\n12345');
});

check('--security-opt seccomp=FILE, the default and none', (w) => {
  const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }];
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
  writeFileSync(w.path('seccomp.json'), JSON.stringify(profile));
  const option = (value: string) => [`--security-opt=seccomp=${value}`];
  podmanRun(w, option(w.path('seccomp.json')), ['mkdir', '/x'])
    .status(1)
    .complains(/No space left/);
  const mode = ['sed', '-n', 's/^Seccomp:.//p', '/proc/self/status'];
  podmanRun(w, [], mode).status(0).says('2');
  podmanRun(w, option('unconfined'), mode).status(0).says('0');
});

check('--security-opt no-new-privileges', (w) => {
  const flag = ['sed', '-n', 's/^NoNewPrivs:.//p', '/proc/self/status'];
  podmanRun(w, [], flag).status(0).says('0');
  podmanRun(w, ['--security-opt=no-new-privileges'], flag).status(0).says('1');
});

check('masked and read-only paths, and unmask', (w) => {
  podmanSh(w, [], 'ls /sys/firmware; wc -c </proc/keys; echo x >/proc/sys/kernel/hostname')
    .fails()
    .says('0')
    .complains(/Read-only/);
  podmanRun(w, ['--security-opt=mask=/etc/passwd'], ['cat', '/etc/passwd']).status(0).says('');
});

check('--privileged: the capabilities of the engine, devices, writable /proc/sys', (w) => {
  const all = w.sh('sed -n "s/^CapBnd:.//p" /proc/self/status').text;
  const script =
    'sed -n "s/^CapEff:.//p" /proc/self/status; echo x >/proc/sys/kernel/hostname && echo writable';
  podmanSh(w, ['--privileged'], script).status(0).says(`${all}\nwritable`);
  podmanSh(w, ['--privileged'], 'test -c /dev/kmsg && mount -t tmpfs t /tmp').status(0);
});

check('--device, renamed; what is not given cannot be opened', (w) => {
  const script = 'stat -c "%t %T" /dev/xnull; echo x >/dev/xnull';
  podmanSh(w, ['--device=/dev/null:/dev/xnull'], script).status(0).says('1 3');
  // The node of FUSE, which every process may open that its cgroup lets.
  const open = 'mknod /tmp/node c 10 229 && : </tmp/node';
  podmanSh(w, ['--cap-add=mknod'], open)
    .fails()
    .complains(/not permitted/);
  podmanSh(w, ['--cap-add=mknod', '--device-cgroup-rule=c 10:229 rm'], open).status(0);
});

const link = (type: string) => ['readlink', `/proc/self/ns/${type}`];
const ownLink = (w: World, type: string): string => w.sh(`readlink /proc/self/ns/${type}`).text;

check('--network none and host', (w) => {
  podmanRun(w, [], ['ls', '/sys/class/net']).status(0).says('lo');
  const own = ownLink(w, 'net');
  podman(w, ['run', '--rm', '--network=host', IMAGE, ...link('net')])
    .status(0)
    .says(own);
});

for (const [type, options] of [
  ['pid', ['--pid=host']],
  ['ipc', ['--ipc=host']],
  ['uts', ['--uts=host']],
  ['cgroup', ['--cgroupns=host']],
] as const) {
  check(`${options[0]} shares, without it there is another`, (w) => {
    const own = ownLink(w, type);
    podmanRun(w, options, link(type)).status(0).says(own);
    const other = podmanRun(w, type === 'cgroup' ? ['--cgroupns=private'] : [], link(type));
    assert.notEqual(other.status(0).text, own, other.describe('no namespace of its own'));
  });
}

check('joins the namespaces of another container by path', (w) => {
  podmanStart(w, 'owner');
  for (const [type, option] of [
    ['net', '--network'],
    ['ipc', '--ipc'],
    ['pid', '--pid'],
    ['uts', '--uts'],
  ]) {
    const target = podman(w, ['exec', 'owner', ...link(type as string)]).status(0).text;
    const args = ['run', '--rm', `${option}=container:owner`, IMAGE, ...link(type as string)];
    podman(w, args).status(0).says(target);
  }
  podman(w, ['rm', '-f', '-t', '0', 'owner']).status(0);
});

check('a container without a pid namespace is ended with all its processes', async (w) => {
  const script = 'sleep 4321 & sleep 4321 & echo ready; wait';
  podmanStart(w, 'shares', ['--pid=host'], script);
  const count = () => w.run(['pgrep', '-fc', '^sleep 4321']).text;
  await waitFor('two sleepers', () => count() === '2');
  podman(w, ['rm', '-f', '-t', '1', 'shares']).status(0);
  await waitFor('the end of the sleepers', () => count() === '0');
});

check('a bridge network, and a published port', async (w) => {
  const script = 'mkdir /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www';
  const options = ['--name=web', '-p', '127.0.0.1:8080:80'];
  podman(w, ['run', '-d', ...options, IMAGE, 'sh', '-c', script]).status(0);
  const get = () => w.run(['busybox', 'wget', '-q', '-O-', 'http://127.0.0.1:8080/']);
  await waitFor('the page', () => get().text === 'page');
  podman(w, ['exec', 'web', 'ls', '/sys/class/net']).status(0).says(/eth0/);
  podman(w, ['rm', '-f', '-t', '0', 'web']).status(0);
  assert.notEqual(get().exit, 0);
});

check('--uidmap', (w) => {
  const map = ['--uidmap=0:100000:65536', '--gidmap=0:200000:65536'];
  const script =
    'id -u; cat /proc/self/uid_map /proc/self/gid_map; stat -c %u /etc/passwd; touch /x';
  podmanSh(w, map, script)
    .status(0)
    .says(/^0\n\s+0\s+100000\s+65536\n\s+0\s+200000\s+65536\n0$/);
});

check('--userns=auto takes from the ids of containers', (w) => {
  podmanRun(w, ['--userns=auto'], ['cat', '/proc/self/uid_map'])
    .status(0)
    .says(/^0\s+1000000\s+\d+$/);
});

check('a user namespace with a terminal, a volume, exec', async (w) => {
  podmanStart(w, 'mapped', ['--uidmap=0:100000:65536', '--user=grace', '-t']);
  podman(w, ['exec', 'mapped', 'id', '-u']).status(0).says('1000');
  podman(w, ['exec', '--user=0', 'mapped', 'sh', '-c', 'id -u; touch /root/x']).status(0).says('0');
  podman(w, ['stop', '-t', '0', 'mapped']).status(0);
  // With every runtime (runc: 5 times of 12) podman's own clean-up of a mapped container is not
  // always done when it says so: "unlinkat .../userdata/shm: device or resource busy".
  await waitFor('podman rm', () => podman(w, ['rm', '-i', 'mapped']).exit === 0, 20_000);
});

const CATATONIT = ['/usr/libexec/podman/catatonit', '/usr/bin/catatonit'].find(existsSync);
const WITH_INIT = CATATONIT === undefined ? { skip: 'no catatonit' } : {};

check(
  '--init puts a reaper before the command',
  (w) => {
    const init = ['--init', `--init-path=${CATATONIT}`];
    podmanSh(w, init, 'cat /proc/1/comm; exit 8')
      .status(8)
      .says(/init|catatonit/);
  },
  WITH_INIT,
);

check(
  'a pod: its containers share net, ipc and uts, and stop together',
  (w) => {
    podman(w, ['pod', 'create', '--name', 'pod', '--network=none', '--hostname=podhost']).status(0);
    const start = (name: string) =>
      podman(w, ['run', '-d', '--pod=pod', '--name', name, IMAGE, 'sleep', '1000']).status(0);
    start('first');
    start('second');
    for (const type of ['net', 'ipc', 'uts']) {
      const first = podman(w, ['exec', 'first', ...link(type)]).status(0).text;
      podman(w, ['exec', 'second', ...link(type)])
        .status(0)
        .says(first);
    }
    podman(w, ['exec', 'second', 'hostname']).status(0).says('podhost');
    podman(w, ['pod', 'pause', 'pod']).status(0);
    assert.equal(inspect(w, 'first', '.State.Status'), 'paused');
    podman(w, ['pod', 'unpause', 'pod']).status(0);
    podman(w, ['pod', 'kill', 'pod']).status(0);
    podman(w, ['wait', 'first']).status(0).says('137');
    podman(w, ['pod', 'rm', '-f', '-t', '0', 'pod']).status(0);
  },
  WITH_INIT,
);

check('a memory limit that the start does not fit in says so', (w) => {
  podmanRun(w, ['--memory=4k'], ['true'])
    .fails()
    .complains(/memory/);
});

check('errors of the configuration name what is wrong', (w) => {
  podmanRun(w, ['--sysctl=net.no.such=1'], ['true'])
    .fails()
    .complains(/no[./]such/);
});

check('in the end nothing is left', (w) => {
  podman(w, ['ps', '-aq']).status(0).says('');
});
