/**
 * A Docker Swarm of two nodes, each in namespaces of its own, with the runtime as the default of both:
 * its services run on the runtime, and when a node is lost, its tasks are started again on the
 * other.
 */

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import { docker, dockerInspect, IMAGE, NAME, PROGRAMS, WAITING } from './docker-engine.js';
import { checks, World } from './engine.js';
import { containerOf, createService, nodes, running, startManager, startWorker } from './swarm.js';

let lost: World | undefined;

/** The second node, until it is lost. */
function second(): World {
  assert.ok(lost !== undefined);
  return lost;
}

const check = checks('swarm', [...PROGRAMS, 'ip'], async (manager) => {
  await startManager(manager);
  lost = new World();
  await lost.start();
  await startWorker(manager, lost, 2);
  await createService(manager, 'web', 4, ['--replicas=4', '--restart-delay=300ms'], WAIT);
});

after(async () => {
  await lost?.end();
});

const WAIT = [IMAGE, 'sh', '-c', WAITING];
const EVEN = ['node1', 'node1', 'node2', 'node2'];

check('both nodes are there', (w) => {
  const ready = 'Ready Active';
  assert.deepEqual(Object.fromEntries(nodes(w)), { node1: ready, node2: ready });
});

check('the tasks of a service are spread over the nodes, and run on the runtime', (w) => {
  assert.deepEqual(running(w, 'web'), EVEN);
  for (const node of [w, second()]) {
    const id = containerOf(node, 'web');
    assert.equal(dockerInspect(node, id, '.HostConfig.Runtime'), NAME);
    const root = '/run/dk/exec/runtime-runc/moby';
    const state = node.run([RUNTIME, '--root', root, 'state', id]).status(0);
    assert.match(state.stdout, /"status": ?"running"/);
    docker(node, ['exec', id, 'echo', 'inside']).status(0).says('inside');
  }
});

check('scale: to six and back to four', async (w) => {
  docker(w, ['service', 'scale', '--detach', 'web=6']).status(0);
  await waitFor('six tasks', () => running(w, 'web').length === 6);
  docker(w, ['service', 'scale', '--detach', 'web=4']).status(0);
  await waitFor('four tasks', () => running(w, 'web').length === 4);
});

check('a task that ends is started again', async (w) => {
  const id = containerOf(w, 'web');
  docker(w, ['kill', id]).status(0);
  await waitFor('another task', () => {
    const now = docker(w, ['ps', '--quiet', '--no-trunc']).text.split('\n');
    return now.length === 2 && !now.includes(id);
  });
});

check('limits, user, environment, secrets and configs reach the tasks', async (w) => {
  for (const kind of ['secret', 'config']) {
    docker(w, [kind, 'create', `the-${kind}`, '-'], { input: `${kind} text` }).status(0);
  }
  const files = ['--secret=the-secret', '--config=source=the-config,target=/etc/the-config'];
  const options = ['--limit-memory=64m', '--limit-pids=33', '--env=A=b c', '--user=grace'];
  await createService(
    w,
    'facts',
    1,
    ['--constraint=node.hostname==node2', ...files, ...options],
    WAIT,
  );
  const node = second();
  const id = containerOf(node, 'facts');
  const script = 'cat /run/secrets/the-secret /etc/the-config; echo; id -u; echo "$A"';
  docker(node, ['exec', id, 'sh', '-c', script]).says('secret textconfig text\n1000\nb c');
  assert.equal(dockerInspect(node, id, '.HostConfig.Memory'), '67108864');
  node
    .sh(`cat /sys/fs/cgroup/memory${node.cgroup}/${id}/memory.limit_in_bytes ||
    cat /sys/fs/cgroup${node.cgroup}/${id}/memory.max`)
    .says('67108864');
  docker(w, ['service', 'rm', 'facts']).status(0);
});

check('an overlay network: a task finds the others by name, on both nodes', async (w) => {
  docker(w, ['network', 'create', '--driver=overlay', 'both']).status(0);
  const serves = 'mkdir /www; hostname >/www/index.html; exec httpd -f -p 80 -h /www';
  const place = ['--network=both', '--endpoint-mode=dnsrr', '--hostname={{.Node.Hostname}}'];
  await createService(w, 'pages', 2, [...place, '--mode=global'], [IMAGE, 'sh', '-c', serves]);
  assert.deepEqual(running(w, 'pages'), ['node1', 'node2']);
  const id = containerOf(w, 'pages');
  const script = `nslookup tasks.pages. 127.0.0.11 | sed -n 's/^Address.*: *\\(10[0-9.]*\\)$/\\1/p' |
    while read a; do wget -q -O- "http://$a/"; done`;
  await waitFor('the pages of both', () => {
    const { text } = docker(w, ['exec', id, 'sh', '-c', script]);
    return text.includes('node1') && text.includes('node2');
  });
  docker(w, ['service', 'rm', 'pages']).status(0);
});

check('a published port of the node', async (w) => {
  const serves = 'mkdir /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www';
  const options = ['--publish=mode=host,published=8080,target=80', '--mode=global'];
  await createService(w, 'public', 2, options, [IMAGE, 'sh', '-c', serves]);
  const get = (address: string) =>
    w.run(['busybox', 'wget', '-q', '-O-', `http://${address}:8080/`]).text;
  await waitFor('the page of the other node', () => get('10.77.0.2') === 'page');
  docker(w, ['service', 'rm', 'public']).status(0);
});

check('an update replaces the tasks one after the other', async (w) => {
  const update = ['service', 'update', '--quiet', '--no-resolve-image', '--env-add=TURN=2'];
  docker(w, [...update, 'web'], { timeoutMs: 120_000 }).status(0);
  await waitFor('four tasks', () => running(w, 'web').length === 4);
  for (const node of [w, second()]) {
    const env = dockerInspect(node, containerOf(node, 'web'), 'json .Config.Env');
    assert.match(env, /"TURN=2"/);
  }
});

check('a node is drained: its tasks move; it comes back', async (w) => {
  docker(w, ['node', 'update', '--availability=drain', 'node2']).status(0);
  const all = (name: string) => () => running(w, 'web').join() === Array(4).fill(name).join();
  await waitFor('all tasks on node1', all('node1'));
  docker(w, ['node', 'update', '--availability=active', 'node2']).status(0);
  docker(w, ['service', 'update', '--quiet', '--force', 'web'], { timeoutMs: 120_000 }).status(0);
  await waitFor('tasks on both', () => running(w, 'web').join() === EVEN.join());
});

check('a node is lost: its tasks are started again on the other', async (w) => {
  assert.deepEqual(running(w, 'web'), EVEN);
  await second().end();
  lost = undefined;
  await waitFor('the node to be missed', () => nodes(w).get('node2') === 'Down Active');
  await waitFor('four tasks on node1', () => {
    const ids = docker(w, ['ps', '--quiet']).text.split('\n');
    return ids.length === 4 && running(w, 'web').join() === Array(4).fill('node1').join();
  });
  docker(w, ['exec', containerOf(w, 'web'), 'echo', 'going on'])
    .status(0)
    .says('going on');
});

check('in the end the service goes, and nothing is left', async (w) => {
  docker(w, ['service', 'rm', 'web']).status(0);
  await waitFor('the end of the tasks', () => docker(w, ['ps', '--all', '--quiet']).text === '');
  docker(w, ['swarm', 'leave', '--force']).status(0);
  w.sh('ls -A /run/dk/exec/runtime-runc/moby | grep -vx @seccomp || :').says('');
});
