/**
 * containerd through ctr: its shim calls the runtime with a root and a log of its own. The file is
 * long because all its checks share one daemon, which is started once.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupMounts, cgroupV1, waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { type Conversation, checks, type How, type Outcome, type World } from './engine.js';
import { packImage } from './image.js';

const IMAGE = 'docker.io/library/bb:latest';
const SOCKET = '/run/cd/socket';

const check = checks('containerd', ['containerd', 'containerd-shim-runc-v2', 'ctr'], async (w) => {
  const config = `version = 2
root = "/run/cd/root"
state = "/run/cd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
path = "/run/cd/opt"
`;
  writeFileSync(w.path('config.toml'), config);
  w.sh('mkdir -p /run/cd');
  // containerd takes a shim of ctr's as its own child; its log is for the failures.
  const log = w.path('containerd.log');
  w.talk(['sh', '-c', `exec containerd -c '${w.path('config.toml')}' 2>'${log}'`]);
  const up = () => w.run(['ctr', '-a', SOCKET, 'version']).exit === 0;
  await waitFor(`containerd; see ${log}`, up);
  const archive = packImage(w.path('image'), w.path('pack'), IMAGE);
  ctr(w, 'images', 'import', '--snapshotter', 'native', archive).status(0);
});

/** containerd's namespace is the parent of its cgroups: the world's. */
function command(w: World, args: readonly string[]): string[] {
  return ['ctr', '-a', SOCKET, '-n', path.basename(w.cgroup), ...args];
}

function ctr(w: World, ...args: string[]): Outcome {
  return w.run(command(w, args));
}

const RUN = ['run', '--snapshotter', 'native', '--runc-binary', RUNTIME];

function run(w: World, id: string, options: string[], args: string[], how: How = {}): Outcome {
  return w.run(command(w, [...RUN, '--rm', ...options, IMAGE, id, ...args]), how);
}

function sh(w: World, id: string, options: string[], script: string): Outcome {
  return run(w, id, options, ['sh', '-c', script]);
}

function runAtTerminal(w: World, id: string, options: string[], script: string): Conversation {
  const args = [...RUN, '--rm', '-t', ...options, IMAGE, id, 'sh', '-c', script];
  return w.atTerminal(command(w, args));
}

const WAITING = 'trap "exit 5" TERM; while :; do sleep 0.1; done';

/** Starts a container that waits for SIGTERM; gives the pid that ctr names. */
function start(w: World, id: string, options: string[] = [], script = WAITING): number {
  ctr(w, ...RUN, '-d', ...options, IMAGE, id, 'sh', '-c', script).status(0);
  return Number(/ (\d+) /.exec(task(w, id))?.[1]);
}

/** The line of `task ls`. */
function task(w: World, id: string): string {
  const list = ctr(w, 'task', 'ls').status(0).stdout.split('\n');
  return list.find((line) => line.startsWith(`${id} `)) ?? '';
}

async function untilTask(w: World, id: string, status: string): Promise<void> {
  await waitFor(`${id} to be ${status}`, () => task(w, id).includes(status));
}

async function remove(w: World, id: string): Promise<void> {
  ctr(w, 'task', 'delete', '--force', id);
  ctr(w, 'container', 'rm', id).status(0);
}

/** A cgroup file of a container on the host. */
function groupFile(w: World, controller: string, id: string, file: string): string {
  return path.join(cgroupMounts().get(controller) ?? '', w.cgroup, id, file);
}

const V1_ONLY = cgroupV1() ? {} : { skip: 'looks at cgroup v1 files' };

check('run gives the output', (w) => {
  run(w, 'a1', [], ['echo', 'hello']).status(0).says('hello');
});

check('run keeps stdout and stderr apart', (w) => {
  sh(w, 'a2', [], 'echo one; echo two >&2').status(0).says('one').complains('two');
});

for (const code of [0, 7, 255]) {
  check(`run gives exit code ${code}`, (w) => {
    sh(w, `exit${code}`, [], `exit ${code}`).status(code);
  });
}

const MISSING: [string, string[], RegExp][] = [
  ['a path that is not there', ['/nonexistent'], /stat \/nonexistent: no such file or directory/],
  ['a name not in PATH', ['nonexistent'], /executable file not found in \$PATH/],
  ['a file that is not executable', ['/etc/passwd'], /permission denied/],
];
for (const [what, args, text] of MISSING) {
  check(`${what} is an error of create, taken from the log`, (w) => {
    run(w, 'missing', [], args)
      .status(1)
      .complains(text)
      .complains(/OCI runtime create failed/);
    assert.equal(task(w, 'missing'), '');
  });
}

