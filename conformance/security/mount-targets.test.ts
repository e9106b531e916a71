/**
 * Links of an image at the places where the runtime mounts and makes things: what is made is made in
 * the root, and nothing of the host is touched.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { relink, Victim } from '../lib/attack.js';
import type { Mount } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import { PAYLOAD } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** What a link may be, to get from a root file system to a path of the host. */
const LINKS: Record<string, (target: string) => string> = {
  'an absolute link': (target) => target,
  'a link upwards': (target) => `${'../'.repeat(24)}${target.slice(1)}`,
  'a link through /proc': (target) => `/proc/1/root${target}`,
  'a link through a descriptor': (target) => `/proc/self/cwd/../../../../../../../..${target}`,
};

/** The kinds of things that are put at a destination. */
const KINDS: Record<string, (s: Sandbox) => Mount> = {
  'a file': () => ({ destination: '', type: 'bind', source: PAYLOAD, options: ['bind', 'ro'] }),
  'a folder': (s) => ({
    destination: '',
    type: 'bind',
    source: s.path('given'),
    options: ['rbind'],
  }),
  'a tmpfs': () => ({ destination: '', type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] }),
};

/** It is mounted in the container, where it shows: outside it would be gone with the old root. */
function isInside(stdout: string): void {
  const [mounts, text] = JSON.parse(stdout) as [Reports['mountinfo'], Reports['cat']];
  assert.notEqual(text, Victim.TEXT, 'a file of the host is seen');
  const found = mounts.filter(
    ({ root, superOptions }) =>
      root.endsWith('/given') ||
      root.endsWith('/ocirt-payload') ||
      superOptions.includes('size=64k'),
  );
  assert.equal(found.length, 1, 'it was mounted somewhere else');
}

for (const [kind, make] of Object.entries(KINDS)) {
  for (const [how, link] of Object.entries(LINKS)) {
    // At the end of the destination, and on the way to it; there already, or to be made.
    for (const [place, below, made] of [
      ['at', '', ''],
      ['at', '', '/made'],
      ['above', '/made/made', ''],
    ] as const) {
      const missing = `${below}${made}` === '' ? 'what is there' : 'what is not there';
      scenario(
        `CVE-2019-18837, CVE-2024-45310: ${kind} ${place} ${how} to ${missing}: not on the host`,
        {},
        (s) => {
          const victim = new Victim(s);
          mkdirSync(s.path('given'));
          writeFileSync(s.path('given/inner'), 'given\n');
          const container = s.container((c) => {
            writable(c);
            c.mounts.push({ ...make(s), destination: `/etc/link${below}` });
            c.process.args = ['/payload', 'report', 'mountinfo', ',', 'cat', '/etc/link'];
          });
          const target =
            kind === 'a file' && missing === 'what is there' ? victim.file : victim.dir;
          relink(container, 'etc/link', link(`${target}${made}`));
          const result = container.call('run', ['--bundle', container.bundle]);
          victim.assertUntouched();
          if (result.status === 0) isInside(result.stdout);
          else assert.match(result.stderr, /\S/);
        },
      );
    }
  }
}

// A magic link of procfs is a way out of the root: resolved as one, it would be followed to where
// the kernel says (openat2(2), RESOLVE_NO_MAGICLINKS).
scenario('a mount through a magic link of the procfs in the root is refused', {}, (s) => {
  const victim = s.path('victim');
  mkdirSync(victim);
  const container = s.container((c) => {
    writable(c);
    c.mounts.push({ destination: '/link', type: 'bind', source: PAYLOAD, options: ['bind'] });
  });
  symlinkSync(`/proc/1/root${victim}`, path.join(container.bundle, 'rootfs/link'));
  const result = container.call('run', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /too many levels of symbolic links/);
});

for (const [how, link] of Object.entries(LINKS)) {
  scenario(`a /dev that is ${how} to the host gets no devices there`, { skip: notRoot }, (s) => {
    const victim = new Victim(s);
    const container = s.container((c) => {
      writable(c);
      // Without a mount on /dev the devices are made in the root file system itself.
      c.mounts = c.mounts.filter(({ destination }) => !/^\/dev(\/|$)/.test(destination));
      c.process.args = ['/payload', 'print', 'inside'];
    });
    relink(container, 'dev', link(victim.dir));
    const result = container.call('run', ['--bundle', container.bundle]);
    victim.assertUntouched();
    if (result.status !== 0) assert.match(result.stderr, /\S/);
  });

  scenario(`a /dev that is ${how} to the host gets no mount there`, {}, (s) => {
    const victim = new Victim(s);
    const container = s.container((c) => {
      writable(c);
      c.process.args = ['/payload', 'print', 'inside'];
    });
    relink(container, 'dev', link(path.join(victim.dir, 'made')));
    const result = container.call('run', ['--bundle', container.bundle]);
    victim.assertUntouched();
    if (result.status !== 0) assert.match(result.stderr, /\S/);
  });

  scenario(`a device at ${how} to the host is not made there`, { skip: notRoot }, (s) => {
    const victim = new Victim(s);
    const container = s.container((c) => {
      writable(c);
      c.linux.devices = [
        { path: '/etc/link/null', type: 'c', major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 },
      ];
      c.process.args = ['/payload', 'print', 'inside'];
    });
    relink(container, 'etc/link', link(victim.dir));
    const result = container.call('run', ['--bundle', container.bundle]);
    victim.assertUntouched();
    if (result.status !== 0) assert.match(result.stderr, /\S/);
  });

  scenario(`a working directory at ${how} to the host is not made there`, {}, (s) => {
    const victim = new Victim(s);
    const container = s.container((c) => {
      writable(c);
      c.process.cwd = '/etc/link/made';
    });
    relink(container, 'etc/link', link(victim.dir));
    const result = container.call('run', ['--bundle', container.bundle]);
    victim.assertUntouched();
    if (result.status !== 0) assert.match(result.stderr, /\S/);
  });
}

scenario('tmpcopyup of a link to the host copies nothing of the host', {}, (s) => {
  const victim = new Victim(s);
  const container = s.container((c) => {
    writable(c);
    c.mounts.push({
      destination: '/etc/link',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['tmpcopyup'],
    });
    c.process.args = ['/payload', 'report', 'ls', '/etc/link'];
  });
  relink(container, 'etc/link', victim.dir);
  const result = container.call('run', ['--bundle', container.bundle]);
  victim.assertUntouched();
  if (result.status === 0) assert.deepEqual(JSON.parse(result.stdout), [[]]);
  assert.ok(existsSync(victim.file));
});
