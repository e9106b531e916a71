/** `ocirt sandbox` in tests: called with a place of its own for what it makes, and held to leaving nothing. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cgroupMounts, waitFor } from './host.js';
import { type Result, RUNTIME, WITHOUT } from './runtime.js';
import type { Call, Sandbox } from './sandbox.js';

/** The standalone executable has no `sandbox`; what finds Node.js has. */
export const alone = path.basename(path.dirname(RUNTIME)) === 'dist';
export const needsNode: string | false = alone && 'the standalone executable alone has no sandbox';
/** Why the tests of `sandbox` are skipped here, or false. */
export const noSandbox: string | false =
  needsNode ||
  (WITHOUT.includes('pidfd_open') && 'what cleans up after a sandbox takes pidfd_open');

/** The name that the boxes of a test have; several have a suffix. */
export const nameOf = (s: Sandbox): string => `${path.basename(s.dir)}-box`;

/** Where the boxes of a test keep their files. */
export function scratch(s: Sandbox): string {
  const dir = s.path('scratch');
  if (!existsSync(dir)) mkdirSync(dir, { mode: 0o777 });
  return dir;
}

/** Runs `sandbox --name NAME OPTIONS -- COMMAND`. */
export function box(
  s: Sandbox,
  options: readonly string[],
  command: readonly string[],
  how: Call = {},
): Result {
  const words = ['sandbox', '--name', nameOf(s), ...options];
  return s.runtime([...words, ...(command.length === 0 ? [] : ['--', ...command])], {
    ...how,
    env: { ...process.env, TMPDIR: scratch(s), ...how.env },
  });
}

/** The same in a shell, and what it printed; it must end with 0. */
export function shell(s: Sandbox, options: readonly string[], script: string): string {
  const result = box(s, ['--quiet', ...options], ['sh', '-c', script]);
  assert.equal(result.status, 0, `${script}: ${result.stderr}`);
  return result.stdout;
}

/** What is left of the boxes: files, records, cgroups. */
export function leftOf(s: Sandbox, name = nameOf(s)): string[] {
  const records = path.join(s.stateRoot, '@sandbox');
  return [
    ...readdirSync(scratch(s)).map((file) => `file ${file}`),
    ...(existsSync(records) ? readdirSync(records) : [])
      .filter((file) => file !== 'lock')
      .map((file) => `record ${file}`),
    ...(existsSync(path.join(s.stateRoot, name)) ? [`container ${name}`] : []),
    ...[...new Set(cgroupMounts().values())]
      .map((mount) => path.join(mount, name))
      .filter((dir) => existsSync(dir))
      .map((dir) => `cgroup ${dir}`),
  ];
}

export function assertNothingLeft(s: Sandbox): void {
  assert.deepEqual(leftOf(s), []);
}

/** Where somebody else cleans up, it takes a moment. */
export async function untilNothingLeft(s: Sandbox): Promise<void> {
  await waitFor('all of the box to be gone', () => leftOf(s).length === 0);
}
