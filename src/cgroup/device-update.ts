/** Device rules of a cgroup that is in use: what there is to write, without a moment of denial. */
import type { DeviceException, DevicePolicy } from './devices.js';
import type { CgroupWrite } from './types.js';

const nameOf = ({ type, major, minor }: DeviceException): string =>
  `${type} ${major ?? '*'}:${minor ?? '*'}`;

const accesses = (policy: DevicePolicy): Map<string, string> =>
  new Map(policy.exceptions.map((exception) => [nameOf(exception), exception.access]));

/** What the exceptions of `a` have beyond those of `b`. */
function beyond(a: DevicePolicy, b: DevicePolicy): string[] {
  const others = accesses(b);
  return a.exceptions.flatMap((exception) => {
    const name = nameOf(exception);
    const other = others.get(name) ?? '';
    const rest = [...exception.access].filter((letter) => !other.includes(letter)).join('');
    return rest === '' ? [] : [`${name} ${rest}`];
  });
}

/** Whether two policies are the same: there is nothing to write then. */
export function samePolicy(a: DevicePolicy, b: DevicePolicy): boolean {
  return (
    a.defaultAllow === b.defaultAllow && beyond(a, b).length === 0 && beyond(b, a).length === 0
  );
}

/**
 * v1: the writes that turn one policy into another with the same default, and nothing else: an
 * exception that is in both is not touched. What becomes allowed comes first.
 *
 * <kernel>/Documentation/admin-guide/cgroup-v1/devices.rst: a write to the file of the default
 * takes an exception out, one to the other file adds it.
 */
export function deviceChanges(
  from: DevicePolicy,
  to: DevicePolicy,
  directory: string,
): CgroupWrite[] {
  const at = '/linux/resources/devices';
  const [allowed, denied] = to.defaultAllow
    ? [beyond(from, to), beyond(to, from)]
    : [beyond(to, from), beyond(from, to)];
  return [
    ...allowed.map((data) => ({ path: `${directory}/devices.allow`, data, at })),
    ...denied.map((data) => ({ path: `${directory}/devices.deny`, data, at })),
  ];
}