check('a terminal: its name', async (w) => {
  const outcome = await runAtTerminal(w, 'tty', [], 'tty; exit 3').end();
  outcome.status(3).says(/^\0?\/dev\/pts\/0\r*$/m);
});

check('a terminal has the size of ours, and Ctrl-C interrupts', async (w) => {
  // ctr sets the size only after the start: until then busybox's stty prints nothing, with status 0.
  const script =
    'trap "until stty size 2>/dev/null | grep .; do sleep 0.1; done; exit 9" INT; read a; echo "<$a>"; while :; do sleep 0.1; done';
  const talk = runAtTerminal(w, 'size', [], script);
  talk.say('word\n');
  await talk.until(/<word>/);
  talk.say('\x03');
  (await talk.end()).status(9).says(/33 111/);
});

check('a detached container is listed as running', async (w) => {
  const pid = start(w, 'd1');
  assert.ok(pid > 1);
  await untilTask(w, 'd1', 'RUNNING');
  await remove(w, 'd1');
});

/** ctr stops reading as soon as it hears of the end (containerd's pull request 13931). */
const LINGER = 'sleep 0.5';

check('exec: output, exit code, standard error', async (w) => {
  start(w, 'e1');
  const exec = (script: string, ...options: string[]) =>
    ctr(w, 'task', 'exec', '--exec-id', 'x', ...options, 'e1', 'sh', '-c', script);
  exec(`echo in; echo err >&2; ${LINGER}; exit 3`).status(3).says('in').complains('err');
  exec(`pwd; ${LINGER}`, '--cwd', '/tmp').status(0).says('/tmp');
  exec(`id -u; ${LINGER}`, '--user', '1000').status(0).says('1000');
  await remove(w, 'e1');
});

check('exec at a terminal', async (w) => {
  start(w, 'e2');
  const script = `tty; ${LINGER}; exit 4`;
  const args = ['task', 'exec', '-t', '--exec-id', 'x', 'e2', 'sh', '-c', script];
  (await w.atTerminal(command(w, args)).end()).status(4).says(/\/dev\/pts\/\d/);
  await remove(w, 'e2');
});

check('exec of what is not there fails, and the container goes on', async (w) => {
  start(w, 'e3');
  const exec = (...args: string[]) => ctr(w, 'task', 'exec', '--exec-id', 'x', 'e3', ...args);
  exec('/nonexistent')
    .status(1)
    .complains(/no such file or directory/);
  exec('nonexistent')
    .status(1)
    .complains(/executable file not found in \$PATH/);
  exec('true').status(0);
  await remove(w, 'e3');
});

check('exec -d', async (w) => {
  start(w, 'e4');
  const exec = (...args: string[]) => ctr(w, 'task', 'exec', ...args);
  exec('-d', '--exec-id', 'x', 'e4', 'sh', '-c', 'echo made >/tmp/made').status(0);
  await waitFor('what exec -d makes', () =>
    exec('--exec-id', 'y', 'e4', 'cat', '/tmp/made').stdout.includes('made'),
  );
  await remove(w, 'e4');
});

check('ps names the processes by their pids on the host', async (w) => {
  const pid = start(w, 'p1');
  const pids: string[] = ctr(w, 'task', 'ps', 'p1').status(0).stdout.match(/^\d+/gm) ?? [];
  assert.ok(pids.includes(String(pid)), `${pid} in ${pids.join(' ')}`);
  await remove(w, 'p1');
});

check('pause and resume', async (w) => {
  start(w, 'f1');
  ctr(w, 'task', 'pause', 'f1').status(0);
  assert.match(task(w, 'f1'), /PAUSED/);
  ctr(w, 'task', 'exec', '--exec-id', 'x', 'f1', 'true').fails();
  ctr(w, 'task', 'resume', 'f1').status(0);
  assert.match(task(w, 'f1'), /RUNNING/);
  ctr(w, 'task', 'exec', '--exec-id', 'y', 'f1', 'true').status(0);
  await remove(w, 'f1');
});

check('kill: a handler of SIGTERM gives the exit code', async (w) => {
  start(w, 'k1');
  ctr(w, 'task', 'kill', 'k1').status(0);
  await untilTask(w, 'k1', 'STOPPED');
  ctr(w, 'task', 'rm', 'k1').complains(/exit code 5/);
  ctr(w, 'container', 'rm', 'k1').status(0);
});

