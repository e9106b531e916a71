/**
 * Every mount option: the one table behind the compiler and `features`.
 *
 * config.md, "Linux mount options". What is not in the table is data of the file system.
 */
import { MOUNT_ATTR, MS } from '../native/constants.js';
import { invalid } from './builder.js';
import type { Attributes } from './plan.js';

type OptionEffect =
  /** MS_* flags of mount(2). */
  | { readonly kind: 'flag'; readonly set: number }
  | { readonly kind: 'flag'; readonly clear: number }
  /** MS_SHARED and its like: a mount(2) call of its own. */
  | { readonly kind: 'propagation'; readonly flags: number }
  /** mount_setattr(2) on the whole tree. `atime`: the value of the atime field. */
  | { readonly kind: 'recursive'; readonly set: number }
  | { readonly kind: 'recursive'; readonly clear: number }
  | { readonly kind: 'recursive'; readonly atime: number }
  | { readonly kind: 'copyUp' }
  | { readonly kind: 'idmap'; readonly recursive: boolean };

const set = (flags: number): OptionEffect => ({ kind: 'flag', set: flags });
const clear = (flags: number): OptionEffect => ({ kind: 'flag', clear: flags });
const propagation = (flags: number): OptionEffect => ({ kind: 'propagation', flags });
const recursive = (bits: number): OptionEffect => ({ kind: 'recursive', set: bits });
const recursiveOff = (bits: number): OptionEffect => ({ kind: 'recursive', clear: bits });
const recursiveAtime = (value: number): OptionEffect => ({ kind: 'recursive', atime: value });

const OPTIONS: Readonly<Record<string, OptionEffect>> = {
  async: clear(MS.SYNCHRONOUS),
  atime: clear(MS.NOATIME),
  bind: set(MS.BIND),
  defaults: set(0),
  dev: clear(MS.NODEV),
  diratime: clear(MS.NODIRATIME),
  dirsync: set(MS.DIRSYNC),
  exec: clear(MS.NOEXEC),
  iversion: set(MS.I_VERSION),
  lazytime: set(MS.LAZYTIME),
  loud: clear(MS.SILENT),
  mand: set(MS.MANDLOCK),
  noatime: set(MS.NOATIME),
  nodev: set(MS.NODEV),
  nodiratime: set(MS.NODIRATIME),
  noexec: set(MS.NOEXEC),
  noiversion: clear(MS.I_VERSION),
  nolazytime: clear(MS.LAZYTIME),
  nomand: clear(MS.MANDLOCK),
  norelatime: clear(MS.RELATIME),
  nostrictatime: clear(MS.STRICTATIME),
  nosuid: set(MS.NOSUID),
  nosymfollow: set(MS.NOSYMFOLLOW),
  rbind: set(MS.BIND | MS.REC),
  relatime: set(MS.RELATIME),
  remount: set(MS.REMOUNT),
  ro: set(MS.RDONLY),
  rw: clear(MS.RDONLY),
  silent: set(MS.SILENT),
  strictatime: set(MS.STRICTATIME),
  suid: clear(MS.NOSUID),
  symfollow: clear(MS.NOSYMFOLLOW),
  sync: set(MS.SYNCHRONOUS),

  private: propagation(MS.PRIVATE),
  rprivate: propagation(MS.PRIVATE | MS.REC),
  shared: propagation(MS.SHARED),
  rshared: propagation(MS.SHARED | MS.REC),
  slave: propagation(MS.SLAVE),
  rslave: propagation(MS.SLAVE | MS.REC),
  unbindable: propagation(MS.UNBINDABLE),
  runbindable: propagation(MS.UNBINDABLE | MS.REC),

  rro: recursive(MOUNT_ATTR.RDONLY),
  rrw: recursiveOff(MOUNT_ATTR.RDONLY),
  rnosuid: recursive(MOUNT_ATTR.NOSUID),
  rsuid: recursiveOff(MOUNT_ATTR.NOSUID),
  rnodev: recursive(MOUNT_ATTR.NODEV),
  rdev: recursiveOff(MOUNT_ATTR.NODEV),
  rnoexec: recursive(MOUNT_ATTR.NOEXEC),
  rexec: recursiveOff(MOUNT_ATTR.NOEXEC),
  rnodiratime: recursive(MOUNT_ATTR.NODIRATIME),
  rdiratime: recursiveOff(MOUNT_ATTR.NODIRATIME),
  rnosymfollow: recursive(MOUNT_ATTR.NOSYMFOLLOW),
  rsymfollow: recursiveOff(MOUNT_ATTR.NOSYMFOLLOW),
  rnoatime: recursiveAtime(MOUNT_ATTR.NOATIME),
  rstrictatime: recursiveAtime(MOUNT_ATTR.STRICTATIME),
  rrelatime: recursiveAtime(MOUNT_ATTR.RELATIME),
  // The atime modes are one field; taking a mode back leaves the kernel's default, relatime.
  ratime: recursiveAtime(MOUNT_ATTR.RELATIME),
  rnorelatime: recursiveAtime(MOUNT_ATTR.RELATIME),
  rnostrictatime: recursiveAtime(MOUNT_ATTR.RELATIME),

  tmpcopyup: { kind: 'copyUp' },
  idmap: { kind: 'idmap', recursive: false },
  ridmap: { kind: 'idmap', recursive: true },
};

/** All options, sorted: `mountOptions` of `features`. */
export function knownMountOptions(): string[] {
  return Object.keys(OPTIONS).sort();
}

/** The flags of a propagation option, such as `rslave`; undefined if it is none. */
export function propagationFlags(name: string): number | undefined {
  const effect = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  return effect?.kind === 'propagation' ? effect.flags : undefined;
}

