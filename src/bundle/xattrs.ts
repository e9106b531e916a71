/** Which extended attributes of an archive are set: those that mean the same on every machine. */
import type { Attribute } from './entry.js';

/**
 * `trusted.overlay.*` would tell an overlay of this host what to show in place of a file, the labels of
 * SELinux, IMA and EVM are of the machine that packed it.
 */
const SET_BY_ROOT =
  /^(security\.capability|system\.posix_acl_(access|default)|trusted\.(?!overlay\.).+)$/;

/** @param warn told once of each name that is left out */
export function keptAttributes(
  xattrs: readonly Attribute[],
  privileged: boolean,
  warn: (text: string) => void,
): Attribute[] {
  return xattrs.filter(([name]) => {
    const kept = name.startsWith('user.') || (privileged && SET_BY_ROOT.test(name));
    if (!kept) warn(`extended attributes ${name} are left out`);
    return kept;
  });
}

/** Whether a layer of ours may say it: what unpacking leaves out is not told either. */
export const isKept = (name: string): boolean => name.startsWith('user.') || SET_BY_ROOT.test(name);
