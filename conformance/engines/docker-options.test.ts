/**
 * Docker with the runtime as its default: limits, security, volumes, networks, builds, and daemons
 * that map user ids or are restarted below their containers.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupMounts, cgroupV1, waitFor } from '../lib/host.js';
import {
  docker,
  dockerCommand,
  dockerInspect,
  dockerRemove,
  dockerRun,
  dockerSh,
  dockerStart,
  HOME,
  IMAGE,
  loadImage,
  PROGRAMS,
  prepareDocker,
  startDocker,
} from './docker-engine.js';
import { checks, type World } from './engine.js';

const check = checks('docker options', PROGRAMS, prepareDocker);

const V1_ONLY = cgroupV1() ? {} : { skip: 'looks at cgroup v1 files' };

/** A cgroup file of a running container, as the machine has it. */
function groupFile(w: World, name: string, controller: string, file: string): string {
  const id = dockerInspect(w, name, '.Id');
  const dir = path.join(cgroupMounts().get(controller) ?? '', w.cgroup, id);
  return readFileSync(path.join(dir, file), 'utf8').trim();
}

check(
  'limits are in the cgroup: memory, swap, processes, processors',
  (w) => {
    const limits = ['--memory=64m', '--memory-swap=96m', '--memory-reservation=32m'];
    const processors = ['--cpus=1.5', '--cpu-shares=333', '--cpuset-cpus=0'];
    dockerStart(w, 'limited', [...limits, ...processors, '--pids-limit=33']);
    const expected: [string, string, string][] = [
      ['memory', 'memory.limit_in_bytes', '67108864'],
      ['memory', 'memory.memsw.limit_in_bytes', '100663296'],
      ['memory', 'memory.soft_limit_in_bytes', '33554432'],
      ['cpu', 'cpu.cfs_quota_us', '150000'],
      ['cpu', 'cpu.shares', '333'],
      ['cpuset', 'cpuset.cpus', '0'],
      ['pids', 'pids.max', '33'],
    ];
    for (const [controller, file, value] of expected) {
      assert.equal(groupFile(w, 'limited', controller, file), value, file);
    }
  },
  V1_ONLY,
);

check(
  'update changes the limits of what runs',
  (w) => {
    const limits = ['--memory=80m', '--memory-swap=128m', '--cpu-shares=444', '--pids-limit=44'];
    docker(w, ['update', ...limits, '--cpuset-cpus=0-1', 'limited']).status(0);
    assert.equal(groupFile(w, 'limited', 'memory', 'memory.limit_in_bytes'), '83886080');
    assert.equal(groupFile(w, 'limited', 'cpu', 'cpu.shares'), '444');
    assert.equal(groupFile(w, 'limited', 'pids', 'pids.max'), '44');
    assert.equal(groupFile(w, 'limited', 'cpuset', 'cpuset.cpus'), '0-1');
    dockerRemove(w, 'limited');
  },
  V1_ONLY,
);

check('capabilities: the default, added and dropped', (w) => {
  const script = ['sed', '-n', 's/^CapEff:.//p', '/proc/self/status'];
  dockerRun(w, [], script).status(0).says('00000000a80425fb');
  dockerRun(w, ['--cap-drop=ALL', '--cap-add=CHOWN'], script).says('0000000000000001');
  dockerRun(w, ['--user=1000'], script).says('0000000000000000');
});

check('--privileged: devices, mounts, writable /proc/sys', (w) => {
  const script = `echo named >/proc/sys/kernel/hostname && hostname
    test -c /dev/kmsg && mount -t tmpfs t /tmp && echo mounted`;
  dockerSh(w, ['--privileged'], script).status(0).says('named\nmounted');
  dockerSh(w, [], 'echo named >/proc/sys/kernel/hostname')
    .fails()
    .complains(/Read-only/);
});

