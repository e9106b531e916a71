/**
 * Where descriptors 0, 1 and 2 of a container lead, which is not saved but given anew at restore.
 * `descriptors.json` beside the images has it: a list of strings, pipes as runc writes them. A file
 * that was opened by a path stands there with its "/" first, whatever the container has called it, so
 * that nothing which begins otherwise can be one of the container's own. Pure.
 */

export const DESCRIPTORS = 'descriptors.json';

/** A descriptor of the container's first process. */
export interface SeenDescriptor {
  /** What its link in /proc/PID/fd says. */
  readonly link: string;
  /** `mnt_id` of its fdinfo. */
  readonly mount: number;
  readonly inode: bigint;
}

/** How a descriptor is written down, and what CRIU knows it by if it lies outside of the container. */
export interface DescribedDescriptor {
  readonly text: string;
  /** Of a file: what a dump must be told. CRIU finds pipes by itself. */
  readonly external?: string;
}

const FILE = /^(file\[[0-9a-f]+:[0-9a-f]+\]) (.*)$/s;
const PIPE = /^pipe:\[\d+\]$/;

/** Terminals stay CRIU's: --shell-job, or one of the container's own. */
const TERMINAL = /^\/dev\/(?:pts\/\d+|tty\w*|console)(?: |$)/;

/**
 * @param inner whether a mount is one of the container's
 * @param ownPipe whether both ends of a pipe are in the container: then it is saved as a whole
 */
export function describe(
  seen: SeenDescriptor,
  inner: (mount: number) => boolean,
  ownPipe: (link: string) => boolean,
): DescribedDescriptor {
  const { link } = seen;
  if (PIPE.test(link)) return { text: ownPipe(link) ? '' : link };
  if (!link.startsWith('/') || TERMINAL.test(link) || inner(seen.mount)) return { text: link };
  const external = `file[${seen.mount.toString(16)}:${seen.inode.toString(16)}]`;
  return { text: `${external} ${link}`, external };
}

export interface InheritedDescriptor {
  /** 0, 1 or 2. */
  readonly number: number;
  readonly key: string;
  /** The file that it was; absent: a pipe. */
  readonly path?: string;
}

/** What of the list is to be replaced by descriptors of the one who restores. */
export function inheritedDescriptors(list: readonly unknown[]): InheritedDescriptor[] {
  const inherited: InheritedDescriptor[] = [];
  list.slice(0, 3).forEach((text, number) => {
    if (typeof text !== 'string') return;
    if (PIPE.test(text)) inherited.push({ number, key: text });
    const [, key, path] = FILE.exec(text) ?? [];
    if (path !== undefined && key !== undefined) inherited.push({ number, key, path });
  });
  return inherited;
}
