import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CgroupPlan } from '../../cgroup/types.js';
import { CLONE, MS } from '../../native/constants.js';
import type { Plan } from '../../plan/plan.js';
import { escapeHtml, html, Markup } from './html.js';
import { mountsOf, namespacesOf } from './inside.js';
import { planPage } from './page.js';
import { pageGroups } from './rows.js';
import { readTimings } from './timings.js';

const cgroup = {
  directories: ['/sys/fs/cgroup/x'],
  enableControllers: [],
  limits: [{ path: '/sys/fs/cgroup/x/pids.max', data: '9\n', at: '/linux/resources/pids/limit' }],
  deviceProgram: null,
  systemd: null,
  warnings: [],
} as unknown as CgroupPlan;

const mount = (target: string, fsType: string, flags = 0) => ({
  op: 'mount',
  at: '',
  target,
  fsType,
  source: fsType,
  flags,
  data: '',
  propagation: [],
  copyUp: false,
  keepMode: false,
  readonlyLate: false,
});

const plan = {
  resources: [
    { kind: 'namespace', path: '/run/netns/a', at: '/linux/namespaces/0' },
    { kind: 'tree', path: '/data', recursive: false, at: '' },
  ],
  spawn: { cloneFlags: CLONE.NEWPID | CLONE.NEWNS },
  commit: { rlimits: [{ resource: 7, soft: 1, hard: 2, at: '/process/rlimits/0' }] },
  steps: [
    { op: 'join', at: '', namespaces: [{ type: CLONE.NEWNET, resource: 0 }] },
    { op: 'unshare', at: '', flags: CLONE.NEWCGROUP },
    { op: 'hostname', at: '/hostname', name: 'h' },
    { op: 'root', at: '', path: '/b/rootfs', bind: true },
    mount('/a-b', 'ext4', MS.NODEV),
    mount('/a', 'tmpfs', MS.RDONLY | MS.NOSUID),
    mount('/a/proc', 'proc'),
    { op: 'bind', at: '', target: '/a', resource: 1, recursive: false, propagation: [] },
    { op: 'mask', at: '', paths: ['/a/proc/kcore'], label: '' },
    { op: 'root_readonly', at: '' },
    { op: 'ready', at: '' },
    { op: 'exec', at: '', args: ['x'], preserveFds: 0 },
  ],
  warnings: [{ at: '/hostname', message: 'w' }],
} as unknown as Plan;

