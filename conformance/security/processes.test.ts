/**
 * A process on its way into a container is still the runtime's: what it holds and what it executes
 * must be out of the container's reach (CVE-2016-9962, CVE-2019-5736).
 */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { callInMounts, callUnder, leaking, Victim } from '../lib/attack.js';
import { type Change, without, withUserNamespace } from '../lib/config.js';
import { noHostPids, notRoot } from '../lib/groups.js';
import { cgroupV1 } from '../lib/host.js';
import { noIdMaps, PROJECT, RUNTIME } from '../lib/runtime.js';
import { scenario } from '../lib/sandbox.js';

/** Where the smallest limits are rounded up, a start fits in. */
const v2Only = cgroupV1() ? false : 'the limits are those of v1';

/** A process with all that an attacker in a container may ever have been given. */
const attacking =
  (...args: string[]): Change =>
  (c) => {
    c.process.args = ['/payload', ...args];
    const { capabilities = {} } = c.process;
    for (const set of ['bounding', 'effective', 'permitted'] as const) {
      capabilities[set] = [
        ...(capabilities[set] ?? []),
        ...['CAP_SYS_PTRACE', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_SYS_CHROOT'],
      ];
    }
    c.process.capabilities = capabilities;
  };

scenario(
  'CVE-2016-9962: who comes in by exec brings no way to the host along',
  { skip: notRoot },
  async (s) => {
    const victim = new Victim(s);
    const attacker = await s.running(attacking('grab', victim.file));
    // What an engine has open is not the container's, whatever it forgot to close.
    for (let i = 0; i < 25; i++) {
      const program = ['/payload', 'nap', '40'];
      const result = callUnder(attacker, ...leaking(victim.dir), 'exec', attacker.id, ...program);
      assert.equal(result.status, 0, result.stderr);
    }
    assert.doesNotMatch(attacker.output(), /reached/);
    victim.assertUntouched();
  },
);

// What is overwritten is never the machine's: the attacker writes the byte that is there.
for (const [what, program] of [
  ['a process that comes in', ['/payload', 'print', 'x']],
  ['what /proc/self/exe is at the exec', ['/proc/self/exe', '1']],
] as const) {
  scenario(
    `CVE-2019-5736: ${what} has no program that the container can write to`,
    { skip: notRoot },
    async (s) => {
      const attacker = await s.running(attacking('grab', '/none'));
      for (let i = 0; i < 25; i++) attacker.call('exec', [], [...program]);
      assert.doesNotMatch(attacker.output(), /overwritten/);
    },
  );
}

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

/** The programs that are the runtime on the host. */
const PROGRAMS = [RUNTIME, path.join(PROJECT, 'dist/ocirt')];
// Only where it is the runtime: others on the machine run it, too.
if (path.basename(RUNTIME) === 'ocirt-node') PROGRAMS.push(process.execPath);

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
  { skip: noHostPids },
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

// And for the process that is in the user namespace of a mount for as long as that is made.
scenario(
  'the ids of a mount give root of another container no access to the runtime',
  { skip: noHostPids || noIdMaps },
  async (s) => {
    const attacker = await s.running((c) => {
      c.process.args = ['/payload', 'hunt', ...PROGRAMS];
      c.process.capabilities = {};
      c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    mkdirSync(s.path('given'));
    for (let i = 0; i < 25; i++) {
      // It fails where the file system can't map ids: the namespace was made by then.
      s.run((c) => {
        const ids = [{ containerID: 0, hostID: 100000, size: 1000 }];
        const mapped = { options: ['bind'], uidMappings: ids, gidMappings: ids };
        c.mounts.push({ destination: '/srv', type: 'bind', source: s.path('given'), ...mapped });
      });
    }
    assert.ok(!attacker.output().includes('opened'), 'memory of the runtime was opened');
  },
);

const TRACED = {
  runc: 'what sets the container up can be looked into, in runc 1.1',
  crun: 'what sets the container up can be looked into, in crun 1.8',
} as const;

// So it is for the helper, which has the host's files in sight until it has a root of its own: root
// without capabilities is still who owns them.
for (const [what, change] of Object.entries<Change>({
  'its own ids': withUserNamespace,
  // Where 0 is the host's 0, root in it may read what is the host's root's.
  "the host's ids": (c) => {
    withUserNamespace(c);
    const ids = [{ containerID: 0, hostID: 0, size: 65536 }];
    c.linux.uidMappings = ids;
    c.linux.gidMappings = ids;
  },
})) {
  scenario(
    `a user namespace with ${what} gives root of another container no way to the host's files`,
    { not: TRACED, skip: noHostPids },
    async (s) => {
      const dir = s.path('hidden');
      mkdirSync(dir);
      const attacker = await s.running((c) => {
        c.process.args = ['/payload', 'reach', path.join(dir, 'file')];
        c.process.capabilities = {};
        c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'pid');
      });
      // Where only this runtime sees it: others on the machine may be older.
      const hide = 'mount -t tmpfs tmpfs "$1" && (umask 077 && : >"$1/file")';
      for (let i = 0; i < 15; i++) {
        const container = s.container(change);
        const run = ['run', '--bundle', container.bundle, container.id];
        const result = callInMounts(container, hide, [dir], ...run);
        assert.equal(result.status, 0, result.stderr);
      }
      assert.ok(!attacker.output().includes('reached'), 'a file of the host was opened');
    },
  );
}

/** Who is in a pid namespace that a new container joins. */
const NEIGHBOURS: Record<string, Change> = {
  'root without capabilities': (c) => {
    c.process.capabilities = {};
  },
  'who may trace in a user namespace': (c) => {
    withUserNamespace(c);
    const all = ['CAP_SYS_PTRACE'];
    c.process.capabilities = { bounding: all, effective: all, permitted: all };
  },
};

// The same beside a pid namespace that both are in: there the runtime's process is seen from its birth.
for (const [who, change] of Object.entries(NEIGHBOURS)) {
  scenario(
    `a joined pid namespace gives ${who} in it no access to the runtime`,
    { skip: notRoot },
    async (s) => {
      const attacker = await s.running((c) => {
        change(c);
        c.process.args = ['/payload', 'hunt', ...PROGRAMS];
      });
      const { pid } = attacker.state();
      for (let i = 0; i < 15; i++) {
        const result = s.run((c) => {
          withUserNamespace(c);
          c.linux.namespaces = [...without(c, 'pid'), { type: 'pid', path: `/proc/${pid}/ns/pid` }];
          // The procfs of a pid namespace of another user namespace cannot be mounted.
          c.mounts = c.mounts.filter(({ destination }) => !/^\/(proc|sys)/.test(destination));
          c.linux.maskedPaths = [];
          c.linux.readonlyPaths = [];
        });
        assert.equal(result.status, 0, result.stderr);
      }
      assert.doesNotMatch(attacker.output(), /opened/);
    },
  );
}

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
