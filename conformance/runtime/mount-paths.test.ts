/** Where a mount ends up: links and dots in a destination never lead out of the root. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { at, mountOf, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { scenario } from '../lib/sandbox.js';

// A link in the root is followed as the container would follow it: CVE-2017-1002101, CVE-2021-30465.
scenario('an absolute symbolic link in a destination stays in the root', {}, (s) => {
  const container = s.container((c) => {
    writable(c);
    c.mounts.push({ destination: '/link/inner', type: 'tmpfs', source: 'tmpfs' });
    c.process.args = ['/payload', 'mountinfo'];
  });
  symlinkSync('/srv', path.join(container.bundle, 'rootfs/link'));
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.equal(at(JSON.parse(result.stdout), '/srv/inner').type, 'tmpfs');
  assert.ok(!existsSync('/srv/inner'));
});

scenario('a symbolic link that climbs out of the root ends in the root', {}, (s) => {
  const outside = s.path('outside');
  mkdirSync(outside);
  const container = s.container((c) => {
    writable(c);
    c.mounts.push({ destination: '/link', type: 'tmpfs', source: 'tmpfs' });
    c.process.args = ['/payload', 'report', 'mountinfo'];
  });
  symlinkSync('../../../../../../srv', path.join(container.bundle, 'rootfs/link'));
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.equal(at(JSON.parse(result.stdout)[0], '/srv').type, 'tmpfs');
});

scenario('a destination with .. stays in the root', {}, (s) => {
  const mount = mountOf(s, '/srv', (c) => {
    c.mounts.push({ destination: '/../../dir/../srv', type: 'tmpfs', source: 'tmpfs' });
  });
  assert.equal(mount.type, 'tmpfs');
});

scenario(
  'a mount below a link to the host through /proc is refused or stays in the root',
  {},
  (s) => {
    const victim = s.path('victim');
    mkdirSync(victim);
    const container = s.container((c) => {
      writable(c);
      c.mounts.push({
        destination: `/proc/self/root${victim}/made`,
        type: 'tmpfs',
        source: 'tmpfs',
      });
    });
    container.call('run', ['--bundle', container.bundle]);
    assert.ok(!existsSync(path.join(victim, 'made')), 'the host was written to');
  },
);

for (const target of ['proc', 'sys']) {
  // CVE-2019-16884, CVE-2019-19921: a link would take procfs (and all masks) elsewhere.
  scenario(`a /${target} that is a symbolic link is refused`, {}, (s) => {
    const container = s.container();
    rmSync(path.join(container.bundle, 'rootfs', target), { recursive: true });
    symlinkSync('/srv', path.join(container.bundle, 'rootfs', target));
    const result = container.call('run', ['--bundle', container.bundle]);
    refused(result);
    says(result.stderr, /must be mounted on ordinary directory/);
  });
}
