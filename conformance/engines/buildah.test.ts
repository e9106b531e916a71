/**
 * Buildah: builds from a file, and containers that are worked in. Each RUN and each `buildah run` is a
 * container of the runtime, which Buildah waits for and deletes.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { RUNTIME } from '../lib/runtime.js';
import { checks, type How, type Outcome, type World } from './engine.js';

const STORE = ['--root', '/run/buildah/store', '--runroot', '/run/buildah/run'];
const IMAGE = 'localhost/bb';

function command(args: readonly string[]): string[] {
  return ['buildah', ...STORE, '--log-level=error', ...args];
}

function buildah(w: World, args: readonly string[], how: How = {}): Outcome {
  return w.run(command(args), { timeoutMs: 120_000, ...how });
}

/** The options of what starts containers. */
const own = (w: World, name: string) => [
  ...['--runtime', RUNTIME],
  // Not the parent of the cgroups here, but the cgroup: builds beside each other need their own.
  ...['--cgroup-parent', `${w.cgroup}/buildah-${name}`],
];

const check = checks('buildah', ['buildah'], (w) => {
  const from = buildah(w, ['from', '--name=empty', 'scratch']).status(0).text;
  buildah(w, ['add', '--quiet', from, w.path('image')]).status(0);
  buildah(w, ['config', '--env', 'PATH=/bin', '--cmd', 'sh', from]).status(0);
  buildah(w, ['commit', '--quiet', '--rm', from, IMAGE]).status(0);
  buildah(w, ['from', '--name=work', IMAGE]).status(0);
});

/** `buildah run` in the container of most checks. */
function run(w: World, options: string[], args: string[], how: How = {}): Outcome {
  return buildah(w, ['run', '--runtime', RUNTIME, ...options, 'work', '--', ...args], how);
}

const CHROOT = '--isolation=chroot';

/** Builds from a file with these lines, as the image `name`. */
function build(w: World, name: string, lines: string[], options: string[] = []): Outcome {
  mkdirSync(w.path('context'), { recursive: true });
  writeFileSync(w.path('context/seen'), 'seen\n');
  writeFileSync(w.path(name), `${lines.join('\n')}\n`);
  const network = options.includes(CHROOT) ? [] : ['--network=none'];
  const args = ['build', ...network, ...own(w, name), ...options, '-t', name];
  return buildah(w, [...args, '-f', w.path(name), w.path('context')]);
}

/** What a script says in a new container of an image. */
function inside(w: World, image: string, script: string): Outcome {
  const id = buildah(w, ['from', image]).status(0).text;
  const outcome = buildah(w, ['run', '--runtime', RUNTIME, id, '--', 'sh', '-c', script]);
  buildah(w, ['rm', id]).status(0);
  return outcome;
}

check('run gives the output, and keeps its streams apart', (w) => {
  run(w, [], ['sh', '-c', 'echo one; echo two >&2']).status(0).says('one').complains(/two/);
});

check('run gives the exit code', (w) => {
  for (const code of [0, 1, 7, 255]) run(w, [], ['sh', '-c', `exit ${code}`]).status(code);
});

check('run passes standard input on', (w) => {
  run(w, [], ['cat'], { input: 'through\n' }).status(0).says('through');
});

check('run of what is not there fails with its name', (w) => {
  run(w, [], ['nonexistent'])
    .fails()
    .complains(/nonexistent/);
  run(w, [], ['/nonexistent'])
    .fails()
    .complains(/\/nonexistent/);
});

check('what is written stays in the container, and in the image that is made of it', (w) => {
  run(w, [], ['sh', '-c', 'echo kept >/kept']).status(0);
  run(w, [], ['cat', '/kept']).status(0).says('kept');
  buildah(w, ['commit', '--quiet', 'work', 'kept']).status(0);
  inside(w, 'kept', 'cat /kept').status(0).says('kept');
});

check('run: user, working directory, environment, host name', (w) => {
  const options = ['--user=grace', '--workingdir=/tmp', '--env=A=b c', '--hostname=named'];
  run(w, options, ['sh', '-c', 'id -u; pwd; echo "$A"; hostname'])
    .status(0)
    .says('1000\n/tmp\nb c\nnamed');
});

check('run: a terminal', async (w) => {
  const args = ['run', '--runtime', RUNTIME, '--tty', 'work', '--', 'sh', '-c', 'tty; exit 4'];
  const outcome = await w.atTerminal(command(args)).end();
  outcome.status(4).says(/\/dev\/pts\/\d/);
});

check('run: volumes, read-only and writable', (w) => {
  mkdirSync(w.path('volume'), { recursive: true });
  const volume = (options: string) => [`--volume=${w.path('volume')}:/mnt${options}`];
  run(w, volume(':rw'), ['sh', '-c', 'echo new >/mnt/new']).status(0);
  assert.equal(readFileSync(w.path('volume/new'), 'utf8'), 'new\n');
  run(w, volume(':ro'), ['touch', '/mnt/x'])
    .fails()
    .complains(/Read-only/);
});

