/**
 * Device rules: config.linux.resources.devices, then what every container may use, boiled down to
 * a default and exceptions. v1 writes them to devices.deny and devices.allow; v2 compiles them to
 * a program (device-program.ts). <kernel>/Documentation/admin-guide/cgroup-v1/devices.rst.
 */
import { OcirtError } from '../errors.js';
import type { DeviceRule } from '../spec/config.gen.js';
import type { CgroupWrite } from './types.js';

/** One exception from the default; null: any number. */
export interface DeviceException {
  readonly type: 'c' | 'b';
  readonly major: number | null;
  readonly minor: number | null;
  /** A subset of "rwm", in this order. */
  readonly access: string;
  readonly at: string;
}

export interface DevicePolicy {
  readonly defaultAllow: boolean;
  readonly exceptions: readonly DeviceException[];
}

interface Rule {
  readonly allow: boolean;
  readonly type: 'a' | 'c' | 'b';
  readonly major: number | null;
  readonly minor: number | null;
  readonly access: string;
  readonly at: string;
}

/** What engines and containers rely on: mknod of anything, the default nodes, ptys, tun. */
const DEFAULT_RULES: readonly (readonly ['c' | 'b', number | null, number | null, string])[] = [
  ['c', null, null, 'm'],
  ['b', null, null, 'm'],
  ['c', 1, 3, 'rwm'],
  ['c', 1, 8, 'rwm'],
  ['c', 1, 7, 'rwm'],
  ['c', 5, 0, 'rwm'],
  ['c', 1, 5, 'rwm'],
  ['c', 1, 9, 'rwm'],
  ['c', 136, null, 'rwm'],
  ['c', 5, 2, 'rwm'],
  ['c', 10, 200, 'rwm'],
];

function fail(pointer: string, message: string): OcirtError {
  return new OcirtError('invalid-config', message, { pointer });
}

function ordered(letters: Iterable<string>): string {
  const set = new Set(letters);
  return [...'rwm'].filter((letter) => set.has(letter)).join('');
}

// Most often both are the same: every create asks a hundred times.
const union = (a: string, b: string): string => (a === b ? a : ordered(a + b));
const without = (a: string, b: string): string =>
  a === b ? '' : ordered([...a].filter((c) => !b.includes(c)));
const overlap = (a: string, b: string): string =>
  a === b ? a : ordered([...a].filter((c) => b.includes(c)));

/** A number of a rule: absent, or -1 as older tools write it, means any. */
function deviceNumber(value: number | bigint | undefined, at: string): number | null {
  if (value === undefined || Number(value) === -1) return null;
  const number = Number(value);
  if (number < 0 || number > 0xffffffff) throw fail(at, `invalid device number ${value}`);
  return number;
}

function readRules(rules: readonly DeviceRule[]): Rule[] {
  return rules.flatMap((rule, index): Rule[] => {
    const at = `/linux/resources/devices/${index}`;
    if (rule.access === undefined || rule.access === '') {
      throw fail(`${at}/access`, `device access at ${index} field cannot be empty`);
    }
    const access = ordered(rule.access);
    if ([...rule.access].some((letter) => !'rwm'.includes(letter))) {
      throw fail(`${at}/access`, `invalid device access "${rule.access}": r, w and m are known`);
    }
    const type = rule.type ?? 'a';
    if (type !== 'a' && type !== 'b' && type !== 'c') {
      throw fail(`${at}/type`, `invalid cgroup device type "${type}"`);
    }
    const common = {
      allow: rule.allow,
      major: deviceNumber(rule.major, `${at}/major`),
      minor: deviceNumber(rule.minor, `${at}/minor`),
      access,
      at,
    };
    // "a" says all devices; the kernel would take it for all of them whatever the numbers are.
    const everything = common.major === null && common.minor === null && access === 'rwm';
    if (type !== 'a' || everything) return [{ ...common, type }];
    return [
      { ...common, type: 'c' },
      { ...common, type: 'b' },
    ];
  });
}

const key = (rule: Pick<Rule, 'type' | 'major' | 'minor'>): string =>
  `${rule.type} ${rule.major ?? '*'}:${rule.minor ?? '*'}`;

/**
 * The rules, in order, as a default and exceptions.
 *
 * @throws OcirtError where a rule takes a part out of an exception with a wildcard: the v1 kernel
 *   code ignores that silently, so it would be weaker than it looks; v2 does the same as v1.
 */
export function devicePolicy(rules: readonly DeviceRule[]): DevicePolicy {
  const all: Rule[] = [
    ...readRules(rules),
    ...DEFAULT_RULES.map(([type, major, minor, access]) => ({
      allow: true,
      type,
      major,
      minor,
      access,
      at: '',
    })),
  ];
  let defaultAllow = false;
  const exceptions = new Map<string, DeviceException>();
  for (const rule of all) {
    const { type, major, minor, access, at } = rule;
    if (type === 'a') {
      defaultAllow = rule.allow;
      exceptions.clear();
      continue;
    }
    const name = key(rule);
    const existing = exceptions.get(name);
    if (rule.allow !== defaultAllow) {
      const merged = union(existing?.access ?? '', access);
      exceptions.set(name, { type, major, minor, access: merged, at: existing?.at || at });
      continue;
    }
    for (const wide of [
      { type, major: null, minor },
      { type, major, minor: null },
      { type, major: null, minor: null },
    ]) {
      const hit = exceptions.get(key(wide));
      if (key(wide) !== name && hit !== undefined && overlap(hit.access, access) !== '') {
        throw fail(
          at,
          `the device rule "${name} ${access}" would take a part out of "${key(wide)} ${hit.access}", which the devices cgroup cannot do`,
        );
      }
    }
    if (existing === undefined) continue;
    const rest = without(existing.access, access);
    if (rest === '') exceptions.delete(name);
    else exceptions.set(name, { ...existing, access: rest });
  }
  return { defaultAllow, exceptions: [...exceptions.values()] };
}

/** The writes of v1: first the default, which clears what was inherited, then each exception. */
export function deviceWrites(policy: DevicePolicy, directory: string): CgroupWrite[] {
  const file = (allow: boolean) => `${directory}/devices.${allow ? 'allow' : 'deny'}`;
  return [
    { path: file(policy.defaultAllow), data: 'a *:* rwm', at: '/linux/resources/devices' },
    ...policy.exceptions.map((exception) => ({
      path: file(!policy.defaultAllow),
      data: `${key(exception)} ${exception.access}`,
      at: exception.at === '' ? '/linux/resources/devices' : exception.at,
    })),
  ];
}
