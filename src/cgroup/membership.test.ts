import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membership } from './membership.js';

test('v1 by tasks, v2 by birth, and all of them by cgroup.procs', () => {
  assert.deepEqual(membership({ cpu: '/c/x', memory: '/m/x', '': '/u/x' }), {
    bornIn: '/u/x',
    tasks: ['/c/x/tasks', '/m/x/tasks'],
    attach: ['/c/x/cgroup.procs', '/m/x/cgroup.procs', '/u/x/cgroup.procs'],
  });
});

test('a hierarchy of two controllers is joined once', () => {
  const { tasks, attach } = membership({ cpu: '/c/x', cpuacct: '/c/x' });
  assert.deepEqual(tasks, ['/c/x/tasks']);
  assert.deepEqual(attach, ['/c/x/cgroup.procs']);
});

test('none', () => {
  assert.deepEqual(membership({}), { bornIn: null, tasks: [], attach: [] });
});
