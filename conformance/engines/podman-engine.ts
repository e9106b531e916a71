/** Podman with the runtime under test, its storage in the private world. */

import { RUNTIME } from '../lib/runtime.js';
import type { Conversation, How, Outcome, World } from './engine.js';

/** The name of the test image. */
export const IMAGE = 'bb';

const STORE = ['--root', '/run/podman/store', '--runroot', '/run/podman/run'];
const MAKES_CGROUPS = ['run', 'create'];

/** The whole command line for these arguments of podman. */
export function podmanCommand(world: World, args: readonly string[]): string[] {
  const [verb = '', ...rest] = args;
  const parent = `--cgroup-parent=${world.cgroup}`;
  const placed = MAKES_CGROUPS.includes(verb)
    ? [verb, parent, ...rest]
    : verb === 'pod' && rest[0] === 'create'
      ? [verb, 'create', parent, ...rest.slice(1)]
      : verb === 'build'
        ? // This isn't the parent here, but the cgroup itself.
          [verb, `${parent}/buildah`, ...rest]
        : args;
  return ['podman', ...STORE, '--log-level=error', '--runtime', RUNTIME, ...placed];
}

export function podman(world: World, args: readonly string[], how: How = {}): Outcome {
  return world.run(podmanCommand(world, args), how);
}

/** `podman run --rm OPTIONS IMAGE COMMAND`. */
export function podmanRun(
  world: World,
  options: readonly string[],
  command: readonly string[],
  how: How = {},
): Outcome {
  return podman(world, ['run', '--rm', '--network=none', ...options, IMAGE, ...command], how);
}

/** `podman run --rm OPTIONS IMAGE sh -c SCRIPT`. */
export function podmanSh(world: World, options: readonly string[], script: string): Outcome {
  return podmanRun(world, options, ['sh', '-c', script]);
}

export function podmanAtTerminal(world: World, args: readonly string[]): Conversation {
  return world.atTerminal(podmanCommand(world, args));
}

/** Starts a detached container; without a script one that waits until it is ended. */
export function podmanStart(
  world: World,
  name: string,
  options: readonly string[] = [],
  script = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done',
): void {
  const args = ['run', '-d', '--network=none', '--name', name, ...options];
  podman(world, [...args, IMAGE, 'sh', '-c', script]).status(0);
}

/** One fact from `podman inspect`. */
export function inspect(world: World, name: string, format: string): string {
  return podman(world, ['inspect', '--format', `{{${format}}}`, name]).status(0).text;
}

/** Users for --userns=auto, and the image. */
export function preparePodman(world: World): void {
  world.sh('echo containers:1000000:1000000 >>/etc/subuid');
  world.sh('echo containers:1000000:1000000 >>/etc/subgid');
  const tar = `tar -C '${world.path('image')}' --owner=0 --group=0 -c .`;
  const into = `podman ${STORE.join(' ')} import - ${IMAGE}`;
  world.sh(`${tar} | ${into}`, { timeoutMs: 120_000 });
}
