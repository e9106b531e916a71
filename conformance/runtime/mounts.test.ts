/** config.mounts: kinds, options, binds, order. config.md, "Mounts". */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withUserNamespace } from '../lib/config.js';
import { cgroupV1 } from '../lib/host.js';
import { at, mountOf, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { KIND } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** A folder on the host with a file, to be bound. */
function source(s: Sandbox): string {
  const dir = s.path('source');
  mkdirSync(path.join(dir, 'below'), { recursive: true });
  writeFileSync(path.join(dir, 'file'), 'from the host\n');
  return dir;
}

const KINDS: readonly [target: string, type: string][] = [
  ['/proc', 'proc'],
  ['/sys', 'sysfs'],
  ['/dev', 'tmpfs'],
  ['/dev/pts', 'devpts'],
  ['/dev/shm', 'tmpfs'],
  ['/dev/mqueue', 'mqueue'],
];

for (const [target, type] of KINDS) {
  scenario(`${type} is mounted at ${target}`, {}, (s) => {
    assert.equal(mountOf(s, target, () => {}).type, type);
  });
}

scenario('nothing of the host is left in the mount table', {}, (s) => {
  const [mounts] = s.report(() => {}, 'mountinfo');
  const targets = new Set(mounts.map((mount) => mount.target));
  const host = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((target) => target?.startsWith('/mnt') || target === '/run');
  for (const target of host) assert.ok(!targets.has(String(target)), `${target} is there`);
  assert.equal(mounts.filter((mount) => mount.target === '/').length, 1);
});

/** Options of a tmpfs mount and how each shows, in the mount or in its file system. */
const SHOWN: readonly [option: string, where: 'options' | 'superOptions', shown: string][] = [
  ['ro', 'options', 'ro'],
  ['nosuid', 'options', 'nosuid'],
  ['nodev', 'options', 'nodev'],
  ['noexec', 'options', 'noexec'],
  ['noatime', 'options', 'noatime'],
  ['nodiratime', 'options', 'nodiratime'],
  ['relatime', 'options', 'relatime'],
  ['sync', 'superOptions', 'sync'],
  ['dirsync', 'superOptions', 'dirsync'],
  ['size=1m', 'superOptions', 'size=1024k'],
  ['mode=0700', 'superOptions', 'mode=700'],
  ['nr_inodes=100', 'superOptions', 'nr_inodes=100'],
];

for (const [option, where, shown] of SHOWN) {
  scenario(`mount option ${option}`, {}, (s) => {
    const mount = mountOf(s, '/tmp', (c) => {
      c.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [option] });
    });
    assert.ok(mount[where].includes(shown), `${shown} is not in ${mount[where]}`);
  });
}

for (const option of [
  'strictatime',
  'suid',
  'dev',
  'exec',
  'rw',
  'async',
  'atime',
  'defaults',
  'diratime',
  'norelatime',
]) {
  scenario(
    `mount option ${option} is taken and sets nothing`,
    option === 'defaults' ? { not: { runc: 'passes it to the kernel' } } : {},
    (s) => {
      const mount = mountOf(s, '/tmp', (c) => {
        c.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [option] });
      });
      for (const flag of ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime']) {
        assert.ok(!mount.options.includes(flag), `${flag} is in ${mount.options}`);
      }
    },
  );
}

scenario('an option that no table knows goes to the file system, which refuses it', {}, (s) => {
  const result = s.run((c) => {
    c.mounts.push({
      destination: '/tmp',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuchoption'],
    });
  });
  refused(result);
  says(result.stderr, /invalid argument/i);
});

scenario('devpts: options of the instance', {}, (s) => {
  const [mounts, ptmx] = s.report(() => {}, 'mountinfo', 'stat /dev/pts/ptmx');
  const { superOptions } = at(mounts, '/dev/pts');
  assert.ok(superOptions.includes('gid=5'), String(superOptions));
  assert.ok(superOptions.includes('mode=620'));
  assert.ok(superOptions.includes('ptmxmode=666'));
  assert.equal(ptmx.mode, '0666');
});

scenario('a tmpfs is writable and empty', {}, (s) => {
  const [names, wrote] = s.report(
    (c) => {
      c.mounts.push({ destination: '/dir', type: 'tmpfs', source: 'tmpfs' });
    },
    'ls /dir',
    'open /dir/new c data',
  );
  assert.deepEqual(names, []);
  assert.equal(wrote, 'ok');
});

