/** Descriptors and the working directory: nothing open on the host gets into a container. */

import assert from 'node:assert/strict';
import { chownSync, closeSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { callUnder, leaking, Victim } from '../lib/attack.js';
import { outside } from '../lib/config.js';
import { ROOTLESS } from '../lib/groups.js';
import { refused, says } from '../lib/refusal.js';
import { scenario } from '../lib/sandbox.js';

scenario(
  'CVE-2024-21626: exec in a working directory outside of the root is refused',
  {},
  async (s) => {
    const container = await s.running();
    const fd = openSync(s.dir, 'r');
    try {
      const result = container.call(
        'exec',
        ['--preserve-fds', '1', '--cwd', '/proc/self/fd/3'],
        ['/payload', 'cwd'],
        { extraFds: [fd] },
      );
      refused(result, 255);
      assert.equal(result.stdout, '');
      says(result.stderr, /outside of container mount namespace root/);
    } finally {
      closeSync(fd);
    }
  },
);

// The way of CVE-2024-21626 itself: a number that the runtime is likely to have something open at.
scenario('CVE-2024-21626: no working directory of a new container is on the host', {}, (s) => {
  const victim = new Victim(s);
  for (const fd of [...Array.from({ length: 14 }, (_, index) => index + 3), 40, 41]) {
    const container = s.container((c) => {
      c.process.cwd = `/proc/self/fd/${fd}`;
      c.process.args = ['/payload', 'report', 'cwd', ',', 'cat', 'file', ',', 'ls', '../victim'];
    });
    const result = callUnder(
      container,
      ...leaking(victim.dir),
      ...['run', '--bundle', container.bundle, container.id],
    );
    assert.doesNotMatch(result.stdout, new RegExp(Victim.TEXT.trim()), `descriptor ${fd}`);
    if (result.status === 0) assert.doesNotMatch(result.stdout, /"[^"]*victim"|unreachable/);
  }
});

scenario(
  'CVE-2024-21626: what the caller has open does not get into a container',
  {},
  async (s) => {
    const victim = new Victim(s);
    const leaked = Array.from({ length: 6 }, () => openSync(victim.dir, 'r'));
    try {
      const how = { extraFds: leaked };
      const container = s.container((c) => {
        c.process.args = ['/payload', 'fds'];
      });
      const result = container.must('run', ['--bundle', container.bundle], [], how);
      const fds = (text: string) => (JSON.parse(text) as { fd: number }[]).map(({ fd }) => fd);
      assert.deepEqual(fds(result.stdout), [0, 1, 2]);
      const other = await s.running();
      const inside = other.must('exec', [], ['/payload', 'fds'], how);
      assert.deepEqual(fds(inside.stdout), [0, 1, 2]);
    } finally {
      for (const fd of leaked) closeSync(fd);
    }
  },
);

scenario('standard streams belong to the user of the process, /dev/null to root', {}, (s) => {
  const container = s.container((c) => {
    c.process.user = { uid: 1000, gid: 1000 };
    // 0 is /dev/null, 1 and 2 are files that root made with mode 0644.
    c.process.args = ['/payload', 'report', 'open', '/proc/self/fd/1', 'rw'];
  });
  const { uid, gid } = statSync('/dev/null');
  // Where we may not, the runtime could not either.
  if (!ROOTLESS) s.defer(() => chownSync('/dev/null', uid, gid));
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.deepEqual(JSON.parse(result.stdout), ['ok']);
  const owner = outside(s.readConfig(container.bundle), 1000);
  assert.equal(statSync(path.join(container.bundle, 'stdout')).uid, owner);
  assert.equal(statSync(path.join(container.bundle, 'stderr')).uid, owner);
  assert.equal(statSync('/dev/null').uid, uid);
});

scenario('exec: standard streams belong to the user of the process', {}, async (s) => {
  const container = await s.running();
  const [opened] = container.report(['--user', '1000'], 'open /proc/self/fd/2 rw');
  assert.equal(opened, 'ok');
});
