/** Id-mapped mounts. config.md, "Mounts": uidMappings, gidMappings; the options idmap and ridmap. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change, Mount } from '../lib/config.js';
import { FIRST_ID, MAPPED, withUserNamespace } from '../lib/config.js';
import { IDENTITY, notRoot } from '../lib/groups.js';
import { says } from '../lib/refusal.js';
import { MAPPING as needs } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const not = { crun: 'version 1.8.1 knows idmap=TEXT only', runc: 'version 1.1.5 has none' };
/** Mapped while it is attached nowhere. */
const MAP = [...MAPPED];
/** The mappings of a file system that is somebody else's are for its owner alone to change. */
const skip = IDENTITY === 'an ordinary user' && 'a user has no file system of his own to map';

/** A tmpfs of the test's own: a file system that can map ids. */
function fileSystem(s: Sandbox, name = 'fs', where = s.path(name)): string {
  mkdirSync(where, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', name, where]);
  s.defer(() => execFileSync('umount', [where]));
  for (const id of [0, 1, 5]) {
    const file = path.join(where, `of${id}`);
    writeFileSync(file, '');
    chownSync(file, id, id + 10);
  }
  return where;
}

const bind = (source: string, options: string[], more: Partial<Mount> = {}): Change => {
  const mount = { destination: '/srv', source, options, ...more } as Mount;
  return (c) => c.mounts.push(mount);
};

/** uid and gid of a file, as text. */
const ids = (facts: { uid: number; gid: number }) => `${facts.uid}:${facts.gid}`;

scenario('mappings of the mount, without a user namespace', { not, needs, skip }, (s) => {
  const source = fileSystem(s);
  const [zero, five, outside] = s.report(
    bind(source, ['bind'], {
      uidMappings: [{ containerID: 0, hostID: 3000, size: 5 }],
      gidMappings: [{ containerID: 10, hostID: 4000, size: 6 }],
    }),
    'stat /srv/of0',
    'stat /srv/of1',
    'stat /srv/of5',
  );
  assert.equal(ids(zero), '3000:4000');
  assert.equal(ids(five), '3001:4001');
  assert.equal(ids(outside), '65534:4005');
});

scenario('mappings of the mount that are the user namespace', { not, needs, skip }, (s) => {
  const source = fileSystem(s);
  const [one] = s.report((c) => {
    withUserNamespace(c);
    bind(source, ['bind', 'ro'], { uidMappings: MAP, gidMappings: MAP })(c);
  }, 'stat /srv/of1');
  assert.equal(ids(one), '1:11');
});

scenario(
  'the option idmap takes the mappings of the user namespace',
  { not, needs, skip: notRoot },
  (s) => {
    const source = fileSystem(s);
    const seen = (options: string[]) =>
      s.report((c) => {
        withUserNamespace(c);
        bind(source, options)(c);
      }, 'stat /srv/of1')[0];
    assert.equal(ids(seen(['bind', 'idmap'])), '1:11');
    assert.equal(ids(seen(['bind'])), '65534:65534');
  },
);

scenario('and of one that is joined', { not, needs, skip }, async (s) => {
  const source = fileSystem(s);
  const donor = await s.running(withUserNamespace);
  const [one] = s.report((c) => {
    c.linux.namespaces.push({ type: 'user', path: `/proc/${donor.state().pid}/ns/user` });
    bind(source, ['bind', 'idmap'])(c);
  }, 'stat /srv/of1');
  assert.equal(ids(one), '1:11');
});

scenario('what is made through the mount belongs to the mapped ids', { not, needs, skip }, (s) => {
  const source = fileSystem(s);
  const [made] = s.report((c) => {
    withUserNamespace(c);
    bind(source, ['bind', 'idmap'])(c);
  }, 'mkdir /srv/new');
  assert.equal(made, 'ok');
  assert.equal(execFileSync('stat', ['-c', '%u:%g', `${source}/new`]).toString(), '0:0\n');
});

scenario(
  'idmap is for the one mount, ridmap for all below it',
  { not, needs, skip: notRoot },
  (s) => {
    const source = fileSystem(s);
    fileSystem(s, 'below', path.join(source, 'below'));
    const seen = (options: string[]) => {
      const [top, below] = s.report(
        (c) => {
          withUserNamespace(c);
          bind(source, options)(c);
        },
        'stat /srv/of1',
        'stat /srv/below/of1',
      );
      return [ids(top), ids(below)];
    };
    assert.deepEqual(seen(['rbind', 'idmap']), ['1:11', '65534:65534']);
    assert.deepEqual(seen(['rbind', 'ridmap']), ['1:11', '1:11']);
  },
);

scenario(
  'a symbolic link as the source, and other options beside it',
  { not, needs, skip },
  (s) => {
    const source = fileSystem(s);
    const link = s.path('link');
    symlinkSync(source, link);
    const [one, made, mounts] = s.report(
      (c) => {
        withUserNamespace(c);
        bind(link, ['bind', 'idmap', 'ro', 'nosuid', 'noexec'])(c);
      },
      'stat /srv/of1',
      'mkdir /srv/new',
      'mountinfo',
    );
    assert.equal(ids(one), '1:11');
    assert.deepEqual(made, { errno: 'EROFS' });
    const options = mounts.find((mount) => mount.target === '/srv')?.options ?? [];
    for (const option of ['ro', 'nosuid', 'noexec', 'idmapped']) {
      assert.ok(options.includes(option), `${option} is not in ${options}`);
    }
  },
);

scenario('70 of them with fewer descriptors', { not, needs, skip }, (s) => {
  const source = fileSystem(s);
  const container = s.container((c) => {
    withUserNamespace(c);
    for (let i = 0; i < 70; i++) {
      const uidMappings = [{ containerID: 0, hostID: FIRST_ID + i, size: 100 }];
      const more = { destination: `/srv/m${i}`, uidMappings, gidMappings: MAP };
      bind(source, ['bind'], more)(c);
    }
    c.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 20, hard: 20 }];
    c.process.args = ['/payload', 'stat', '/srv/m69/of0'];
  });
  for (let i = 0; i < 70; i++) mkdirSync(path.join(container.bundle, `rootfs/srv/m${i}`));
  const run = 'ulimit -n 64; exec "$0" --root "$1" run --bundle "$2" "$3"';
  const runtime = process.env.RUNTIME ?? 'bin/ocirt';
  const args = ['-c', run, runtime, s.stateRoot, container.bundle, container.id];
  const out = execFileSync('bash', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  assert.equal((JSON.parse(out.toString()) as { uid: number }).uid, 69);
});

scenario(
  'a file system that cannot is named',
  { not, needs: needs.slice(0, 2), skip: notRoot },
  (s) => {
    const result = s.run((c) => {
      withUserNamespace(c);
      bind('/proc/sys', ['bind', 'idmap'])(c);
    });
    assert.notEqual(result.status, 0);
    says(result.stderr, /failed to set MOUNT_ATTR_IDMAP on \/proc\/sys: invalid argument/);
    says(result.stderr, /doesn't support idmap/);
  },
);

scenario('idmap without any mapping is refused', { not, skip }, (s) => {
  const result = s.run(bind(fileSystem(s), ['bind', 'idmap']));
  assert.notEqual(result.status, 0);
  says(result.stderr, /user namespace/);
});
