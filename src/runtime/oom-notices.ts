/** How the kernel tells that a cgroup has run out of memory: v1 and v2 have a way each. */
import type { AwaitedDescriptor, Binding } from '../native/binding.js';
import type { ContainerRecord } from '../state/record.js';
import { errnoOf } from './errors.js';
import { parseOomKills } from './oom.js';

export interface OomNotices {
  /** Ready when there may be a notice. */
  awaited(): AwaitedDescriptor;
  /** Takes the notice of a descriptor that is ready. False where it was about something else. */
  take(): boolean;
  close(): void;
}

/**
 * Asks for the notices of a container's cgroup. undefined where it has no memory controller.
 *
 * @throws what the kernel says where it refuses
 */
export function openOomNotices(
  native: Binding,
  { mode, paths }: ContainerRecord['cgroup'],
): OomNotices | undefined {
  if (mode !== 'v2') {
    return paths.memory === undefined ? undefined : openV1(native, paths.memory);
  }
  const file = `${paths['']}/memory.events`;
  return native.status(file, true) === null ? undefined : openV2(native, file);
}

/** cgroup-v1/memory.rst, "OOM Control": an eventfd that counts. It also does at the cgroup's end. */
function openV1(native: Binding, directory: string): OomNotices {
  const event = native.eventDescriptor();
  let control = -1;
  try {
    control = native.open(`${directory}/memory.oom_control`, ['read']);
    // Opened, not through writeFiles, which tells of failures in another way.
    const file = native.open(`${directory}/cgroup.event_control`, ['write']);
    try {
      native.write(file, `${event} ${control}`);
    } finally {
      native.close([file]);
    }
  } catch (error) {
    native.close([event]);
    throw error;
  } finally {
    // The kernel has taken the cgroup from it.
    if (control >= 0) native.close([control]);
  }
  return {
    awaited: () => ({ fd: event, until: 'readable' }),
    take() {
      native.read(event, 8);
      return native.status(directory, true) !== null;
    },
    close: () => native.close([event]),
  };
}

/** cgroup-v2.rst, "memory.events": poll(2) tells that it has changed since it was read. */
function openV2(native: Binding, file: string): OomNotices {
  const open = (): { fd: number; kills: number } => {
    const fd = native.open(file, ['read']);
    try {
      return { fd, kills: parseOomKills(native.decodeText(native.read(fd, 4096))) };
    } catch (error) {
      native.close([fd]);
      throw error;
    }
  };
  let current = open();
  return {
    awaited: () => ({ fd: current.fd, until: 'changed' }),
    take() {
      const before = current;
      try {
        // Opened anew: a second read of a descriptor gives nothing.
        current = open();
      } catch (error) {
        if (['ENOENT', 'ENODEV'].includes(errnoOf(error))) return false;
        throw error;
      }
      native.close([before.fd]);
      return current.kills > before.kills;
    },
    close: () => native.close([current.fd]),
  };
}
