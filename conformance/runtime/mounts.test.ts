/** config.mounts: kinds, options, binds, order. config.md, "Mounts". */

import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOTLESS } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { at, mountOf, source, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { scenario } from '../lib/sandbox.js';

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
  ['nosymfollow', 'options', 'nosymfollow'],
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

const SET_BY_OPTIONS = SHOWN.flatMap(([, where, shown]) =>
  where === 'options' && shown !== 'relatime' ? shown : [],
);

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
  'nostrictatime',
  'symfollow',
]) {
  scenario(
    `mount option ${option} is taken and sets nothing`,
    option === 'defaults' ? { not: { runc: 'passes it to the kernel' } } : {},
    (s) => {
      const mount = mountOf(s, '/tmp', (c) => {
        c.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [option] });
      });
      for (const flag of SET_BY_OPTIONS) {
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
  // The kernel shows it in its own numbers, not in those of a user namespace.
  const group = ROOTLESS ? /^gid=[1-9]\d+$/ : /^gid=5$/;
  assert.ok(
    superOptions.some((option) => group.test(option)),
    String(superOptions),
  );
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

for (const namespace of [true, false]) {
  const how = namespace ? 'with' : 'without';
  const not = { runc: 'leaves it writable' };
  scenario(
    `a cgroup mount with rro is read-only, ${how} a cgroup namespace`,
    { needs: ['mount_setattr'], not },
    (s) => {
      const [mounts] = s.report((c) => {
        const types = c.linux.namespaces.filter(({ type }) => type !== 'cgroup');
        c.linux.namespaces = namespace ? [...types, { type: 'cgroup' }] : types;
        for (const mount of c.mounts) if (mount.type === 'cgroup') mount.options = ['rro'];
      }, 'mountinfo');
      const found = mounts.filter(({ target }) => /^\/sys\/fs\/cgroup(\/|$)/.test(target));
      assert.notEqual(found.length, 0);
      for (const { target, options } of found) assert.ok(options.includes('ro'), target);
    },
  );
}

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

/** Attributes of every mount of a tree: those of `/sys`, where nosuid, nodev and noexec are set. */
const RECURSIVE: readonly [options: string[], there: string[], gone: string[]][] = [
  [['rro'], ['ro'], []],
  [['rnosuid'], ['nosuid'], []],
  [['rnodev'], ['nodev'], []],
  [['rnoexec'], ['noexec'], []],
  [['rnosymfollow'], ['nosymfollow'], []],
  [['rrw'], ['rw'], ['ro']],
  [['rsuid'], [], ['nosuid']],
  [['rdev'], [], ['nodev']],
  [['rexec'], [], ['noexec']],
  [['rnosymfollow', 'rsymfollow'], [], ['nosymfollow']],
  [['rnoatime'], ['noatime'], ['relatime']],
  [['rrelatime'], ['relatime'], ['noatime']],
  [['rstrictatime'], [], ['noatime', 'relatime']],
  [['rnodiratime'], ['nodiratime'], []],
  // What takes an attribute back leaves relatime, as the kernel does of itself.
  [['rnoatime', 'ratime'], ['relatime'], ['noatime']],
  [['rnorelatime'], ['relatime'], ['noatime']],
  [['rstrictatime', 'rnostrictatime'], ['relatime'], ['noatime']],
  [['rnodiratime', 'rdiratime'], [], ['nodiratime']],
];

for (const [options, there, gone] of RECURSIVE) {
  const last = options.at(-1) ?? '';
  const sets = /^r(ro|nosuid|nodev|noexec|(no)?symfollow)$/.test(last);
  const skip = !sets && ROOTLESS && 'attributes of mounts of the host are locked';
  scenario(`recursive attribute ${last}`, { skip, needs: ['mount_setattr'] }, (s) => {
    const [mounts] = s.report((c) => {
      c.mounts.push({
        destination: '/srv',
        type: 'bind',
        source: '/sys',
        options: ['rbind', ...options],
      });
    }, 'mountinfo');
    const below = mounts.filter(({ target }) => target === '/srv' || target.startsWith('/srv/'));
    assert.ok(below.length > 1);
    for (const mount of below) {
      for (const flag of there) assert.ok(mount.options.includes(flag), `${flag}: ${mount.target}`);
      for (const flag of gone) assert.ok(!mount.options.includes(flag), `${flag}: ${mount.target}`);
    }
  });
}
