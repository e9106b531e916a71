/** The root: propagation before and after, and how the process gets into it. */
import { MS } from '../native/constants.js';
import type { Linux, Mount } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import { parseMountOptions, propagationFlags } from './mount-options.js';
import type { Step, StepOf } from './plan.js';

export interface RootPlan {
  /** Before any mount. */
  readonly before: readonly Step[];
  /** Into the root, when all mounts are done. */
  readonly enter: Step;
}

/**
 * `rootfsPropagation`, without which the host's mounts still reach the container's copy of the
 * tree (rslave), but never the other way.
 *
 * - shared: the tree stays a peer of the host's while it is set up, and the new root is shared;
 * - slave: the mount below the root stays a slave too, so that the root is one;
 * - private: all of the tree, or (not recursive) the root alone once it is the root;
 * - unbindable: the root once it is the root: before, nothing in it could be bound.
 *
 * pivot_root(2) refuses a shared parent, which is why `root` makes it private (or slave).
 */
export function rootPlan(
  linux: Linux | undefined,
  rootfs: string,
  mountNamespace: boolean,
  noPivot: boolean,
): RootPlan {
  const name = linux?.rootfsPropagation ?? '';
  const at = name === '' ? '' : '/linux/rootfsPropagation';
  if (!mountNamespace) {
    return {
      before: [{ op: 'root', at: '/root/path', path: rootfs, bind: false }],
      enter: { op: 'chroot', at: '/root/path' },
    };
  }
  const flags = name === '' ? 0 : propagationFlags(name);
  if (flags === undefined) throw invalid(at, `rootfsPropagation=${name} is not supported`);
  if (noPivot && (flags & MS.PRIVATE) !== 0) {
    throw invalid(at, 'rootfsPropagation of [r]private is not safe without pivot_root');
  }
  let first: number = MS.SLAVE | MS.REC;
  let last = 0;
  if (flags & MS.SHARED) {
    first = flags;
    last = flags;
  } else if (flags === (MS.PRIVATE | MS.REC)) first = flags;
  else if (flags & (MS.PRIVATE | MS.UNBINDABLE)) last = flags;
  return {
    before: [
      { op: 'propagation', at, path: '/', flags: first },
      {
        op: 'root',
        at: '/root/path',
        path: rootfs,
        bind: true,
        ...(flags & MS.SLAVE ? { parentPropagation: MS.SLAVE } : {}),
      },
    ],
    enter: { op: noPivot ? 'move_root' : 'pivot', at, propagation: last },
  };
}

/**
 * An overlay on the root: the first mount, with the destination `/`. The specification leaves open what
 * a mount there does; only this one has a meaning to all that comes after it.
 */
export function rootOverlay(mounts: readonly Mount[]): Omit<StepOf<'overlay'>, 'path'> | undefined {
  const [mount] = mounts;
  if (mount?.destination !== '/' || mount.type !== 'overlay') return undefined;
  const at = '/mounts/0';
  const { flags, data, ...rest } = parseMountOptions(mount.options ?? [], `${at}/options`);
  if (rest.recursive !== undefined || rest.propagation.length > 0 || rest.copyUp) {
    throw invalid(
      `${at}/options`,
      'an overlay on the root takes no propagation, and no rro or tmpcopyup',
    );
  }
  return { op: 'overlay', at, flags, data: data.join(',') };
}