check('kill -s names a signal; kill --all reaches every process', async (w) => {
  const script = 'trap "" TERM; sleep 1000 & trap "exit 6" USR1; while :; do sleep 0.1; done';
  start(w, 'k2', [], script);
  // The trap must be there before the signal.
  await new Promise((next) => setTimeout(next, 300));
  ctr(w, 'task', 'kill', '-s', 'SIGUSR1', 'k2').status(0);
  await untilTask(w, 'k2', 'STOPPED');
  await remove(w, 'k2');
  start(w, 'k3');
  ctr(w, 'task', 'kill', '--all', '-s', 'SIGKILL', 'k3').status(0);
  await untilTask(w, 'k3', 'STOPPED');
  ctr(w, 'task', 'rm', 'k3').complains(/exit code 137/);
  ctr(w, 'container', 'rm', 'k3').status(0);
});

check('task delete --force ends what runs and leaves no state', async (w) => {
  const pid = start(w, 'r1');
  ctr(w, 'task', 'delete', 'r1').fails();
  ctr(w, 'task', 'delete', '--force', 'r1');
  w.sh(`! [ -e /proc/${pid} ]`);
  w.sh(`! [ -e /run/containerd/runc/${path.basename(w.cgroup)}/r1 ]`);
  assert.equal(task(w, 'r1'), '');
  ctr(w, 'container', 'rm', 'r1').status(0);
});

check('task delete --force of a paused container', async (w) => {
  start(w, 'r2');
  ctr(w, 'task', 'pause', 'r2').status(0);
  ctr(w, 'task', 'resume', 'r2').status(0);
  await remove(w, 'r2');
});

check('metrics are what the cgroup says', async (w) => {
  start(w, 'm1', ['--memory-limit', '67108864']);
  // ctr 1.6 prints none where the machine has a cgroup2 mount beside v1, whatever the runtime.
  const outcome = ctr(w, 'task', 'metrics', 'm1');
  if (outcome.exit === 0) outcome.says(/memory/);
  else outcome.complains(/no metrics received/);
  await remove(w, 'm1');
});

check(
  'limits are in the cgroup',
  async (w) => {
    const options = [
      '--memory-limit',
      '67108864',
      '--cpu-quota',
      '50000',
      '--cpu-period',
      '100000',
    ];
    start(w, 'l1', [...options, '--cpu-shares', '333']);
    const is = (controller: string, file: string, value: string) =>
      assert.equal(readFileSync(groupFile(w, controller, 'l1', file), 'utf8').trim(), value, file);
    is('memory', 'memory.limit_in_bytes', '67108864');
    is('cpu', 'cpu.cfs_quota_us', '50000');
    is('cpu', 'cpu.cfs_period_us', '100000');
    is('cpu', 'cpu.shares', '333');
    assert.match(readFileSync(groupFile(w, 'devices', 'l1', 'devices.list'), 'utf8'), /c 1:3 rwm/);
    await remove(w, 'l1');
    assert.ok(!existsSync(groupFile(w, 'memory', 'l1', '')), 'the cgroup is left');
  },
  V1_ONLY,
);

check('out of memory: 137', (w) => {
  const script = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';
  sh(w, 'oom', ['--memory-limit', '33554432'], script).status(137);
});

const CAPABILITIES: [string, string[], string][] = [
  // The default set, and what is taken from it or added: bits 0 (CHOWN) and 12 (NET_ADMIN).
  ['the default', [], '00000000a80425fb'],
  ['--cap-drop', ['--cap-drop', 'CAP_CHOWN'], '00000000a80425fa'],
  ['--cap-add', ['--cap-add', 'CAP_NET_ADMIN'], '00000000a80435fb'],
];
for (const [what, options, bits] of CAPABILITIES) {
  check(`capabilities: ${what}`, (w) => {
    const script = 'grep -E "Cap(Prm|Eff|Bnd)" /proc/self/status';
    const sets = ['CapPrm', 'CapEff', 'CapBnd'].map((set) => `${set}:\t${bits}`).join('\n');
    sh(w, 'caps', options, script).status(0).says(sets);
  });
}

