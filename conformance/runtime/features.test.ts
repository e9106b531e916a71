/** What `features` claims is what containers get. features.md, features-linux.md. */

import assert from 'node:assert/strict';
import type { Change, Config, Mount } from '../lib/config.js';
import { withUserNamespace } from '../lib/config.js';
import { namespaceOf } from '../lib/host.js';
import { type Sandbox, scenario } from '../lib/sandbox.js';

// It asks `plan`, and compares with lists that others need not have.
const own = true;

interface Features {
  hooks: string[];
  mountOptions: string[];
  linux: {
    namespaces: string[];
    capabilities: string[];
    seccomp: {
      actions: string[];
      operators: string[];
      archs: string[];
      knownFlags: string[];
      supportedFlags: string[];
    };
    cgroup: Record<'v1' | 'v2' | 'systemd' | 'systemdUser' | 'rdma', boolean>;
    apparmor: { enabled: boolean };
    selinux: { enabled: boolean };
    memoryPolicy: { modes: string[]; flags: string[] };
    intelRdt: { enabled: boolean; schemata: boolean; monitoring: boolean };
    mountExtensions: { idmap: { enabled: boolean } };
    netDevices: { enabled: boolean };
  };
  potentiallyUnsafeConfigAnnotations: string[];
}

const featuresOf = (s: Sandbox) => JSON.parse(s.runtime(['features']).stdout) as Features;

/** The plan of a container: all of it is decided, nothing is made. */
function plan(s: Sandbox, change: Change) {
  const container = s.container(change);
  return s.runtime(['plan', '--bundle', container.bundle, container.id]);
}

function planned(s: Sandbox, what: string, change: Change): void {
  const { status, stderr } = plan(s, change);
  assert.equal(status, 0, `${what}: ${stderr}`);
}

function refused(s: Sandbox, what: string, change: Change): void {
  assert.notEqual(plan(s, change).status, 0, what);
}

const mount =
  (options: string[], type = 'tmpfs', destination = '/srv'): Change =>
  (c) => {
    c.mounts.push({ destination, type, source: type === 'bind' ? '/' : type, options } as Mount);
  };

