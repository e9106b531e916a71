/** Which unit of systemd a container's cgroup is, and where it lies. Pure. systemd.slice(5). */
import { OcirtError } from '../../errors.js';
import { NAME } from '../../version.js';

export interface UnitName {
  /** The unit, such as `runc-c1.scope`. */
  readonly unit: string;
  /** The slice above it, such as `system.slice`. */
  readonly slice: string;
  /** The last part of cgroupsPath, or the container's ID: for the description. */
  readonly name: string;
}

function invalid(message: string): OcirtError {
  return new OcirtError('invalid-config', message, { pointer: '/linux/cgroupsPath' });
}

/**
 * Reads `slice:prefix:name`: the scope `prefix-name.scope` in that slice.
 *
 * @param rootless the slice, where none is given, is one of the user's own
 */
export function unitName(cgroupsPath: string | undefined, id: string, rootless: boolean): UnitName {
  const parts = (cgroupsPath ?? '') === '' ? ['', NAME, id] : cgroupsPath?.split(':');
  const [slice, prefix, name, ...rest] = parts ?? [];
  if (slice === undefined || prefix === undefined || name === undefined || rest.length > 0) {
    throw invalid(
      `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${cgroupsPath}" instead`,
    );
  }
  if (name.endsWith('.slice')) {
    throw invalid(`the systemd unit "${name}" is a slice, which takes no processes of its own`);
  }
  const unit = `${prefix === '' ? name : `${prefix}-${name}`}.scope`;
  // systemd.unit(5): at most 255 characters of these.
  if (name === '' || unit.length > 255 || !/^[A-Za-z0-9:_.\\@-]+$/.test(unit)) {
    throw invalid(`invalid name of a systemd unit: "${unit}"`);
  }
  return { unit, name, slice: slice === '' ? (rootless ? 'user.slice' : 'system.slice') : slice };
}

/**
 * The path of a slice below systemd's own cgroup: dashes are levels, so that `a-b.slice` is
 * `/a.slice/a-b.slice`; `-.slice` is the root.
 */
export function slicePath(slice: string): string {
  const suffix = '.slice';
  const stem = slice.slice(0, -suffix.length);
  if (!slice.endsWith(suffix) || slice.includes('/') || slice.length <= suffix.length) {
    throw invalid(`invalid slice name: ${slice}`);
  }
  if (stem === '-') return '';
  const parts = stem.split('-');
  if (parts.includes('')) throw invalid(`invalid slice name: ${slice}`);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}${suffix}`).join('');
}
