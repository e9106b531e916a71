/** config.root, and how mounts of the container and the host see each other. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { at, mountOf, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { scenario } from '../lib/sandbox.js';

for (const [option, wanted] of [
  ['private', /^$/],
  ['rprivate', /^$/],
  ['shared', /shared:\d+/],
  ['rshared', /shared:\d+/],
  ['slave', /^$/],
  ['rslave', /^$/],
  ['unbindable', /unbindable/],
  ['runbindable', /unbindable/],
] as const) {
  scenario(`mount propagation ${option}`, {}, (s) => {
    const mount = mountOf(s, '/srv', (c) => {
      c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs', options: [option] });
    });
    assert.match(mount.optional.join(' '), wanted);
  });
}

for (const [value, wanted] of [
  [undefined, /^(master:\d+)?$/],
  ['private', /^$/],
  ['rprivate', /^$/],
  ['shared', /shared:\d+/],
  ['rshared', /shared:\d+/],
  ['slave', /^(master:\d+)?$/],
  ['rslave', /^(master:\d+)?$/],
  ['unbindable', /unbindable/],
] as const) {
  scenario(
    `rootfsPropagation ${value ?? 'absent'}`,
    { not: /shared|unbindable/.test(value ?? '') ? { runc: 'runc 1.1 does not come to it' } : {} },
    (s) => {
      const mount = mountOf(s, '/', (c) => {
        if (value !== undefined) c.linux.rootfsPropagation = value;
      });
      assert.match(mount.optional.join(' '), wanted);
    },
  );
}

scenario('a wrong rootfsPropagation is refused', {}, (s) => {
  const result = s.run((c) => {
    c.linux.rootfsPropagation = 'sometimes';
  });
  refused(result);
});

scenario('a mount made in the container does not come to the host', {}, (s) => {
  const [mounted] = s.report((c) => {
    writable(c);
    for (const set of ['bounding', 'effective', 'permitted'] as const)
      c.process.capabilities?.[set]?.push('CAP_SYS_ADMIN');
  }, 'mount tmpfs /srv tmpfs 0');
  assert.equal(mounted, 'ok');
});

scenario('a read-only root', {}, (s) => {
  const [mounts, wrote] = s.report(() => {}, 'mountinfo', 'open /new c');
  assert.ok(at(mounts, '/').options.includes('ro'));
  assert.deepEqual(wrote, { errno: 'EROFS' });
});

scenario('a writable root', {}, (s) => {
  const [wrote] = s.report(writable, 'open /new c');
  assert.equal(wrote, 'ok');
});

scenario('an absolute root path', {}, (s) => {
  const container = s.container((c) => {
    c.process.args = ['/payload', 'cat', '/dir/file'];
  });
  const config = s.readConfig(container.bundle);
  config.root.path = path.join(container.bundle, 'rootfs');
  s.writeConfig(container.bundle, config);
  assert.match(container.must('run', ['--bundle', container.bundle]).stdout, /of the root/);
});

scenario('a root that does not exist is refused', {}, (s) => {
  const result = s.run((c) => {
    c.root.path = 'none';
  });
  refused(result);
  says(result.stderr, /none/);
});