export interface MountOptions {
  readonly flags: number;
  /** Flags that an option took back by name (`rw`, `suid` ...) and none set after it. */
  readonly cleared: number;
  readonly propagation: readonly number[];
  /** Attributes for the whole tree; absent where no r* option is there. */
  readonly recursive?: Attributes;
  readonly copyUp: boolean;
  /** idmap or ridmap, the last one that is there. */
  readonly idmap?: { readonly recursive: boolean };
  /** What is left, for the file system. */
  readonly data: readonly string[];
}

/**
 * Reads the options of one mount, the later overriding the earlier.
 *
 * @param at JSON pointer of `options`.
 * @throws OcirtError `invalid-config` for what no C string can hold.
 */
export function parseMountOptions(options: readonly string[], at: string): MountOptions {
  let flags = 0;
  let cleared = 0;
  let recursiveSet = 0;
  let recursiveClear = 0;
  let copyUp = false;
  let idmap: { recursive: boolean } | undefined;
  const propagations: number[] = [];
  const data: string[] = [];
  options.forEach((option, index) => {
    if (option.includes('\0')) throw invalid(`${at}/${index}`, 'mount option contains null byte');
    const effect = Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
    switch (effect?.kind) {
      case undefined:
        if (option !== '') data.push(option);
        break;
      case 'flag':
        if ('set' in effect) {
          flags |= effect.set;
          cleared &= ~effect.set;
        } else {
          flags &= ~effect.clear;
          cleared |= effect.clear;
        }
        break;
      case 'propagation':
        propagations.push(effect.flags);
        break;
      case 'recursive':
        if ('atime' in effect) {
          // mount_setattr(2): to change the mode, the whole field is in attr_clr.
          recursiveSet = (recursiveSet & ~MOUNT_ATTR.ATIME) | effect.atime;
          recursiveClear |= MOUNT_ATTR.ATIME;
        } else if ('set' in effect) {
          recursiveSet |= effect.set;
          recursiveClear &= ~effect.set;
        } else {
          recursiveSet &= ~effect.clear;
          recursiveClear |= effect.clear;
        }
        break;
      case 'copyUp':
        copyUp = true;
        break;
      case 'idmap':
        idmap = { recursive: effect.recursive };
        break;
    }
  });
  const recursive =
    recursiveSet !== 0 || recursiveClear !== 0
      ? { recursive: { set: recursiveSet, clear: recursiveClear } }
      : {};
  return {
    flags,
    cleared,
    propagation: propagations,
    ...recursive,
    copyUp,
    ...(idmap === undefined ? {} : { idmap }),
    data,
  };
}

/** MS_* flags that mount_setattr(2) can set on one mount, with their attribute. */
const ATTRIBUTE_OF: readonly (readonly [number, number])[] = [
  [MS.RDONLY, MOUNT_ATTR.RDONLY],
  [MS.NOSUID, MOUNT_ATTR.NOSUID],
  [MS.NODEV, MOUNT_ATTR.NODEV],
  [MS.NOEXEC, MOUNT_ATTR.NOEXEC],
  [MS.NOSYMFOLLOW, MOUNT_ATTR.NOSYMFOLLOW],
];

export const ATIME_FLAGS = MS.NOATIME | MS.RELATIME | MS.STRICTATIME | MS.NODIRATIME;

/** Flags that say how to mount, not how the mount is. */
const METHOD_FLAGS = MS.BIND | MS.REC | MS.REMOUNT | MS.SILENT;

/** Flags of a super block: a bind mount has none of its own, and mount(2) passes them over. */
export const SUPERBLOCK_FLAGS =
  MS.SYNCHRONOUS | MS.DIRSYNC | MS.MANDLOCK | MS.LAZYTIME | MS.I_VERSION;

/**
 * The attributes of a bind mount: without any flag it keeps its source's (undefined); with one,
 * it has exactly the named ones, but keeps its atime mode unless that is named too.
 *
 * @param lockable the mount is made in a user namespace, where the kernel may have locked flags
 *   of the source (mount_namespaces(7)): only what an option takes back by name must go; the
 *   rest goes where it can (`tryClear`).
 */
export function bindAttributes(options: MountOptions, lockable: boolean): Attributes | undefined {
  const named = options.flags & ~METHOD_FLAGS;
  if (named === 0 && (options.cleared & ~METHOD_FLAGS) === 0) return undefined;
  let setBits = 0;
  let clearBits = 0;
  let tryClear = 0;
  for (const [flag, attribute] of ATTRIBUTE_OF) {
    if (options.flags & flag) setBits |= attribute;
    else if (!lockable || options.cleared & flag) clearBits |= attribute;
    else tryClear |= attribute;
  }
  if (options.flags & ATIME_FLAGS) {
    clearBits |= MOUNT_ATTR.ATIME | MOUNT_ATTR.NODIRATIME;
    if (options.flags & MS.NODIRATIME) setBits |= MOUNT_ATTR.NODIRATIME;
    // As mount(2): strictatime beats the others, and relatime is what is left.
    if (options.flags & MS.STRICTATIME) setBits |= MOUNT_ATTR.STRICTATIME;
    else if (options.flags & MS.NOATIME) setBits |= MOUNT_ATTR.NOATIME;
  } else {
    if (options.cleared & (MS.NOATIME | MS.STRICTATIME)) clearBits |= MOUNT_ATTR.ATIME;
    if (options.cleared & MS.NODIRATIME) clearBits |= MOUNT_ATTR.NODIRATIME;
  }
  clearBits &= ~(setBits & ~MOUNT_ATTR.ATIME);
  return { set: setBits, clear: clearBits, ...(tryClear === 0 ? {} : { tryClear }) };
}
