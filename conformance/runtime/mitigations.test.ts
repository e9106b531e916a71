/**
 * One test for each defence that no other test would miss: what it keeps out is tried here, and gets
 * through where the defence is taken away.
 */

import assert from 'node:assert/strict';
import {
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Mount, withUserNamespace } from '../lib/config.js';
import { ROOTLESS } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { writable } from '../lib/mounts.js';
import { refused, says } from '../lib/refusal.js';
import { execute, PAYLOAD, PROJECT, type Result, RUNTIME } from '../lib/runtime.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

/** Where the smallest limits are rounded up, a start fits in. */
const v2Only = cgroupV1() ? false : 'the limits are those of v1';

// CVE-2024-21626: a descriptor of a directory of the host, as the working directory.
scenario('exec: a working directory outside of the root is refused', {}, async (s) => {
  const container = await s.running();
  const fd = openSync(s.dir, 'r');
  try {
    const result = container.call(
      'exec',
      ['--preserve-fds', '1', '--cwd', '/proc/self/fd/3'],
      ['/payload', 'cwd'],
      { extraFds: [fd] },
    );
    refused(result, 255);
    assert.equal(result.stdout, '');
    says(result.stderr, /outside of container mount namespace root/);
  } finally {
    closeSync(fd);
  }
});

// CVE-2019-19921, CVE-2025-52881: a mount in /proc makes others of our writes go astray. By its name it
// is refused before anything is made, through a link of the image when the target has been opened.
const BELOW_PROC: readonly Mount[] = [
  { destination: '/proc/sys/kernel', type: 'tmpfs', source: 'tmpfs' },
  { destination: '/proc/1/attr', type: 'tmpfs', source: 'tmpfs' },
  { destination: '/proc/version', type: 'bind', source: PAYLOAD, options: ['bind'] },
];

