/**
 * Tests that both runc and crun, in Debian 12's versions, fail: either may be right, so each was
 * looked at twice. A note says what the test stands on: the section of the runtime specification
 * and what it asks for, in our words, or what else. The versions of the specification are those
 * in which a property came: both are older than some of them.
 */

type Note = readonly [test: RegExp, note: string];

/** runtime.md, create. */
const CREATE =
  'runtime.md#create: a property that cannot be applied as configured is an error, and no container is created';

/** Not in the specification. */
const RUNC =
  'not in the specification: what newer versions of runc do, and its own tests hold it to';
const SAFE = 'not in the specification: a defence that newer versions of runc have, too';
const NOTHING_LEFT =
  'runtime.md#errors: an operation that fails leaves the environment as if it had not been tried; taken to hold for one that is killed, once delete --force has been called';

const NOTES: readonly Note[] = [
  [/^attributes: .*memoryPolicy/, 'config-linux.md#memory-policy: new in 1.3'],
  [/^attributes: SCHED_DEADLINE/, `${CREATE}; the kernel refuses this combination (since 1.1)`],
  [
    /^attributes: a sysctl/,
    'config-linux.md#sysctl: parameters are those of the container; one of a namespace of the host would change the host',
  ],
  [/^attributes: .*no such controller/, CREATE],
  [/^attributes: /, 'config.md#linux-mount-options: each of the table is to be supported'],
  [/^cgroups: a cgroup with processes/, RUNC],
  [/^cgroups: /, CREATE],
  [
    /^cli: a config.json that is no file/,
    `${SAFE}; an error at once, in place of reading without end`,
  ],
  [/^(cli|lifecycle|pause): /, RUNC],
  [/^crash: /, NOTHING_LEFT],
  [
    /^devices: two devices of the same path/,
    'config-linux.md#devices: a file at the path that does not match the device is an error; the second of two finds the first',
  ],
  [
    /^devices: a read-only path/,
    'config-linux.md#readonly-paths: the path is read-only in the container; taken to hold for mounts below it, which else would be a way around',
  ],
  [/^exec: /, RUNC],
  [
    /^fallbacks: /,
    'runtime.md#warnings: a warning where the runtime does other than the config says',
  ],
  [
    /^hooks: each hook gets the state/,
    'config.md#posix-platform-hooks: every hook gets the state of its time on standard input, with the status of that step of the life cycle',
  ],
  [
    /^hooks: start itself/,
    'runtime.md#lifecycle: a startContainer hook that fails is an error that the runtime generates in start',
  ],
  [
    /^hooks: a poststart hook/,
    'runtime.md#lifecycle: a poststart hook that fails is an error, and the container is stopped; older versions asked for a warning',
  ],
  [/^hooks: a hook with a relative path/, 'config.md#posix-platform-hooks: path is absolute'],
  [
    /^idmap: /,
    'config.md#posix-platform-mounts: id-mapped mounts, idmap and ridmap; since 1.1 and 1.2',
  ],
  [/^intel-rdt: /, CREATE],
  [/^security\/[\w-]+: /, SAFE],
  [
    /^mounts: the folder of a cgroup mount/,
    'config.md#linux-mount-options: ro is for the mount at the destination, the folder of the controllers included',
  ],
  [
    /^namespaces: uid mappings/,
    'config-linux.md#user-namespace-mappings: mappings are those of a new user namespace; without one they cannot be applied',
  ],
  [/^namespaces: a new time namespace/, 'config-linux.md#namespaces: time, since 1.1'],
  [/^net-devices: /, 'config-linux.md#network-devices: new in 1.3'],
  [
    /^privileges: a limit that is set twice/,
    'config.md#posix-process: two entries of one type in rlimits are an error',
  ],
  [/^process: (ioPriority|scheduler)/, 'config.md#linux-process: since 1.1'],
  [
    /^process-io: a caller without/,
    'runtime-linux.md#file-descriptors: standard descriptors are there; they may be /dev/null',
  ],
  [
    /^seccomp-notify: /,
    'config-linux.md#containerprocessstate: the listener gets the state, with the version of the specification, and the process goes on when it has answered. Why runc 1.1 does not come back in some was not looked into',
  ],
  [
    /^terminal: /,
    'not in the specification: the terminal of the caller, as runc gives it; runc 1.1 passes in some runs, and loses output in others',
  ],
  [
    /^transaction: a container that is being created/,
    'runtime.md#state: creating is a status; state while hooks of create run says it',
  ],
  [/^transaction: /, NOTHING_LEFT],
  [/^update: /, RUNC],
];

/** @param test `FILE: NAME` of a test */
export function noteOf(test: string): string | undefined {
  return NOTES.find(([pattern]) => pattern.test(test))?.[1];
}
