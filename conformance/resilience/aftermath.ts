/** What must be true after a verb that was made to fail or was killed. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { processExists, sleep } from '../lib/host.js';
import type { Result } from '../lib/runtime.js';
import type { Container, Sandbox, State } from '../lib/sandbox.js';

/** Gives what was killed a moment to be gone; returns what is left all the same. */
export async function settled(s: Sandbox): Promise<string[]> {
  for (let tries = 0; tries < 250 && s.leftovers().length > 0; tries++) await sleep(20);
  return s.leftovers();
}

/** It ended by itself, with a status, and said why if that is not 0. */
export function assertCivil(result: Result): void {
  assert.equal(result.signal, null, 'it was ended by a signal');
  // 255: a process that could not be executed, as runc says it.
  assert.ok(result.status < 128 || result.status === 255, `status ${result.status}`);
  if (result.status !== 0) assert.notEqual(result.stderr.trim(), '', 'no word of why');
}

/** `state` tells the truth about a container, or that there is none. Returns what it says. */
export async function assertTruth(s: Sandbox, container: Container): Promise<State | undefined> {
  // What was killed may end between the two looks: then the next answer is another one.
  for (let tries = 0; ; tries++) {
    const result = container.call('state');
    if (result.status !== 0) {
      assert.match(result.stderr, /does not exist/);
      assert.ok(!existsSync(path.join(s.stateRoot, container.id, 'state.json')), 'a state file');
      return undefined;
    }
    const state = JSON.parse(result.stdout) as State;
    assert.match(state.status, /^(creating|created|running|paused|stopped)$/);
    const lives = ['created', 'running', 'paused'].includes(state.status);
    if (!lives || processExists(state.pid)) return state;
    assert.ok(tries < 50, `${state.status}, and ${state.pid} is no process`);
    await sleep(20);
  }
}
