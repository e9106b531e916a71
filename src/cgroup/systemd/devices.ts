/**
 * Device rules as properties of a unit, so that systemd puts back the same rules when it reloads.
 * systemd.resource-control(5), "DeviceAllow=". The rules in force are those that we set ourselves
 * afterwards: systemd has no way to say some of them. Pure.
 */
import type { DevicePolicy } from '../devices.js';
import type { Property, SystemdFacts } from './types.js';

const AT = '/linux/resources/devices';

const TYPE_NAMES = { c: 'char', b: 'block' } as const;
const HEADINGS = { c: 'Character devices:', b: 'Block devices:' } as const;

/** The name of the devices of a type with this major number, from the text of /proc/devices. */
function groupOf(devices: string, type: 'c' | 'b', major: number): string | undefined {
  let inside = false;
  for (const line of devices.split('\n')) {
    if (line.endsWith(':')) inside = line === HEADINGS[type];
    const match = /^\s*(\d+) (\S+)$/.exec(line);
    if (inside && match !== null && Number(match[1]) === major) return match[2];
  }
  return undefined;
}

/**
 * The properties, with notes about rules that systemd can't keep: they hold until it reloads.
 */
export function deviceProperties(
  policy: DevicePolicy,
  facts: Pick<SystemdFacts, 'devices'>,
): { readonly properties: readonly Property[]; readonly notes: readonly string[] } {
  const property = (name: string, signature: string, value: Property['value']): Property => ({
    name,
    signature,
    value,
    at: AT,
  });
  if (policy.defaultAllow) {
    // There is no "all but": systemd lets everything pass, our own rules say what does not.
    return {
      properties: [property('DevicePolicy', 's', 'auto'), property('DeviceAllow', 'a(ss)', [])],
      notes:
        policy.exceptions.length === 0
          ? []
          : ['systemd has no rules that deny single devices: it is told to allow all'],
    };
  }
  const notes: string[] = [];
  const entries = policy.exceptions.flatMap(({ type, major, minor, access }): string[][] => {
    const kind = TYPE_NAMES[type];
    if (major !== null && minor !== null) return [[`/dev/${kind}/${major}:${minor}`, access]];
    if (major === null && minor === null) return [[`${kind}-*`, access]];
    const group = major === null ? undefined : groupOf(facts.devices, type, major);
    if (group !== undefined) return [[`${kind}-${group}`, access]];
    notes.push(
      `systemd has no way to say the device rule "${type} ${major ?? '*'}:${minor ?? '*'}"`,
    );
    return [];
  });
  return {
    properties: [
      property('DevicePolicy', 's', 'strict'),
      // An empty list first takes out what an earlier one has put in.
      property('DeviceAllow', 'a(ss)', []),
      property('DeviceAllow', 'a(ss)', entries),
    ],
    notes,
  };
}
