import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFake } from '../native/fake.js';
import type { Step } from '../plan/plan.js';
import { mainArgument, openTrace, type TraceEvent } from './trace.js';

const EPOCH = 1_700_000_000_000_000_000n;

/** A core whose clock goes on by a microsecond each time that it is read. */
function host(times: readonly bigint[] = []) {
  let written = '';
  let ticks = 0n;
  const rest = [...times];
  const fake = createFake({
    identity: () => ({ pid: 77 }) as never,
    workingDirectory: () => '/work',
    status: () => null,
    open: () => 5,
    close() {},
    clock() {
      ticks += 1000n;
      return { realtimeNs: rest.shift() ?? EPOCH + ticks, monotonicNs: 0n };
    },
    readLink() {
      throw new Error('no such link');
    },
    replaceFile(path, data) {
      written = `${path}\n${data}`;
    },
  });
  return {
    fake,
    result: () => {
      const [path, text = ''] = written.split('\n');
      return { path, events: JSON.parse(text).traceEvents as TraceEvent[] };
    },
  };
}

test('an operation leaves a span with its main argument, and a failing one its error', () => {
  const { fake, result } = host();
  const tracing = openTrace(fake.binding, 't.json', 'state');
  tracing.native.status('/etc', true);
  assert.throws(() => tracing.native.readLink('/x'), /no such link/);
  tracing.finish();
  const { path, events } = result();
  assert.equal(path, '/work/t.json');
  const operations = events.filter(({ cat }) => cat === 'operation');
  assert.deepEqual(
    operations.map(({ name, args }) => [name, args]),
    [
      ['status', { argument: '/etc' }],
      ['readLink', { argument: '/x', error: 'no such link' }],
    ],
  );
  for (const { dur } of operations) assert.equal(dur, 1);
});

test('a phase ends where the next one begins, and all lie in the span of the verb', () => {
  const { fake, result } = host();
  const { trace, finish } = openTrace(fake.binding, '/t.json', 'create');
  trace.phase('one');
  trace.phase('two');
  finish();
  const { events } = result();
  const [one, two, verb] = ['one', 'two', 'ocirt create'].map((name) =>
    events.find((event) => event.name === name),
  );
  assert.equal((one?.ts ?? 0) + (one?.dur ?? 0), two?.ts);
  assert.equal(verb?.ts, 0);
  assert.equal((two?.ts ?? 0) + (two?.dur ?? 0), verb?.dur);
});

test('steps of the helper have a process of their own, up to the exec', () => {
  const { fake, result } = host();
  const { trace, finish } = openTrace(fake.binding, '/t.json', 'exec');
  const steps = [{ op: 'hostname', at: '/hostname', name: 'h' }] as unknown as Step[];
  trace.steps(90, steps, [0, EPOCH + 5000n, EPOCH + 9000n]);
  trace.executed('/bin/true');
  trace.executed('/bin/true');
  finish();
  const spans = result().events.filter(({ pid, ph }) => pid === 90 && ph === 'X');
  assert.deepEqual(
    spans.map(({ name, args }) => [name, args]),
    [
      ['hostname', { step: 0, argument: 'h', pointer: '/hostname' }],
      ['until execve', { argument: '/bin/true' }],
    ],
  );
  assert.equal(spans[0]?.dur, 4);
  const names = result().events.filter(({ pid, ph }) => pid === 90 && ph === 'M');
  assert.deepEqual(
    names.map(({ name }) => name),
    ['process_name', 'thread_name'],
  );
});

test('a clock that is set back gives no negative times', () => {
  const { fake, result } = host([EPOCH, EPOCH + 9000n, EPOCH - 5000n]);
  const tracing = openTrace(fake.binding, '/t.json', 'state');
  tracing.native.status('/etc', true);
  tracing.finish();
  for (const { ts, dur } of result().events.filter(({ ph }) => ph === 'X')) {
    assert.ok((ts ?? -1) >= 0 && (dur ?? -1) >= 0);
  }
});

test('mainArgument', () => {
  assert.equal(mainArgument([['/a', '/b', '/c']]), '/a (+2)');
  assert.equal(mainArgument([[{ path: '/a', data: 'x' }]]), '/a');
  assert.equal(mainArgument([{ path: '/hook', args: ['hook'] }]), '/hook');
  assert.equal(mainArgument([7, { type: 'go' }]), '7');
  assert.equal(mainArgument([]), '');
  assert.equal(mainArgument(['x'.repeat(1000)]).length, 200);
});
