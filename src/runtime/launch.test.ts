import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcirtError } from '../errors.js';
import type { Value } from '../native/binding.js';
import { createFake } from '../native/fake.js';
import { HELPER_OUT_OF_MEMORY } from '../plan/messages.js';
import type { Plan } from '../plan/plan.js';
import { openStore } from '../state/store.js';
import { SILENT } from './context.js';
import { type LaunchRequest, launch } from './launch.js';

const PLAN: Plan = {
  resources: [],
  spawn: { cloneFlags: 0 },
  commit: { rlimits: [] },
  steps: [{ op: 'session', at: '' }],
  warnings: [],
};
const HELPER = 42;
const CHANNEL = 9;

/** Launches with a helper that says `messages` one after the other, then ends by `signal`. */
function run(
  messages: readonly Value[],
  signal: number,
  more: Partial<LaunchRequest> = {},
  exitCode = 1,
) {
  const rest = [...messages];
  const fake = createFake({
    spawn: () => ({ pid: HELPER, pidfd: -1, channel: CHANNEL, inCgroups: true }),
    channelSend: () => {},
    writeFiles: () => [],
    channelReceive: () => rest.shift() ?? null,
    kill: () => true,
    waitChild: (pid) => ({ pid, exitCode: signal === 0 ? exitCode : -1, signal }),
    close: () => {},
  });
  const runtime = {
    native: fake.binding,
    store: openStore(fake.binding, '/root'),
    log: SILENT,
    rootless: 'auto',
  } as const;
  const request: LaunchRequest = {
    plan: PLAN,
    given: {},
    cgroup: { bornIn: null, tasks: [], attach: [], join() {} },
    preserveFds: 0,
    onSpawned() {},
    onPid() {},
    onSync() {},
    onListener() {},
    onReady() {},
    explainDeath: () => undefined,
    ...more,
  };
  const outcome = (): unknown => {
    try {
      return launch(runtime, request);
    } catch (error) {
      return error;
    }
  };
  return { fake, outcome };
}

/** That the helper was killed, reaped, and its channel closed. */
function assertEnded(fake: ReturnType<typeof createFake>): void {
  assert.ok(fake.callsOf('kill').some(({ args }) => args[0] === HELPER && args[1] === 9));
  assert.ok(fake.callsOf('waitChild').some(({ args }) => args[0] === HELPER && args[1] === true));
  assert.ok(fake.callsOf('close').some(({ args }) => args[0].includes(CHANNEL)));
}

function failure(outcome: unknown): OcirtError {
  assert.ok(outcome instanceof OcirtError, String(outcome));
  return outcome;
}

test('a helper that could not move itself to its cgroups is moved', () => {
  const joined: number[] = [];
  const { fake, outcome } = run([{ type: 'sync', name: 'cgroups' }, { type: 'ready' }], 0, {
    cgroup: { bornIn: null, tasks: [], attach: [], join: (pid) => joined.push(pid) },
    onSync: () => assert.fail('it is no hook'),
  });
  assert.deepEqual(outcome(), { pid: HELPER, pidfd: -1 });
  assert.deepEqual(joined, [HELPER]);
  assert.deepEqual(
    fake.callsOf('channelSend').map(({ args }) => (args[1] as { type: string }).type),
    ['plan', 'continue', 'commit'],
  );
});

test('a helper that may not write the offsets of its time namespace has them written', () => {
  const step = {
    op: 'time_namespace',
    at: '/linux/timeOffsets',
    offsets: 'boottime 5 0\n',
  } as const;
  const { fake, outcome } = run([{ type: 'offsets', step: 0 }, { type: 'ready' }], 0, {
    plan: { ...PLAN, steps: [step] },
  });
  assert.deepEqual(outcome(), { pid: HELPER, pidfd: -1 });
  assert.deepEqual(fake.callsOf('writeFiles')[0]?.args, [
    [{ path: `/proc/${HELPER}/timens_offsets`, data: 'boottime 5 0\n' }],
  ]);
});

test('a helper that is ready is told to go on, and left alone', () => {
  const { fake, outcome } = run([{ type: 'ready' }], 0);
  assert.deepEqual(outcome(), { pid: HELPER, pidfd: -1 });
  assert.deepEqual(
    fake.callsOf('channelSend').map(({ args }) => (args[1] as { type: string }).type),
    ['plan', 'commit'],
  );
  assert.equal(fake.callsOf('kill').length, 0);
});

test('a helper that reports an error is ended', () => {
  const message = { type: 'error', step: 0, op: 'session', syscall: 'setsid', errno: 1 };
  const { fake, outcome } = run([{ ...message, path: '', detail: '' }], 0);
  assert.equal(failure(outcome()).code, 'step-session');
  assertEnded(fake);
});

for (const callback of ['onSpawned', 'onReady', 'onSync'] as const) {
  test(`whatever fails in ${callback} ends the helper`, () => {
    const { fake, outcome } = run([{ type: 'sync', name: 'x' }, { type: 'ready' }], 0, {
      [callback]() {
        throw new OcirtError('of-a-test', 'no');
      },
    });
    assert.equal(failure(outcome()).code, 'of-a-test');
    assertEnded(fake);
  });
}

test('a helper that was killed, and not heard of or not there to be told', () => {
  const silent = run([], 9);
  const { message, hint, code } = failure(silent.outcome());
  assert.equal(code, 'helper-died');
  assert.match(message, /the helper was ended by signal 9 before it was ready/);
  assert.match(hint ?? '', /delete --force/);
  assertEnded(silent.fake);

  for (const [code, nth] of [
    ['EPIPE', 1],
    ['EPIPE', 2],
    ['ECONNRESET', 3],
  ] as const) {
    const { fake, outcome } = run([{ type: 'sync', name: 'x' }, { type: 'ready' }], 9);
    fake.failCall('channelSend', nth, { syscall: 'sendmsg', code, errno: 32 });
    const error = failure(outcome());
    assert.deepEqual([error.code, error.message], ['helper-died', message]);
    assertEnded(fake);
  }
});

test('a helper that was killed for want of memory', () => {
  const { outcome } = run([], 9, { explainDeath: (signal) => `OOM ${signal}` });
  const { message, hint } = failure(outcome());
  assert.match(message, /OOM 9$/);
  assert.match(hint ?? '', /memory\.limit/);
});

test('a helper that had no memory says so by its status', () => {
  const error = failure(run([], 0, {}, HELPER_OUT_OF_MEMORY).outcome());
  assert.equal(error.code, 'out-of-memory');
  assert.match(error.message, /the helper ran out of memory/);
});

test('a helper that ended by itself', () => {
  const error = failure(run([], 0).outcome());
  assert.match(error.message, /the helper ended with status 1 before it was ready/);
  assert.equal(error.hint, undefined);
});
