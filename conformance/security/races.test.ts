/**
 * Races: another process of the same user, such as a container that shares a volume, exchanges what
 * is at a path while the runtime works on it. RACES is the number of starts of each, a thousand on
 * demand.
 */

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { callOnTerminal, RACES, swapping, Victim } from '../lib/attack.js';
import type { Mount } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { writable } from '../lib/mounts.js';
import type { Reports } from '../lib/reports.js';
import { PAYLOAD } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

/** A marked tmpfs, to know it again wherever it lands. */
const MARK = 'size=772k';

/** A folder of the host, used by two containers: in it `place` is, now and then, a link. */
function volume(s: Sandbox, target: string): string {
  const dir = s.path('volume');
  mkdirSync(path.join(dir, 'place/inner'), { recursive: true });
  writeFileSync(path.join(dir, 'place/file'), '');
  symlinkSync(target, path.join(dir, 'link'));
  return dir;
}

async function race(
  s: Sandbox,
  container: Container,
  check: (stdout: string) => void,
): Promise<void> {
  const seen = { started: 0, refused: 0 };
  for (let i = 0; i < RACES; i++) {
    const result = s.runtime(['run', '--bundle', container.bundle, container.id]);
    assert.equal(result.signal, null);
    if (result.status === 0) {
      seen.started++;
      check(result.stdout);
    } else {
      seen.refused++;
      assert.match(result.stderr, /\S/);
    }
  }
  // The swapping itself goes on.
  const left = s.leftovers().filter((line) => !line.includes(' swap '));
  assert.deepEqual(left, []);
  // Where all are refused, nothing was seen of where a mount lands.
  assert.ok(seen.started > 0 || RACES < 10, `none of ${seen.refused} starts came through`);
}

const MOUNTS: Record<string, (s: Sandbox) => Mount> = {
  'a tmpfs': () => ({ destination: '', type: 'tmpfs', source: 'tmpfs', options: [MARK] }),
  'a folder': (s) => ({
    destination: '',
    type: 'bind',
    source: s.path('given'),
    options: ['rbind'],
  }),
};

for (const [what, make] of Object.entries(MOUNTS)) {
  for (const [where, below, target] of [
    ['at the place', '', (dir: string) => dir],
    ['below the place', '/inner', (dir: string) => dir],
    ['below the place, upwards', '/inner', (dir: string) => `${'../'.repeat(20)}${dir.slice(1)}`],
  ] as const) {
    scenario(
      `CVE-2021-30465: ${what} mounted ${where} that a thread swaps stays in the root`,
      { skip: notRoot },
      async (s) => {
        const victim = new Victim(s);
        mkdirSync(s.path('given'));
        const shared = volume(s, target(victim.dir));
        const container = s.container((c) => {
          writable(c);
          c.mounts.push(
            { destination: '/volume', type: 'bind', source: shared, options: ['rbind', 'rw'] },
            { ...make(s), destination: `/volume/place${below}` },
          );
          c.process.args = ['/payload', 'report', 'mountinfo'];
        });
        await swapping(s, path.join(shared, 'place'), path.join(shared, 'link'));
        await race(s, container, (stdout) => {
          // What was mounted outside is not among the container's mounts after the pivot.
          const [mounts] = JSON.parse(stdout) as [Reports['mountinfo']];
          const found = mounts.filter(({ superOptions, root }) =>
            what === 'a tmpfs' ? superOptions.includes(MARK) : root.endsWith('/given'),
          );
          assert.equal(found.length, 1, 'it was mounted somewhere else');
        });
        victim.assertUntouched();
      },
    );
  }
}

for (const [what, mount] of [
  ['a file', { type: 'bind', source: PAYLOAD, options: ['bind', 'ro'] }],
  ['a folder', { type: 'tmpfs', source: 'tmpfs' }],
] as const) {
  scenario(
    `CVE-2024-45310: ${what} that is missing below a swapped place is not made on the host`,
    { skip: notRoot },
    async (s) => {
      const victim = new Victim(s);
      const shared = volume(s, victim.dir);
      const destination = '/volume/place/new/thing';
      const container = s.container((c) => {
        writable(c);
        c.mounts.push(
          { destination: '/volume', type: 'bind', source: shared, options: ['rbind', 'rw'] },
          { ...mount, destination } as Mount,
        );
      });
      await swapping(s, path.join(shared, 'place'), path.join(shared, 'link'));
      await race(s, container, () => victim.assertUntouched());
      victim.assertUntouched();
    },
  );
}