for (const mount of BELOW_PROC) {
  scenario(`a mount of type ${mount.type} on ${mount.destination} is refused`, {}, (s) => {
    const result = s.run((c) => {
      c.mounts.push(mount);
    });
    refused(result);
    assert.equal(result.stdout, '');
    says(result.stderr, /inside \/proc/);
  });

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

/** Runs a container where the host's /dev/null is a file of ours, in a mount namespace of its own. */
function runWithFalseNull(s: Sandbox): Result {
  const container = s.container((c) => {
    c.linux.maskedPaths = ['/proc/version'];
    c.process.args = ['/payload', 'cat', '/proc/version'];
  });
  writeFileSync(s.path('false-null'), 'not null\n');
  const script = `mount --bind ${s.path('false-null')} /dev/null && exec "$@"`;
  const result = execute(
    'unshare',
    [
      ...['--mount', 'sh', '-c', script, 'sh', RUNTIME, '--root', s.stateRoot],
      ...['run', '--bundle', container.bundle, container.id],
    ],
    { stdout: s.path('out'), stderr: s.path('err') },
  );
  s.assertClean();
  return result;
}

// CVE-2025-31133: what stands in for a masked file must be the null device.
scenario(
  'a /dev/null that is no device is not used as a mask',
  { not: { runc: 'uses the one of the container' } },
  (s) => {
    const result = runWithFalseNull(s);
    refused(result);
    says(result.stderr, /not the null device/);
    assert.equal(result.stdout, '');
  },
);

// The one who waits for `start` is ours, and holds what is ours: nobody in the container may look
// into it. As root of the same capabilities it could be traced if it were dumpable (ptrace(2)).
scenario(
  'who execs into a created container cannot look into what waits there',
  { not: {} },
  (s) => {
    const container = s.created();
    const [itself, root, exe] = container.report(
      [],
      'readlink /proc/self/root',
      'readlink /proc/1/root',
      'readlink /proc/1/exe',
    );
    assert.equal(itself, '/');
    assert.deepEqual([root, exe], [{ errno: 'EACCES' }, { errno: 'EACCES' }]);
  },
);

scenario('standard streams belong to the user of the process, /dev/null to root', {}, (s) => {
  const container = s.container((c) => {
    c.process.user = { uid: 1000, gid: 1000 };
    // 0 is /dev/null, 1 and 2 are files that root made with mode 0644.
    c.process.args = ['/payload', 'report', 'open', '/proc/self/fd/1', 'rw'];
  });
  const { uid, gid } = statSync('/dev/null');
  // Where we may not, the runtime could not either.
  if (!ROOTLESS) s.defer(() => chownSync('/dev/null', uid, gid));
  const result = container.must('run', ['--bundle', container.bundle]);
  assert.deepEqual(JSON.parse(result.stdout), ['ok']);
  assert.equal(statSync(path.join(container.bundle, 'stdout')).uid, 1000);
  assert.equal(statSync(path.join(container.bundle, 'stderr')).uid, 1000);
  assert.equal(statSync('/dev/null').uid, uid);
});

scenario('exec: standard streams belong to the user of the process', {}, async (s) => {
  const container = await s.running();
  const [opened] = container.report(['--user', '1000'], 'open /proc/self/fd/2 rw');
  assert.equal(opened, 'ok');
});

// A magic link of procfs is a way out of the root: resolved as one, it would be followed to where
// the kernel says (openat2(2), RESOLVE_NO_MAGICLINKS).
scenario('a mount through a magic link of the procfs in the root is refused', {}, (s) => {
  const victim = s.path('victim');
  mkdirSync(victim);
  const container = s.container((c) => {
    writable(c);
    c.mounts.push({ destination: '/link', type: 'bind', source: PAYLOAD, options: ['bind'] });
  });
  symlinkSync(`/proc/1/root${victim}`, path.join(container.bundle, 'rootfs/link'));
  const result = container.call('run', ['--bundle', container.bundle]);
  refused(result);
  says(result.stderr, /too many levels of symbolic links/);
});

/** The programs that are the runtime on the host. */
const PROGRAMS = [RUNTIME, process.execPath, path.join(PROJECT, 'dist/ocirt')];

// A process that the runtime makes shares its memory until it executes the helper. Who can trace it then
// writes to the memory of a process of the host's root: the class of CVE-2016-9962.
scenario(
  'exec: a container that may trace gets at no process of the runtime itself',
  {},
  async (s) => {
    const attacker = await s.running((c) => {
      c.process.args = ['/payload', 'hunt', ...PROGRAMS];
      const { capabilities = {} } = c.process;
      for (const set of ['bounding', 'effective', 'permitted'] as const) {
        capabilities[set] = [...(capabilities[set] ?? []), 'CAP_SYS_PTRACE'];
      }
      c.process.capabilities = capabilities;
    });
    for (let i = 0; i < 25; i++) attacker.report([], 'pid');
    assert.doesNotMatch(attacker.output(), /seen|opened/);
  },
);

// The new user namespace of a container belongs to the user who made it: root without any capability
// has all of them over what is in it, for as long as it is not undumpable.
scenario(
  'a user namespace gives root of another container no access to the runtime',
  {},
  async (s) => {
    const attacker = await s.running((c) => {
      c.process.args = ['/payload', 'hunt', ...PROGRAMS];
      c.process.capabilities = {};
      c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    for (let i = 0; i < 15; i++) s.run(withUserNamespace);
    assert.doesNotMatch(attacker.output(), /opened/);
  },
);

// The kernel's OOM killer ends all who share the memory of the process that it has chosen.
for (const limit of [4096, 16384, 65536]) {
  scenario(
    `a memory limit of ${limit} bytes kills nothing of the runtime`,
    { skip: v2Only },
    (s) => {
      const result = s.run((c) => {
        c.linux.resources = { ...c.linux.resources, memory: { limit } };
      });
      assert.equal(result.signal, null);
      assert.equal(result.status, 1);
      assert.match(result.stderr, /memory/i);
    },
  );
}