scenario('every mount option is done by one container', { own, needs: ['mount_setattr'] }, (s) => {
  const { mountOptions } = featuresOf(s);
  assert.ok(mountOptions.length > 60);
  const result = s.run((c) => {
    c.linux.namespaces.push({ type: 'time' });
    mountOptions.forEach((option, index) => {
      const where = `/tmp/m${index}`;
      if (option === 'remount') mount([], 'tmpfs', where)(c);
      if (['bind', 'rbind', 'idmap', 'ridmap'].includes(option)) return;
      mount([option], 'tmpfs', where)(c);
    });
    c.mounts.unshift({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
  });
  assert.equal(result.status, 0, result.stderr);
  // None of them is data of the file system, which would have taken what it does not know as well.
  const data = /options of a file system have no effect on a bind mount/;
  assert.match(plan(s, mount(['bind', 'noption'], 'bind')).stdout, data);
  const known = plan(s, (c) => {
    withUserNamespace(c);
    mountOptions.forEach((option, index) => {
      mount(['bind', option], 'bind', `/tmp/m${index}`)(c);
    });
  });
  assert.equal(known.status, 0, known.stderr);
  assert.doesNotMatch(known.stdout, data);
});

scenario('every namespace is had', { own }, (s) => {
  const { namespaces } = featuresOf(s).linux;
  const [ns] = s.report((c) => {
    withUserNamespace(c);
    c.linux.namespaces = namespaces.map((type) => ({ type }));
  }, 'ns');
  for (const name of Object.keys(ns) as (keyof typeof ns)[]) {
    assert.notEqual(ns[name], namespaceOf('self', name), name);
  }
  assert.equal(namespaces.length, Object.keys(ns).length);
});

/** A profile with one rule. */
const profile =
  (seccomp: Record<string, unknown>): Change =>
  (c) => {
    c.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', ...seccomp };
  };

scenario('seccomp: actions, operators, architectures and flags', { own }, (s) => {
  const { seccomp } = featuresOf(s).linux;
  const rule = (action: string, args: unknown[] = []) => ({
    syscalls: [{ names: ['getppid'], action, args }],
    ...(action === 'SCMP_ACT_NOTIFY' ? { listenerPath: '/x' } : {}),
  });
  assert.ok(seccomp.actions.includes('SCMP_ACT_NOTIFY'));
  for (const action of seccomp.actions) planned(s, action, profile(rule(action)));
  refused(s, 'no action', profile(rule('SCMP_ACT_X')));
  assert.equal(seccomp.operators.length, 7);
  for (const op of seccomp.operators) {
    planned(s, op, profile(rule('SCMP_ACT_ERRNO', [{ index: 0, value: 1, valueTwo: 1, op }])));
  }
  for (const arch of seccomp.archs) {
    const { status, stderr } = plan(s, profile({ architectures: [arch] }));
    // An architecture of the other byte order cannot be in one filter with the native one.
    assert.ok(status === 0 || /out of domain/.test(stderr), `${arch}: ${stderr}`);
  }
  for (const flag of seccomp.knownFlags) planned(s, flag, profile({ flags: [flag] }));
  for (const flag of seccomp.supportedFlags) assert.ok(seccomp.knownFlags.includes(flag));
  refused(s, 'no flag', profile({ flags: ['SECCOMP_FILTER_FLAG_X'] }));
});

scenario('every capability is known', { own }, (s) => {
  const { capabilities } = featuresOf(s).linux;
  const result = plan(s, (c) => {
    c.process.capabilities = { bounding: capabilities };
  });
  assert.equal(result.status, 0, result.stderr);
  assert.doesNotMatch(result.stderr, /unknown|ignored/i);
  const other = plan(s, (c) => {
    c.process.capabilities = { bounding: ['CAP_OF_NOBODY'] };
  });
  assert.match(other.stdout + other.stderr, /CAP_OF_NOBODY/);
});

scenario('memory policies, devices, mappings, classes', { own }, (s) => {
  const { linux, potentiallyUnsafeConfigAnnotations } = featuresOf(s);
  const set =
    (change: (linux: Config['linux']) => void): Change =>
    (c) =>
      change(c.linux);
  for (const mode of linux.memoryPolicy.modes) {
    const nodes = ['MPOL_DEFAULT', 'MPOL_LOCAL'].includes(mode) ? {} : { nodes: '0' };
    planned(
      s,
      mode,
      set((config) => {
        config.memoryPolicy = { mode, ...nodes };
      }),
    );
  }
  for (const flag of linux.memoryPolicy.flags) {
    planned(
      s,
      flag,
      set((config) => {
        config.memoryPolicy = { mode: 'MPOL_BIND', nodes: '0', flags: [flag] };
      }),
    );
  }
  assert.deepEqual(linux.intelRdt, { enabled: true, schemata: true, monitoring: true });
  assert.equal(linux.mountExtensions.idmap.enabled, true);
  assert.equal(linux.netDevices.enabled, true);
  for (const name of potentiallyUnsafeConfigAnnotations) assert.match(name, /^[a-z.]+$/i);
});

/** What depends on the host: it is planned, or refused for want of it on the host, by its name. */
scenario('cgroups, AppArmor, SELinux', { own }, (s) => {
  const { linux } = featuresOf(s);
  assert.deepEqual(linux.cgroup, {
    v1: true,
    v2: true,
    systemd: true,
    systemdUser: true,
    rdma: true,
  });
  assert.deepEqual([linux.apparmor.enabled, linux.selinux.enabled], [true, true]);
  const asked: [name: RegExp, change: Change][] = [
    [/pids\.max/, (c) => Object.assign(c.linux.resources, { pids: { limit: 9 } })],
    [/rdma/, (c) => Object.assign(c.linux.resources, { rdma: { mlx5_9: { hcaHandles: 3 } } })],
    [/apparmor/i, (c) => Object.assign(c.process, { apparmorProfile: 'a-profile' })],
    [/selinux/i, (c) => Object.assign(c.process, { selinuxLabel: 'u:r:container_t:s0' })],
  ];
  for (const [name, change] of asked) {
    const { stdout, stderr } = plan(s, change);
    assert.match(`${stdout}${stderr}`, name);
  }
  // Nothing is asked of systemd before the container is made.
  const { stdout, stderr } = s.runtime(['plan', '--bundle', s.bundle(systemd), 'x'], {
    global: ['--systemd-cgroup'],
  });
  assert.match(`${stdout}${stderr}`, /\.scope|systemd|D-Bus/);
});

const systemd: Change = (c) => {
  c.linux.cgroupsPath = 'a.slice:b:c';
};

scenario('every hook is run', { own }, (s) => {
  const { hooks } = featuresOf(s);
  assert.equal(hooks.length, 6);
  for (const hook of hooks) {
    const container = s.container((c) => {
      c.hooks = { [hook]: [{ path: '/bin/false' }] };
    });
    const result = container.call('run', ['--bundle', container.bundle]);
    assert.match(result.stderr, new RegExp(`error running ${hook} hook #0`), hook);
    s.runtime(['delete', '--force', container.id]);
  }
});
