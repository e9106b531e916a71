/**
 * Machines of a Docker Swarm: each a world of its own with its daemon, on one network, which is a
 * bridge in the first of them. Its end ends all that runs in it, as if its power were cut.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { waitFor } from '../lib/host.js';
import { docker, loadImage, startDocker } from './docker-engine.js';
import type { Outcome, World } from './engine.js';

const LAN = '10.77.0';

/** The address of the node with this number, from 1 up. */
export function addressOf(number: number): string {
  return `${LAN}.${number}`;
}

/** Runs a command in the network of a world, but with the processes and files of the machine. */
function inNetwork(world: World, command: string[]): void {
  const args = [`--net=/proc/${world.init}/ns/net`, '--', ...command];
  const { status, stderr } = spawnSync('nsenter', args, { encoding: 'utf8' });
  assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
}

/** The first node: the bridge, the daemon, the swarm. */
export async function startManager(world: World): Promise<void> {
  world.sh(`hostname node1
    ip link add lan type bridge && ip addr add ${addressOf(1)}/24 dev lan && ip link set lan up`);
  await startDocker(world);
  loadImage(world);
  // Lost nodes are missed after three beats.
  const init = ['--advertise-addr', addressOf(1), '--dispatcher-heartbeat', '1s'];
  docker(world, ['swarm', 'init', ...init]).status(0);
}

/** Another node, joined to the swarm of `manager`; it is in use when this is over. */
export async function startWorker(manager: World, world: World, number: number): Promise<void> {
  const name = `node${number}`;
  const ends = ['type', 'veth', 'peer', 'name', 'lan', 'netns', String(world.init)];
  inNetwork(manager, ['ip', 'link', 'add', name, ...ends]);
  manager.sh(`ip link set ${name} master lan up`);
  world.sh(`hostname ${name}; ip addr add ${addressOf(number)}/24 dev lan; ip link set lan up`);
  await startDocker(world);
  loadImage(world);
  const token = docker(manager, ['swarm', 'join-token', '--quiet', 'worker']).status(0).text;
  docker(world, ['swarm', 'join', '--token', token, `${addressOf(1)}:2377`]).status(0);
  await waitFor(`${name} in the swarm`, () => nodes(manager).get(name) === 'Ready Active');
}

/** Status and availability of the nodes, by their names. */
export function nodes(manager: World): Map<string, string> {
  const format = '{{.Hostname}}={{.Status}} {{.Availability}}';
  return pairs(docker(manager, ['node', 'ls', '--format', format]).status(0));
}

/** The tasks that run, as NODE=STATE, sorted: one line for each. */
export function running(manager: World, service: string): string[] {
  const filter = ['--filter', 'desired-state=running', '--format', '{{.Node}} {{.CurrentState}}'];
  const { exit, text } = docker(manager, ['service', 'ps', ...filter, service]);
  if (exit !== 0 || text === '') return [];
  const lines = text.split('\n').filter((line) => line.includes(' Running'));
  return lines.map((line) => line.split(' ')[0] ?? '').sort();
}

/** Makes a service of the test image, and waits until so many tasks of it run. */
export async function createService(
  manager: World,
  name: string,
  tasks: number,
  options: readonly string[],
  command: readonly string[],
): Promise<void> {
  // No registry is asked for the image. Without --detach, docker waits for five quiet seconds.
  const create = ['service', 'create', '--detach', '--no-resolve-image', '--name', name];
  // An update goes on when the new task has run for this time.
  const update = ['--update-monitor=500ms'];
  docker(manager, [...create, ...update, ...options, ...command]).status(0);
  await waitFor(`${tasks} tasks of ${name}`, () => running(manager, name).length === tasks);
}

/** The id of a container of a service on a node. */
export function containerOf(node: World, service: string): string {
  const filter = ['--filter', `label=com.docker.swarm.service.name=${service}`];
  const ids = docker(node, ['ps', '--quiet', '--no-trunc', ...filter]).status(0).text;
  const [id = ''] = ids.split('\n');
  assert.notEqual(id, '', `no container of ${service} on this node`);
  return id;
}

function pairs(outcome: Outcome): Map<string, string> {
  return new Map(
    outcome.text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
