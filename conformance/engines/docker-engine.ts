/** Docker with the runtime under test as its default, all that it keeps in the private world. */

import { waitFor } from '../lib/host.js';
import { RUNTIME } from '../lib/runtime.js';
import type { Conversation, How, Outcome, World } from './engine.js';
import { packImage } from './image.js';

/** The name of the test image. */
export const IMAGE = 'bb';
/** The runtime's name in Docker: `runc` is taken by Docker itself. */
export const NAME = 'tested';
/** The folder of the daemon that is used unless another is named. */
export const HOME = '/run/dk';
/** What the checks need installed; the client is taken by its path, of the same package. */
export const PROGRAMS = ['dockerd', 'containerd', 'iptables'];
const CLIENT = '/usr/bin/docker';

/** The whole command line for these arguments of docker, for the daemon in `home`. */
export function dockerCommand(args: readonly string[], home = HOME): string[] {
  return [CLIENT, '--config', `${home}/config`, '--host', `unix://${home}/sock`, ...args];
}

export function docker(world: World, args: readonly string[], how: How = {}): Outcome {
  return world.run(dockerCommand(args), how);
}

/** `docker run --rm OPTIONS IMAGE COMMAND`, without a network unless the options name one. */
export function dockerRun(
  world: World,
  options: readonly string[],
  command: readonly string[],
  how: How = {},
): Outcome {
  const network = options.some((option) => /^(--net|-p)/.test(option)) ? [] : ['--network=none'];
  return docker(world, ['run', '--rm', ...network, ...options, IMAGE, ...command], how);
}

/** `docker run --rm OPTIONS IMAGE sh -c SCRIPT`. */
export function dockerSh(world: World, options: readonly string[], script: string): Outcome {
  return dockerRun(world, options, ['sh', '-c', script]);
}

export function dockerAtTerminal(world: World, args: readonly string[]): Conversation {
  return world.atTerminal(dockerCommand(args));
}

/** What a container does that waits to be ended: SIGTERM gives 3. */
export const WAITING = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done';

/** Starts a detached container. */
export function dockerStart(
  world: World,
  name: string,
  options: readonly string[] = [],
  script = WAITING,
): void {
  const network = options.some((option) => /^(--net|-p)/.test(option)) ? [] : ['--network=none'];
  const args = ['run', '-d', '--name', name, ...network, ...options, IMAGE, 'sh', '-c', script];
  docker(world, args).status(0);
}

/** Ends and removes containers. */
export function dockerRemove(world: World, ...names: string[]): void {
  docker(world, ['rm', '--force', '--volumes', ...names]).status(0);
}

/** One fact from `docker inspect`. */
export function dockerInspect(world: World, name: string, format: string): string {
  return docker(world, ['inspect', '--format', `{{${format}}}`, name]).status(0).text;
}

export async function dockerLogsSay(world: World, name: string, text: string): Promise<void> {
  const said = () => {
    const { stdout, stderr } = docker(world, ['logs', name]);
    return (stdout + stderr).includes(text);
  };
  await waitFor(`'${text}' in the log of ${name}`, said);
}

/**
 * Starts a daemon with the runtime under test as its default, under a name of its own and as the
 * `runc` of its path, which BuildKit takes.
 * @param options for dockerd besides those of every daemon
 * @param home where it keeps all that it has
 */
export async function startDocker(
  world: World,
  options: readonly string[] = [],
  home = HOME,
): Promise<void> {
  world.sh(`mkdir -p ${home}/config ${home}/bin && ln -sf '${RUNTIME}' ${home}/bin/runc`);
  const daemon = [
    'dockerd',
    ...['--data-root', `${home}/data`, '--exec-root', `${home}/exec`],
    ...['--pidfile', `${home}/pid`, '--host', `unix://${home}/sock`],
    ...['--add-runtime', `${NAME}=${RUNTIME}`, '--default-runtime', NAME],
    ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', world.cgroup],
    ...options,
  ];
  const log = world.path('dockerd.log');
  const line = daemon.map((word) => `'${word}'`).join(' ');
  world.talk(['sh', '-c', `PATH=${home}/bin:$PATH exec ${line} >>'${log}' 2>&1`]);
  const up = () => world.run(dockerCommand(['version'], home)).exit === 0;
  await waitFor(`dockerd; see ${log}`, up);
}

/** Loads the test image into the daemon in `home`. */
export function loadImage(world: World, home = HOME): void {
  const archive = packImage(world.path('image'), world.path('pack'), `${IMAGE}:latest`);
  world.run(dockerCommand(['load', '--quiet', '--input', archive], home)).status(0);
}

/** A daemon and its image. */
export async function prepareDocker(world: World): Promise<void> {
  await startDocker(world);
  loadImage(world);
}
