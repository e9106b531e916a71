/** What it was measured on: figures of another machine are other figures. */

import { spawnSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { cgroupV1 } from '../conformance/lib/host.js';
import { FLOOR, type Runtime } from './runtimes.js';

function version(runtime: Runtime): string {
  const [program = '', ...args] = runtime.command;
  const { stdout } = spawnSync(program, [...args, '--version'], { encoding: 'utf8' });
  return stdout.split('\n')[0] ?? '';
}

/** Sentences, for below the tables. */
export function describeMachine(runtimes: readonly Runtime[]): string {
  const versions = runtimes
    .filter(({ name }) => name !== FLOOR)
    .map((runtime) => `${runtime.name}: ${version(runtime)}`);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const groups = cgroupV1() ? 'v1' : 'v2';
  return `${cpus().length} × ${model}, Linux ${release()}, cgroup ${groups}. ${versions.join('; ')}.`;
}
