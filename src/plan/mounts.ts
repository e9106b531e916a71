/** config.mounts -> steps. config.md, "Mounts". */
import type { CgroupFacts, CgroupPlan } from '../cgroup/types.js';
import { ERRNO, MS } from '../native/constants.js';
import type { Mount } from '../spec/config.gen.js';
import { invalid, type PlanBuilder } from './builder.js';
import { idMapping, refuseIdMapping, type UserMapping } from './id-mapped.js';
import {
  bindAttributes,
  type MountOptions,
  parseMountOptions,
  SUPERBLOCK_FLAGS,
} from './mount-options.js';
import { cgroupMountSteps } from './mounts-cgroup.js';
import { cleanAbsolute, resolveFrom } from './paths.js';
import type { StepOf } from './plan.js';

/** What the mounts of a container depend on besides themselves. */
export interface MountContext {
  readonly bundle: string;
  /** config.linux.mountLabel, '' where there is none or no SELinux. */
  readonly label: string;
  /** The mounts are made in a user namespace that is not the host's. */
  readonly userNamespace: boolean;
  /** The host can, and has to, open bind sources itself. */
  readonly openSources: boolean;
  /** What an id-mapped mount without mappings of its own takes; absent: no user namespace. */
  readonly userMapping?: UserMapping;
  readonly cgroupNamespace: boolean;
  readonly cgroupFacts: CgroupFacts;
  readonly cgroupPlan: Pick<CgroupPlan, 'paths' | 'bestEffort'>;
  /** Those before it are made already. */
  readonly first?: number;
}

/**
 * Files below /proc that may be mounted on: lxcfs shows a container its own numbers there. All
 * else could hide or fake what the runtime itself writes (CVE-2019-16884, CVE-2025-52881).
 */
const PROC_TARGETS: readonly string[] = [
  '/proc/cpuinfo',
  '/proc/diskstats',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/swaps',
  '/proc/uptime',
  '/proc/loadavg',
  '/proc/slabinfo',
  '/proc/sys/kernel/ns_last_pid',
  '/proc/sys/crypto/fips_enabled',
];

/**
 * A mount is a bind mount if it has the option bind or rbind; the type `bind` says the same. With
 * remount it is none: mount(2) then changes the flags of the one mount that is there already.
 */
export function isBind({ type, options = [] }: Mount): boolean {
  if (options.includes('remount')) return false;
  return type === 'bind' || options.some((o) => o === 'bind' || o === 'rbind');
}

function checkTarget(mount: Mount, target: string, at: string): void {
  for (const [name, text] of [
    ['destination', mount.destination],
    ['source', mount.source],
    ['type', mount.type],
  ] as const) {
    if (text?.includes('\0')) throw invalid(`${at}/${name}`, 'mount field contains null byte');
  }
  if (target === '/') {
    throw invalid(
      `${at}/destination`,
      'a mount on top of the root file system is not possible, but for an overlay that is the first mount',
    );
  }
  const remount = mount.options?.includes('remount') === true;
  if (target === '/proc' && mount.type !== 'proc' && !isBind(mount) && !remount) {
    throw invalid(
      `${at}/destination`,
      `"${target}" cannot be mounted because it is not of type proc`,
    );
  }
  if (target.startsWith('/proc/') && !PROC_TARGETS.includes(target)) {
    throw invalid(`${at}/destination`, `"${target}" cannot be mounted because it is inside /proc`);
  }
}

/** Adds the LSM context to the data of a file system, as mount(8)'s `context=`. */
function labelled(data: readonly string[], label: string): string {
  return label === '' ? data.join(',') : [...data, `context="${label}"`].join(',');
}

/** Options that the kernel takes no notice of with MS_BIND: mount(2). */
function warnIdle(builder: PlanBuilder, options: MountOptions, at: string): void {
  if (options.data.length > 0) {
    builder.warn(
      `${at}/options`,
      `options of a file system have no effect on a bind mount: ${options.data.join(',')}`,
    );
  }
  if (options.copyUp) builder.warn(`${at}/options`, 'tmpcopyup has no effect on a bind mount');
  if (options.flags & SUPERBLOCK_FLAGS) {
    builder.warn(
      `${at}/options`,
      'sync, dirsync, mand, lazytime and iversion belong to a file system: they have no effect on a bind mount',
    );
  }
}

