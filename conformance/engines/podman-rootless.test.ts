/** Podman as an ordinary user, who exists only in the private world, with subordinate ids. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { RUNTIME } from '../lib/runtime.js';
import { type Conversation, checks, type Outcome, type World } from './engine.js';

const USER = 'ordinary';
const ID = 4242;
const RUN_DIR = `/run/user/${ID}`;
const ENV = {
  HOME: `/run/home`,
  USER,
  XDG_RUNTIME_DIR: RUN_DIR,
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
};

const check = checks('podman rootless', ['podman', 'conmon', 'newuidmap', 'setpriv'], (world) => {
  world.sh(`
    echo '${USER}:x:${ID}:${ID}::/run/home:/bin/sh' >>/etc/passwd
    echo '${USER}:x:${ID}:' >>/etc/group
    echo '${USER}:300000:65536' | tee -a /etc/subuid >>/etc/subgid
    mkdir -p ${RUN_DIR} /run/home
    chmod 700 ${RUN_DIR}
    chown ${ID}:${ID} ${RUN_DIR} /run/home
    ${`setpriv --reuid ${ID} --regid ${ID} --clear-groups test -x '${RUNTIME}'`}`);
  const tar = `tar -C '${world.path('image')}' --owner=0 --group=0 -c .`;
  world.sh(`${tar} >'${world.path('image.tar')}'; chmod 644 '${world.path('image.tar')}'`);
  podman(world, 'import', world.path('image.tar'), 'bb').status(0);
});

function command(args: readonly string[]): string[] {
  const identity = ['--reuid', String(ID), '--regid', String(ID), '--clear-groups'];
  const store = ['--storage-driver=overlay', '--cgroup-manager=cgroupfs', '--log-level=error'];
  return ['setpriv', ...identity, 'podman', ...store, '--runtime', RUNTIME, ...args];
}

function podman(w: World, ...args: string[]): Outcome {
  return w.run(command(args), { env: ENV, timeoutMs: 120_000 });
}

const run = (w: World, options: string[], ...args: string[]): Outcome =>
  podman(w, 'run', '--rm', '--network=none', ...options, 'bb', ...args);

const sh = (w: World, options: string[], script: string): Outcome =>
  run(w, options, 'sh', '-c', script);

function atTerminal(w: World, ...args: string[]): Conversation {
  return w.atTerminal(command(args), ENV);
}

check('run: output and exit code', (w) => {
  sh(w, [], 'echo hello; exit 7').status(7).says('hello').complains('');
});

check('what is not there: 127, not executable: 126', (w) => {
  run(w, [], '/nonexistent').status(127);
  run(w, [], 'nonexistent')
    .status(127)
    .complains(/not found/);
  run(w, [], '/etc/passwd').status(126);
});

check('root of the container is the user', (w) => {
  const script = 'id -u; cat /proc/self/uid_map';
  sh(w, [], script)
    .status(0)
    .says(/^0\n\s+0\s+4242\s+1\n\s+1\s+300000\s+65536$/);
});

check('a terminal', async (w) => {
  const args = ['run', '--rm', '-it', '--network=none', 'bb', 'sh', '-c', 'tty; stty size; exit 3'];
  (await atTerminal(w, ...args).end()).status(3).says(/\/dev\/pts\/0\r\n33 111$/);
});

check('a detached container: logs, exec, stop', (w) => {
  const script = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done';
  podman(w, 'run', '-d', '--name=d1', '--network=none', 'bb', 'sh', '-c', script).status(0);
  podman(w, 'exec', 'd1', 'sh', '-c', 'id -u; exit 4').status(4).says('0');
  podman(w, 'exec', '--user=grace', '-w', '/tmp', 'd1', 'sh', '-c', 'id -un; pwd').says(
    'grace\n/tmp',
  );
  podman(w, 'exec', 'd1', 'nonexistent').status(127);
  podman(w, 'logs', 'd1').status(0).says('ready');
  podman(w, 'stop', 'd1').status(0);
  podman(w, 'inspect', '--format', '{{.State.ExitCode}}', 'd1').status(0).says('3');
  podman(w, 'rm', 'd1').status(0);
});

check('exec at a terminal', async (w) => {
  podman(w, 'run', '-d', '--name=d2', '--network=none', 'bb', 'sleep', '1000').status(0);
  const talk = atTerminal(w, 'exec', '-it', 'd2', 'sh', '-c', 'tty; exit 5');
  (await talk.end()).status(5).says(/\/dev\/pts\/\d/);
  podman(w, 'rm', '-f', '-t', '0', 'd2').status(0);
});

check('--userns=keep-id, and --user', (w) => {
  run(w, ['--userns=keep-id'], 'id', '-u').status(0).says(String(ID));
  run(w, ['--user=grace'], 'id', '-un').status(0).says('grace');
  run(w, ['--user=5:6'], 'sh', '-c', 'id -u; id -g').status(0).says('5\n6');
});

check('volumes keep the owner', (w) => {
  w.sh(`mkdir -p /run/home/v && echo seen >/run/home/v/file && chown -R ${ID} /run/home/v`);
  sh(w, ['-v', '/run/home/v:/mnt'], 'cat /mnt/file; echo new >/mnt/new').status(0).says('seen');
  w.sh('stat -c %u /run/home/v/new').says(String(ID));
  run(w, ['-v', '/run/home/v:/mnt:ro'], 'touch', '/mnt/x')
    .status(1)
    .complains(/Read-only/);
});

check('--read-only, --tmpfs, --hostname, --cap-drop, --sysctl', (w) => {
  run(w, ['--read-only'], 'touch', '/x')
    .status(1)
    .complains(/Read-only/);
  run(w, ['--tmpfs=/t'], 'touch', '/t/x').status(0);
  run(w, ['--hostname=named'], 'hostname').status(0).says('named');
  const caps = ['grep', 'CapEff', '/proc/self/status'];
  run(w, ['--cap-drop=all'], ...caps)
    .status(0)
    .says(/0{16}$/);
  const port = 'net/ipv4/ip_unprivileged_port_start';
  run(w, [`--sysctl=${port.replaceAll('/', '.')}=81`], 'cat', `/proc/sys/${port}`).says('81');
});

check('--privileged', (w) => {
  sh(w, ['--privileged'], 'mount -t tmpfs t /tmp && touch /tmp/x').status(0);
});

check('host namespaces', (w) => {
  const own = (type: string) => w.sh(`readlink /proc/self/ns/${type}`).text;
  podman(w, 'run', '--rm', '--network=host', 'bb', 'readlink', '/proc/self/ns/net').says(
    own('net'),
  );
  run(w, ['--pid=host'], 'readlink', '/proc/self/ns/pid').status(0).says(own('pid'));
  // Podman then binds the machine's message queues, too.
  if (!existsSync('/dev/mqueue')) return;
  run(w, ['--ipc=host'], 'readlink', '/proc/self/ns/ipc').status(0).says(own('ipc'));
});

check('joins another container', (w) => {
  podman(w, 'run', '-d', '--name=d3', '--network=none', 'bb', 'sleep', '1000').status(0);
  const link = ['readlink', '/proc/self/ns/net'];
  const target = podman(w, 'exec', 'd3', ...link).status(0).text;
  podman(w, 'run', '--rm', '--network=container:d3', 'bb', ...link)
    .status(0)
    .says(target);
  podman(w, 'rm', '-f', '-t', '0', 'd3').status(0);
});

check('build with RUN', (w) => {
  w.sh('mkdir -p /run/home/context');
  writeFileSync(w.path('Containerfile'), 'FROM localhost/bb\nRUN id -u >/made\nCMD cat /made\n');
  const args = ['build', '--network=none', '-t', 'built', '-f', w.path('Containerfile')];
  podman(w, ...args, '/run/home/context').status(0);
  podman(w, 'run', '--rm', '--network=none', 'built').status(0).says('0');
});

check('five at once', async (w) => {
  const numbers = [0, 1, 2, 3, 4];
  const talks = numbers.map((number) => {
    const script = `echo n${number}; exit ${number}`;
    return w.talk(command(['run', '--rm', '--network=none', 'bb', 'sh', '-c', script]), ENV);
  });
  for (const [number, talk] of talks.entries()) {
    (await talk.end()).status(number).says(`n${number}`);
  }
});

check('in the end nothing is left', (w) => {
  podman(w, 'ps', '-aq').status(0).says('');
  // Filters that were compiled are kept there, for the next container.
  const states = `ls ${RUN_DIR}/$(basename '${RUNTIME}') 2>/dev/null`;
  assert.equal(w.sh(`${states} | grep -vx @seccomp || :`).text, '');
});