check('--security-opt: seccomp of a file, the default and none; no-new-privileges', (w) => {
  const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }];
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
  writeFileSync(w.path('seccomp.json'), JSON.stringify(profile));
  const option = (value: string) => [`--security-opt=${value}`];
  dockerRun(w, option(`seccomp=${w.path('seccomp.json')}`), ['mkdir', '/x'])
    .status(1)
    .complains(/No space left|Function not implemented/);
  const field = (name: string) => ['sed', '-n', `s/^${name}:.//p`, '/proc/self/status'];
  dockerRun(w, [], field('Seccomp')).says('2');
  dockerRun(w, option('seccomp=unconfined'), field('Seccomp')).says('0');
  dockerRun(w, [], field('NoNewPrivs')).says('0');
  dockerRun(w, option('no-new-privileges'), field('NoNewPrivs')).says('1');
});

check('volumes: binds, named, anonymous, tmpfs; what is written stays', (w) => {
  mkdirSync(w.path('volume'), { recursive: true });
  writeFileSync(w.path('volume/file'), 'seen\n');
  const bind = (options: string) => ['-v', `${w.path('volume')}:/mnt${options}`];
  dockerSh(w, bind(''), 'cat /mnt/file; echo new >/mnt/new').status(0).says('seen');
  assert.equal(readFileSync(w.path('volume/new'), 'utf8'), 'new\n');
  dockerSh(w, bind(':ro'), 'touch /mnt/x')
    .status(1)
    .complains(/Read-only/);
  dockerSh(w, ['-v', 'kept:/etc'], 'grep -q grace /etc/passwd && echo kept >/etc/kept').status(0);
  dockerRun(w, ['-v', 'kept:/etc'], ['cat', '/etc/kept']).status(0).says('kept');
  docker(w, ['volume', 'rm', 'kept']).status(0);
  const tmpfs = ['--mount=type=tmpfs,dst=/t,tmpfs-size=1m', '-v', '/anonymous'];
  dockerSh(w, tmpfs, 'grep " /t " /proc/mounts; touch /anonymous/x')
    .status(0)
    .says(/size=1024k/);
});

check('--read-only, with a writable --tmpfs', (w) => {
  dockerSh(w, ['--read-only', '--tmpfs=/tmp'], 'touch /tmp/x && touch /x')
    .status(1)
    .complains(/Read-only/);
});

check('--user, --group-add, --workdir, --env, --hostname, --add-host', (w) => {
  const who = ['--user=grace', '--group-add=77', '--workdir=/tmp', '--env=A=b c'];
  const script = 'id -u; id -G; pwd; echo "$A"; hostname; grep -c far /etc/hosts';
  dockerSh(w, [...who, '--hostname=named', '--add-host=far:10.9.8.7', '--network=bridge'], script)
    .status(0)
    .says('1000\n1000 77 2000\n/tmp\nb c\nnamed\n1');
});

check('--ulimit, --oom-score-adj, --shm-size, --sysctl', (w) => {
  const options = ['--ulimit=nofile=77:99', '--oom-score-adj=321', '--shm-size=3m'];
  const script = `ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj
    sed -n "s/.* \\/dev\\/shm .*size=\\([0-9k]*\\).*/\\1/p" /proc/mounts; cat /proc/sys/kernel/msgmax`;
  dockerSh(w, [...options, '--sysctl=kernel.msgmax=12345'], script)
    .status(0)
    .says('77\n99\n321\n3072k\n12345');
});

check('--init puts a reaper before the command', (w) => {
  dockerSh(w, ['--init'], 'cat /proc/1/comm; exit 8').status(8).says(/init/);
});

check('--device, and its rules', (w) => {
  dockerSh(w, ['--device=/dev/null:/dev/xnull'], 'stat -c "%t %T" /dev/xnull').says('1 3');
  const open = 'mknod /tmp/node c 10 229 && : </tmp/node';
  dockerSh(w, [], open)
    .fails()
    .complains(/not permitted/);
  dockerSh(w, ['--device-cgroup-rule=c 10:229 rm'], open).status(0);
});

