/**
 * Where the kernel lacks a newer system call, or a filter denies it with ENOSYS, an older way does
 * the same, or the refusal names the call. The whole suite can be run like that (`--without`); this
 * is the part that every run has. docs/kernels.md has the list.
 */

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertNothingLeft, box, noSandbox } from '../lib/boxes.js';
import { type Change, type Mount, withUserNamespace } from '../lib/config.js';
import { notRoot } from '../lib/groups.js';
import { at, writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { type MountFacts, reportArgs } from '../lib/reports.js';
import { PAYLOAD, WITHOUT } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

const CALLS = [
  'openat2',
  'clone3',
  'mount_setattr',
  'open_tree',
  'move_mount',
  'close_range',
  'pidfd_open',
] as const;

/** Without no_new_privs, which the container would inherit, only root may add a filter. */
const skip = notRoot || (WITHOUT.length > 0 && 'another call is missing already');

/** A bit of all that has a newer way: binds, masks, devices, hooks. */
function rich(s: Sandbox): Change {
  const dir = s.path('shared');
  mkdirSync(dir);
  writeFileSync(path.join(dir, 'file'), 'from the host');
  return (c) => {
    c.mounts.push(
      { destination: '/srv', source: dir, options: ['bind', 'ro', 'nosuid', 'rprivate'] },
      { destination: '/one', source: path.join(dir, 'file'), options: ['bind'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['size=64k', 'noexec'] },
    );
    writable(c);
    c.linux.maskedPaths?.push('/dir', '/etc/group');
    c.linux.readonlyPaths?.push('/proc/sys', '/etc/passwd');
    const hook = { path: PAYLOAD, args: ['payload', 'nap', '1'] };
    c.hooks = { createRuntime: [hook], createContainer: [hook] };
    c.process.args = ['/payload', 'pause'];
  };
}

const LOOK = ['mountinfo', 'cat /srv/file', 'cat /one', 'ls /dir'];

/** create, start, exec, kill and delete of it, each without the call. */
async function live(s: Sandbox, change: Change, without: string): Promise<void> {
  const container = s.container((c) => {
    rich(s)(c);
    change(c);
  });
  writeFileSync(path.join(container.bundle, 'rootfs/one'), '');
  container.must('create', ['--bundle', container.bundle], [], { without });
  container.must('start', [], [], { without });
  await container.untilPrinted('ready\n');
  const { stdout } = container.must('exec', [], ['/payload', ...reportArgs(LOOK)], { without });
  const [mounts, file, one, masked] = JSON.parse(stdout) as [MountFacts[], ...(string | object)[]];
  for (const [target, option] of [
    ['/srv', 'ro'],
    ['/srv', 'nosuid'],
    ['/tmp', 'noexec'],
    ['/proc/sys', 'ro'],
    ['/etc/passwd', 'ro'],
  ] as const) {
    assert.ok(at(mounts, target).options.includes(option), `${target} ${option}`);
  }
  assert.deepEqual([file, one, masked], ['from the host', 'from the host', []]);
  container.must('kill', [], ['KILL'], { without });
  await container.until('stopped');
  container.must('delete', [], [], { without });
  s.assertClean();
}

for (const call of CALLS) {
  scenario(`without ${call}: a container's life`, { skip }, async (s) => {
    await live(s, () => {}, call);
  });
  scenario(`without ${call}: in a user namespace`, { skip }, async (s) => {
    await live(s, withUserNamespace, call);
  });
}

scenario(
  'without openat2: a magic link of the procfs is not followed either',
  { skip, own: true },
  (s) => {
    const victim = s.path('victim');
    mkdirSync(victim);
    const container = s.container((c) => {
      writable(c);
      c.mounts.push({ destination: '/link', type: 'bind', source: PAYLOAD, options: ['bind'] });
    });
    symlinkSync(`/proc/1/root${victim}`, path.join(container.bundle, 'rootfs/link'));
    const words = ['--bundle', container.bundle];
    const result = container.call('run', words, [], { without: 'openat2' });
    refused(result);
    says(result.stderr, /too many levels of symbolic links/);
  },
);

const MAP = [{ containerID: 0, hostID: 100000, size: 65536 }];

const RECURSIVE: Partial<Mount> = { options: ['rbind', 'rro'] };
const MAPPED: Partial<Mount> = { options: ['bind'], uidMappings: MAP, gidMappings: MAP };

const OLD = { crun: 'version 1.8.1 knows idmap=TEXT only', runc: 'version 1.1.5 has none' };

/** What has no older way, by the call that it takes. */
const REFUSED: readonly (readonly [call: string, what: string, mount: Partial<Mount>])[] = [
  ['mount_setattr', 'a recursive option', RECURSIVE],
  ['mount_setattr', 'an id-mapped mount', MAPPED],
  ['open_tree', 'an id-mapped mount', MAPPED],
  ['move_mount', 'an id-mapped mount', MAPPED],
];

for (const [call, what, mount] of REFUSED) {
  const name = `without ${call}: ${what} is refused, and the call is named`;
  const not = mount === MAPPED ? OLD : {};
  scenario(name, { skip, not }, (s) => {
    mkdirSync(s.path('source'));
    const container = s.container((c) => {
      c.mounts.push({ destination: '/srv', source: s.path('source'), ...mount } as Mount);
    });
    const result = container.call('run', ['--bundle', container.bundle], [], { without: call });
    refused(result);
    says(result.stderr, new RegExp(call));
    s.assertClean();
  });
}

scenario(
  'without pidfd_open: a sandbox is refused, and the call is named',
  { skip: skip || noSandbox, own: true },
  (s) => {
    const result = box(s, [], ['true'], { without: 'pidfd_open' });
    assert.equal(result.status, 125);
    assert.match(result.stderr, /pidfd_open/);
    assertNothingLeft(s);
  },
);

scenario(
  'without openat2: mounts of a running container are removed, through no link either',
  { skip, own: true },
  async (s) => {
    const container = await s.running(writable);
    const mounts = (action: string, destination: string) => {
      const file = s.path('mounts.json');
      writeFileSync(file, JSON.stringify([{ destination, type: 'tmpfs', source: 'tmpfs' }]));
      return s.runtime(['mounts', action, container.id, file], { without: 'openat2' });
    };
    assert.equal(mounts('add', '/real/place').stderr, '');
    symlinkSync('real', path.join(container.bundle, 'rootfs/link'));
    const through = mounts('remove', '/link/place');
    refused(through);
    says(through.stderr, /symbolic link/);
    assert.equal(mounts('remove', '/real/place').stderr, '');
    const again = mounts('remove', '/real/place');
    refused(again);
    says(again.stderr, /nothing is mounted there/);
  },
);
