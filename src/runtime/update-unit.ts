/** The systemd side of an update: the unit is told the limits that its cgroup gets. */
import { OcirtError } from '../errors.js';
import type { Resources } from '../spec/config.gen.js';
import type { ContainerRecord } from '../state/record.js';
import { type Runtime, systemdOf } from './context.js';

/**
 * The weight and whether a group is idle are one to systemd: a new weight ends the idleness that an
 * earlier update asked for.
 */
export function withoutIdle(
  merged: Resources,
  changes: Resources,
  record: ContainerRecord,
): Resources {
  const weight = changes.cpu?.shares ?? changes.unified?.['cpu.weight'];
  const idle = changes.cpu?.idle ?? changes.unified?.['cpu.idle'];
  if (record.cgroup.systemd === undefined || weight === undefined || idle !== undefined) {
    return merged;
  }
  const result: Resources = { ...merged };
  if (merged.cpu?.idle !== undefined) result.cpu = { ...merged.cpu, idle: 0 };
  if (merged.unified?.['cpu.idle'] !== undefined) {
    result.unified = { ...merged.unified, 'cpu.idle': '0' };
  }
  return result;
}

/**
 * What of the resources has to be written to the files. Told of one limit, systemd writes the files
 * of all that it knows, less exactly than they were: so all are written again.
 */
export function toWrite(record: ContainerRecord, changes: Resources, merged: Resources): Resources {
  if (record.cgroup.systemd === undefined) return changes;
  const { devices: _, ...limits } = merged;
  if (limits.unified?.['cpu.idle']?.trim() !== '1') return limits;
  // The kernel takes no weight for a group that is idle.
  const { 'cpu.weight': _weight, ...unified } = limits.unified;
  const { shares: _shares, idle: _idle, ...cpu } = limits.cpu ?? {};
  return { ...limits, cpu, unified };
}

/**
 * Tells systemd, before the files are written.
 *
 * @returns how to take it back, the files apart; does nothing for a container that is no unit
 */
export function updateUnit(
  runtime: Runtime,
  record: ContainerRecord,
  resources: { readonly from: Resources; readonly to: Resources; readonly changes: Resources },
): () => void {
  const { systemd, mode } = record.cgroup;
  if (systemd === undefined) return () => {};
  const driver = systemdOf(runtime);
  const { from, to, changes } = resources;
  const how = { v2: mode === 'v2', devices: changes.devices !== undefined && !record.rootless };
  for (const { at, message } of driver.update(systemd, { ...how, from, to })) {
    runtime.log.warn(`${message} (${at})`);
  }
  return () => {
    driver.update(systemd, { ...how, from: to, to: from });
  };
}

/** Runs the rest of an update; where it fails, what was done before it is taken back. */
export function orTakeBack(takeBack: () => void, rest: () => void): void {
  try {
    rest();
  } catch (error) {
    try {
      takeBack();
    } catch (second) {
      if (error instanceof OcirtError) error.cleanup = [...error.cleanup, second];
    }
    throw error;
  }
}