const link = (type: string) => ['readlink', `/proc/self/ns/${type}`];

for (const type of ['pid', 'ipc', 'uts', 'network']) {
  check(`--${type}=host shares, --${type}=container:NAME joins`, (w) => {
    const name = type === 'network' ? 'net' : type;
    const own = w.sh(link(name).join(' ')).text;
    dockerRun(w, [`--${type}=host`], link(name))
      .status(0)
      .says(own);
    assert.notEqual(dockerRun(w, [], link(name)).status(0).text, own);
    if (type === 'uts') return;
    dockerStart(w, 'owner', type === 'ipc' ? ['--ipc=shareable'] : []);
    const target = docker(w, ['exec', 'owner', ...link(name)]).status(0).text;
    dockerRun(w, [`--${type}=container:owner`], link(name))
      .status(0)
      .says(target);
    dockerRemove(w, 'owner');
  });
}

check('a container without a pid namespace is ended with all its processes', async (w) => {
  dockerStart(w, 'shares', ['--pid=host'], 'sleep 4321 & sleep 4321 & echo ready; wait');
  const count = () => w.run(['pgrep', '-fc', '^sleep 4321']).text;
  await waitFor('two sleepers', () => count() === '2');
  docker(w, ['kill', 'shares']).status(0);
  await waitFor('the end of the sleepers', () => count() === '0');
  dockerRemove(w, 'shares');
});

const SERVES = 'mkdir /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www';

check('the bridge, and a published port', async (w) => {
  dockerStart(w, 'web', ['--network=bridge', '-p=127.0.0.1:8080:80'], SERVES);
  const get = () => w.run(['busybox', 'wget', '-q', '-O-', 'http://127.0.0.1:8080/']);
  await waitFor('the page', () => get().text === 'page');
  docker(w, ['port', 'web'])
    .status(0)
    .says(/127\.0\.0\.1:8080/);
  dockerRemove(w, 'web');
  assert.notEqual(get().exit, 0);
});

check('a network of its own: names are found, connect and disconnect', async (w) => {
  docker(w, ['network', 'create', 'own']).status(0);
  dockerStart(w, 'server', ['--network=own', '--network-alias=page'], SERVES);
  dockerStart(w, 'client', ['--network=own']);
  const get = () => docker(w, ['exec', 'client', 'wget', '-q', '-O-', 'http://page/']);
  await waitFor('the page by its name', () => get().text === 'page');
  docker(w, ['network', 'disconnect', 'own', 'client']).status(0);
  docker(w, ['exec', 'client', 'ls', '/sys/class/net']).says('lo');
  docker(w, ['network', 'connect', 'own', 'client']).status(0);
  await waitFor('the page again', () => get().text === 'page');
  dockerRemove(w, 'server', 'client');
  docker(w, ['network', 'rm', 'own']).status(0);
});

const FILE = `FROM ${IMAGE}
ENV A=b
WORKDIR /work
RUN echo "$A" >made && pwd >>made
USER grace
RUN id -u >/tmp/who
CMD cat made /tmp/who
`;

for (const [builder, kit] of [
  ['the classic builder', '0'],
  ['BuildKit', '1'],
] as const) {
  const env = { DOCKER_BUILDKIT: kit };

  check(`build with RUN: ${builder}`, (w) => {
    mkdirSync(w.path('context'), { recursive: true });
    writeFileSync(w.path('context/Dockerfile'), FILE);
    docker(w, ['build', '--network=none', '-t', `built${kit}`, w.path('context')], { env }).status(
      0,
    );
    docker(w, ['run', '--rm', '--network=none', `built${kit}`]).says('b\n/work\n1000');
  });

  check(`a RUN that fails fails the build: ${builder}`, (w) => {
    writeFileSync(w.path('Failing'), `FROM ${IMAGE}\nRUN exit 9\n`);
    const args = ['build', '--force-rm', '--network=none', '-f', w.path('Failing')];
    docker(w, [...args, w.path('context')], { env })
      .fails()
      .complains(/exit code: 9|non-zero code: 9/);
  });
}

