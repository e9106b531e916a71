/** Bind mounts: what they show, their options, their sources. config.md, "Mounts". */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withUserNamespace } from '../lib/config.js';
import { ROOTLESS } from '../lib/groups.js';
import { at, mountOf, source, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { KIND } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

scenario("a bind mount shows the host's folder", {}, (s) => {
  const dir = source(s);
  const [text, wrote] = s.report(
    (c) => {
      c.mounts.push({ destination: '/srv', type: 'bind', source: dir, options: ['bind'] });
    },
    'cat /srv/file',
    'open /srv/new c data',
  );
  assert.equal(text, 'from the host\n');
  assert.equal(wrote, 'ok');
  assert.equal(readFileSync(path.join(dir, 'new'), 'utf8'), 'data');
});

scenario('a bind mount without the type, by its option alone', {}, (s) => {
  const dir = source(s);
  const [text] = s.report((c) => {
    c.mounts.push({ destination: '/srv', source: dir, options: ['rbind'] });
  }, 'cat /srv/file');
  assert.equal(text, 'from the host\n');
});

scenario(
  "a bind mount with a file system's option: it has no effect",
  { not: { runc: 'runc 1.2 and later refuse it' } },
  (s) => {
    const dir = source(s);
    const { status, stderr } = s.run((c) => {
      c.mounts.push({ destination: '/srv', source: dir, options: ['bind', 'size=1k'] });
      c.process.args = ['/payload', 'stat', '/srv/file'];
    });
    assert.equal(status, 0, stderr);
    if (KIND === 'ocirt') assert.match(stderr, /warning.* no effect on a bind mount: size=1k/);
  },
);

scenario('a bind mount of type none', {}, (s) => {
  const dir = source(s);
  const [text] = s.report((c) => {
    c.mounts.push({ destination: '/srv', type: 'none', source: dir, options: ['bind', 'rw'] });
  }, 'cat /srv/file');
  assert.equal(text, 'from the host\n');
});

scenario('a read-only bind mount', {}, (s) => {
  const dir = source(s);
  const [mounts, wrote] = s.report(
    (c) => {
      c.mounts.push({ destination: '/srv', type: 'bind', source: dir, options: ['bind', 'ro'] });
    },
    'mountinfo',
    'open /srv/new c',
  );
  assert.ok(at(mounts, '/srv').options.includes('ro'));
  assert.deepEqual(wrote, { errno: 'EROFS' });
});

/** mount_namespaces(7), "Restrictions on mount namespaces". */
const locked =
  ROOTLESS && "mounts of the host's root: another cannot uncover what is below, nor change atime";

for (const option of ['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime']) {
  scenario(`a bind mount with ${option}`, { skip: option.endsWith('atime') && locked }, (s) => {
    const dir = source(s);
    const mount = mountOf(s, '/srv', (c) => {
      c.mounts.push({ destination: '/srv', type: 'bind', source: dir, options: ['bind', option] });
    });
    assert.ok(mount.options.includes(option), String(mount.options));
  });
}

scenario('a bind mount of one file, over a file that it makes', {}, (s) => {
  const dir = source(s);
  const [text, facts] = s.report(
    (c) => {
      writable(c);
      c.mounts.push({
        destination: '/new/place/file',
        type: 'bind',
        source: path.join(dir, 'file'),
        options: ['bind'],
      });
    },
    'cat /new/place/file',
    'stat /new/place',
  );
  assert.equal(text, 'from the host\n');
  assert.equal(facts.mode, '0755');
});

scenario('bind is not recursive, rbind is', { skip: locked }, (s) => {
  const [plain, deep] = s.report(
    (c) => {
      c.mounts.push({ destination: '/srv', type: 'bind', source: '/sys', options: ['bind', 'ro'] });
      c.mounts.push({
        destination: '/dir',
        type: 'bind',
        source: '/sys',
        options: ['rbind', 'ro'],
      });
    },
    'ls /srv/fs/cgroup',
    'ls /dir/fs/cgroup',
  );
  assert.deepEqual(plain, []);
  assert.ok(deep.length > 0);
});

scenario('a bind source relative to the bundle', {}, (s) => {
  const container = s.container((c) => {
    c.mounts.push({ destination: '/srv', type: 'bind', source: 'beside', options: ['bind'] });
    c.process.args = ['/payload', 'cat', '/srv/file'];
  });
  mkdirSync(path.join(container.bundle, 'beside'));
  writeFileSync(path.join(container.bundle, 'beside/file'), 'beside the root');
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.equal(JSON.parse(result.stdout), 'beside the root');
});

scenario('a bind source that does not exist is refused', {}, (s) => {
  const result = s.run((c) => {
    c.mounts.push({ destination: '/srv', type: 'bind', source: s.path('none'), options: ['bind'] });
  });
  refused(result);
  says(result.stderr, /no such file or directory/i);
});

scenario(
  "in a user namespace, mounts of a source that only the host's root can reach",
  { not: { runc: 'opens sources inside in 1.1' }, needs: ['open_tree', 'move_mount'] },
  (s) => {
    const dir = source(s);
    chmodSync(s.path('source'), 0o755);
    mkdirSync(s.path('locked'), { mode: 0o700 });
    mkdirSync(s.path('locked/inner'));
    writeFileSync(s.path('locked/inner/file'), 'behind a locked door');
    const [text] = s.report((c) => {
      withUserNamespace(c);
      c.mounts.push({
        destination: '/srv',
        type: 'bind',
        source: s.path('locked/inner'),
        options: ['bind'],
      });
    }, 'cat /srv/file');
    assert.equal(text, 'behind a locked door');
    assert.ok(dir);
  },
);

scenario('ro on rbind is for the top mount only', {}, (s) => {
  const [mounts] = s.report((c) => {
    c.mounts.push({ destination: '/srv', type: 'bind', source: '/sys', options: ['rbind', 'ro'] });
  }, 'mountinfo');
  assert.ok(at(mounts, '/srv').options.includes('ro'));
  assert.ok(!at(mounts, '/srv/fs/cgroup').options.includes('ro'));
});
