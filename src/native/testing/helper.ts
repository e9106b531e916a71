/** The native core and the helper, for tests on the real kernel. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../plan/plan.js';
import type { Binding, Spawned, SpawnRequest, Value } from '../binding.js';
import { loadBinding } from '../loader.js';

/** What these helpers need of node:test's context. */
export interface TestContext {
  after(fn: () => void): void;
}

export const native: Binding = loadBinding();

/** Why a test that needs root is skipped, or false. */
export const needsRoot: string | false = native.identity().euid === 0 ? false : 'needs root';

/** The architecture whose system call numbers the tests know. */
export const needsX86: string | false =
  native.system().machine === 'x86_64' ? false : 'knows the numbers of x86_64 only';

/** A directory that is gone after the test. */
export function temporary(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ocirt-native-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Open descriptors of this process, for a check that none is left. */
export function openDescriptors(): number {
  return native.readDirectory('/proc/self/fd')?.length ?? 0;
}

/** A helper that is ended and reaped after the test, if it has not been before. */
export function spawnHelper(t: TestContext, request: Partial<SpawnRequest> = {}): Spawned {
  const helper = native.spawn({ cloneFlags: 0, keepFds: [], ...request });
  t.after(() => {
    native.kill(helper.pid, 9);
    native.waitChild(helper.pid, true);
    native.close(helper.pidfd < 0 ? [helper.channel] : [helper.channel, helper.pidfd]);
  });
  return helper;
}

/** Sends the plan and gives the helper's first message. */
export function runPlan(helper: Spawned, steps: readonly Step[]): Value {
  native.channelSend(helper.channel, { type: 'plan', trace: false, steps: steps as never });
  return native.channelReceive(helper.channel, 20_000);
}

/** Steps that execute a program with an environment. */
export function execSteps(args: readonly string[]): Step[] {
  return [
    { op: 'environment', at: '', env: ['PATH=/usr/bin:/bin'], homeOf: 0 },
    { op: 'find_executable', at: '', name: args[0] ?? '' },
    { op: 'exec', at: '', args, preserveFds: 0 },
  ];
}

/** A field of /proc/PID/status. */
export function statusField(pid: number, name: string): string {
  const text = native.readFiles([`/proc/${pid}/status`])[0] ?? '';
  const line = text.split('\n').find((entry) => entry.startsWith(`${name}:`)) ?? '';
  return line.slice(name.length + 1).trim();
}