check('a build of several stages, with a mount of BuildKit', (w) => {
  const file = `FROM ${IMAGE} AS first
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && echo first >/made
FROM scratch
COPY --from=first /bin /bin
COPY --from=first /made /made
RUN ["/bin/busybox", "sh", "-c", "cat /made >/copied"]
CMD ["/bin/busybox", "cat", "/copied"]
`;
  writeFileSync(w.path('Stages'), file);
  const args = ['build', '--network=none', '-t', 'stages', '-f', w.path('Stages')];
  docker(w, [...args, w.path('context')], { env: { DOCKER_BUILDKIT: '1' } }).status(0);
  docker(w, ['run', '--rm', '--network=none', 'stages']).says('first');
});

check('userns-remap: root of a container is nobody of the machine', async (w) => {
  w.sh(`for file in passwd group; do echo 'mapped:x:4243:4243::/:/bin/sh' >>/etc/$file; done
    echo mapped:700000:65536 | tee -a /etc/subuid >>/etc/subgid`);
  const home = '/run/dk2';
  await startDocker(w, ['--userns-remap=mapped', '--bridge=none', '--iptables=false'], home);
  loadImage(w, home);
  const run = (...args: string[]) =>
    w.run(dockerCommand(['run', '--rm', '--network=none', ...args], home));
  run(IMAGE, 'sh', '-c', 'id -u; cat /proc/self/uid_map; touch /x /root/y && chown 5 /x')
    .status(0)
    .says(/^0\n\s+0\s+700000\s+65536$/);
  run('--user=grace', '-v', '/kept', IMAGE, 'id', '-u').status(0).says('1000');
  run('--userns=host', IMAGE, 'cat', '/proc/self/uid_map').says(/^0\s+0\s+4294967295$/);
  w.run(dockerCommand(['run', '-d', '--name=mapped', IMAGE, 'sleep', '1000'], home)).status(0);
  const pid = w.run(dockerCommand(['inspect', '--format={{.State.Pid}}', 'mapped'], home)).text;
  w.sh(`stat -c %u /proc/${pid}`).says('700000');
  w.run(dockerCommand(['exec', '-u', '1000', 'mapped', 'id', '-u'], home)).says('1000');
  w.run(dockerCommand(['rm', '--force', 'mapped'], home)).status(0);
  w.sh(`kill $(cat ${home}/pid)`);
  await waitFor('the end of the daemon', () => w.run(['test', '-e', `${home}/pid`]).exit !== 0);
});

check('live restore: containers go on while their daemon is restarted', async (w) => {
  const stop = async (): Promise<void> => {
    w.sh(`kill $(cat ${HOME}/pid)`);
    await waitFor('the end of the daemon', () => w.run(['test', '-e', `${HOME}/pid`]).exit !== 0);
  };
  await stop();
  await startDocker(w, ['--live-restore']);
  dockerStart(w, 'survivor', ['--restart=no']);
  const pid = dockerInspect(w, 'survivor', '.State.Pid');
  await stop();
  w.sh(`test -e /proc/${pid}`);
  await startDocker(w, ['--live-restore']);
  assert.equal(dockerInspect(w, 'survivor', '.State.Pid'), pid);
  docker(w, ['exec', 'survivor', 'echo', 'still here']).status(0).says('still here');
  docker(w, ['stop', 'survivor']).status(0);
  assert.equal(dockerInspect(w, 'survivor', '.State.ExitCode'), '3');
  dockerRemove(w, 'survivor');
});

check('in the end nothing is left', (w) => {
  docker(w, ['ps', '--all', '--quiet']).status(0).says('');
  for (const mount of new Set(cgroupMounts().values())) {
    const groups = path.join(mount, w.cgroup);
    if (existsSync(groups)) w.sh(`find ${groups} -mindepth 1 -type d ! -name buildkit`).says('');
  }
});
