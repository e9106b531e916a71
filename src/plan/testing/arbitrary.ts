/** Any configuration that this runtime should take: for property tests (fast-check). */
import fc from 'fast-check';
import type { Config } from '../../spec/config.gen.js';

const CAPABILITIES = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW', 'CAP_SETUID', 'CAP_SYS_ADMIN'];
const RLIMITS = ['RLIMIT_NOFILE', 'RLIMIT_CORE', 'RLIMIT_NPROC', 'RLIMIT_AS'];
const PROPAGATIONS = ['private', 'shared', 'slave', 'unbindable', 'rprivate', 'rshared', 'rslave'];

const id = fc.nat({ max: 70_000 });
const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,11}$/);
const absolute = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`);

/** An object in which each member may be missing. */
function some<T extends object>(members: { [K in keyof T]-?: fc.Arbitrary<T[K]> }) {
  return fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
}

const capabilitySet = fc.subarray(CAPABILITIES);

/** The sets as capabilities(7) allows them: effective and ambient need the others. */
const capabilities = fc.tuple(capabilitySet, capabilitySet).map(([all, few]) => ({
  bounding: all,
  permitted: all,
  effective: all,
  inheritable: few.filter((name) => all.includes(name)),
  ambient: few.filter((name) => all.includes(name)),
}));

const rlimits = fc
  .uniqueArray(fc.constantFrom(...RLIMITS), { maxLength: 3 })
  .chain((types) =>
    fc.tuple(
      ...types.map((type) =>
        fc
          .tuple(fc.nat({ max: 4096 }), fc.nat({ max: 4096 }))
          .map(([a, b]) => ({ type, soft: Math.min(a, b), hard: Math.max(a, b) })),
      ),
    ),
  );

const process = fc
  .tuple(
    fc.record({
      cwd: fc.oneof(fc.constant('/'), absolute),
      args: fc.array(fc.oneof(absolute, word), { minLength: 1, maxLength: 4 }),
      user: fc.record(
        { uid: id, gid: id, umask: fc.nat({ max: 0o777 }), additionalGids: fc.array(id) },
        { requiredKeys: ['uid', 'gid'] },
      ),
    }),
    some({
      env: fc.array(fc.tuple(word, word).map(([name, value]) => `${name}=${value}`)),
      capabilities,
      rlimits,
      noNewPrivileges: fc.boolean(),
      oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
      ioPriority: fc.record({
        class: fc.constantFrom('IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE', 'IOPRIO_CLASS_RT'),
        priority: fc.nat({ max: 7 }),
      }),
    }),
  )
  .map(([must, may]) => ({ ...must, ...may }));

const mount = fc.oneof(
  fc.record({
    destination: absolute,
    type: fc.constant('tmpfs'),
    source: fc.constant('tmpfs'),
    options: fc.subarray(['nosuid', 'nodev', 'noexec', 'ro', 'mode=755', 'size=64k', 'tmpcopyup']),
  }),
  fc
    .tuple(
      absolute,
      absolute,
      fc.constantFrom('bind', 'rbind'),
      fc.subarray(['ro', 'rro', 'nosuid', 'rnodev', 'noexec', 'relatime', 'nosymfollow']),
      fc.option(fc.constantFrom(...PROPAGATIONS)),
    )
    .map(([destination, source, kind, flags, propagation]) => ({
      destination,
      source: `/host${source}`,
      type: 'bind',
      options: [kind, ...flags, ...(propagation === null ? [] : [propagation])],
    })),
  fc.record({
    destination: fc.constant('/proc'),
    type: fc.constant('proc'),
    source: fc.constant('proc'),
  }),
  fc.record({
    destination: fc.constant('/sys/fs/cgroup'),
    type: fc.constant('cgroup'),
    source: fc.constant('cgroup'),
    options: fc.subarray(['ro', 'nosuid', 'noexec', 'nodev', 'relatime']),
  }),
);

const hook = fc.record(
  { path: absolute, args: fc.array(word), timeout: fc.integer({ min: 1, max: 60 }) },
  { requiredKeys: ['path'] },
);
const hooks = some({
  createRuntime: fc.array(hook, { maxLength: 2 }),
  createContainer: fc.array(hook, { maxLength: 2 }),
  startContainer: fc.array(hook, { maxLength: 2 }),
  poststart: fc.array(hook, { maxLength: 2 }),
  poststop: fc.array(hook, { maxLength: 2 }),
});

const seccomp = fc.record({
  defaultAction: fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL'),
  syscalls: fc.array(
    fc.record({
      names: fc.uniqueArray(fc.constantFrom('read', 'write', 'mount', 'ptrace', 'keyctl'), {
        minLength: 1,
      }),
      action: fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_LOG'),
    }),
    { maxLength: 3 },
  ),
});

/** With a mount namespace always: without one little is done. */
const namespaces = fc
  .subarray(['pid', 'network', 'ipc', 'uts', 'cgroup', 'user', 'time'])
  .map((types) => ['mount', ...types].map((type) => ({ type })));

const resources = some({
  memory: fc.nat({ max: 1 << 30 }).map((limit) => ({ limit: limit + 4096 })),
  pids: fc.nat({ max: 1000 }).map((limit) => ({ limit: limit + 1 })),
  cpu: fc.record({ shares: fc.integer({ min: 2, max: 262144 }) }),
});

const linux = fc
  .tuple(
    namespaces,
    some({
      resources,
      seccomp,
      maskedPaths: fc.array(absolute, { maxLength: 3 }),
      readonlyPaths: fc.array(absolute, { maxLength: 3 }),
      rootfsPropagation: fc.constantFrom(...PROPAGATIONS),
      cgroupsPath: absolute,
    }),
  )
  .map(([list, may]) => ({
    ...may,
    namespaces: list,
    ...(list.some(({ type }) => type === 'user')
      ? {
          uidMappings: [{ containerID: 0, hostID: 100_000, size: 100_000 }],
          gidMappings: [{ containerID: 0, hostID: 100_000, size: 100_000 }],
        }
      : {}),
  }));

/** A configuration that is valid, and that a host with everything can run. */
export const arbitraryConfig: fc.Arbitrary<Config> = fc
  .tuple(
    process,
    linux,
    some({
      hooks,
      hostname: word,
      mounts: fc.array(mount, { maxLength: 5 }),
      annotations: fc.dictionary(word, fc.string()),
    }),
    fc.boolean(),
  )
  .map(([whatRuns, linuxPart, may, readonly]) => {
    const uts = linuxPart.namespaces.some(({ type }) => type === 'uts');
    const { hostname, ...others } = may;
    return {
      ociVersion: '1.3.0',
      root: { path: 'rootfs', readonly },
      process: whatRuns,
      ...others,
      ...(uts && hostname !== undefined ? { hostname } : {}),
      linux: linuxPart,
    } as unknown as Config;
  });
