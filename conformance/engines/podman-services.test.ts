/**
 * Podman as root: pods and Kubernetes files, health, secrets, networks, images of containers, events:
 * what lives longer than one command. Pods need catatonit.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after } from 'node:test';
import { cgroupDirectories, cgroupMounts, cgroupV1, removeCgroups, waitFor } from '../lib/host.js';
import { checks, type World } from './engine.js';
import {
  IMAGE,
  inspect,
  podman,
  podmanCommand,
  podmanSh,
  podmanStart,
  preparePodman,
} from './podman-engine.js';

const check = checks('podman services', ['podman', 'conmon'], preparePodman);

const CATATONIT = ['/usr/libexec/podman/catatonit', '/usr/bin/catatonit'].find(existsSync);
const WITH_INIT = CATATONIT === undefined ? { skip: 'no catatonit' } : {};
const V1_ONLY = cgroupV1() ? {} : { skip: 'looks at cgroup v1 files' };

const remove = (w: World, ...names: string[]) =>
  podman(w, ['rm', '-f', '-t', '0', ...names]).status(0);

// With whole paths: a file's containers have no PATH but that of their image, which has none.
const KUBE = `apiVersion: v1
kind: Pod
metadata:
  name: played
  labels: { app: test }
spec:
  hostNetwork: false
  containers:
  - name: one
    image: localhost/${IMAGE}
    command: [/bin/sh, -c, '/bin/cat /shared/file; echo "$A"; exec /bin/sleep 1000']
    env: [{ name: A, value: b c }]
    resources: { limits: { memory: 64Mi } }
    volumeMounts: [{ name: shared, mountPath: /shared }]
  - name: two
    image: localhost/${IMAGE}
    command: [/bin/sleep, '1000']
    securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
  volumes:
  - name: shared
    hostPath: { path: SHARED, type: Directory }
`;

// `play kube` takes no parent for the cgroups: Podman makes its own, and leaves it.
const PARENT = '/libpod_parent';
const before = cgroupDirectories(PARENT);
after(() => removeCgroups(() => cgroupDirectories(PARENT).filter((dir) => !before.includes(dir))));

check(
  'play kube: a pod of a file, and down again',
  async (w) => {
    w.sh(`mkdir '${w.path('shared')}'; echo shared >'${w.path('shared/file')}'`);
    writeFileSync(w.path('pod.yaml'), KUBE.replace('SHARED', w.path('shared')));
    podman(w, ['play', 'kube', '--network=none', w.path('pod.yaml')]).status(0);
    const said = () => podman(w, ['logs', 'played-one']).text;
    await waitFor('the first container', () => said() === 'shared\nb c');
    assert.equal(inspect(w, 'played-one', '.HostConfig.Memory'), '67108864');
    const caps = ['/bin/sed', '-n', 's/^CapEff:.//p', '/proc/self/status'];
    podman(w, ['exec', 'played-two', ...caps]).says('0000000000000000');
    podman(w, ['exec', 'played-two', '/bin/touch', '/x']).fails();
    const net = podman(w, ['exec', 'played-one', '/bin/readlink', '/proc/self/ns/net']).status(
      0,
    ).text;
    podman(w, ['exec', 'played-two', '/bin/readlink', '/proc/self/ns/net']).says(net);
    podman(w, ['play', 'kube', '--down', w.path('pod.yaml')]).status(0);
    podman(w, ['pod', 'exists', 'played']).status(1);
  },
  WITH_INIT,
);

check(
  'generate kube writes a file of a pod that can be played',
  (w) => {
    podman(w, ['pod', 'create', '--name=written', '--network=none']).status(0);
    podman(w, ['create', '--pod=written', '--name=in', IMAGE, '/bin/sleep', '1000']).status(0);
    const { stdout } = podman(w, ['generate', 'kube', 'written']).status(0);
    podman(w, ['pod', 'rm', '-f', '-t', '0', 'written']).status(0);
    writeFileSync(w.path('written.yaml'), stdout);
    podman(w, ['play', 'kube', '--network=none', w.path('written.yaml')]).status(0);
    assert.equal(inspect(w, 'written-in', '.State.Status'), 'running');
    podman(w, ['play', 'kube', '--down', w.path('written.yaml')]).status(0);
  },
  WITH_INIT,
);

check(
  'a pod is stopped, started and restarted as a whole',
  (w) => {
    podman(w, ['pod', 'create', '--name=whole', '--network=none']).status(0);
    const names = ['first', 'second'];
    for (const name of names) {
      const script = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
      podman(w, ['run', '-d', '--pod=whole', '--name', name, IMAGE, ...script]).status(0);
    }
    const states = () => names.map((name) => inspect(w, name, '.State.Status')).join();
    podman(w, ['pod', 'stop', '-t', '0', 'whole']).status(0);
    assert.equal(states(), 'exited,exited');
    podman(w, ['pod', 'start', 'whole']).status(0);
    assert.equal(states(), 'running,running');
    const before = inspect(w, 'first', '.State.Pid');
    podman(w, ['pod', 'restart', 'whole']).status(0);
    assert.equal(states(), 'running,running');
    assert.notEqual(inspect(w, 'first', '.State.Pid'), before);
    podman(w, ['pod', 'rm', '-f', '-t', '0', 'whole']).status(0);
  },
  WITH_INIT,
);

check(
  'a pod with one pid namespace, and statistics of its containers',
  (w) => {
    const options = ['--name=seen', '--network=none', '--share=+pid'];
    podman(w, ['pod', 'create', ...options]).status(0);
    podman(w, ['run', '-d', '--pod=seen', '--name=sleeper', IMAGE, 'sleep', '4323']).status(0);
    podman(w, ['run', '--rm', '--pod=seen', IMAGE, 'ps'])
      .status(0)
      .says(/sleep 4323/);
    podman(w, ['pod', 'stats', '--no-stream', '--format={{.Name}} {{.PIDS}}', 'seen'])
      .status(0)
      .says(/^sleeper [1-9]/m);
    podman(w, ['pod', 'top', 'seen', 'pid', 'args'])
      .status(0)
      .says(/sleep 4323/);
    podman(w, ['pod', 'rm', '-f', '-t', '0', 'seen']).status(0);
  },
  WITH_INIT,
);

check('health: the status follows the check, and counts its failures', (w) => {
  const health = ['--health-cmd=test -e /tmp/well', '--health-interval=disable'];
  podmanStart(w, 'health', [...health, '--health-retries=2']);
  const status = () => inspect(w, 'health', '.State.Health.Status');
  assert.equal(status(), 'starting');
  for (let turn = 0; turn < 2; turn++) podman(w, ['healthcheck', 'run', 'health']).fails();
  assert.equal(status(), 'unhealthy');
  assert.equal(inspect(w, 'health', '.State.Health.FailingStreak'), '2');
  podman(w, ['exec', 'health', 'touch', '/tmp/well']).status(0);
  podman(w, ['healthcheck', 'run', 'health']).status(0);
  assert.equal(status(), 'healthy');
  remove(w, 'health');
});

check('secrets: as a file, with an owner, and in the environment', (w) => {
  writeFileSync(w.path('secret'), 'hidden');
  podman(w, ['secret', 'create', 'one', w.path('secret')]).status(0);
  const file = ['--secret=one,uid=1000,mode=0400', '--secret=one,type=env,target=TOLD'];
  podmanSh(w, file, 'cat /run/secrets/one; echo; stat -c "%u %a" /run/secrets/one; echo "$TOLD"')
    .status(0)
    .says('hidden\n1000 400\nhidden');
  podman(w, ['secret', 'rm', 'one']).status(0);
});

check('events tell of a life in its order', (w) => {
  podmanSh(w, ['--name=told'], 'true').status(0);
  podman(w, ['events', '--stream=false', '--filter=container=told', '--format={{.Status}}'])
    .status(0)
    .says(
      /^create\n(init\n)?start\n(attach\n)?died\n(cleanup\n)?remove|create\ninit\nattach\nstart/,
    );
});

check('logs: as they come, the last lines, with times', async (w) => {
  podmanStart(w, 'logged', [], 'echo one; sleep 0.5; echo two');
  const follow = w.talk(podmanCommand(w, ['logs', '--follow', 'logged']));
  (await follow.end()).status(0).says('one\ntwo');
  podman(w, ['logs', '--tail=1', 'logged']).status(0).says('two');
  podman(w, ['logs', '--timestamps', 'logged']).says(/^\d{4}-\d\d-\d\dT\S+ one$/m);
  remove(w, 'logged');
});

check('restart policy: always, and not after stop', async (w) => {
  // What it wrote is there at the next turn; the third goes on.
  const script = 'echo turn; echo >>/turns; [ $(wc -l </turns) = 3 ] && exec sleep 1000';
  podmanStart(w, 'always', ['--restart=always'], script);
  await waitFor('three turns', () => podman(w, ['logs', 'always']).text === 'turn\nturn\nturn');
  podman(w, ['stop', '-t', '0', 'always']).status(0);
  assert.equal(inspect(w, 'always', '.State.Status'), 'exited');
  remove(w, 'always');
});

check(
  'update: processors, shares, memory and swap of what runs',
  (w) => {
    podmanStart(w, 'updated', ['--memory=64m', '--cpus=1']);
    const limits = ['--cpus=0.5', '--cpu-shares=444', '--memory=80m', '--memory-swap=96m'];
    podman(w, ['update', ...limits, '--cpuset-cpus=0', 'updated']).status(0);
    const pid = inspect(w, 'updated', '.State.Pid');
    const value = (controller: string, file: string) => {
      const lines = w.sh(`cat /proc/${pid}/cgroup`).text.split('\n');
      const dir = lines.find((line) => line.split(':')[1] === controller)?.split(':')[2];
      return readFileSync(`${cgroupMounts().get(controller)}${dir}/${file}`, 'utf8').trim();
    };
    assert.equal(value('cpu', 'cpu.cfs_quota_us'), '50000');
    assert.equal(value('cpu', 'cpu.shares'), '444');
    assert.equal(value('memory', 'memory.limit_in_bytes'), '83886080');
    assert.equal(value('memory', 'memory.memsw.limit_in_bytes'), '100663296');
    assert.equal(value('cpuset', 'cpuset.cpus'), '0');
    remove(w, 'updated');
  },
  V1_ONLY,
);

check('networks: two containers meet on one, connect and disconnect', async (w) => {
  podman(w, ['network', 'create', '--subnet=10.79.0.0/24', 'meeting']).status(0);
  const serves = 'mkdir /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www';
  const web = ['run', '-d', '--name=web', '--network=meeting', '--ip=10.79.0.7'];
  podman(w, [...web, IMAGE, 'sh', '-c', serves]).status(0);
  const get = ['timeout', '3', 'wget', '-q', '-O-', 'http://10.79.0.7/'];
  const client = ['run', '-d', '--name=client', '--network=meeting', IMAGE, 'sleep', '1000'];
  podman(w, client).status(0);
  await waitFor('the page', () => podman(w, ['exec', 'client', ...get]).text === 'page');
  podman(w, ['network', 'disconnect', 'meeting', 'client']).status(0);
  podman(w, ['exec', 'client', ...get]).fails();
  podman(w, ['network', 'connect', 'meeting', 'client']).status(0);
  await waitFor('the page again', () => podman(w, ['exec', 'client', ...get]).text === 'page');
  remove(w, 'web', 'client');
  podman(w, ['network', 'rm', 'meeting']).status(0);
});

check('commit, diff, export and import', (w) => {
  podmanStart(w, 'changed', [], 'echo made >/made; sleep 1000');
  podman(w, ['exec', 'changed', 'sh', '-c', 'until test -e /made; do sleep 0.1; done']).status(0);
  podman(w, ['diff', 'changed'])
    .status(0)
    .says(/^A \/made$/m);
  podman(w, ['commit', '-q', 'changed', 'committed']).status(0);
  const sh = (image: string) =>
    podman(w, ['run', '--rm', '--network=none', image, '/bin/cat', '/made']);
  sh('committed').status(0).says('made');
  podman(w, ['export', '-o', w.path('exported.tar'), 'changed']).status(0);
  podman(w, ['import', '-q', w.path('exported.tar'), 'imported']).status(0);
  sh('imported').status(0).says('made');
  remove(w, 'changed');
});

check('cp of a folder, between containers and out of one that was stopped', (w) => {
  podmanStart(w, 'from', [], 'mkdir /tree; echo leaf >/tree/leaf; sleep 1000');
  podmanStart(w, 'to');
  podman(w, ['exec', 'from', 'sh', '-c', 'until test -e /tree/leaf; do sleep 0.1; done']);
  podman(w, ['cp', 'from:/tree', 'to:/tmp/']).status(0);
  podman(w, ['exec', 'to', 'cat', '/tmp/tree/leaf']).says('leaf');
  podman(w, ['kill', 'from']).status(0);
  podman(w, ['wait', 'from']).status(0);
  podman(w, ['cp', 'from:/tree/leaf', w.path('leaf')]).status(0);
  assert.equal(readFileSync(w.path('leaf'), 'utf8'), 'leaf\n');
  remove(w, 'from', 'to');
});

check('volumes of another container', (w) => {
  podmanStart(w, 'holder', ['-v', '/held']);
  podman(w, ['exec', 'holder', 'sh', '-c', 'echo held >/held/file']).status(0);
  podmanSh(w, ['--volumes-from=holder'], 'cat /held/file').status(0).says('held');
  podman(w, ['rm', '-f', '-v', '-t', '0', 'holder']).status(0);
});

check('--replace, --rm of what is detached, --cidfile, rename', async (w) => {
  podmanStart(w, 'named');
  const first = inspect(w, 'named', '.Id');
  podmanStart(w, 'named', ['--replace']);
  assert.notEqual(inspect(w, 'named', '.Id'), first);
  podman(w, ['rename', 'named', 'renamed']).status(0);
  podman(w, ['exec', 'renamed', 'true']).status(0);
  remove(w, 'renamed');
  podmanStart(w, 'brief', ['--rm', `--cidfile=${w.path('cid')}`], 'true');
  const gone = () => podman(w, ['container', 'exists', 'brief']).exit === 1;
  await waitFor('the end of it', gone);
  assert.match(readFileSync(w.path('cid'), 'utf8'), /^[0-9a-f]{64}$/);
});

check('--timeout ends it; --stop-signal is the one of stop', async (w) => {
  podmanSh(w, ['--timeout=1'], 'sleep 1000').fails();
  const script = 'trap "exit 8" USR1; trap "" TERM; echo ready; while :; do sleep 0.1; done';
  podmanStart(w, 'signalled', ['--stop-signal=USR1'], script);
  await waitFor('it', () => podman(w, ['logs', 'signalled']).text === 'ready');
  podman(w, ['stop', 'signalled']).status(0);
  assert.equal(inspect(w, 'signalled', '.State.ExitCode'), '8');
  remove(w, 'signalled');
});

check('a build of several stages, with a secret, from the cache the second time', (w) => {
  const lines = [
    `FROM localhost/${IMAGE} AS one`,
    'RUN --mount=type=secret,id=s cat /run/secrets/s >/made',
    `FROM localhost/${IMAGE}`,
    'COPY --from=one /made /copied',
    'RUN cat /copied >/again',
    'CMD cat /again',
  ];
  w.sh(`mkdir '${w.path('context')}'; printf secret >'${w.path('context/s')}'`);
  writeFileSync(w.path('context/Containerfile'), lines.join('\n'));
  const secret = `--secret=id=s,src=${w.path('context/s')}`;
  const args = ['build', '--layers', '--network=none', secret, '-t', 'staged', w.path('context')];
  podman(w, args, { timeoutMs: 120_000 }).status(0);
  podman(w, ['run', '--rm', '--network=none', 'staged']).status(0).says('secret');
  podman(w, args, { timeoutMs: 120_000 })
    .status(0)
    .says(/Using cache/);
});

check('all at once: pause, unpause, stop, prune', (w) => {
  for (const name of ['a1', 'a2']) podmanStart(w, name);
  const all = (status: string) => {
    for (const name of ['a1', 'a2']) assert.equal(inspect(w, name, '.State.Status'), status);
  };
  try {
    podman(w, ['pause', '--all']).status(0);
    all('paused');
  } finally {
    // Nothing ends what is frozen, the end of the world neither.
    podman(w, ['unpause', '--all']).status(0);
  }
  all('running');
  podman(w, ['stop', '--all', '-t', '0']).status(0);
  all('exited');
  podman(w, ['container', 'prune', '-f']).status(0);
  podman(w, ['ps', '-aq']).says('');
});
