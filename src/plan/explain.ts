/**
 * Every kind of step in words: what it does, with which system call, and why a container needs it.
 * `ocirt sandbox --explain` and the page of a plan tell it from here. What the host does around the
 * steps is in explain-host.ts. The file is long because it is one table; the type of `STEPS` holds it
 * complete.
 */
import {
  capabilityNames,
  listed,
  mountFlagNames,
  namespaceNames,
  propagationName,
  short,
  some,
} from './explain-words.js';
import type { Step, StepOf, StepOp } from './plan.js';

/** What is told of one kind of step. */
export interface Explanation<Op extends StepOp> {
  /** Of the kernel's, in the order they are made; of several rungs, the first. */
  readonly syscall: string;
  /** What is done, with the step's own values: a sentence without its full stop. */
  readonly what: (step: StepOf<Op>) => string;
  /** Why a container needs it: a sentence without its full stop. */
  readonly why: string;
}

const unprivileged = (uid: number): string => (uid === 0 ? 'root' : `user ${uid}`);

export const STEPS: { readonly [Op in StepOp]: Explanation<Op> } = {
  // The process and its namespaces ------------------------------------------------------------
  open_proc: {
    syscall: 'fsopen(2), fsmount(2)',
    what: () => 'opens a procfs that is mounted nowhere and that nobody else has',
    why: 'what is written through /proc later must reach the kernel, and not a file that an image has put in its place',
  },
  session: {
    syscall: 'setsid(2)',
    what: () => 'becomes the leader of a new session, without a terminal',
    why: "a process that keeps the caller's terminal could type on it",
  },
  keyring: {
    syscall: 'keyctl(2) KEYCTL_JOIN_SESSION_KEYRING',
    what: ({ name }) => `takes a new session keyring, named ${name}`,
    why: "keyrings know no namespaces: with the caller's one the container would have its keys",
  },
  join: {
    syscall: 'setns(2)',
    what: ({ namespaces }) =>
      `enters ${listed(namespaces.flatMap(({ type }) => namespaceNames(type)))} namespaces that exist`,
    why: 'a namespace is how a process sees one kind of thing; in the same one, two processes see the same things',
  },
  unshare: {
    syscall: 'unshare(2)',
    what: ({ flags }) => `makes new namespaces: ${listed(namespaceNames(flags))}`,
    why: 'from here on it sees, and changes, its own and no longer those of the host',
  },
  fork: {
    syscall: 'clone(2)',
    what: () => 'goes on as a new process',
    why: 'a process never changes its own pid namespace: the first to be in a new one is its next child, as pid 1',
  },
  identity: {
    syscall: 'setgroups(2), setresgid(2), setresuid(2)',
    what: ({ uid, gid }) => `becomes uid ${uid} and gid ${gid} of its user namespace`,
    why: "uid 0 of a user namespace is root in it and the ordinary user outside: it may mount and make namespaces, but only of the container's own",
  },
  time_namespace: {
    syscall: 'unshare(2) CLONE_NEWTIME, write(2) to /proc/self/timens_offsets, setns(2)',
    what: ({ offsets }) =>
      `enters a time namespace${offsets === '' ? '' : ` with ${short(offsets.trim())}`}`,
    why: 'a container that was moved here from another machine can go on with the uptime it had there',
  },
  loopback: {
    syscall: 'ioctl(2) SIOCSIFFLAGS',
    what: () => 'switches on lo, the loopback device',
    why: 'a new network namespace has only lo, and it is down: not even 127.0.0.1 answers',
  },
  hostname: {
    syscall: 'sethostname(2)',
    what: ({ name }) => `sets the host name ${JSON.stringify(name)}`,
    why: "the name is that of the UTS namespace: the host's stays as it is",
  },
  domainname: {
    syscall: 'setdomainname(2)',
    what: ({ name }) => `sets the NIS domain name ${JSON.stringify(name)}`,
    why: "it belongs to the UTS namespace as well: the host's stays as it is",
  },

  // The root file system -----------------------------------------------------------------------
  propagation: {
    syscall: 'mount(2)',
    what: ({ path, flags }) => `makes the mounts from ${path} on ${propagationName(flags)}`,
    why: 'on most hosts mounts are shared: without this, each that is made here would show up on the host',
  },
  overlay: {
    syscall: 'mount(2) overlay',
    what: ({ path }) => `lays an overlay on ${path}`,
    why: 'what the container writes goes to another folder, and what is below stays as it is: so do images share their layers',
  },
  root: {
    syscall: 'mount(2) MS_BIND | MS_REC, open(2) O_PATH',
    what: ({ path, bind }) =>
      bind ? `binds ${path} on itself and holds it open` : `holds ${path} open`,
    why: 'what pivot_root(2) takes must be a mount and not just a folder; held by descriptor, nobody can exchange it meanwhile',
  },
  mount: {
    syscall: 'openat2(2) RESOLVE_IN_ROOT, mount(2)',
    what: ({ fsType, target, flags }) => {
      const options = mountFlagNames(flags);
      return `mounts ${fsType} on ${target}${options.length === 0 ? '' : `, ${listed(options)}`}`;
    },
    why: "the kernel's own file systems are no part of an image; as the container's own they show only its processes, devices and cgroups",
  },
  bind: {
    syscall: 'open_tree(2) OPEN_TREE_CLONE, mount_setattr(2), move_mount(2)',
    what: ({ source, target, idmap }) =>
      `binds ${source ?? 'a tree that the host has opened'} on ${target}${idmap === undefined ? '' : ', its ids mapped'}`,
    why: "the same files, in a second place: this is what a volume is. The target is found inside the root, wherever the image's links lead",
  },
  directory: {
    syscall: 'openat2(2) RESOLVE_IN_ROOT, mkdirat(2)',
    what: ({ target }) => `makes the folder ${target} where it is missing`,
    why: 'once the root is read-only it could not be made any more',
  },
  symlink: {
    syscall: 'symlinkat(2)',
    what: ({ target, content }) => `makes the link ${target} to ${content}`,
    why: 'programs expect links such as /dev/stdin and /dev/fd, and the /dev of a container is new and empty',
  },
  device: {
    syscall: 'mknodat(2), fchownat(2)',
    what: ({ target, type, major, minor, bind }) =>
      bind
        ? `binds the host's device on ${target}`
        : `makes the device ${target} (${type} ${major}:${minor})`,
    why: 'a container gets the few harmless devices and none of the disks; a user namespace can make none, so there it borrows the node of the host',
  },
  console: {
    syscall: 'open(2) /dev/pts/ptmx, sendmsg(2) SCM_RIGHTS, ioctl(2) TIOCSCTTY',
    what: () => "makes a pseudoterminal in the container's own devpts and sends its master out",
    why: "the process gets a terminal that is not the caller's: what it does to it stays in the container",
  },
  sync: {
    syscall: 'sendmsg(2), recvmsg(2)',
    what: ({ name }) => `waits while the host does its part: ${name}`,
    why: 'some things take the rights of the host, on a container that is half built',
  },
  hook: {
    syscall: 'fork(2), execve(2)',
    what: ({ name, path }) => `runs the ${name} hook ${path}`,
    why: 'config.json names a program to be run at this moment, in the namespaces of the container',
  },
  readonly_late: {
    syscall: 'mount_setattr(2) MOUNT_ATTR_RDONLY',
    what: () => 'makes read-only what had to be filled first',
    why: 'devices and mount points inside of a mount are made while it can still be written',
  },
  readonly_paths: {
    syscall: 'open_tree(2) OPEN_TREE_CLONE, mount_setattr(2) MOUNT_ATTR_RDONLY, move_mount(2)',
    what: ({ paths }) => `makes ${some(paths)} read-only`,
    why: 'files such as /proc/sys and /proc/sysrq-trigger change the whole machine, and root in a container may write them',
  },
  mask: {
    syscall: 'mount(2), open_tree(2), move_mount(2)',
    what: ({ paths }) => `covers ${some(paths)} with nothing`,
    why: 'files such as /proc/kcore show the memory, the keys or the timers of the whole machine',
  },
  root_readonly: {
    syscall: 'mount_setattr(2) MOUNT_ATTR_RDONLY',
    what: () => 'makes the root read-only',
    why: 'the process cannot change the files it was given; what it writes goes to its volumes and to tmpfs',
  },
  pivot: {
    syscall: 'fchdir(2), pivot_root(2), umount2(2) MNT_DETACH',
    what: () => 'exchanges the root for the new one and lets go of the old one',
    why: 'chroot(2) only changes where a path begins, and root gets out of it; after this the files of the host are mounted nowhere in here',
  },
  move_root: {
    syscall: 'mount(2) MS_MOVE, chroot(2)',
    what: () => 'moves the new root over the old one and enters it',
    why: 'a root on a ramdisk cannot be pivoted: this is what is left',
  },
  chroot: {
    syscall: 'fchdir(2), chroot(2)',
    what: () => 'changes the root folder, and nothing else',
    why: "without a mount namespace of its own, it is the host's mounts that would be changed",
  },
  sysctl: {
    syscall: 'write(2) below /proc/sys',
    what: ({ key, value }) => `sets ${key.replaceAll('/', '.')} to ${short(value)}`,
    why: 'some settings of the kernel belong to a namespace, and can be others than on the host',
  },

  // The process's last shape -------------------------------------------------------------------
  scheduler: {
    syscall: 'sched_setattr(2)',
    what: ({ policy, nice, priority }) =>
      `takes scheduling policy ${policy}, nice ${nice}, priority ${priority}`,
    why: 'config.json says how the kernel is to share the processors with it',
  },
  io_priority: {
    syscall: 'ioprio_set(2)',
    what: ({ value }) => `takes I/O class ${value >> 13}, level ${value & 0x1fff}`,
    why: 'config.json says how it is to share the disks',
  },
  affinity: {
    syscall: 'sched_setaffinity(2)',
    what: ({ cpus }) => `keeps to processors ${some(cpus.map(String), 8)}`,
    why: 'config.json says on which processors it may run',
  },
  memory_policy: {
    syscall: 'set_mempolicy(2)',
    what: ({ nodes }) =>
      `takes memory of nodes ${nodes.length === 0 ? 'as they come' : some(nodes.map(String), 8)}`,
    why: 'config.json says which memory is to be near',
  },
  personality: {
    syscall: 'personality(2)',
    what: ({ persona }) => `takes the personality ${persona}`,
    why: 'a 32-bit program wants to be told of a 32-bit machine',
  },
  lsm: {
    syscall: 'write(2) to /proc/thread-self/attr',
    what: ({ attribute, value }) => `asks for ${short(value)} (${attribute})`,
    why: 'AppArmor or SELinux confines the program from its execve(2) on, whatever else fails',
  },
  umask: {
    syscall: 'umask(2)',
    what: ({ mask }) => `sets the umask to 0${mask.toString(8)}`,
    why: "the caller's must not decide the modes of the container's files",
  },
  no_new_privs: {
    syscall: 'prctl(2) PR_SET_NO_NEW_PRIVS',
    what: () => 'gives up ever gaining rights',
    why: 'a setuid program of the image, such as su, then makes nobody root',
  },
  bounding_caps: {
    syscall: 'prctl(2) PR_CAPBSET_DROP',
    what: ({ mask }) => `drops for good every capability but ${some(capabilityNames(mask))}`,
    why: 'the bounding set is what nothing, no execve(2) and no file, brings back',
  },
  user: {
    syscall: 'setgroups(2), setresgid(2), setresuid(2)',
    what: ({ uid, gid }) => `becomes ${unprivileged(uid)}, group ${gid}`,
    why: 'from here on it has the rights of the user it runs as, over files as well; until now it needed those of root',
  },
  caps: {
    syscall: 'capset(2), prctl(2) PR_CAP_AMBIENT_RAISE',
    what: ({ effective }) => `keeps of the capabilities ${some(capabilityNames(effective))}`,
    why: 'root is cut into some forty rights; a container keeps those few that its program needs',
  },
  cwd: {
    syscall: 'mkdirat(2), chdir(2), getcwd(2)',
    what: ({ path }) => `goes to ${path}`,
    why: 'the program begins there; that it lies inside the root is checked, for a descriptor of the host could have led out',
  },
  environment: {
    syscall: 'none; read(2) of /etc/passwd for HOME',
    what: ({ env }) => `takes the ${env.length} variables of config.json and none of the caller's`,
    why: 'environments have secrets in them',
  },
  find_executable: {
    syscall: 'faccessat2(2)',
    what: ({ name }) => `looks for ${short(name)} in the PATH of the container`,
    why: 'found now, a missing program is an error of create and not of start',
  },
  ready: {
    syscall: 'sendmsg(2), recvmsg(2)',
    what: () => 'says that all is set up, and waits for the word to go on',
    why: 'until then it dies with the runtime: a create that is killed leaves no process',
  },
  wait_start: {
    syscall: 'accept4(2), recvmsg(2)',
    what: () => 'waits for start',
    why: 'between create and start the container is whole and nothing runs in it: this is where a network is attached',
  },
  seccomp: {
    syscall: 'seccomp(2) SECCOMP_SET_MODE_FILTER',
    what: ({ program }) => `gives the kernel a filter of ${program.length / 8} instructions`,
    why: 'each system call of the program passes it; those that no container needs are refused, and with them their bugs. It comes last: the steps before need those calls',
  },
  exec: {
    syscall: 'close_range(2), execve(2)',
    what: ({ args }) => `becomes ${short(args.join(' '))}`,
    why: 'every descriptor of the runtime is closed, and the program takes the place of the helper: nothing of the host is left in the process',
  },
  monitor: {
    syscall: 'fork(2), poll(2) of a pidfd, waitid(2)',
    what: ({ pid }) => `waits for the end of process ${pid} and writes down how it ended`,
    why: 'the status of a process is told once, to its parent; somebody has to be there',
  },
  watch: {
    syscall: 'fork(2), poll(2) of a pidfd',
    what: () => 'waits for the end of another process, and then goes on',
    why: 'whoever should clean up can be killed as well: this one has nothing else to do, and nobody knows it',
  },
  unmount: {
    syscall: 'umount2(2) MNT_DETACH | UMOUNT_NOFOLLOW',
    what: ({ target }) => `takes away what is mounted on ${target}`,
    why: 'a mount of a running container is no longer wanted',
  },
  end: {
    syscall: 'exit_group(2)',
    what: () => 'ends',
    why: 'there is nothing to execute: what was to be done in the container is done',
  },
};

export interface Told {
  readonly syscall: string;
  readonly what: string;
  readonly why: string;
}

/** One step in words. */
export function explainStep(step: Step): Told {
  // The table has the step's own kind in the place of its name: what a lookup cannot tell the checker.
  const { syscall, what, why } = STEPS[step.op] as unknown as Explanation<StepOp>;
  return { syscall, what: what(step), why };
}