check('mounts: read-only and writable', (w) => {
  mkdirSync(w.path('shared'), { recursive: true });
  writeFileSync(w.path('shared/file'), 'seen\n');
  const mount = (how: string) => [
    '--mount',
    `type=bind,src=${w.path('shared')},dst=/mnt,options=rbind:${how}`,
  ];
  sh(w, 'mount1', mount('ro'), 'cat /mnt/file; ! touch /mnt/new')
    .status(0)
    .says('seen')
    .complains(/Read-only/);
  sh(w, 'mount2', mount('rw'), 'echo new >/mnt/new').status(0);
  assert.equal(readFileSync(w.path('shared/new'), 'utf8'), 'new\n');
});

check('a mount whose source is not there is named in the error', (w) => {
  const mount = 'type=bind,src=/no/such/source,dst=/mnt,options=rbind:ro';
  run(w, 'mount3', ['--mount', mount], ['true'])
    .status(1)
    .complains(/\/no\/such\/source/);
});

check('--read-only', (w) => {
  run(w, 'ro', ['--read-only'], ['touch', '/new'])
    .status(1)
    .complains(/Read-only file system/);
  run(w, 'rw', [], ['touch', '/new']).status(0);
});

check('--privileged: all capabilities of the engine, its devices, no masks', (w) => {
  const all = w.sh('sed -n "s/^CapBnd:.//p" /proc/self/status').text;
  run(w, 'pr1', ['--privileged'], ['sed', '-n', 's/^CapEff:.//p', '/proc/self/status'])
    .status(0)
    .says(all);
  sh(w, 'pr3', [], 'echo x >/proc/sys/kernel/hostname')
    .status(1)
    .complains(/Read-only/);
  sh(w, 'pr2', ['--privileged'], 'echo x >/proc/sys/kernel/hostname').status(0);
});

check(
  '--device',
  (w) => {
    sh(w, 'dev1', ['--device', '/dev/fuse'], 'ls /dev/fuse').status(0).says('/dev/fuse');
    sh(w, 'dev2', [], 'ls /dev/fuse').fails();
  },
  existsSync('/dev/fuse') ? {} : { skip: 'no /dev/fuse' },
);

check('--seccomp: the default profile and one of a file', (w) => {
  const mode = ['sed', '-n', 's/^Seccomp:.//p', '/proc/self/status'];
  run(w, 'sec1', ['--seccomp'], mode).status(0).says('2');
  run(w, 'sec2', [], mode).status(0).says('0');
  const names = ['mkdir', 'mkdirat'];
  const syscalls = [{ names, action: 'SCMP_ACT_ERRNO', errnoRet: 28 }];
  const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64'];
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', architectures, syscalls };
  writeFileSync(w.path('seccomp.json'), JSON.stringify(profile));
  const options = ['--seccomp', '--seccomp-profile', w.path('seccomp.json')];
  run(w, 'sec3', options, ['mkdir', '/x'])
    .status(1)
    .complains(/No space left on device/);
});

check('no new privileges, and --allow-new-privs', (w) => {
  const flag = ['sed', '-n', 's/^NoNewPrivs:.//p', '/proc/self/status'];
  run(w, 'nnp1', [], flag).status(0).says('1');
  run(w, 'nnp2', ['--allow-new-privs'], flag).status(0).says('0');
});

check('--env and --cwd', (w) => {
  sh(w, 'env', ['--env', 'A=b c', '--cwd', '/tmp'], 'echo "$A"; pwd').status(0).says('b c\n/tmp');
});

check('--net-host shares the network, without it there is another', (w) => {
  const own = w.sh('readlink /proc/self/ns/net').text;
  run(w, 'net1', ['--net-host'], ['readlink', '/proc/self/ns/net']).status(0).says(own);
  assert.notEqual(run(w, 'net2', [], ['readlink', '/proc/self/ns/net']).status(0).text, own);
});

