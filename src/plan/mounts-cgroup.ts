/** A mount of type `cgroup`: the view of the hierarchies that a container gets. */
import type { Hierarchy } from '../cgroup/types.js';
import { ERRNO, MOUNT_ATTR, MS } from '../native/constants.js';
import type { Mount } from '../spec/config.gen.js';
import { invalid } from './builder.js';
import { ATIME_FLAGS, bindAttributes, type MountOptions } from './mount-options.js';
import type { MountContext } from './mounts.js';
import { baseName, join } from './paths.js';
import type { Attributes, Step, StepOf } from './plan.js';

const HARDENED = MS.NOSUID | MS.NODEV | MS.NOEXEC;

function bind(
  target: string,
  source: string,
  options: MountOptions,
  recursive: boolean,
  at: string,
  context: MountContext,
): StepOf<'bind'> {
  const attributes = bindAttributes(options, context.userNamespace);
  return {
    op: 'bind',
    at,
    target,
    source,
    recursive,
    ...(attributes === undefined ? {} : { attributes }),
    ...(options.recursive === undefined ? {} : { recursiveAttributes: options.recursive }),
    propagation: options.propagation,
    optional: false,
  };
}

/** The container's own directory in a hierarchy: what a namespace would show as its root. */
function ownDirectory(hierarchy: Hierarchy, context: MountContext): string {
  // v2 has the empty name.
  for (const controller of hierarchy.controllers.length > 0 ? hierarchy.controllers : ['']) {
    const path = context.cgroupPlan.paths[controller];
    if (path !== undefined) return path;
  }
  const { root, ownPath, mountpoint } = hierarchy;
  const below = root === '/' ? ownPath : ownPath.startsWith(root) ? ownPath.slice(root.length) : '';
  return join(mountpoint, below);
}

/**
 * Without read-only: whether a mount is that is known when it is made, or for the tmpfs when all is made in
 * it.
 */
function writable({ set, clear, ...rest }: Attributes): Attributes {
  return { set: set & ~MOUNT_ATTR.RDONLY, clear: clear & ~MOUNT_ATTR.RDONLY, ...rest };
}

function v1Steps(options: MountOptions, target: string, at: string, context: MountContext): Step[] {
  const { recursive } = options;
  const readonly =
    (options.flags & MS.RDONLY) !== 0 || ((recursive?.set ?? 0) & MOUNT_ATTR.RDONLY) !== 0;
  // relatime is what is had without a word.
  const flags = HARDENED | (options.flags & ATIME_FLAGS & ~MS.RELATIME);
  const attributes = recursive === undefined ? {} : { recursive: writable(recursive) };
  const steps: Step[] = [
    {
      op: 'mount',
      at,
      target,
      fsType: 'tmpfs',
      source: 'tmpfs',
      flags,
      data: context.label === '' ? 'mode=755' : `mode=755,context="${context.label}"`,
      ...attributes,
      propagation: options.propagation,
      copyUp: false,
      keepMode: false,
      readonlyLate: readonly,
    },
  ];
  const links: Step[] = [];
  for (const hierarchy of context.cgroupFacts.v1) {
    const name = baseName(hierarchy.mountpoint);
    const below = join(target, name);
    if (context.cgroupNamespace) {
      const named = hierarchy.controllers.find((c) => c.startsWith('name='));
      steps.push({
        op: 'mount',
        at,
        target: below,
        fsType: 'cgroup',
        source: named === undefined ? 'cgroup' : named.slice('name='.length),
        flags: flags | (readonly ? MS.RDONLY : 0),
        data: hierarchy.controllers.join(','),
        ...attributes,
        propagation: [],
        copyUp: false,
        keepMode: false,
        readonlyLate: false,
      });
    } else {
      steps.push(bind(below, ownDirectory(hierarchy, context), options, true, at, context));
    }
    // cgroups(7): controllers that are mounted together are found under each name.
    if (name.includes(',')) {
      for (const part of name.split(',')) {
        links.push({ op: 'symlink', at, target: join(target, part), content: name });
      }
    }
  }
  return [...steps, ...links];
}

/**
 * The steps of a mount of type cgroup.
 *
 * v1: a tmpfs with one mount a hierarchy: a cgroup mount of the same controllers where there is a
 * cgroup namespace, the container's own directory bound where there is none. v2: a cgroup2 mount
 * with a namespace; without one the host's is bound, as mount(2) would refuse it in a user
 * namespace.
 */
export function cgroupMountSteps(
  mount: Mount,
  options: MountOptions,
  target: string,
  at: string,
  context: MountContext,
): Step[] {
  const { mode, v2 } = context.cgroupFacts;
  if (mode === 'none') {
    throw invalid(at, 'a mount of type cgroup is asked for, but the host has no cgroup mounted');
  }
  if (mode !== 'v2' || v2 === null) return v1Steps(options, target, at, context);
  if (!context.cgroupNamespace) return [bind(target, v2.mountpoint, options, false, at, context)];
  const { op: _op, ...instead } = bind(
    target,
    context.cgroupPlan.bestEffort ? v2.mountpoint : ownDirectory(v2, context),
    options,
    false,
    at,
    context,
  );
  return [
    {
      op: 'mount',
      at,
      target,
      fsType: 'cgroup2',
      source: mount.source ?? 'cgroup',
      flags: options.flags,
      data: options.data.join(','),
      // EPERM: the network namespace's or an outer user namespace's view is not fully visible.
      // EBUSY: the host's own cgroup2 is mounted there already, below a bind of /sys.
      ...(context.userNamespace
        ? { otherwise: { errnos: [ERRNO.EPERM, ERRNO.EBUSY], bind: instead } }
        : {}),
      ...(options.recursive === undefined ? {} : { recursive: options.recursive }),
      propagation: options.propagation,
      copyUp: false,
      keepMode: false,
      readonlyLate: false,
    },
  ];
}
