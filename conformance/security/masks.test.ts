/**
 * Masked and read-only paths: what hides a path is the kernel's null device or an empty folder, and it
 * hides what the path leads to, whatever the image has put there.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { callInMounts, relink, Victim } from '../lib/attack.js';
import type { Change } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import type { Result } from '../lib/runtime.js';
import { type Container, type Sandbox, scenario } from '../lib/sandbox.js';

/** Without any mount on /dev: the image's own folder, where devices are made. */
const imageDev: Change = (c) => {
  writable(c);
  c.mounts = c.mounts.filter(({ destination }) => !/^\/dev(\/|$)/.test(destination));
};

function secret(container: Container): string {
  const file = path.join(container.bundle, 'rootfs/etc/secret');
  writeFileSync(file, 'secret\n');
  return file;
}

/** Runs a container where the host's /dev/null is a file of ours, in a mount namespace of its own. */
function runWithFalseNull(s: Sandbox): Result {
  const container = s.container((c) => {
    c.linux.maskedPaths = ['/proc/version'];
    c.process.args = ['/payload', 'cat', '/proc/version'];
  });
  writeFileSync(s.path('false-null'), 'not null\n');
  const result = callInMounts(
    container,
    'mount --bind "$1" /dev/null',
    [s.path('false-null')],
    ...['run', '--bundle', container.bundle, container.id],
  );
  s.assertClean();
  return result;
}

scenario(
  'CVE-2025-31133: a /dev/null that is no device is not used as a mask',
  { not: { runc: 'uses the one of the container' }, skip: notRoot },
  (s) => {
    const result = runWithFalseNull(s);
    refused(result);
    says(result.stderr, /not the null device/);
    assert.equal(result.stdout, '');
  },
);

/** What an image may have as /dev/null, in place of the device. */
const FALSE_NULLS: Record<string, string> = {
  'a file that is worth having': '/etc/other',
  'a parameter of the kernel': '/proc/sys/kernel/domainname',
  'what writes to the kernel': '/proc/sysrq-trigger',
  'the path that is masked': '/etc/secret',
  nothing: '/etc/none',
};

for (const [what, target] of Object.entries(FALSE_NULLS)) {
  scenario(
    `CVE-2025-31133, CVE-2025-62161: a /dev/null that is a link to ${what} is no mask`,
    { skip: notRoot },
    (s) => {
      const container = s.container((c) => {
        imageDev(c);
        c.linux.maskedPaths = ['/etc/secret'];
        c.process.args = ['/payload', 'report', 'cat', '/etc/secret', ',', 'stat', '/etc/secret'];
      });
      secret(container);
      writeFileSync(path.join(container.bundle, 'rootfs/etc/other'), 'worth having\n');
      relink(container, 'dev/null', target);
      const result = container.call('run', ['--bundle', container.bundle]);
      if (result.status !== 0) return assert.match(result.stderr, /\S/);
      const [text, facts] = JSON.parse(result.stdout) as [Reports['cat'], Reports['stat']];
      assert.equal(text, '');
      assert.deepEqual([facts.type, facts.major, facts.minor], ['char', 1, 3]);
    },
  );
}

scenario('CVE-2025-31133: a mask cannot be written to, nor changed', { skip: notRoot }, (s) => {
  const [opened, owned, changed] = s.report(
    (c) => {
      c.linux.maskedPaths = ['/etc/passwd'];
      const all = ['CAP_CHOWN', 'CAP_FOWNER', 'CAP_DAC_OVERRIDE'];
      c.process.capabilities = { bounding: all, effective: all, permitted: all };
    },
    'cat /etc/passwd',
    'chown /etc/passwd 0 0',
    'chmod /etc/passwd 666',
  );
  assert.equal(opened, '');
  assert.deepEqual([owned, changed], [{ errno: 'EROFS' }, { errno: 'EROFS' }]);
});

/** Ways to a path that is to be hidden: by a link in it, at its end, upwards. */
const WAYS: Record<string, { path: string; link?: [string, string] }> = {
  'a link at its end': { path: '/srv/link', link: ['srv/link', '/etc/secret'] },
  'a link at its end, upwards': { path: '/srv/link', link: ['srv/link', '../../../etc/secret'] },
  'a link above it': { path: '/srv/folder/secret', link: ['srv/folder', '/etc'] },
  'dots in it': { path: '/srv/../etc/./secret' },
  'slashes in it': { path: '//etc///secret' },
};

for (const [what, { path: protectedPath, link }] of Object.entries(WAYS)) {
  for (const [property, report, expected] of [
    ['maskedPaths', 'cat /etc/secret', ''],
    // The mode that it has: where it can be changed, nothing comes of it.
    ['readonlyPaths', 'chmod /etc/secret 644', { errno: 'EROFS' }],
  ] as const) {
    scenario(`${property} with ${what} holds for what it leads to`, {}, (s) => {
      const container = s.container((c) => {
        writable(c);
        c.linux[property] = [protectedPath];
        c.process.args = ['/payload', 'report', ...report.split(' ')];
      });
      const file = secret(container);
      if (link !== undefined) relink(container, ...link);
      const result = container.call('run', ['--bundle', container.bundle]);
      assert.equal(readFileSync(file, 'utf8'), 'secret\n');
      if (result.status !== 0) return assert.match(result.stderr, /\S/);
      assert.deepEqual(JSON.parse(result.stdout), [expected]);
    });
  }
}

for (const property of ['maskedPaths', 'readonlyPaths'] as const) {
  scenario(
    `${property} through a link to the host hides nothing of the host`,
    { skip: notRoot },
    (s) => {
      const victim = new Victim(s);
      const container = s.container((c) => {
        writable(c);
        c.linux[property] = ['/etc/link', '/etc/upwards/file', `/proc/1/root${victim.file}`];
      });
      relink(container, 'etc/link', victim.file);
      relink(container, 'etc/upwards', `${'../'.repeat(20)}${victim.dir.slice(1)}`);
      const result = container.call('run', ['--bundle', container.bundle]);
      assert.equal(readFileSync(victim.file, 'utf8'), Victim.TEXT);
      victim.assertUntouched();
      assert.equal(result.signal, null);
    },
  );
}

scenario('a masked folder through a link is empty by both names', {}, (s) => {
  const container = s.container((c) => {
    writable(c);
    c.linux.maskedPaths = ['/srv/link'];
    c.process.args = ['/payload', 'report', 'ls', '/dir', ',', 'ls', '/srv/link'];
  });
  mkdirSync(path.join(container.bundle, 'rootfs/dir/inner'));
  relink(container, 'srv/link', '/dir');
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.deepEqual(JSON.parse(result.stdout), [[], []]);
  assert.ok(existsSync(path.join(container.bundle, 'rootfs/dir/inner')));
});
