/**
 * The cgroup file system: what a container is given of it read-only can't be written to, also where
 * its root is the host's root by its number (CVE-2023-25809).
 */

import assert from 'node:assert/strict';
import type { Change } from '../lib/config.js';
import { without } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import type { Reports } from '../lib/reports.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** A user namespace in which the host's root is root: the owner of every cgroup. */
function mappedToRoot(c: Parameters<Change>[0]): void {
  c.linux.namespaces.push({ type: 'user' });
  c.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
  c.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 65536 }];
}

/** /sys as a rootless engine gives it: the host's, bound read-only, since it cannot be mounted. */
function boundSys(c: Parameters<Change>[0]): void {
  c.mounts = c.mounts.map((mount) =>
    mount.destination === '/sys'
      ? {
          destination: '/sys',
          type: 'none',
          source: '/sys',
          options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
        }
      : mount,
  );
}

const CASES: Record<string, Change> = {
  'a new cgroup namespace': (c) => {
    c.linux.namespaces.push({ type: 'cgroup' });
  },
  'no cgroup namespace': () => {},
  'a user namespace whose root is the host’s': (c) => {
    mappedToRoot(c);
    c.linux.namespaces.push({ type: 'cgroup' });
  },
  'a user namespace whose root is the host’s, no cgroup namespace': mappedToRoot,
  'a user namespace, the /sys of the host': (c) => {
    mappedToRoot(c);
    boundSys(c);
    c.linux.namespaces = without(c, 'network');
  },
  'a user namespace, the /sys of the host, a new cgroup namespace': (c) => {
    mappedToRoot(c);
    boundSys(c);
    c.linux.namespaces = [...without(c, 'network'), { type: 'cgroup' }];
  },
};

/** What of the cgroup file systems the container sees, and can open for writing. */
function writableGroups(s: Sandbox, change: Change): string[] {
  const [mounts] = s.report(change, 'mountinfo');
  // Of several at one place the last is seen.
  const groups = mounts.filter(
    (mount, index) =>
      (mount.type === 'cgroup' || mount.type === 'cgroup2') &&
      mounts.findLastIndex(({ target }) => target === mount.target) === index,
  );
  assert.notEqual(groups.length, 0, 'no cgroup is mounted');
  const tries = groups.map(({ target }) => `open ${target}/cgroup.procs w`);
  const results = s.report(change, ...tries) as unknown as Reports['open'][];
  return groups
    .filter(({ options }, index) => {
      const result = results[index];
      // One that a later mount above it covers is not there.
      const covered = typeof result === 'object' && result.errno === 'ENOENT';
      return !covered && (result === 'ok' || !options.includes('ro'));
    })
    .map(({ target }) => target);
}

for (const [what, change] of Object.entries(CASES)) {
  scenario(`CVE-2023-25809: with ${what}, no cgroup can be written to`, { skip: notRoot }, (s) => {
    // Opened, not written to: where it can be, nothing comes of it.
    assert.deepEqual(writableGroups(s, change), []);
  });
}

// release_agent of v1 is a program that the host's root executes.
scenario('a container has no release_agent', { skip: notRoot }, (s) => {
  const [mounts] = s.report(() => {}, 'mountinfo');
  const groups = mounts.filter(({ type }) => type === 'cgroup');
  if (groups.length === 0) return;
  const tries = groups.map(({ target }) => `open ${target}/release_agent w`);
  const results = s.report(() => {}, ...tries) as unknown as Reports['open'][];
  for (const result of results) assert.notEqual(result, 'ok');
});
