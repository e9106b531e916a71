/** `--trace-timing`: a trace of each verb that the trace viewers can open. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { SYSTEMD } from '../lib/groups.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

interface Span {
  readonly name: string;
  readonly ph: string;
  readonly cat?: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly argument?: string; readonly name?: string; readonly error?: string };
}

interface Traced {
  readonly spans: Span[];
  readonly names: Span[];
}

/** Reads a trace, which must be whole. */
function read(file: string): Traced {
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Span[] };
  for (const event of traceEvents) {
    assert.ok(Number.isInteger(event.pid) && Number.isInteger(event.tid), JSON.stringify(event));
    assert.ok(event.ph === 'X' || event.ph === 'M', JSON.stringify(event));
    if (event.ph === 'X') assert.ok(event.ts >= 0 && event.dur >= 0, JSON.stringify(event));
  }
  const spans = traceEvents.filter(({ ph }) => ph === 'X');
  const names = traceEvents.filter(({ ph }) => ph === 'M');
  for (const { tid } of spans) {
    assert.ok(names.some((event) => event.tid === tid && event.name === 'process_name'));
    assert.ok(names.some((event) => event.tid === tid && event.name === 'thread_name'));
  }
  assertNested(spans);
  return { spans, names };
}

/** Two spans of a thread lie apart, or one lies in the other: what a viewer can show. */
function assertNested(spans: readonly Span[]): void {
  // A thousandth of a microsecond is what times are rounded to.
  const close = 0.002;
  for (const tid of new Set(spans.map((span) => span.tid))) {
    const own = spans
      .filter((span) => span.tid === tid)
      .sort((a, b) => a.ts - b.ts || b.dur - a.dur);
    const open: Span[] = [];
    for (const span of own) {
      while ((open.at(-1)?.ts ?? 0) + (open.at(-1)?.dur ?? 0) <= span.ts + close && open.length > 0)
        open.pop();
      const outer = open.at(-1);
      if (outer !== undefined) {
        assert.ok(
          span.ts + span.dur <= outer.ts + outer.dur + close,
          `${JSON.stringify(span)} goes beyond ${JSON.stringify(outer)}`,
        );
      }
      open.push(span);
    }
  }
}

const has = ({ spans }: Traced, cat: string, name: string): boolean =>
  spans.some((span) => span.cat === cat && span.name === name);

/** Runs a verb with a trace of its own. */
function traced(s: Sandbox, verb: string, args: string[], status = 0): Traced {
  const file = s.path('trace.json');
  const result = s.runtime([verb, ...args], { global: ['--trace-timing', file] });
  assert.equal(result.status, status, `${verb}: ${result.stderr}`);
  const trace = read(file);
  assert.ok(has(trace, 'verb', `ocirt ${verb}`), verb);
  return trace;
}

scenario('--trace-timing of every verb', { own: true }, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'pause'];
  });
  const { id, bundle } = container;
  const file = s.path('create.json');
  container.must('create', ['--bundle', bundle], [], { global: ['--trace-timing', file] });
  const created = read(file);
  assert.ok(has(created, 'phase', 'load and validate'));
  assert.ok(has(created, 'phase', 'spawn the helper'));
  assert.ok(has(created, 'step', 'pivot'));
  assert.ok(!has(created, 'step', 'until execve'), 'create executes nothing');
  assert.ok(created.names.some(({ args }) => args?.name?.startsWith('helper')));
  const spawn = created.spans.find(({ name }) => name === 'spawn');
  assert.equal(spawn?.cat, 'operation');
  const mount = created.spans.find(({ name, cat }) => cat === 'step' && name === 'mount');
  assert.equal(mount?.args?.argument, '/proc');

  const started = traced(s, 'start', [id]);
  assert.ok(has(started, 'step', 'until execve'));
  assert.ok(has(traced(s, 'exec', [id, '/payload', 'report', 'flags']), 'step', 'until execve'));
  traced(s, 'state', [id]);
  traced(s, 'list', []);
  traced(s, 'ps', ['--format', 'json', id]);
  traced(s, 'pause', [id]);
  traced(s, 'resume', [id]);
  traced(s, 'update', ['--pids-limit', '50', id]);
  traced(s, 'events', ['--stats', id]);
  traced(s, 'kill', [id, 'KILL']);
  assert.ok(has(traced(s, 'delete', ['--force', id]), 'phase', 'remove cgroup and state'));
  traced(s, 'features', []);
  traced(s, 'validate', ['--bundle', bundle]);
  traced(s, 'plan', ['--bundle', bundle]);
  mkdirSync(s.path('spec'));
  traced(s, 'spec', ['--bundle', s.path('spec')]);
});

