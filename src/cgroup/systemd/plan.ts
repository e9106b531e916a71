/** (config, facts) -> the unit of systemd that a container's cgroup is. Pure. */
import type { Config, Resources } from '../../spec/config.gen.js';
import { NAME } from '../../version.js';
import { devicePolicy } from '../devices.js';
import { annotationProperties } from './annotations.js';
import { deviceProperties } from './devices.js';
import { changedProperties, INFINITY, resourceProperties } from './properties.js';
import type { Property, SystemdFacts, SystemdPlan } from './types.js';
import { slicePath, unitName } from './unit.js';

export interface SystemdInput {
  readonly config: Pick<Config, 'annotations' | 'linux'>;
  readonly id: string;
  readonly facts: SystemdFacts;
  readonly v2: boolean;
  /** Without the right to set device rules: a user's systemd has none either. */
  readonly rootless: boolean;
}

type Warnings = readonly { readonly at: string; readonly message: string }[];

export interface SystemdResult {
  readonly plan: SystemdPlan;
  /** The cgroup below the mount of each hierarchy. */
  readonly path: string;
  readonly warnings: Warnings;
}

/** What the container's cgroup has from the start, whatever its resources. */
function basics(slice: string, name: string, v2: boolean): Property[] {
  const property = (
    propertyName: string,
    signature: string,
    value: Property['value'],
    at = '',
  ): Property => ({ name: propertyName, signature, value, at });
  return [
    property('Description', 's', `${NAME} container ${name}`),
    property('Slice', 's', slice, '/linux/cgroupsPath'),
    // The cgroups below the unit's are ours and the container's: systemd keeps out of them.
    property('Delegate', 'b', true),
    property('MemoryAccounting', 'b', true),
    property('CPUAccounting', 'b', true),
    property(v2 ? 'IOAccounting' : 'BlockIOAccounting', 'b', true),
    property('TasksAccounting', 'b', true),
    // Or it would have the limit that systemd gives its own units; config.json's comes later.
    property('TasksMax', 't', INFINITY),
    // Or the scope would be stopped at the start of a shutdown, before the engine can say goodbye.
    property('DefaultDependencies', 'b', false),
  ];
}

const DEVICES_AT = '/linux/resources/devices';

/** Device rules as properties, and what is to be said of them. */
function rules(
  resources: Resources,
  facts: SystemdFacts,
): { readonly properties: readonly Property[]; readonly warnings: Warnings } {
  const { properties, notes } = deviceProperties(devicePolicy(resources.devices ?? []), facts);
  return { properties, warnings: notes.map((message) => ({ at: DEVICES_AT, message })) };
}

export interface SystemdUpdate {
  readonly facts: SystemdFacts;
  readonly v2: boolean;
  /** What the unit is limited to, and what it is to be limited to. */
  readonly from: Resources;
  readonly to: Resources;
  /** Give the device rules, too. */
  readonly devices: boolean;
}

/** Compiles what is to be set of a unit to give it other limits. */
export function compileSystemdUpdate(update: SystemdUpdate): {
  readonly properties: readonly Property[];
  readonly warnings: Warnings;
} {
  const { facts, v2, from, to } = update;
  const limits = resourceProperties(to, v2, facts.version);
  const before = resourceProperties(from, v2, facts.version);
  const { properties, warnings } = update.devices
    ? rules(to, facts)
    : { properties: [], warnings: [] };
  return {
    properties: [...properties, ...changedProperties(before.properties, limits.properties)],
    warnings: [...limits.warnings, ...warnings],
  };
}

/** Compiles the unit. @throws OcirtError with the place in config.json of what can't be had */
export function compileSystemd(input: SystemdInput): SystemdResult {
  const { config, facts, rootless, v2 } = input;
  const { unit, slice, name } = unitName(config.linux?.cgroupsPath, input.id, facts.user);
  const resources = config.linux?.resources ?? {};
  const limits = resourceProperties(resources, v2, facts.version);
  const devices = rootless ? { properties: [], warnings: [] } : rules(resources, facts);
  return {
    plan: {
      unit,
      user: facts.user,
      properties: [
        ...basics(slice, name, v2),
        ...devices.properties,
        ...limits.properties,
        ...annotationProperties(config.annotations),
      ],
    },
    path: `${facts.controlGroup}${slicePath(slice)}/${unit}`,
    warnings: [...devices.warnings, ...limits.warnings],
  };
}
