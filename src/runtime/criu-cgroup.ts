/**
 * The host's cgroup2 file system, which CRIU leaves without its options.
 *
 * To look at cgroups and to make them, CRIU mounts cgroup2 without any. There is one such file system,
 * and from a process in the first cgroup namespace the kernel takes the options of the latest mount for
 * all: nsdelegate and memory_recursiveprot, as systemd has set them, would be gone for the whole
 * host. https://github.com/checkpoint-restore/criu/issues/3029
 */

import { cgroup2Options } from '../cgroup/facts.js';
import type { Binding } from '../native/binding.js';
import type { Runtime } from './context.js';
import { messageOf } from './errors.js';

type Options = ReturnType<typeof cgroup2Options>;

function optionsNow(native: Binding): Options {
  const [mountinfo] = native.readFiles(['/proc/self/mountinfo']);
  return cgroup2Options(mountinfo ?? '');
}

/**
 * Remembers the options; what it returns gives them back, when CRIU has ended. Of two at once the later
 * one may find none to remember: then the earlier one's end is what gives them back.
 */
export function keepCgroup2Options({ native, log }: Runtime): () => void {
  const before = optionsNow(native);
  return () => {
    if (before === undefined) return;
    const now = optionsNow(native);
    const lost = before.options.filter((option) => now?.options.includes(option) === false);
    if (now === undefined || lost.length === 0) return;
    try {
      native.reconfigure(now.mountpoint, [...now.options, ...lost]);
    } catch (error) {
      log.warn(`CRIU took options of ${now.mountpoint}: ${lost.join(',')}: ${messageOf(error)}`);
    }
  };
}