scenario('a tmpfs over a directory keeps its mode', {}, (s) => {
  const container = s.container((c) => {
    c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
    c.process.args = ['/payload', 'stat', '/srv'];
  });
  chmodSync(path.join(container.bundle, 'rootfs/srv'), 0o750);
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.equal(JSON.parse(result.stdout).mode, '0750');
});

scenario('a tmpfs with tmpcopyup has what the directory held', {}, (s) => {
  const [text, wrote] = s.report(
    (c) => {
      c.mounts.push({
        destination: '/dir',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['tmpcopyup'],
      });
    },
    'cat /dir/file',
    'open /dir/new c data',
  );
  assert.equal(text, 'of the root file system\n');
  assert.equal(wrote, 'ok');
});

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

for (const option of ['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime']) {
  scenario(`a bind mount with ${option}`, {}, (s) => {
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

scenario('bind is not recursive, rbind is', {}, (s) => {
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

scenario('missing parts of a destination are made, 0755', {}, (s) => {
  const [facts, mounts] = s.report(
    (c) => {
      writable(c);
      c.mounts.push({ destination: '/a/b/c', type: 'tmpfs', source: 'tmpfs' });
    },
    'stat /a/b',
    'mountinfo',
  );
  assert.deepEqual([facts.type, facts.mode], ['directory', '0755']);
  assert.equal(at(mounts, '/a/b/c').type, 'tmpfs');
});

scenario('mounts happen in the order of the list', {}, (s) => {
  const dir = source(s);
  const [names, text] = s.report(
    (c) => {
      c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
      c.mounts.push({ destination: '/srv/inner', type: 'bind', source: dir, options: ['bind'] });
    },
    'ls /srv',
    'cat /srv/inner/file',
  );
  assert.deepEqual(names, ['inner']);
  assert.equal(text, 'from the host\n');
});

scenario('a later mount covers an earlier one', {}, (s) => {
  const dir = source(s);
  const [names] = s.report((c) => {
    c.mounts.push({ destination: '/srv', type: 'bind', source: dir, options: ['bind'] });
    c.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
  }, 'ls /srv');
  assert.deepEqual(names, []);
});

scenario('a cgroup mount: each controller below it, read-only', {}, (s) => {
  const [mounts, names] = s.report(() => {}, 'mountinfo', 'ls /sys/fs/cgroup');
  for (const mount of mounts.filter((m) => m.target.startsWith('/sys/fs/cgroup/'))) {
    assert.ok(mount.options.includes('ro'), `${mount.target} is writable`);
  }
  assert.ok(names.includes('memory') || names.includes('cgroup.procs'), String(names));
});

scenario(
  'the folder of a cgroup mount is read-only itself',
  { not: { runc: 'leaves its tmpfs writable' } },
  (s) => {
    const [mounts, wrote] = s.report(() => {}, 'mountinfo', 'open /sys/fs/cgroup/new c');
    assert.ok(at(mounts, '/sys/fs/cgroup').options.includes('ro'));
    assert.deepEqual(wrote, { errno: 'EROFS' });
  },
);

scenario('a cgroup mount shows the container its own cgroup', {}, (s) => {
  const [procs] = s.report(
    (c) => {
      c.linux.namespaces.push({ type: 'cgroup' });
    },
    `cat /sys/fs/cgroup/${cgroupV1() ? 'pids/' : ''}cgroup.procs`,
  );
  assert.match(String(procs), /(^|\n)1\n/);
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

for (const [option, flag] of [
  ['rro', 'ro'],
  ['rnosuid', 'nosuid'],
  ['rnodev', 'nodev'],
  ['rnoexec', 'noexec'],
] as const) {
  scenario(`recursive attribute ${option}`, { needs: ['mount_setattr'] }, (s) => {
    const [mounts] = s.report((c) => {
      c.mounts.push({
        destination: '/srv',
        type: 'bind',
        source: '/sys',
        options: ['rbind', option],
      });
    }, 'mountinfo');
    const below = mounts.filter(
      (mount) => mount.target === '/srv' || mount.target.startsWith('/srv/'),
    );
    assert.ok(below.length > 1);
    for (const mount of below)
      assert.ok(mount.options.includes(flag), `${mount.target}: ${mount.options}`);
  });
}

scenario('ro on rbind is for the top mount only', {}, (s) => {
  const [mounts] = s.report((c) => {
    c.mounts.push({ destination: '/srv', type: 'bind', source: '/sys', options: ['rbind', 'ro'] });
  }, 'mountinfo');
  assert.ok(at(mounts, '/srv').options.includes('ro'));
  assert.ok(!at(mounts, '/srv/fs/cgroup').options.includes('ro'));
});