check('run: capabilities, added and dropped', (w) => {
  const script = ['sed', '-n', 's/^CapEff:.//p', '/proc/self/status'];
  const caps = (...options: string[]) => BigInt(`0x${run(w, options, script).status(0).text}`);
  const netAdmin = 1n << 12n;
  const usual = caps();
  assert.equal(usual & netAdmin, 0n);
  assert.equal(caps('--cap-add=CAP_NET_ADMIN'), usual | netAdmin);
  assert.equal(caps('--cap-drop=CAP_CHOWN'), usual & ~1n);
});

check('run: namespaces of the machine', (w) => {
  for (const type of ['network', 'ipc', 'pid', 'uts']) {
    const link = ['readlink', `/proc/self/ns/${type === 'network' ? 'net' : type}`];
    const host = w.sh(link.join(' ')).text;
    run(w, [`--${type}=host`], link)
      .status(0)
      .says(host);
  }
});

check('build: RUN, ENV, WORKDIR, USER, COPY, ARG', (w) => {
  const lines = [
    `FROM ${IMAGE}`,
    'ARG given=unset',
    'ENV A=b',
    'WORKDIR /work',
    'COPY seen .',
    'RUN echo "$A $given" >made && pwd >>made && cat seen >>made',
    'USER grace',
    'RUN id -u >/tmp/who',
  ];
  build(w, 'first', lines, ['--build-arg=given=set']).status(0);
  inside(w, 'first', 'cat made /tmp/who').says('b set\n/work\nseen\n1000');
});

check('build: a RUN that fails fails the build', (w) => {
  build(w, 'failing', [`FROM ${IMAGE}`, 'RUN exit 9'])
    .fails()
    .complains(/exit status 9/);
});

check('build: several stages', (w) => {
  const lines = [
    `FROM ${IMAGE} AS one`,
    'RUN echo first >/made',
    `FROM ${IMAGE}`,
    'COPY --from=one /made /copied',
    'RUN cat /copied >/again',
  ];
  build(w, 'stages', lines).status(0);
  inside(w, 'stages', 'cat /again; ls /made').says('first');
});

check('build: layers are taken from the cache', (w) => {
  const lines = [`FROM ${IMAGE}`, 'RUN date +%N >/stamp'];
  const stamp = (name: string) => inside(w, name, 'cat /stamp').text;
  build(w, 'cached', lines, ['--layers']).status(0);
  build(w, 'cached2', lines, ['--layers'])
    .status(0)
    .says(/Using cache/);
  assert.equal(stamp('cached2'), stamp('cached'));
});

check('build: RUN with mounts: a secret, a cache, a bind', (w) => {
  writeFileSync(w.path('secret'), 'hidden\n');
  const lines = [
    `FROM ${IMAGE}`,
    'RUN --mount=type=secret,id=one cat /run/secrets/one >/told',
    'RUN --mount=type=bind,source=seen,target=/bound cat /bound >>/told',
    'RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && ls /scratch >>/told',
  ];
  build(w, 'mounts', lines, [`--secret=id=one,src=${w.path('secret')}`]).status(0);
  inside(w, 'mounts', 'cat /told; ls /run/secrets /scratch').says(/^hidden\nseen\nx/);
});

check('build: limits of memory and processors, ulimits', (w) => {
  const files = ['memory/memory.limit_in_bytes', 'memory.max'].map((f) => `/sys/fs/cgroup/${f}`);
  const lines = [
    `FROM ${IMAGE}`,
    `RUN cat ${files.join(' ')} >/limit 2>/dev/null; ulimit -n >>/limit`,
  ];
  const options = ['--memory=64m', '--ulimit=nofile=77:99', '--ulimit=nproc=5000:6000'];
  build(w, 'limits', lines, options).status(0);
  inside(w, 'limits', 'cat /limit').says(/67108864\n77$/);
});

check('build: --isolation=chroot needs no runtime, and gives the same', (w) => {
  const lines = [`FROM ${IMAGE}`, 'RUN echo of chroot >/made'];
  build(w, 'chroot', lines, [CHROOT]).status(0);
  inside(w, 'chroot', 'cat /made').says('of chroot');
});

check('two builds at once', async (w) => {
  const talks = ['left', 'right'].map((name) => {
    writeFileSync(w.path(name), `FROM ${IMAGE}\nRUN sleep 0.3; echo ${name} >/made\n`);
    const args = ['build', '--network=none', ...own(w, name), '-t', name, '-f', w.path(name)];
    return w.talk(command([...args, w.path('context')]));
  });
  for (const talk of talks) (await talk.end()).status(0);
  inside(w, 'left', 'cat /made').says('left');
  inside(w, 'right', 'cat /made').says('right');
});

check('in the end no container of the runtime is left', (w) => {
  buildah(w, ['rm', '--all']).status(0);
  buildah(w, ['containers', '--quiet']).says('');
  w.run([RUNTIME, 'list', '--quiet']).says('');
});
