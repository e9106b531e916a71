import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CgroupPlan } from '../cgroup/types.js';
import type { Plan } from '../plan/plan.js';
import { planMermaid } from './plan-mermaid.js';

const cgroup = {
  directories: ['/sys/fs/cgroup/x'],
  enableControllers: [],
  limits: [{ path: '/sys/fs/cgroup/x/pids.max', data: '9\n', at: '' }],
  systemd: null,
} as unknown as CgroupPlan;

const plan = {
  resources: [{ kind: 'given', name: 'start', at: '' }],
  spawn: { cloneFlags: 0 },
  commit: { rlimits: [{ resource: 7, soft: 1, hard: 2, at: '' }] },
  steps: [
    { op: 'hostname', at: '/hostname', name: 'a "b" <c> #d `e`' },
    { op: 'sync', at: '', name: 'createRuntime' },
    { op: 'pivot', at: '', propagation: 0 },
    { op: 'ready', at: '' },
    { op: 'exec', at: '', args: ['x'.repeat(500)], preserveFds: 0 },
  ],
  warnings: [],
} as unknown as Plan;

const lines = planMermaid(plan, cgroup).trimEnd().split('\n');
const labels = lines.flatMap((line) => /^ {4}n\d+\(?\[?"(.*)"\]?\)?$/.exec(line)?.[1] ?? []);

test('a chart has all that is done, in order', () => {
  assert.equal(lines[0], 'flowchart TD');
  assert.deepEqual(
    labels.map((label) => label.split(' ')[0]),
    ['mkdir', 'write', 'open', 'spawn', 'hostname', 'sync', 'pivot', 'ocirt', 'ready', 'exec'],
  );
  assert.equal(lines.filter((line) => line.includes('-->')).length, labels.length - 1);
});

test('each node is behind the one before it', () => {
  const names = lines.flatMap((line) => /^ {4}(n\d+)[[(]/.exec(line)?.[1] ?? []);
  const arrows = lines.flatMap((line) => {
    const found = /^ {4}(n\d+) --> (n\d+)$/.exec(line);
    return found === null ? [] : [[found[1], found[2]]];
  });
  assert.deepEqual(
    arrows,
    names.slice(1).map((name, index) => [names[index], name]),
  );
});

test('groups are opened and closed', () => {
  const opened = lines.filter((line) => line.startsWith('  subgraph '));
  assert.equal(opened.length, lines.filter((line) => line === '  end').length);
  assert.deepEqual(
    opened.map((line) => /\["(.*)"\]/.exec(line)?.[1]),
    ['ocirt', 'namespaces and identity', 'entering the root', 'process', 'at start'],
  );
});

test('labels are short, and hold nothing that Mermaid would read', () => {
  for (const label of labels) {
    assert.ok(!/[<>"`]/.test(label), label);
    assert.ok(label.replaceAll(/#\w+;/g, '_').length <= 90, label);
  }
  assert.ok(labels.some((label) => label.includes('#lt;c#gt; #35;d #96;e#96;')));
});
