/**
 * Capabilities and groups: exactly those that were asked for, whoever called the runtime. An
 * inheritable capability that nobody asked for turns into a permitted one with the right file
 * (capabilities(7)).
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { callUnder } from '../lib/attack.js';
import { type Change, withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import type { Reports } from '../lib/reports.js';
import { type Container, scenario } from '../lib/sandbox.js';

const NONE = '0000000000000000';
/** CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE: what the base config has. */
const BASE = '0000000020000420';
const WITH_NET_ADMIN = '0000000020001420';

const reporting: Change = (c) => {
  c.process.args = ['/payload', 'report', 'caps', ',', 'id'];
};

type Report = [Reports['caps'], Reports['id']];

function inside(container: Container, options: string[]): Reports['caps'] {
  return container.report(options, 'caps')[0];
}

scenario('CVE-2022-24769: no set has what config.json does not have', {}, (s) => {
  const [caps] = s.report(() => {}, 'caps');
  assert.deepEqual(
    [caps.bounding, caps.permitted, caps.inheritable, caps.ambient],
    [BASE, BASE, NONE, NONE],
  );
});

scenario('CVE-2022-29162, CVE-2022-27650: exec --cap adds nothing inheritable', {}, async (s) => {
  const container = await s.running();
  const caps = inside(container, ['--cap', 'CAP_NET_ADMIN']);
  assert.deepEqual([caps.inheritable, caps.ambient], [NONE, NONE]);
  assert.deepEqual([caps.permitted, caps.effective], [WITH_NET_ADMIN, WITH_NET_ADMIN]);
});

scenario('CVE-2022-29162: exec --cap as another user gives no capability', {}, async (s) => {
  const container = await s.running();
  const caps = inside(container, ['--cap', 'CAP_NET_ADMIN', '--user', '1000']);
  assert.deepEqual([caps.inheritable, caps.ambient], [NONE, NONE]);
  assert.deepEqual([caps.permitted, caps.effective], [NONE, NONE]);
});

scenario(
  'CVE-2025-27612: a process.json of exec without inheritable ones has none',
  {},
  async (s) => {
    const container = await s.running();
    const file = s.path('process.json');
    const caps = ['CAP_KILL', 'CAP_NET_ADMIN'];
    writeFileSync(
      file,
      JSON.stringify({
        ...{ cwd: '/', user: { uid: 0, gid: 0 }, env: ['PATH=/'], args: ['/payload', 'caps'] },
        capabilities: { bounding: caps, effective: caps, permitted: caps },
      }),
    );
    const found = JSON.parse(container.must('exec', ['--process', file]).stdout) as Reports['caps'];
    assert.deepEqual([found.inheritable, found.ambient], [NONE, NONE]);
  },
);

/** What the caller of a runtime may have of its own: all inheritable and ambient that there is. */
const HEIRS = [
  '--inh-caps',
  '+net_admin,+sys_ptrace,+mknod',
  '--ambient-caps',
  '+net_admin,+sys_ptrace,+mknod',
];

for (const [where, change] of [
  ['', () => {}],
  [' in a user namespace', withUserNamespace],
] as const) {
  scenario(
    `CVE-2025-27612: what the caller can inherit is not the container's${where}`,
    { skip: notRoot },
    (s) => {
      const container = s.container((c) => {
        change(c);
        reporting(c);
      });
      const result = callUnder(
        container,
        'setpriv',
        HEIRS,
        ...['run', '--bundle', container.bundle, container.id],
      );
      assert.equal(result.status, 0, result.stderr);
      const [caps] = JSON.parse(result.stdout) as Report;
      assert.deepEqual(
        [caps.bounding, caps.permitted, caps.inheritable, caps.ambient],
        [BASE, BASE, NONE, NONE],
      );
    },
  );
}

scenario(
  "CVE-2025-27612: what the caller of exec can inherit is not the process's",
  { skip: notRoot },
  async (s) => {
    const container = await s.running();
    const result = callUnder(
      container,
      'setpriv',
      HEIRS,
      ...['exec', container.id, '/payload', 'caps'],
    );
    const caps = JSON.parse(result.stdout) as Reports['caps'];
    assert.deepEqual(
      [caps.bounding, caps.permitted, caps.inheritable, caps.ambient],
      [BASE, BASE, NONE, NONE],
    );
  },
);

// Without process.capabilities at all the caller's own would be easy to keep.
scenario(
  'a process without capabilities in config.json has none of the caller',
  { skip: notRoot },
  (s) => {
    const container = s.container((c) => {
      delete c.process.capabilities;
      reporting(c);
      c.process.user = { uid: 1000, gid: 1000 };
    });
    const result = callUnder(
      container,
      'setpriv',
      HEIRS,
      ...['run', '--bundle', container.bundle, container.id],
    );
    assert.equal(result.status, 0, result.stderr);
    const [caps] = JSON.parse(result.stdout) as Report;
    assert.deepEqual(
      [caps.effective, caps.permitted, caps.inheritable, caps.ambient],
      [NONE, NONE, NONE, NONE],
    );
  },
);

const GROUPS = ['--groups', '0,4242,4243'];

for (const [where, change] of [
  ['', () => {}],
  [' in a user namespace', withUserNamespace],
] as const) {
  for (const user of [0, 1000]) {
    scenario(
      `supplementary groups of the caller are not the container's${where}, user ${user}`,
      { skip: notRoot },
      (s) => {
        const container = s.container((c) => {
          change(c);
          reporting(c);
          c.process.user = { uid: user, gid: user };
        });
        const result = callUnder(
          container,
          'setpriv',
          GROUPS,
          ...['run', '--bundle', container.bundle, container.id],
        );
        assert.equal(result.status, 0, result.stderr);
        const [, id] = JSON.parse(result.stdout) as Report;
        assert.deepEqual(
          [id.uid, id.gid, id.groups.filter((gid) => gid !== user)],
          [user, user, []],
        );
      },
    );
  }
}

scenario(
  'supplementary groups are those of config.json, and of no caller',
  { skip: notRoot },
  async (s) => {
    const container = await s.running((c) => {
      c.process.user.additionalGids = [5, 6];
    });
    const result = callUnder(
      container,
      'setpriv',
      GROUPS,
      ...['exec', container.id, '/payload', 'id'],
    );
    const id = JSON.parse(result.stdout) as Reports['id'];
    assert.deepEqual(
      id.groups.filter((gid) => gid !== 0),
      [5, 6],
    );
  },
);