scenario('--trace-timing of run, with a filter that forbids to send', { own: true }, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'report', 'flags'];
    c.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['sendto', 'sendmsg'], action: 'SCMP_ACT_KILL_PROCESS' }],
    };
  });
  const file = s.path('run.json');
  const result = container.call('run', ['--bundle', container.bundle], [], {
    global: ['--trace-timing', file],
  });
  assert.equal(result.status, 0, result.stderr);
  const trace = read(file);
  const cgroup = SYSTEMD ? [] : ['make the cgroup'];
  for (const phase of [...cgroup, 'start', 'wait for the process', 'end the processes']) {
    assert.ok(has(trace, 'phase', phase), phase);
  }
  assert.ok(has(trace, 'step', 'until execve'));
});

scenario('--trace-timing of what fails', { own: true }, (s) => {
  const { spans } = traced(s, 'state', ['none'], 1);
  assert.ok(spans.length > 1);
  const missing = s.path('no/such/folder/t.json');
  const container = s.container();
  const result = container.call('create', ['--bundle', container.bundle], [], {
    global: ['--trace-timing', missing],
  });
  assert.equal(result.status, 1);
  assert.match(result.stderr + container.errors(), /unable to write the trace/);
  assert.ok(!readdirSync(s.stateRoot).includes(container.id), 'nothing was made');
});

scenario('--trace-timing into a folder: a file for each call', { own: true }, (s) => {
  const folder = s.path('traces');
  mkdirSync(folder);
  writeFileSync(s.path('unrelated'), '');
  for (const verb of ['list', 'features', 'list']) {
    const result = s.runtime([verb], { global: ['--trace-timing', folder] });
    assert.equal(result.status, 0, result.stderr);
  }
  const names = readdirSync(folder).sort();
  assert.deepEqual(
    names.map((name) => name.replace(/-\d+\.json$/, '')),
    ['features', 'list', 'list'],
  );
  for (const name of names) read(path.join(folder, name));
});

scenario('--trace-timing follows no link, and replaces nothing but a file', { own: true }, (s) => {
  const container = s.created();
  const victim = s.path('victim');
  writeFileSync(victim, 'of somebody else');
  mkdirSync(s.path('folder'));
  symlinkSync(victim, s.path('link'));
  symlinkSync(s.path('folder'), s.path('to-folder'));
  const made = (program: string, ...args: string[]) =>
    assert.equal(spawnSync(program, args).status, 0, program);
  made('mkfifo', s.path('fifo'));
  const device = spawnSync('mknod', [s.path('device'), 'c', '1', '3']).status === 0;
  for (const name of ['link', 'to-folder', 'fifo', ...(device ? ['device'] : [])]) {
    const before = lstatSync(s.path(name));
    const result = s.runtime(['state', container.id], {
      global: ['--trace-timing', s.path(name)],
      timeoutMs: 30_000,
    });
    assert.equal(result.status, 1, name);
    assert.match(result.stderr, /trace.* no regular file/, name);
    assert.equal(lstatSync(s.path(name)).ino, before.ino);
  }
  assert.equal(readFileSync(victim, 'utf8'), 'of somebody else');
  assert.deepEqual(readdirSync(s.path('folder')), []);
});
