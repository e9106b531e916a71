/**
 * Podman as root: the life of containers, terminals, exec, and what users read when it fails. The
 * file is long because all its checks share one world and image, made once.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cgroupMounts, waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { checks, type World } from './engine.js';
import {
  IMAGE,
  inspect,
  podman,
  podmanAtTerminal,
  podmanCommand,
  podmanRun,
  podmanSh,
  podmanStart,
  preparePodman,
} from './podman-engine.js';

const check = checks('podman', ['podman', 'conmon'], (world) => {
  preparePodman(world);
  podmanStart(world, 'lasting');
});

const inLasting = (world: World, options: string[], ...command: string[]) =>
  podman(world, ['exec', ...options, 'lasting', ...command]);

async function logsSay(world: World, name: string, text: string): Promise<void> {
  await waitFor(`'${text}' in the log of ${name}`, () =>
    podman(world, ['logs', name]).stdout.includes(text),
  );
}

check('run gives the output', (w) => {
  podmanRun(w, [], ['echo', 'hello']).status(0).says('hello').complains('');
});

check('run keeps stdout and stderr apart', (w) => {
  podmanSh(w, [], 'echo one; echo two >&2').status(0).says('one').complains('two');
});

for (const code of [0, 1, 7, 125, 255]) {
  check(`run gives exit code ${code}`, (w) => {
    podmanSh(w, [], `exit ${code}`).status(code);
  });
}

check('run passes standard input on', (w) => {
  podmanRun(w, ['-i'], ['cat'], { input: 'through\n' }).status(0).says('through');
});

const NOT_FOUND = /invoke a command that was not found|no such file|not found/i;

check('a path that is not there: 127', (w) => {
  podmanRun(w, [], ['/nonexistent']).status(127).complains(NOT_FOUND);
});

check('a name that is not in PATH: 127', (w) => {
  podmanRun(w, [], ['nonexistent'])
    .status(127)
    .complains(/executable file.* not found in \$PATH/);
});

check('a file that is not executable: 126', (w) => {
  podmanRun(w, [], ['/etc/passwd'])
    .status(126)
    .complains(/permission denied/i);
});

check('a directory as the command: 126', (w) => {
  podmanRun(w, [], ['/etc'])
    .status(126)
    .complains(/is a directory|permission denied/i);
});

check('a failed run leaves no container and no state', (w) => {
  podmanRun(w, ['--name', 'failing'], ['/nonexistent']).status(127);
  podman(w, ['container', 'exists', 'failing']).status(1);
});

check('JSON errors, for a runtime that is named in containers.conf', (w) => {
  const conf = w.path('containers.conf');
  const engine = '[engine]\nruntime = "ours"\nruntime_supports_json = ["ours"]\n';
  writeFileSync(conf, `${engine}[engine.runtimes]\nours = ["${w.path('ours')}"]\n`);
  w.sh(`ln -s '${RUNTIME}' '${w.path('ours')}'`);
  const env = { CONTAINERS_CONF: conf };
  const command = podmanCommand(w, ['run', '--rm', '--network=none', IMAGE]);
  const named = command.filter((word) => word !== '--runtime' && word !== RUNTIME);
  w.run([...named, 'echo', 'hello'], { env })
    .status(0)
    .says('hello');
  const failed = w.run([...named, 'nonexistent'], { env }).status(127);
  failed.complains(/executable file .*not found in \$PATH/);
  // Podman takes the message out of the log's last line; the line itself isn't shown.
  assert.doesNotMatch(failed.stderr, /"level"|level=error/, failed.describe('raw log line'));
});

check('a terminal: its name and size, new lines once', async (w) => {
  // conmon is told the size as the process is started, and may set it a little later: 0 until then.
  const script = 'tty; until stty size 2>/dev/null; do sleep 0.1; done';
  const args = ['run', '--rm', '--network=none', '-it', IMAGE, 'sh', '-c', script];
  const outcome = (await podmanAtTerminal(w, args).end()).status(0);
  outcome.says(/^\0?\/dev\/pts\/0\r\n33 111$/);
});

check('a terminal: Ctrl-C interrupts the container, input arrives', async (w) => {
  const script =
    'trap "echo interrupted; exit 9" INT; read a; echo "<$a>"; while :; do sleep 0.1; done';
  const talk = podmanAtTerminal(w, [
    'run',
    '--rm',
    '--network=none',
    '-it',
    IMAGE,
    'sh',
    '-c',
    script,
  ]);
  talk.say('word\n');
  await talk.until(/<word>/);
  talk.say('\x03');
  (await talk.end()).status(9).says(/interrupted/);
});

check('a detached container: state, pid, log', async (w) => {
  await logsSay(w, 'lasting', 'ready');
  assert.equal(inspect(w, 'lasting', '.State.Status'), 'running');
  assert.ok(Number(inspect(w, 'lasting', '.State.Pid')) > 1);
  podman(w, ['ps', '--format', '{{.Names}}'])
    .status(0)
    .says(/^lasting$/m);
});

check('logs of both streams of a container that has ended', (w) => {
  podmanStart(w, 'logged', [], 'echo out; echo err >&2');
  podman(w, ['wait', 'logged']).status(0).says('0');
  podman(w, ['logs', 'logged']).status(0).says('out').complains('err');
  podman(w, ['rm', 'logged']).status(0);
});

check('exec gives output and exit code', (w) => {
  inLasting(w, [], 'sh', '-c', 'echo in; echo err >&2; exit 3')
    .status(3)
    .says('in')
    .complains('err');
});

check('exec takes standard input', (w) => {
  podman(w, ['exec', '-i', 'lasting', 'cat'], { input: 'through' }).status(0).says('through');
});

check('exec at a terminal', async (w) => {
  const args = ['exec', '-it', 'lasting', 'sh', '-c', 'tty; stty size; exit 4'];
  const outcome = await podmanAtTerminal(w, args).end();
  outcome.status(4).says(/\/dev\/pts\/\d+\r\n33 111$/);
});

check('exec --user, with the groups of the image', (w) => {
  inLasting(w, ['--user', 'grace'], 'id')
    .status(0)
    .says(/uid=1000\(grace\) gid=1000\(grace\).*2000/);
  inLasting(w, ['--user', '7:8'], 'sh', '-c', 'id -u; id -g').status(0).says('7\n8');
});

check('exec -w and -e', (w) => {
  inLasting(w, ['-w', '/tmp', '-e', 'A=b c'], 'sh', '-c', 'pwd; echo "$A"')
    .status(0)
    .says('/tmp\nb c');
});

check('exec of what is not there: 127; of what is not executable: 126', (w) => {
  inLasting(w, [], 'nonexistent')
    .status(127)
    .complains(/executable file.* not found in \$PATH/);
  inLasting(w, [], '/nonexistent').status(127).complains(NOT_FOUND);
  inLasting(w, [], '/etc/passwd')
    .status(126)
    .complains(/permission denied/i);
});

check('exec in a working directory that is not there fails', (w) => {
  inLasting(w, ['-w', '/nowhere'], 'true')
    .fails()
    .complains(/nowhere|no such file/i);
});

check('exec -d', async (w) => {
  inLasting(w, ['-d'], 'sh', '-c', 'echo made >/tmp/made').status(0);
  await waitFor('the file of exec -d', () => inLasting(w, [], 'cat', '/tmp/made').text === 'made');
});

check('exec --privileged has more capabilities, exec has those of the container', (w) => {
  const caps = (options: string[]) =>
    inLasting(w, options, 'grep', 'CapEff', '/proc/self/status').status(0).text;
  const own = podman(w, ['exec', 'lasting', 'grep', 'CapEff', '/proc/1/status']).text;
  assert.equal(caps([]), own);
  assert.notEqual(caps(['--privileged']), own);
});

check('top, and ps of single columns', (w) => {
  podman(w, ['top', 'lasting'])
    .status(0)
    .says(/^USER +PID[^\n]*\nroot +1 +0 /);
  podman(w, ['top', 'lasting', 'pid', 'comm'])
    .status(0)
    .says(/^1 +sh/m);
});

check('pause and unpause', (w) => {
  const pid = inspect(w, 'lasting', '.State.Pid');
  podman(w, ['pause', 'lasting']).status(0);
  try {
    assert.equal(inspect(w, 'lasting', '.State.Status'), 'paused');
    podman(w, ['exec', 'lasting', 'true']).fails();
    const dir = w.sh(`sed -n 's/.*:freezer://p' /proc/${pid}/cgroup`).text;
    const state = `${cgroupMounts().get('freezer')}${dir}/freezer.state`;
    if (existsSync(state)) assert.equal(readFileSync(state, 'utf8').trim(), 'FROZEN');
  } finally {
    podman(w, ['unpause', 'lasting']).status(0);
  }
  assert.equal(inspect(w, 'lasting', '.State.Status'), 'running');
  inLasting(w, [], 'true').status(0);
});

check('stats', (w) => {
  const format = ['--format', '{{.Name}} {{.PIDS}}'];
  podman(w, ['stats', '--no-stream', ...format, 'lasting'])
    .status(0)
    .says(/^lasting [1-9]/);
});

check('stop lets a handler of SIGTERM end it', async (w) => {
  podmanStart(w, 'polite');
  await logsSay(w, 'polite', 'ready');
  podman(w, ['stop', 'polite']).status(0);
  assert.equal(inspect(w, 'polite', '.State.ExitCode'), '3');
  podman(w, ['rm', 'polite']).status(0);
});

check('stop kills what ignores SIGTERM', async (w) => {
  podmanStart(w, 'deaf', [], 'trap "" TERM; echo ready; while :; do sleep 0.1; done');
  await logsSay(w, 'deaf', 'ready');
  podman(w, ['stop', '-t', '1', 'deaf']).status(0);
  assert.equal(inspect(w, 'deaf', '.State.ExitCode'), '137');
  podman(w, ['rm', 'deaf']).status(0);
});

check('kill sends the signal that is named', async (w) => {
  const script =
    'trap "echo usr1" USR1; trap "exit 6" HUP; echo ready; while :; do sleep 0.1; done';
  podmanStart(w, 'killed', [], script);
  await logsSay(w, 'killed', 'ready');
  podman(w, ['kill', '-s', 'USR1', 'killed']).status(0);
  await logsSay(w, 'killed', 'usr1');
  podman(w, ['kill', '-s', '1', 'killed']).status(0);
  podman(w, ['wait', 'killed']).status(0).says('6');
  podman(w, ['kill', 'killed']).fails();
  podman(w, ['rm', 'killed']).status(0);
});

check('kill -9 ends it with 137; start begins anew', async (w) => {
  podmanStart(w, 'again');
  podman(w, ['kill', 'again']).status(0);
  podman(w, ['wait', 'again']).status(0).says('137');
  podman(w, ['start', 'again']).status(0);
  assert.equal(inspect(w, 'again', '.State.Status'), 'running');
  podman(w, ['rm', '-f', '-t', '0', 'again']).status(0);
});

check('restart gives another process', (w) => {
  podmanStart(w, 'restarted');
  const before = inspect(w, 'restarted', '.State.Pid');
  podman(w, ['restart', '-t', '1', 'restarted']).status(0);
  assert.equal(inspect(w, 'restarted', '.State.Status'), 'running');
  assert.notEqual(inspect(w, 'restarted', '.State.Pid'), before);
  podman(w, ['rm', '-f', '-t', '0', 'restarted']).status(0);
});

check('restart policy', async (w) => {
  podmanStart(w, 'policy', ['--restart=on-failure:2'], 'echo turn; exit 1');
  await waitFor('three turns', () => podman(w, ['logs', 'policy']).text.split('\n').length === 3);
  podman(w, ['rm', '-f', 'policy']).status(0);
});

check('init, then start: the process runs only then', async (w) => {
  podman(w, ['create', '--name', 'early', '--network=none', IMAGE, 'echo', 'now']).status(0);
  podman(w, ['init', 'early']).status(0);
  assert.match(inspect(w, 'early', '.State.Status'), /^(created|initialized)$/);
  assert.equal(podman(w, ['logs', 'early']).text, '');
  podman(w, ['start', '-a', 'early']).status(0).says('now');
  podman(w, ['rm', 'early']).status(0);
});

check('wait gives the exit code of one that ends later', (w) => {
  podmanStart(w, 'waited', [], 'sleep 1; exit 12');
  podman(w, ['wait', 'waited']).status(0).says('12');
  podman(w, ['rm', 'waited']).status(0);
});

check('attach', async (w) => {
  podman(w, ['run', '-dit', '--network=none', '--name', 'attached', IMAGE, 'sh']).status(0);
  const talk = podmanAtTerminal(w, ['attach', 'attached']);
  // Podman sends SIGWINCH when it is attached, and the shell writes its prompt again.
  await talk.until(/# /);
  talk.say('echo $((40 + 2)); exit 5\n');
  await talk.until(/^42\r$/m);
  await talk.end();
  podman(w, ['wait', 'attached']).status(0).says('5');
  podman(w, ['rm', 'attached']).status(0);
});

check('rm refuses what runs; rm -f ends it', (w) => {
  podmanStart(w, 'forced');
  const pid = inspect(w, 'forced', '.State.Pid');
  podman(w, ['rm', 'forced']).fails();
  podman(w, ['rm', '-f', '-t', '0', 'forced']).status(0);
  podman(w, ['container', 'exists', 'forced']).status(1);
  w.sh(`! [ -e /proc/${pid} ]`);
});

check('rm -f of a paused container', (w) => {
  podmanStart(w, 'frozen');
  podman(w, ['pause', 'frozen']).status(0);
  podman(w, ['rm', '-f', '-t', '1', 'frozen']).status(0);
});

check('out of memory: 137', (w) => {
  // The shell's string doubles until the limit is met.
  const script = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';
  podmanSh(w, ['--memory=32m', '--memory-swap=32m'], script).status(137);
});

check('health checks', (w) => {
  podmanStart(w, 'healthy', ['--health-cmd=test -e /tmp/well', '--health-interval=disable']);
  podman(w, ['healthcheck', 'run', 'healthy']).fails();
  podman(w, ['exec', 'healthy', 'touch', '/tmp/well']).status(0);
  podman(w, ['healthcheck', 'run', 'healthy']).status(0);
  podman(w, ['rm', '-f', '-t', '0', 'healthy']).status(0);
});

check('ten containers at once', async (w) => {
  const numbers = Array.from({ length: 10 }, (_, index) => index);
  const talks = numbers.map((number) =>
    w.talk(
      podmanCommand(w, [
        'run',
        '--rm',
        '--network=none',
        IMAGE,
        'sh',
        '-c',
        `echo n${number}; exit ${number}`,
      ]),
    ),
  );
  for (const number of numbers) {
    (await (talks[number] as (typeof talks)[number]).end()).status(number).says(`n${number}`);
  }
});

check('an OCI hook of a hooks directory', (w) => {
  const dir = w.path('hooks');
  const script = w.path('hook');
  writeFileSync(script, `#!/bin/sh\ncat >>'${w.path('hook-state')}'\n`, { mode: 0o755 });
  w.sh(`mkdir '${dir}'`);
  const hook = {
    version: '1.0.0',
    hook: { path: script },
    when: { always: true },
    stages: ['createRuntime', 'poststop'],
  };
  writeFileSync(`${dir}/all.json`, JSON.stringify(hook));
  const command = podmanCommand(w, ['run', '--rm', '--network=none', IMAGE, 'true']);
  w.run(['podman', '--hooks-dir', dir, ...command.slice(1)]).status(0);
  const states = readFileSync(w.path('hook-state'), 'utf8');
  assert.match(states, /"status": ?"(creating|created)"/);
  assert.match(states, /"status": ?"stopped"/);
});

check('--preserve-fds', (w) => {
  const command = podmanCommand(w, [
    'run',
    '--rm',
    '--network=none',
    '--preserve-fds=1',
    IMAGE,
    'cat',
    '/proc/self/fd/3',
  ]);
  const line = command.map((word) => `'${word}'`).join(' ');
  writeFileSync(w.path('given'), 'by descriptor\n');
  w.sh(`${line} 3<'${w.path('given')}'`).says('by descriptor');
});

check('cp into and out of a running container', (w) => {
  writeFileSync(w.path('copied'), 'copied\n');
  podman(w, ['cp', w.path('copied'), 'lasting:/tmp/copied']).status(0);
  inLasting(w, [], 'cat', '/tmp/copied').status(0).says('copied');
});

check('podman info names the runtime', (w) => {
  podman(w, ['info', '--format', '{{.Host.OCIRuntime.Path}}']).status(0).says(RUNTIME);
  podman(w, ['info', '--format', '{{.Host.OCIRuntime.Version}}'])
    .status(0)
    .says(/version \d/);
});

check('build with RUN', (w) => {
  w.sh(`mkdir '${w.path('context')}'`);
  writeFileSync(
    w.path('context/Containerfile'),
    `FROM localhost/${IMAGE}\nENV A=b\nWORKDIR /work\nRUN echo "$A" >made && pwd >>made\nUSER grace\nRUN id -u >/tmp/who\nCMD cat made /tmp/who\n`,
  );
  const args = ['build', '--network=none', '-t', 'built', w.path('context')];
  const built = podman(w, args, { timeoutMs: 120_000 }).status(0);
  // Older builders ask for ambient capabilities that can't be raised: said once for each RUN.
  const said = built.stderr.match(/ambient capability CAP_CHOWN/g) ?? [];
  assert.ok(said.length <= 2, built.describe('the runtime says the same again'));
  podman(w, ['run', '--rm', '--network=none', 'built']).status(0).says('b\n/work\n1000');
});

check('a RUN that fails fails the build', (w) => {
  writeFileSync(w.path('Failing'), `FROM localhost/${IMAGE}\nRUN exit 9\n`);
  const args = ['build', '--network=none', '-f', w.path('Failing'), w.path('context')];
  podman(w, args, { timeoutMs: 120_000 })
    .fails()
    .complains(/exit status 9/);
});

check('in the end the lasting container stops', (w) => {
  podman(w, ['stop', 'lasting']).status(0);
  assert.equal(inspect(w, 'lasting', '.State.ExitCode'), '3');
  podman(w, ['exec', 'lasting', 'true']).fails();
  podman(w, ['rm', 'lasting']).status(0);
  podman(w, ['ps', '-aq']).status(0).says('');
});
