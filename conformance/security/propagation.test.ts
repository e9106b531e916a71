/**
 * Volumes that are shared mounts of the host, as all mounts are under systemd: what is mounted on
 * them in a container stays there. config.md, "Linux mount options": a bind is given to the host in
 * return only where an option says so.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Change, Mount } from '../lib/config.js';
import { MAPPED, withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { at } from '../lib/mounts.js';
import { KIND, MAPPING } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** A shared file system of the test's own, with another below it. */
function sharedVolume(s: Sandbox): string {
  const where = s.path('volume');
  mkdirSync(where);
  s.defer(() => execFileSync('umount', ['--recursive', where]));
  for (const place of [where, path.join(where, 'inner')]) {
    mkdirSync(place, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'volume', place]);
    execFileSync('mount', ['--make-shared', place]);
  }
  for (const name of ['below', 'inner/below']) mkdirSync(path.join(where, name));
  return where;
}

/** What the host has mounted there, from the volume downwards. */
const mountedIn = (where: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target === where || target.startsWith(`${where}/`))
    .sort();

const CASES: Record<string, { change: Change; mount?: Partial<Mount>; own?: boolean }> = {
  'a container': { change: () => {} },
  'one with a user namespace': { change: withUserNamespace },
  'one with a user namespace and rshared': {
    change: withUserNamespace,
    mount: { options: ['rbind', 'rshared'] },
  },
  'one whose volume is id-mapped': {
    change: () => {},
    mount: { uidMappings: [...MAPPED], gidMappings: [...MAPPED] },
    own: true,
  },
};

for (const [who, { change, mount, own }] of Object.entries(CASES)) {
  scenario(
    `what ${who} mounts on a shared volume is not mounted on the host`,
    {
      skip: notRoot,
      needs: own ? MAPPING : [],
      not: {
        crun: 'version 1.8.1 binds the uppermost mount alone where it is not root of the host',
        ...(own ? { runc: 'version 1.1.5 has no id-mapped mounts' } : {}),
      },
    },
    (s) => {
      const volume = sharedVolume(s);
      const before = mountedIn(volume);
      const [mounts] = s.report((c) => {
        change(c);
        c.mounts.push({ destination: '/srv', source: volume, options: ['rbind'], ...mount });
        for (const place of ['below', 'inner/below']) {
          c.mounts.push({ destination: `/srv/${place}`, type: 'tmpfs', source: 'tmpfs' });
        }
      }, 'mountinfo');
      assert.deepEqual(mountedIn(volume), before);
      for (const place of ['', '/inner', '/below', '/inner/below']) at(mounts, `/srv${place}`);
      // What the host mounts comes in: as it does to every mount that the container began with.
      if (KIND === 'ocirt' && mount?.options === undefined) {
        assert.match(at(mounts, '/srv').optional.join(), /master:\d+/);
      }
    },
  );
}