test('what is put into a template is text, and a template in it is not', () => {
  const item = '<b title="x">\'&';
  assert.equal(html`<i>${item}</i>`.text, '<i>&lt;b title=&quot;x&quot;&gt;&#39;&amp;</i>');
  assert.equal(html`${[html`<u>${1}</u>`, undefined, ['<', 2n]]}`.text, '<u>1</u>&lt;2');
  assert.equal(html`plain`.text, 'plain');
  assert.equal(escapeHtml('a\u202eb\0\u{1f600}\n'), 'a\\u202eb\\u0000\u{1f600}\n');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.ok(!/[<>"']/.test(escapeHtml(text)));
      assert.ok(!/&(?!(?:amp|lt|gt|quot|#39);)/.test(escapeHtml(text)));
    }),
  );
});

test('namespaces: new by any of the three ways, joined, or those of the host', () => {
  const kinds = Object.fromEntries(namespacesOf(plan).map(({ name, kind }) => [name, kind]));
  assert.deepEqual(kinds, {
    pid: 'new',
    network: 'joined',
    mount: 'new',
    ipc: 'host',
    uts: 'host',
    user: 'host',
    cgroup: 'new',
    time: 'host',
  });
  assert.equal(namespacesOf(plan)[1]?.path, '/run/netns/a');
});

test('mounts: a tree by path, what is covered and what is not', () => {
  assert.deepEqual(
    mountsOf(plan).map(({ target, kind, what, options, depth, covered }) =>
      [depth, target, kind, what, options.join(), covered].join(' '),
    ),
    [
      '0 / root /b/rootfs read-only false',
      '1 /a memory tmpfs read-only,nosuid true',
      '1 /a host /data of the host  false',
      '2 /a/proc kernel proc  false',
      '3 /a/proc/kcore masked nothing  false',
      '1 /a-b other ext4 nodev false',
    ],
  );
});

const trace = (...events: object[]) => ({
  file: 't.json',
  text: JSON.stringify({ traceEvents: events }),
});
const step = (index: number, name: string, dur: number) => ({
  name,
  ph: 'X',
  cat: 'step',
  dur,
  args: { step: index },
});

test('times of steps and operations; several traces add up to one plan', () => {
  const timings = readTimings(plan, [
    trace(
      { name: 'process_name', ph: 'M' },
      step(2, 'hostname', 5),
      { name: 'spawn', cat: 'operation', dur: 7 },
      { name: 'makeDirectory', cat: 'operation', dur: 3, args: { argument: '/sys/fs/cgroup/x' } },
      { name: 'spawn the helper', cat: 'phase', dur: 8 },
      { name: 'ocirt create', cat: 'verb', dur: 20 },
    ),
    trace(
      { name: 'until execve', cat: 'step', dur: 9 },
      { name: 'ocirt start', cat: 'verb', dur: 2 },
    ),
  ]);
  assert.deepEqual(
    [...timings.steps],
    [
      [2, 5],
      [11, 9],
    ],
  );
  assert.deepEqual(
    timings.verbs.map(({ name, us, phases }) => [name, us, phases.length]),
    [
      ['ocirt create', 20, 1],
      ['ocirt start', 2, 0],
    ],
  );
  const rows = pageGroups(plan, cgroup, timings).flatMap((group) => group.rows);
  const timed = rows.filter(({ us }) => us !== undefined).map(({ name, us }) => [name, us]);
  assert.deepEqual(timed, [
    ['cgroup', 3],
    ['spawn', 7],
    ['hostname', 5],
    ['exec', 9],
  ]);
});

test('what is no trace of this plan is refused by name', () => {
  const refused = (text: string, why: RegExp) =>
    assert.throws(() => readTimings(plan, [{ file: 'f', text }]), {
      code: 'trace-invalid',
      message: why,
    });
  refused('', /not JSON/);
  refused('null', /not a trace/);
  refused('{"traceEvents":[1]}', /not a trace/);
  refused(trace(step(3, 'hostname', 1)).text, /step 3 is hostname there and root here/);
  refused(trace(step(99, 'exec', 1)).text, /step 99 is exec there and missing here/);
});

test('all is there in its order: the host, the helper, and the host while the helper waits', () => {
  const groups = pageGroups(plan, cgroup);
  const rows = groups.flatMap((group) => group.rows);
  assert.equal(groups[0]?.title, 'before the process');
  assert.ok(groups.every(({ title }) => title !== ''));
  assert.deepEqual(
    rows.flatMap(({ index }) => index ?? []),
    plan.steps.map((_, index) => index),
  );
  const names = rows.map(({ who, name }) => `${who} ${name}`);
  assert.equal(names.indexOf('host rlimit'), names.indexOf('helper ready') + 1);
  assert.equal(names[0], 'host cgroup');
});

test('the page links a pointer to its line, of a text that is laid out or is so now', () => {
  const config = { ociVersion: '1.0.0', hostname: 'h', process: { args: ['x'] } };
  const page = (text: string) => planPage({ id: 'web', plan, cgroup, config, text, bundle: '/b' });
  const own = page('{\n\n\n\n\n\n"hostname": "h",\n"process": {}\n}\n');
  assert.match(own, /<a href="#L7">\/hostname<\/a><br>line 7/);
  assert.match(own, /<code id="L7">&quot;hostname&quot;: &quot;h&quot;,<\/code>/);
  assert.ok(!own.includes('Laid out anew'));
  const anew = page(JSON.stringify(config));
  assert.match(anew, /<a href="#L3">\/hostname<\/a>/);
  assert.ok(anew.includes('Laid out anew'));
  assert.ok(anew.includes('<h2 id="warnings">'));
  assert.ok(!anew.includes('class="time"'));
  assert.equal(new Markup('x').text, 'x');
});
