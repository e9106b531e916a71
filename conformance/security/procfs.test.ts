/**
 * procfs and sysfs are the kernel's, where the container sees them and where the runtime writes: no
 * image, volume or mount of the host may stand in their place.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { callInMounts, relink, Victim } from '../lib/attack.js';
import type { Mount } from '../lib/config.js';
import { notRoot, ROOTLESS } from '../lib/groups.js';
import { at, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import type { Reports } from '../lib/reports.js';
import { PAYLOAD } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

// A mount in /proc makes others of our writes go astray, a label's among them. By its name it is
// refused before anything is made, through a link of the image when the target has been opened.
const BELOW_PROC: readonly Mount[] = [
  { destination: '/proc/sys/kernel', type: 'tmpfs', source: 'tmpfs' },
  { destination: '/proc/1/attr', type: 'tmpfs', source: 'tmpfs' },
  { destination: '/proc/version', type: 'bind', source: PAYLOAD, options: ['bind'] },
];

for (const mount of BELOW_PROC) {
  scenario(
    `CVE-2019-16884: a mount of type ${mount.type} on ${mount.destination} is refused`,
    {},
    (s) => {
      const result = s.run((c) => {
        c.mounts.push(mount);
      });
      refused(result);
      assert.equal(result.stdout, '');
      says(result.stderr, /inside \/proc/);
    },
  );

  scenario(`... and so it is through a link to ${mount.destination}`, {}, (s) => {
    const container = s.container((c) => {
      c.mounts.push({ ...mount, destination: '/link' });
    });
    symlinkSync(mount.destination, path.join(container.bundle, 'rootfs/link'));
    const result = container.call('run', ['--bundle', container.bundle]);
    refused(result);
    assert.equal(result.stdout, '');
    says(result.stderr, /inside \/proc/);
  });
}

scenario('files of /proc that tell of load and memory may be replaced', {}, (s) => {
  writeFileSync(s.path('fake'), '12.34 56.78\n');
  const [text] = s.report((c) => {
    c.mounts.push({
      destination: '/proc/uptime',
      type: 'bind',
      source: s.path('fake'),
      options: ['bind'],
    });
  }, 'cat /proc/uptime');
  assert.equal(text, '12.34 56.78\n');
});

// A volume of the image at /proc hides the procfs through which labels and masks are set.
for (const [what, mount] of [
  ['a folder', { type: 'bind', options: ['rbind'] }],
  ['a tmpfs', { type: 'tmpfs' }],
] as const) {
  for (const destination of ['/proc', '/proc/', '/dir/../proc', '//proc/.']) {
    scenario(`CVE-2019-16884: ${what} on ${destination} is no /proc`, {}, (s) => {
      mkdirSync(s.path('false-proc/self/attr'), { recursive: true });
      writeFileSync(s.path('false-proc/version'), 'false\n');
      const result = s.run((c) => {
        const source = mount.type === 'bind' ? s.path('false-proc') : 'tmpfs';
        c.mounts.push({ destination, source, ...mount } as Mount);
        c.process.args = ['/payload', 'cat', '/proc/version'];
      });
      refused(result);
      says(result.stderr, /not of type proc/);
      assert.equal(result.stdout, '');
    });
  }
}

/** Where the links lead that stand for /proc and /sys in an image. */
const ELSEWHERE = {
  'another folder': '/srv',
  'a path upwards': '../../../../srv',
  'a folder of a volume': '/tmp/volume',
  nowhere: '/does/not/exist',
} as const;

for (const target of ['proc', 'sys'] as const) {
  const cve = target === 'proc' ? 'CVE-2019-19921, CVE-2023-27561' : 'CVE-2023-28642';
  for (const [what, link] of Object.entries(ELSEWHERE)) {
    scenario(`${cve}: a /${target} that is a link to ${what} is refused`, {}, (s) => {
      const container = s.container((c) => {
        writable(c);
        c.mounts.unshift({ destination: '/tmp/volume', type: 'tmpfs', source: 'tmpfs' });
        c.process.args = ['/payload', 'report', 'mountinfo'];
      });
      relink(container, target, link);
      const result = container.call('run', ['--bundle', container.bundle]);
      refused(result);
      says(result.stderr, /must be mounted on ordinary directory/);
      assert.equal(result.stdout, '');
    });
  }
}