// A root file system on a volume, whose /proc another container swaps.
scenario(
  'CVE-2019-19921: a /proc that a thread swaps for a link is procfs, or an error',
  { skip: notRoot },
  async (s) => {
    const container = s.container((c) => {
      writable(c);
      c.process.args = ['/payload', 'report', 'open', '/proc/sys/kernel/domainname', 'w'];
    });
    const root = path.join(container.bundle, 'rootfs');
    symlinkSync('/srv', path.join(root, 'link'));
    await swapping(s, path.join(root, 'proc'), path.join(root, 'link'));
    await race(s, container, (stdout) => {
      // Now it is the link that is seen, now the folder: a procfs without masks is never there.
      const [parameter] = JSON.parse(stdout) as [Reports['open']];
      assert.notEqual(parameter, 'ok');
    });
  },
);

// What the image has at /dev/null is swapped between the device and a link to something worth having.
scenario(
  'CVE-2025-31133, CVE-2025-62161: a /dev/null that a thread swaps never becomes the mask',
  { skip: notRoot },
  async (s) => {
    const container = s.container((c) => {
      writable(c);
      c.mounts = c.mounts.filter(({ destination }) => !/^\/dev(\/|$)/.test(destination));
      c.linux.maskedPaths = ['/etc/secret'];
      c.process.args = ['/payload', 'report', 'cat', '/etc/secret', ',', 'stat', '/etc/secret'];
    });
    const root = path.join(container.bundle, 'rootfs');
    writeFileSync(path.join(root, 'etc/secret'), 'secret\n');
    writeFileSync(path.join(root, 'etc/other'), 'worth having\n');
    // The devices are made once, so that the null device is there.
    container.must('run', ['--bundle', container.bundle]);
    symlinkSync('/etc/other', path.join(root, 'dev/link'));
    await swapping(s, path.join(root, 'dev/null'), path.join(root, 'dev/link'));
    await race(s, container, (stdout) => {
      const [text, facts] = JSON.parse(stdout) as [Reports['cat'], Reports['stat']];
      assert.equal(text, '');
      assert.deepEqual([facts.type, facts.major, facts.minor], ['char', 1, 3]);
    });
  },
);

// The console is made in a /dev of the image's: the terminal must not land on what a link names.
scenario(
  'CVE-2025-52565: a /dev/console that a thread swaps never carries the terminal elsewhere',
  { skip: notRoot },
  async (s) => {
    const container = s.container((c) => {
      writable(c);
      c.mounts = c.mounts.filter(({ destination }) => destination !== '/dev');
      c.process.terminal = true;
      c.process.args = ['/payload', 'report', 'stat', '/etc/other'];
    });
    const root = path.join(container.bundle, 'rootfs');
    writeFileSync(path.join(root, 'etc/other'), 'worth having\n');
    mkdirSync(path.join(root, 'dev/pts'));
    writeFileSync(path.join(root, 'dev/console'), '');
    symlinkSync('/etc/other', path.join(root, 'dev/link'));
    await swapping(s, path.join(root, 'dev/console'), path.join(root, 'dev/link'));
    const seen = { started: 0 };
    for (let i = 0; i < RACES; i++) {
      const out = await callOnTerminal(s, 'run', '--bundle', container.bundle, container.id);
      const found = /\[\{.*\}\]/.exec(out);
      if (found === null) continue;
      seen.started++;
      const [facts] = JSON.parse(found[0]) as [Reports['stat']];
      assert.equal(facts.type, 'file', 'the terminal lies on another file');
    }
    assert.ok(seen.started > 0 || RACES < 10, 'no start came through');
  },
);
