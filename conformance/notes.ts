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
  [
    /^attributes: .*memoryPolicy/,
    'config-linux.md#memory-policy: the mode is required; the kernel is asked for policy, nodes and flags as they stand; new in 1.3',
  ],
  [/^attributes: SCHED_DEADLINE/, `${CREATE}; the kernel refuses this combination (since 1.1)`],
  [
    /^attributes: a sysctl/,
    'config-linux.md#sysctl: they are changed for the container; in a namespace of the host one would be changed for the host',
  ],
  [/^attributes: .*no such controller/, CREATE],
  [
    /^attributes: /,
    'config.md#linux-mount-options: the table says which must be supported, and which should be',
  ],
  [/^cgroups: a cgroup with processes/, RUNC],
  [
    /^cgroups-v2: v2: cpu\.shares/,
    'not in the specification: the formula of newer versions of both, by which 1024 shares are the weight 100, which the kernel gives by itself',
  ],
  [
    /^cgroups-v2: v2: pids\.limit 0/,
    'config-linux.md#pids: 0 is a limit like others, and not the word for none (since 1.3)',
  ],
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
    /^devices: a fifo/,
    'config-linux.md#devices: what is listed must be there in the container, however the runtime comes to it; a fifo may be made by everybody',
  ],
  [
    /^masked-paths: a read-only path/,
    'config-linux.md#readonly-paths: the path is read-only in the container; taken to hold for mounts below it, which else would be a way around',
  ],
  [/^exec: /, RUNC],
  [
    /^hooks: each hook runs at its time/,
    'runtime.md#lifecycle: which hooks are called in which step; poststart hooks when the program has been executed',
  ],
  [
    /^hooks: each hook gets the state/,
    'config.md#posix-platform-hooks: every hook gets the state of the container on its standard input; runtime.md#state: its status is that of the moment, and its pid, for a hook that runs in the namespaces of the container, the one that is seen there (since 1.1); poststart hooks come when the program has been executed',
  ],
  [
    /^hooks: a poststart hook/,
    'runtime.md#lifecycle, 9: where a poststart hook fails, there is an error, and the container is stopped and destroyed (since 1.3; before, a warning, and the container went on). Only ocirt has to say so: #errors leaves it open whether the caller is told',
  ],
  [
    /^hooks: a hook with a relative path/,
    'config.md#posix-platform-hooks: the path has to be absolute; who looks is not said, and runtime.md#create makes an error of what cannot be applied as it is configured',
  ],
  [
    /^idmap: /,
    'config.md#posix-platform-mounts: id-mapped mounts, idmap and ridmap; since 1.1 and 1.2',
  ],
  [/^intel-rdt: /, CREATE],
  [/^security\/[\w-]+: /, SAFE],
  [
    /^mounts: recursive attribute/,
    'config.md#linux-mount-options: all of these should be supported; one takes back what the one before it has set, as it does without the r',
  ],
  [
    /^mounts: the folder of a cgroup mount/,
    'config.md#linux-mount-options: ro is for the mount at the destination, the folder of the controllers included',
  ],
  [
    /^namespaces: uid mappings/,
    'config-linux.md#user-namespace-mappings, runtime.md#create: without a user namespace there is nothing that they can be applied to',
  ],
  [
    /^namespaces: a user namespace without root/,
    'config-linux.md#user-namespace-mappings: which ids there are is for the config to say, and nothing has 0 among them',
  ],
  [/^namespaces: a new time namespace/, 'config-linux.md#namespaces: time, since 1.1'],
  [
    /^notify: /,
    'not in the specification: sd_notify(3), as runc has passed it on since 1.2: READY, MAINPID with the pid that the caller knows, then a barrier, and nothing else of what the container says',
  ],
  [
    /^older-kernels: .*id-mapped/,
    'config.md#posix-platform-mounts: what asks for a mapping that cannot be had is an error',
  ],
  [
    /^(privileges|process): a limit that leaves/,
    'config.md#posix-process: in the process, getrlimit(3) gives soft and hard as they are configured; no value is left out, such as one that a runtime could not work with itself',
  ],
  [/^net-devices: /, 'config-linux.md#network-devices: new in 1.3'],
  [
    /^privileges: an inheritable capability/,
    'config.md#linux-process: what cannot be granted is a warning, and runtimes should not fail for it (since 1.1)',
  ],
  [
    /^privileges: a limit that is set twice/,
    'config.md#posix-process: two entries of one type in rlimits are an error, and so they are if they say the same; since 1.0',
  ],
  [/^pidfd-socket: /, RUNC],
  [/^process: (ioPriority|scheduler)/, 'config.md#linux-process: since 1.1'],
  [
    /^process-io: a caller without/,
    'runtime-linux.md#file-descriptors: the three standard ones are open for the process, if only as /dev/null',
  ],
  [
    /^seccomp-notify: /,
    'config-linux.md#the-container-process-state: the agent gets it, with the descriptor, and the process goes on when it has answered',
  ],
  [
    /^systemd: the weight and idle/,
    `${RUNC}: systemd has one property for both, so that one of them has to go, with a warning`,
  ],
  [
    /^systemd: update sets/,
    'config-linux.md#cpu: the quota is in microseconds; that systemd keeps whole percents is no reason for an update of something else to change it',
  ],
  [
    /^systemd: an update that is refused/,
    'runtime.md#errors: an operation that fails leaves the environment as if it had not been tried',
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
  [
    /^update-v2: v2: new device rules/,
    'not in the specification, which has no update: what a caller asks for is done, or refused, and not passed over without a word',
  ],
  [/^update(-v2)?: /, RUNC],
];

/** @param test `FILE: NAME` of a test */
export function noteOf(test: string): string | undefined {
  return NOTES.find(([pattern]) => pattern.test(test))?.[1];
}