// The masks of the base config lie on the procfs that the process sees, however /proc came about.
scenario('CVE-2023-28642: masks and read-only paths are on the /proc that is seen', {}, (s) => {
  const [mounts, parameter, keys] = s.report(
    () => {},
    'mountinfo',
    'open /proc/sys/kernel/domainname w',
    'cat /proc/keys',
  );
  assert.equal(at(mounts, '/proc').type, 'proc');
  // To who is not root the mode says so before the mount does.
  assert.deepEqual(parameter, { errno: ROOTLESS ? 'EACCES' : 'EROFS' });
  assert.ok(keys === '' || typeof keys === 'object', 'the keys of the host are seen');
});

// CVE-2025-52881, CVE-2025-62596: what the runtime writes through /proc ends where a mount leads it. Here
// the /proc of the runtime itself has a file of ours where a parameter would be.
for (const [what, mounting] of [
  ['a file', 'mount --bind "$1" /proc/sys/kernel/domainname'],
  ['a folder', 'mount --bind "$2" /proc/sys/kernel'],
  [
    'a tree',
    'mount -t tmpfs none /proc/sys && mkdir -p /proc/sys/kernel && cp "$1" /proc/sys/kernel/domainname',
  ],
] as const) {
  scenario(
    `CVE-2025-52881, CVE-2025-62596: a kernel parameter is not written to ${what} in its place`,
    { skip: notRoot },
    (s) => {
      const victim = new Victim(s);
      mkdirSync(s.path('folder'));
      writeFileSync(s.path('folder/domainname'), Victim.TEXT);
      const container = s.container((c) => {
        c.linux.sysctl = { 'kernel.domainname': 'inside' };
        c.process.args = ['/payload', 'report', 'cat', '/proc/sys/kernel/domainname'];
      });
      const result = callInMounts(
        container,
        mounting,
        [victim.file, s.path('folder')],
        ...['run', '--bundle', container.bundle, container.id],
      );
      victim.assertUntouched();
      assert.equal(readFileSync(s.path('folder/domainname'), 'utf8'), Victim.TEXT);
      // Refusing is right as well; saying that it was set, and not setting it, is not.
      if (result.status === 0) assert.deepEqual(JSON.parse(result.stdout), ['inside\n']);
      else assert.match(result.stderr, /\S/);
    },
  );
}

for (const options of [['bind'], ['rbind', 'rw']]) {
  scenario(
    `CVE-2025-52881: a kernel parameter is not written to what a mount by a link (${options}) puts there`,
    {},
    (s) => {
      const victim = new Victim(s);
      const container = s.container((c) => {
        writable(c);
        c.linux.readonlyPaths = [];
        c.linux.sysctl = { 'kernel.domainname': 'inside' };
        c.mounts.push({ destination: '/link', type: 'bind', source: victim.file, options });
      });
      relink(container, 'link', '/proc/sys/kernel/domainname');
      const result = container.call('run', ['--bundle', container.bundle]);
      victim.assertUntouched();
      if (result.status !== 0) assert.match(result.stderr, /\S/);
    },
  );
}

// The runtime's own /proc may be all false: then nothing that is read of it can be trusted.
scenario(
  'a false /proc of the runtime makes no container with its labels missing',
  { skip: notRoot },
  (s) => {
    const container = s.container((c) => {
      c.linux.sysctl = { 'kernel.domainname': 'inside' };
      c.process.args = [
        '/payload',
        'report',
        'mountinfo',
        ',',
        'cat',
        '/proc/sys/kernel/domainname',
      ];
    });
    const result = callInMounts(
      container,
      'mount -t tmpfs none /proc && mkdir -p /proc/self/fd /proc/sys/kernel',
      [],
      ...['run', '--bundle', container.bundle, container.id],
    );
    if (result.status !== 0) return assert.match(result.stderr, /\S/);
    const [mounts, value] = JSON.parse(result.stdout) as [Reports['mountinfo'], string];
    assert.equal(at(mounts, '/proc').type, 'proc');
    assert.equal(value, 'inside\n');
  },
);
