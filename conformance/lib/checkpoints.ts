/** What the tests of checkpoint and restore have in common. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { Change } from './config.js';
import { criuEnvironment, noCriu } from './criu.js';
import { waitFor } from './host.js';
import { KIND, type Result } from './runtime.js';
import { type Container, type Sandbox, type ScenarioOptions, scenario } from './sandbox.js';

export const env = criuEnvironment();
export const TCP = ['--tcp-established'];

const FILES = 'it saves no container whose standard output is a file outside';

/** For a test that all runtimes can be held to, whatever the container's standard output is. */
export const ANYWAY: ScenarioOptions = {};

/** A scenario that takes CRIU. What a runtime fails for one and the same reason it fails once, in the first of them. */
export function test(
  name: string,
  options: ScenarioOptions,
  body: (s: Sandbox) => void | Promise<void>,
): void {
  const again = KIND === 'runc' && options !== ANYWAY && FILES;
  const skip = noCriu || options.skip || again;
  scenario(name, { not: { runc: FILES }, ...options, skip }, body);
}

/** `checkpoint` into the images folder of the sandbox. */
export function checkpoint(container: Container, ...options: string[]): Result {
  const images = container.sandbox.path('images');
  return container.call('checkpoint', ['--image-path', images, ...options], [], { env });
}

export function mustCheckpoint(container: Container, ...options: string[]): void {
  const result = checkpoint(container, ...options);
  assert.equal(result.status, 0, result.stderr);
}

/** `restore` from there, detached. */
export function restore(container: Container, ...options: string[]): Result {
  const images = container.sandbox.path('images');
  const all = ['--bundle', container.bundle, '--image-path', images, '--detach', ...options];
  return container.call('restore', all, [], { env });
}

export function mustRestore(container: Container, ...options: string[]): void {
  const result = restore(container, ...options);
  assert.equal(result.status, 0, result.stderr);
}

/** The number that `count` and `talk` have come to, in a file that is bound into the container. */
export const reached = (s: Sandbox): number => Number(readFileSync(s.path('count'), 'utf8'));

export async function moves(s: Sandbox): Promise<void> {
  await waitFor('the count to begin', () => existsSync(s.path('count')));
  const from = reached(s);
  await waitFor('the count to move', () => reached(s) > from);
}

export const counting =
  (s: Sandbox, ...args: string[]): Change =>
  (c) => {
    c.process.args = ['/payload', ...args];
    c.mounts.push({ destination: '/srv', type: 'bind', source: s.dir, options: ['bind', 'rw'] });
  };

/** It goes on from where it was, not from the beginning. */
export async function goesOn(
  s: Sandbox,
  container: Container,
  ...options: string[]
): Promise<void> {
  await moves(s);
  mustCheckpoint(container, ...options);
  const before = reached(s);
  assert.ok(before > 1);
  assert.equal(reached(s), before, 'nothing of it runs any more');
  assert.equal(container.call('state').status, 1);
  mustRestore(container, ...options);
  assert.equal(container.state().status, 'running');
  await moves(s);
  assert.ok(reached(s) >= before, `${reached(s)} after ${before}: it has begun again`);
}