for (const [type, link] of [
  ['network', 'net'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['pid', 'pid'],
]) {
  check(`--with-ns joins ${type} by its path`, async (w) => {
    const pid = start(w, `owner-${link}`);
    const target = w.sh(`readlink /proc/${pid}/ns/${link}`).text;
    const options = ['--with-ns', `${type}:/proc/${pid}/ns/${link}`];
    run(w, `joins-${link}`, options, ['readlink', `/proc/self/ns/${link}`])
      .status(0)
      .says(target);
    await remove(w, `owner-${link}`);
  });
}

/** As much of a spec as the tests change. */
interface Spec {
  hostname?: string;
  root: { path: string };
  process: Record<string, unknown>;
  hooks?: Record<string, unknown>;
  linux: { namespaces: object[] } & Record<string, unknown>;
}

/** A file for --config: the spec that ctr makes, changed, for the container `id`. */
function specOf(w: World, id: string, change: (spec: Spec) => void): string {
  start(w, 'spec');
  const info = JSON.parse(ctr(w, 'container', 'info', 'spec').status(0).stdout) as { Spec: Spec };
  ctr(w, 'task', 'delete', '--force', 'spec');
  ctr(w, 'container', 'rm', 'spec').status(0);
  const spec = info.Spec;
  spec.root.path = w.path('image');
  Object.assign(spec.linux, { cgroupsPath: `${w.cgroup}/${id}` });
  change(spec);
  const file = w.path(`${id}.json`);
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

check('--config: user, groups, umask, hostname, rlimits, sysctl, oom score', (w) => {
  const port = 'net.ipv4.ip_unprivileged_port_start';
  const script = `id -u; id -g; id -G; umask; hostname; ulimit -n
    cat /proc/sys/${port.replaceAll('.', '/')} /proc/self/oom_score_adj`;
  const file = specOf(w, 'config1', (spec) => {
    spec.hostname = 'named';
    Object.assign(spec.process, {
      args: ['sh', '-c', script],
      user: { uid: 1000, gid: 1001, additionalGids: [1002, 1003], umask: 0o27 },
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 77, hard: 99 }],
      oomScoreAdj: 321,
    });
    Object.assign(spec.linux, { sysctl: { [port]: '80' } });
  });
  const args = [...RUN, '--rm', '--config', file, 'config1'];
  const expected = ['1000', '1001', '1001 1002 1003', '0027', 'named', '77', '80', '321'];
  ctr(w, ...args)
    .status(0)
    .says(expected.join('\n'));
});

check('--config: hooks run, with the state', (w) => {
  const script = `#!/bin/sh\necho "$1 $(cat)" >>'${w.path('hooks')}'\n`;
  writeFileSync(w.path('hook'), script, { mode: 0o755 });
  const stages = ['prestart', 'createRuntime', 'poststart', 'poststop'];
  const file = specOf(w, 'config2', (spec) => {
    spec.process.args = ['true'];
    const hook = (stage: string) => [{ path: w.path('hook'), args: ['hook', stage] }];
    spec.hooks = Object.fromEntries(stages.map((stage) => [stage, hook(stage)]));
  });
  ctr(w, ...RUN, '--rm', '--config', file, 'config2').status(0);
  const lines = readFileSync(w.path('hooks'), 'utf8').trim().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    stages,
  );
  for (const line of lines) assert.match(line, /"id": ?"config2"/);
});

check('a user namespace, through a config', (w) => {
  const map = [{ containerID: 0, hostID: 100000, size: 65536 }];
  const file = specOf(w, 'config3', (spec) => {
    spec.linux.namespaces.push({ type: 'user' });
    Object.assign(spec.linux, { uidMappings: map, gidMappings: map });
    // ctr drops what it has not copied yet when the task is over, so the task waits for it.
    spec.process.args = ['sh', '-c', 'id -u; cat /proc/self/uid_map; sleep 0.5'];
  });
  const args = [...RUN, '--rm', '--config', file, 'config3'];
  ctr(w, ...args)
    .status(0)
    .says(/^0\n\s+0\s+100000\s+65536$/);
});

check('eight containers at once', async (w) => {
  const numbers = Array.from({ length: 8 }, (_, index) => index);
  const talks = numbers.map((number) =>
    w.talk(
      command(w, [
        ...RUN,
        '--rm',
        IMAGE,
        `many${number}`,
        'sh',
        '-c',
        `echo n${number}; exit ${number}`,
      ]),
    ),
  );
  for (const number of numbers) {
    const outcome = await (talks[number] as Conversation).end();
    outcome.status(number).says(`n${number}`);
  }
});

check('in the end there are no tasks, and no state of the runtime', (w) => {
  ctr(w, 'task', 'ls', '-q').status(0).says('');
  const root = `/run/containerd/runc/${path.basename(w.cgroup)}`;
  // Filters that were compiled are kept there, for the next container.
  w.sh(`[ ! -e ${root} ] || ls -A ${root} | grep -vx @seccomp || :`).says('');
  for (const mount of new Set(cgroupMounts().values())) {
    const dir = path.join(mount, w.cgroup);
    const groups = existsSync(dir) ? readdirSync(dir, { withFileTypes: true }) : [];
    assert.deepEqual(
      groups.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
      [],
    );
  }
});