function bindStep(
  builder: PlanBuilder,
  mount: Mount,
  options: MountOptions,
  target: string,
  at: string,
  context: MountContext,
): StepOf<'bind'> {
  if (mount.source === undefined || mount.source === '') {
    throw invalid(`${at}/source`, `the bind mount on "${target}" has no source`);
  }
  warnIdle(builder, options, at);
  const source = resolveFrom(context.bundle, mount.source);
  const recursive = (options.flags & MS.REC) !== 0;
  const attributes = bindAttributes(options, context.userNamespace);
  const idmap = idMapping(mount, options, at, context.userMapping);
  const origin =
    idmap !== undefined
      ? { source, idmap }
      : context.openSources
        ? {
            resource: builder.resource({
              kind: 'tree',
              path: source,
              recursive,
              at: `${at}/source`,
            }),
          }
        : { source };
  return {
    op: 'bind',
    at,
    target,
    ...origin,
    recursive,
    ...(attributes === undefined ? {} : { attributes }),
    ...(options.recursive === undefined ? {} : { recursiveAttributes: options.recursive }),
    propagation: options.propagation,
    optional: false,
  };
}

/**
 * File systems that a user namespace may mount only where it owns the network (sysfs) or IPC
 * (mqueue) namespace that they show, and where the host has them.
 */
const HOSTS_OWN: Readonly<Record<string, string>> = { sysfs: '/sys', mqueue: '/dev/mqueue' };

/** What is mounted in the place of one of them where the kernel says no. */
function hostsOwn(
  fsType: string,
  options: MountOptions,
  target: string,
  at: string,
): Pick<StepOf<'mount'>, 'otherwise'> {
  const source = HOSTS_OWN[fsType];
  if (source === undefined) return {};
  const attributes = bindAttributes(options, true);
  return {
    otherwise: {
      errnos: [ERRNO.EPERM],
      warning: `${fsType} cannot be mounted on ${target} without a namespace of its own for it: the host's ${source} is bound there`,
      bind: {
        at,
        target,
        source,
        // What is mounted below is locked to it: user_namespaces(7).
        recursive: true,
        ...(attributes === undefined ? {} : { attributes }),
        propagation: options.propagation,
        optional: false,
      },
    },
  };
}

function fileSystemStep(
  builder: PlanBuilder,
  mount: Mount,
  options: MountOptions,
  target: string,
  at: string,
  context: MountContext,
): StepOf<'mount'> {
  const remount = (options.flags & MS.REMOUNT) !== 0;
  // Of a mount as mount(8)'s `remount,bind` has it, whatever file system is there.
  const oneMount = (options.flags & MS.BIND) !== 0;
  if (oneMount) warnIdle(builder, options, at);
  const fsType = oneMount ? '' : (mount.type ?? '');
  if (fsType === '' && !remount)
    throw invalid(`${at}/type`, `the mount on "${target}" has no type`);
  const tmpfs = fsType === 'tmpfs';
  if (options.copyUp && !tmpfs && !oneMount) {
    builder.warn(`${at}/options`, `tmpcopyup has no effect on a mount of type ${fsType}`);
  }
  // procfs and sysfs take no context; a message queue mount gets its label otherwise.
  const label = ['proc', 'sysfs', 'mqueue'].includes(fsType) ? '' : context.label;
  // Device nodes and copies are still to be made in it.
  const late = (options.flags & MS.RDONLY) !== 0 && ((tmpfs && !remount) || target === '/dev');
  return {
    op: 'mount',
    at,
    target,
    fsType,
    source: mount.source ?? fsType,
    flags: late ? options.flags & ~MS.RDONLY : options.flags,
    data: oneMount ? '' : labelled(options.data, label),
    ...(context.userNamespace ? hostsOwn(fsType, options, target, at) : {}),
    ...(options.recursive === undefined ? {} : { recursive: options.recursive }),
    propagation: options.propagation,
    copyUp: tmpfs && !remount && options.copyUp,
    keepMode: tmpfs && !remount && !options.data.some((entry) => entry.startsWith('mode=')),
    readonlyLate: late,
  };
}

/** Adds the steps of all mounts, in the order of the list. */
export function addMounts(
  builder: PlanBuilder,
  mounts: readonly Mount[],
  context: MountContext,
): void {
  mounts.forEach((mount, index) => {
    if (index < (context.first ?? 0)) return;
    const at = `/mounts/${index}`;
    if (!mount.destination.startsWith('/')) {
      builder.warn(
        `${at}/destination`,
        `the mount destination "${mount.destination}" is not absolute: taken as relative to /`,
      );
    }
    const target = cleanAbsolute(mount.destination);
    checkTarget(mount, target, at);
    const options = parseMountOptions(mount.options ?? [], `${at}/options`);
    if (!isBind(mount)) refuseIdMapping(mount, options, at);
    if (isBind(mount)) builder.add(bindStep(builder, mount, options, target, at, context));
    else if (mount.type === 'cgroup' && (options.flags & MS.REMOUNT) === 0) {
      if (context.cgroupFacts.mode !== 'v2' && options.data.length > 0) {
        builder.warn(
          `${at}/options`,
          `options of a file system have no effect on a mount of type cgroup: ${options.data.join(',')}`,
        );
      }
      builder.add(...cgroupMountSteps(mount, options, target, at, context));
    } else builder.add(fileSystemStep(builder, mount, options, target, at, context));
  });
}
