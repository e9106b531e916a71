/**
 * Docker with the runtime as its default: the life of containers, terminals, exec, health, restarts,
 * and what users read when it fails. The file is long because all its checks share one daemon.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import {
  docker,
  dockerAtTerminal,
  dockerCommand,
  dockerInspect,
  dockerLogsSay,
  dockerRemove,
  dockerRun,
  dockerSh,
  dockerStart,
  IMAGE,
  NAME,
  PROGRAMS,
  prepareDocker,
} from './docker-engine.js';
import { checks, type World } from './engine.js';

const check = checks('docker', PROGRAMS, async (world) => {
  await prepareDocker(world);
  dockerStart(world, 'lasting');
});

const inLasting = (world: World, options: string[], ...command: string[]) =>
  docker(world, ['exec', ...options, 'lasting', ...command]);

check('info: the runtime is there, and the default', (w) => {
  const info = docker(w, ['info', '--format', '{{json .}}']).status(0);
  const { Runtimes, DefaultRuntime } = JSON.parse(info.stdout) as {
    Runtimes: Record<string, { path: string }>;
    DefaultRuntime: string;
  };
  assert.equal(Runtimes[NAME]?.path, RUNTIME);
  assert.equal(DefaultRuntime, NAME);
});

check('run gives the output; the container is one of the runtime', (w) => {
  dockerRun(w, [], ['echo', 'hello']).status(0).says('hello').complains('');
  assert.equal(dockerInspect(w, 'lasting', '.HostConfig.Runtime'), NAME);
  const id = dockerInspect(w, 'lasting', '.Id');
  const root = '/run/dk/exec/runtime-runc/moby';
  const state = w.run([RUNTIME, '--root', root, 'state', id]).status(0);
  assert.match(state.stdout, /"status": ?"running"/);
});

check('run --runtime names it', (w) => {
  dockerRun(w, [`--runtime=${NAME}`], ['echo', 'named'])
    .status(0)
    .says('named');
  dockerRun(w, ['--runtime=absent'], ['true'])
    .status(125)
    .complains(/absent/);
});

check('run keeps stdout and stderr apart', (w) => {
  dockerSh(w, [], 'echo one; echo two >&2').status(0).says('one').complains('two');
});

for (const code of [0, 7, 255]) {
  check(`run gives exit code ${code}`, (w) => {
    dockerSh(w, [], `exit ${code}`).status(code);
  });
}

check('run passes standard input on', (w) => {
  dockerRun(w, ['-i'], ['cat'], { input: 'through\n' }).status(0).says('through');
});

check('a path that is not there, or a name not in PATH: 127', (w) => {
  dockerRun(w, [], ['/nonexistent'])
    .status(127)
    .complains(/stat \/nonexistent: no such file or directory/);
  dockerRun(w, [], ['nonexistent'])
    .status(127)
    .complains(/executable file not found in \$PATH/);
});

check('a file that is not executable: 126', (w) => {
  dockerRun(w, [], ['/etc/passwd'])
    .status(126)
    .complains(/permission denied/);
});

check('a failed run leaves a container that says why', (w) => {
  docker(w, ['run', '--name=failing', IMAGE, '/nonexistent']).status(127);
  assert.equal(dockerInspect(w, 'failing', '.State.Status'), 'created');
  assert.match(dockerInspect(w, 'failing', '.State.Error'), /no such file or directory/);
  dockerRemove(w, 'failing');
});

check('a terminal: its name and size, new lines once', async (w) => {
  // The size is set after the start: until then it is 0 0.
  const script = 'tty; until stty size 2>/dev/null | grep -v "^0"; do sleep 0.1; done';
  const args = ['run', '--rm', '--network=none', '-it', IMAGE, 'sh', '-c', script];
  const outcome = (await dockerAtTerminal(w, args).end()).status(0);
  outcome.says(/^\0?\/dev\/pts\/0\r?\n33 111$/m);
});

check('a terminal: Ctrl-C interrupts the container, input arrives', async (w) => {
  const script = 'trap "echo int; exit 9" INT; read a; echo "<$a>"; while :; do sleep 0.1; done';
  const args = ['run', '--rm', '--network=none', '-it', IMAGE, 'sh', '-c', script];
  const talk = dockerAtTerminal(w, args);
  talk.say('word\n');
  await talk.until(/<word>/);
  talk.say('\x03');
  (await talk.end()).status(9).says(/int/);
});

check('attach, and detach with its keys', async (w) => {
  docker(w, ['run', '-dit', '--network=none', '--name=attached', IMAGE, 'sh']).status(0);
  const first = dockerAtTerminal(w, ['attach', 'attached']);
  first.say('echo $((40 + 1))\n');
  await first.until(/^41\r?$/m);
  first.say('\x10\x11');
  await first.end();
  assert.equal(dockerInspect(w, 'attached', '.State.Status'), 'running');
  const second = dockerAtTerminal(w, ['attach', 'attached']);
  second.say('echo $((40 + 2)); exit 5\n');
  await second.until(/^42\r?$/m);
  (await second.end()).status(5);
  dockerRemove(w, 'attached');
});

check('a detached container: state, pid, log, list', async (w) => {
  await dockerLogsSay(w, 'lasting', 'ready');
  assert.equal(dockerInspect(w, 'lasting', '.State.Status'), 'running');
  assert.ok(Number(dockerInspect(w, 'lasting', '.State.Pid')) > 1);
  docker(w, ['ps', '--format', '{{.Names}} {{.Status}}'])
    .status(0)
    .says(/^lasting Up/m);
});

check('logs of both streams, the last lines, and as they come', async (w) => {
  dockerStart(w, 'logged', [], 'echo one; echo err >&2; sleep 0.5; echo two');
  (await w.talk(dockerCommand(['logs', '--follow', 'logged'])).end()).status(0).says(/two/);
  docker(w, ['logs', 'logged']).status(0).says('one\ntwo').complains('err');
  docker(w, ['logs', '--tail=1', 'logged']).status(0).says('two');
  dockerRemove(w, 'logged');
});

check('exec gives output and exit code', (w) => {
  inLasting(w, [], 'sh', '-c', 'echo in; echo err >&2; exit 3')
    .status(3)
    .says('in')
    .complains('err');
});

check('exec takes standard input', (w) => {
  docker(w, ['exec', '-i', 'lasting', 'cat'], { input: 'through' }).status(0).says('through');
});

check('exec at a terminal', async (w) => {
  const script = 'tty; until stty size 2>/dev/null | grep -v "^0"; do sleep 0.1; done; exit 4';
  const args = ['exec', '-it', 'lasting', 'sh', '-c', script];
  (await dockerAtTerminal(w, args).end()).status(4).says(/\/dev\/pts\/\d+\r?\n33 111$/);
});

check('exec -u, -w and -e, with the groups of the image', (w) => {
  inLasting(w, ['-u', 'grace'], 'id')
    .status(0)
    .says(/uid=1000\(grace\) gid=1000\(grace\).*2000/);
  inLasting(w, ['-u', '7:8', '-w', '/tmp', '-e', 'A=b c'], 'sh', '-c', 'id -u; pwd; echo "$A"')
    .status(0)
    .says('7\n/tmp\nb c');
});

check('exec -d', async (w) => {
  inLasting(w, ['-d'], 'sh', '-c', 'echo made >/tmp/made').status(0);
  await waitFor('the file of exec -d', () => inLasting(w, [], 'cat', '/tmp/made').text === 'made');
});

check('exec of what is not there: 127 or 126, and the container goes on', (w) => {
  inLasting(w, [], 'nonexistent')
    .fails()
    .says(/executable file not found in \$PATH/);
  inLasting(w, [], '/etc/passwd')
    .status(126)
    .says(/permission denied/);
  inLasting(w, [], 'true').status(0);
});

check('exec --privileged has more capabilities', (w) => {
  const caps = (options: string[]) =>
    inLasting(w, options, 'sed', '-n', 's/^CapEff:.//p', '/proc/self/status').status(0).text;
  assert.equal(caps([]), '00000000a80425fb');
  // Docker doesn't know the newest: it names those up to CAP_AUDIT_READ (37).
  assert.match(caps(['--privileged']), /^0000003f[ef]{8}$/);
});

check('top names the processes by their pids on the host', (w) => {
  const pid = dockerInspect(w, 'lasting', '.State.Pid');
  docker(w, ['top', 'lasting', '-o', 'pid,comm'])
    .status(0)
    .says(new RegExp(`^${pid} +sh`, 'm'));
});

check('stats', (w) => {
  const format = '{{.Name}} {{.PIDs}} {{.MemUsage}}';
  docker(w, ['stats', '--no-stream', '--format', format, 'lasting'])
    .status(0)
    .says(/^lasting [1-9]\d* [\d.]+[KM]iB/);
});

check('pause and unpause', (w) => {
  docker(w, ['pause', 'lasting']).status(0);
  try {
    assert.equal(dockerInspect(w, 'lasting', '.State.Status'), 'paused');
    docker(w, ['exec', 'lasting', 'true'])
      .fails()
      .complains(/paused/);
  } finally {
    docker(w, ['unpause', 'lasting']).status(0);
  }
  inLasting(w, [], 'true').status(0);
});

check('stop lets a handler of SIGTERM end it', async (w) => {
  dockerStart(w, 'polite');
  await dockerLogsSay(w, 'polite', 'ready');
  docker(w, ['stop', 'polite']).status(0);
  assert.equal(dockerInspect(w, 'polite', '.State.ExitCode'), '3');
  dockerRemove(w, 'polite');
});

check('stop sends the stop signal, then kills what goes on', async (w) => {
  const script = 'trap "echo got usr1" USR1; trap "" TERM; echo ready; while :; do sleep 0.1; done';
  dockerStart(w, 'deaf', ['--stop-signal=USR1'], script);
  await dockerLogsSay(w, 'deaf', 'ready');
  docker(w, ['stop', '--time=1', 'deaf']).status(0);
  docker(w, ['logs', 'deaf']).says(/got usr1/);
  assert.equal(dockerInspect(w, 'deaf', '.State.ExitCode'), '137');
  dockerRemove(w, 'deaf');
});

check('kill sends the signal that is named', async (w) => {
  const script = 'trap "echo hup" HUP; trap "exit 6" USR2; echo ready; while :; do sleep 0.1; done';
  dockerStart(w, 'killed', [], script);
  await dockerLogsSay(w, 'killed', 'ready');
  docker(w, ['kill', '--signal=HUP', 'killed']).status(0);
  await dockerLogsSay(w, 'killed', 'hup');
  docker(w, ['kill', '--signal=12', 'killed']).status(0);
  docker(w, ['wait', 'killed']).status(0).says('6');
  docker(w, ['kill', 'killed']).fails();
  dockerRemove(w, 'killed');
});

check('kill ends it with 137; start begins anew', (w) => {
  dockerStart(w, 'again');
  docker(w, ['kill', 'again']).status(0);
  docker(w, ['wait', 'again']).status(0).says('137');
  docker(w, ['start', 'again']).status(0);
  assert.equal(dockerInspect(w, 'again', '.State.Status'), 'running');
  dockerRemove(w, 'again');
});

check('restart gives another process', (w) => {
  dockerStart(w, 'restarted');
  const before = dockerInspect(w, 'restarted', '.State.Pid');
  docker(w, ['restart', '--time=1', 'restarted']).status(0);
  assert.equal(dockerInspect(w, 'restarted', '.State.Status'), 'running');
  assert.notEqual(dockerInspect(w, 'restarted', '.State.Pid'), before);
  dockerRemove(w, 'restarted');
});

check('restart policy: on failure, so many times', async (w) => {
  dockerStart(w, 'policy', ['--restart=on-failure:2'], 'echo turn; exit 4');
  await waitFor('two restarts', () => dockerInspect(w, 'policy', '.RestartCount') === '2');
  docker(w, ['wait', 'policy']).status(0).says('4');
  docker(w, ['logs', 'policy']).says('turn\nturn\nturn');
  dockerRemove(w, 'policy');
});

check('create, then start: the process runs only then', (w) => {
  docker(w, ['create', '--name=early', '--network=none', IMAGE, 'echo', 'now']).status(0);
  assert.equal(dockerInspect(w, 'early', '.State.Status'), 'created');
  docker(w, ['start', '--attach', 'early']).status(0).says('now');
  dockerRemove(w, 'early');
});

check('rm refuses what runs; rm -f ends it, paused as well', (w) => {
  dockerStart(w, 'forced');
  const pid = dockerInspect(w, 'forced', '.State.Pid');
  docker(w, ['rm', 'forced'])
    .fails()
    .complains(/running container/);
  dockerRemove(w, 'forced');
  w.sh(`! [ -e /proc/${pid} ]`);
  dockerStart(w, 'frozen');
  docker(w, ['pause', 'frozen']).status(0);
  dockerRemove(w, 'frozen');
});

check('out of memory: 137, and Docker knows why', (w) => {
  const script = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';
  const limits = ['--memory=32m', '--memory-swap=32m'];
  const args = ['run', '--name=greedy', '--network=none', ...limits, IMAGE, 'sh', '-c', script];
  docker(w, args).status(137);
  assert.equal(dockerInspect(w, 'greedy', '.State.OOMKilled'), 'true');
  dockerRemove(w, 'greedy');
});

check('a health check turns healthy, and unhealthy', async (w) => {
  const health = ['--health-cmd=test -e /tmp/well', '--health-interval=300ms'];
  dockerStart(w, 'health', [...health, '--health-retries=1', '--health-timeout=30s']);
  const is = (status: string) => () =>
    dockerInspect(w, 'health', '.State.Health.Status') === status;
  await waitFor('unhealthy', is('unhealthy'));
  docker(w, ['exec', 'health', 'touch', '/tmp/well']).status(0);
  await waitFor('healthy', is('healthy'));
  dockerRemove(w, 'health');
});

check('cp into and out of a running container; diff; commit', (w) => {
  writeFileSync(w.path('copied'), 'copied\n');
  docker(w, ['cp', w.path('copied'), 'lasting:/tmp/copied']).status(0);
  inLasting(w, [], 'cat', '/tmp/copied').status(0).says('copied');
  docker(w, ['cp', 'lasting:/tmp/copied', w.path('back')]).status(0);
  w.sh(`cat '${w.path('back')}'`).says('copied');
  docker(w, ['diff', 'lasting'])
    .status(0)
    .says(/^A \/tmp\/copied$/m);
  docker(w, ['commit', 'lasting', 'committed']).status(0);
  docker(w, ['run', '--rm', '--network=none', 'committed', 'cat', '/tmp/copied']).says('copied');
  docker(w, ['image', 'rm', 'committed']).status(0);
});

check('events tell of a life in its order', (w) => {
  dockerRun(w, ['--name=told'], ['true']).status(0);
  const now = w.sh('date +%s').text;
  const filters = ['--filter=container=told', '--since=10m', `--until=${Number(now) + 1}`];
  docker(w, ['events', ...filters, '--format={{.Action}}'])
    .status(0)
    .says(/^create\n(attach\n)?(connect\n)?start\ndie\n(disconnect\n)?destroy$/);
});

check('eight containers at once', async (w) => {
  const numbers = Array.from({ length: 8 }, (_, index) => index);
  const talks = numbers.map((number) => {
    const script = `echo n${number}; exit ${number}`;
    return w.talk(dockerCommand(['run', '--rm', '--network=none', IMAGE, 'sh', '-c', script]));
  });
  for (const [number, talk] of talks.entries()) {
    (await talk.end()).status(number).says(`n${number}`);
  }
});

check('in the end the lasting container stops, and nothing is left', (w) => {
  docker(w, ['stop', 'lasting']).status(0);
  assert.equal(dockerInspect(w, 'lasting', '.State.ExitCode'), '3');
  docker(w, ['rm', 'lasting']).status(0);
  docker(w, ['ps', '--all', '--quiet']).status(0).says('');
  // Filters that were compiled are kept there, for the next container.
  const root = '/run/dk/exec/runtime-runc/moby';
  w.sh(`ls -A ${root} | grep -vx @seccomp || :`).says('');
  w.sh(`find /sys/fs/cgroup -mindepth 3 -type d -path '*${w.cgroup}/*'`).says('');
});
