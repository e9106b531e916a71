/** What `sandbox` does itself, around the runtime, in the words of `--explain`. */
import type { Told } from '../plan/explain.js';

export const ACTS = {
  keeper: {
    what: 'starts a keeper: a small process that waits for the end of this one',
    syscall: 'clone3(2), poll(2) of a pidfd',
    why: 'if this process is killed, the keeper takes away what it would have left behind',
  },
  config: {
    what: 'has made a folder with the root file system, and written config.json',
    syscall: 'mkdir(2), write(2)',
    why: 'that folder is a bundle: all that a runtime is told of a container, and the same for every runtime. "ocirt bundle generate" makes one to keep, and "ocirt plan" shows what is done with it',
  },
  noNetwork: {
    what: 'attaches no network',
    syscall: 'none',
    why: 'a new network namespace is a machine with all its cables pulled: lo, and nothing else',
  },
  hostNetwork: {
    what: 'leaves the container in the network of the host',
    syscall: 'none',
    why: "it has the host's addresses and ports, and there is no wall in between",
  },
  network: {
    what: 'connects the network namespace of the container, from outside',
    syscall: 'netlink RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE',
    why: "the container has no right to do it, and should not have: a cable has two ends, and one is the host's",
  },
  clean: {
    what: 'removes container, cgroup, network and all files that were made for it',
    syscall: 'rmdir(2), unlink(2)',
    why: 'the namespaces and their mounts are gone already: each ends with its last process',
  },
} as const satisfies Readonly<Record<string, Told>>;
