/** Changes the limits of a container. */
import { deviceProgram } from '../cgroup/device-program.js';
import { deviceChanges, samePolicy } from '../cgroup/device-update.js';
import { type DevicePolicy, devicePolicy, deviceWrites } from '../cgroup/devices.js';
import { checkUsage, compileUpdate } from '../cgroup/update.js';
import { OcirtError } from '../errors.js';
import type { Config, Resources } from '../spec/config.gen.js';
import { Findings } from '../spec/faults.js';
import { parseJson } from '../spec/json.js';
import { loadResources } from '../spec/load.js';
import { checkResources } from '../spec/rules/resources.js';
import type { ContainerRecord } from '../state/record.js';
import { isFrozen, setFrozen } from './cgroup.js';
import { statusOf } from './container.js';
import { type Runtime, requireDriver } from './context.js';
import { wrap } from './errors.js';
import { gatherFacts } from './facts.js';
import { inTurn } from './locked.js';
import { mergeResources } from './merge-resources.js';
import { orTakeBack, toWrite, updateUnit, withoutIdle } from './update-unit.js';
import { type Undo, withPutBack, writeUpdate } from './update-writes.js';

const STANDARD_INPUT = 0;

/**
 * Reads the resources for an update.
 *
 * @param source a file, or '-' for standard input.
 */
export function readResources(runtime: Runtime, source: string): Resources {
  const { native, log } = runtime;
  const stdin = source === '-';
  let text: string;
  try {
    const fd = stdin ? STANDARD_INPUT : native.open(source, ['read']);
    try {
      const bytes: number[] = [];
      for (;;) {
        const chunk = native.read(fd, 65536);
        if (chunk.length === 0) break;
        for (const byte of chunk) bytes.push(byte);
      }
      text = native.decodeText(Uint8Array.from(bytes));
    } finally {
      if (!stdin) native.close([fd]);
    }
  } catch (error) {
    throw wrap(error, 'resources-file-failed', 'resources');
  }
  const name = stdin ? 'standard input' : source;
  const { resources, warnings } = loadResources(text, name);
  for (const warning of warnings) log.warn(`${name} ${warning.pointer}: ${warning.message}`);
  return resources;
}

/** Throws the first thing that is wrong with resources. @param partial they are changes only */
function check(resources: Resources, partial: boolean): void {
  const findings = new Findings();
  checkResources(resources, '/linux/resources', findings, partial);
  const idle = resources.cpu?.idle;
  if (idle !== undefined && idle !== 0 && idle !== 1) {
    findings.fault('/linux/resources/cpu/idle', 'invalid value for cpu idle', idle, '0 or 1');
  }
  const [fault] = findings.faults;
  if (fault === undefined) return;
  throw new OcirtError('invalid-config', fault.message, {
    pointer: fault.pointer,
    hint: `allowed: ${fault.allowed}`,
  });
}

/** JSON text in which integers keep all digits. */
function toText(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? `\u0000${item}\u0000` : item,
  );
  return text.replace(/"\\u0000(-?\d+)\\u0000"/g, '$1');
}

/**
 * Lays `changes` over the limits of a container: only what they give is written. What was written
 * is put back if a part is refused. The result is kept with the container, for the next update.
 */
export function update(runtime: Runtime, id: string, changes: Resources): void {
  const { store } = runtime;
  check(changes, true);
  const stopped = new OcirtError('container-not-running', 'container not running');
  if (store.read(id).phase === 'creating') throw stopped;
  const refuse = () => {
    throw stopped;
  };
  inTurn(runtime, id, refuse, () => {
    const record = store.read(id);
    requireDriver(runtime, record);
    if (statusOf(runtime, record) === 'stopped') throw stopped;
    updateLocked(runtime, record, changes);
  });
}

function updateLocked(runtime: Runtime, record: ContainerRecord, changes: Resources): void {
  const { native, store, log } = runtime;
  const file = store.file(record.id, 'config');
  const [text] = native.readFiles([file]);
  if (text === null || text === undefined) {
    throw new OcirtError('state-unreadable', `open ${file}: no such file or directory`);
  }
  const config = parseJson(text, file) as Config;
  const stored = config.linux?.resources ?? {};
  const merged = withoutIdle(mergeResources(stored, changes), changes, record);
  check(merged, false);
  const { mode, paths } = record.cgroup;
  if (mode === 'none' && Object.keys(changes).length > 0) {
    throw new OcirtError('no-cgroup', 'the container has no cgroup: there are no limits to change');
  }
  const read = (path: string): string | null => native.readFiles([path])[0] ?? null;
  if (merged.memory?.checkBeforeUpdate === true && changes.memory !== undefined) {
    checkUsage(merged.memory, usageOf(read, record));
  }
  const compile = (given: Resources) => compileUpdate({ mode, paths, given, stored, read });
  const undoUnit = updateUnit(runtime, record, { from: stored, to: merged, changes });
  const takeBack = (): void => {
    undoUnit();
    if (record.cgroup.systemd === undefined) return;
    writeUpdate(native, compile(toWrite(record, changes, stored)).stages);
  };
  orTakeBack(takeBack, () => {
    const plan = compile(toWrite(record, changes, merged));
    const { done, warnings } = writeUpdate(native, plan.stages);
    for (const { at, message } of [...plan.warnings, ...warnings]) {
      log.warn(at === '' ? message : `${message} (${at})`);
    }
    let devices: (() => void) | undefined;
    try {
      devices = updateDevices(runtime, record, stored, changes, done);
      const whole: Config = { ...config, linux: { ...config.linux, resources: merged } };
      native.replaceFile(file, toText(whole), 0o600);
    } catch (error) {
      const failure = withPutBack(native, wrap(error, 'update-failed', 'update'), done);
      orTakeBack(
        () => devices?.(),
        () => {
          throw failure;
        },
      );
    }
  });
}

function usageOf(read: (path: string) => string | null, record: ContainerRecord) {
  const { mode, paths } = record.cgroup;
  const number = (path: string): bigint | undefined => {
    const text = read(path)?.trim() ?? '';
    return /^\d+$/.test(text) ? BigInt(text) : undefined;
  };
  if (mode !== 'v2') {
    return {
      memory: number(`${paths.memory}/memory.usage_in_bytes`),
      both: number(`${paths.memory}/memory.memsw.usage_in_bytes`),
    };
  }
  const memory = number(`${paths['']}/memory.current`);
  const swap = number(`${paths['']}/memory.swap.current`);
  return { memory, both: memory === undefined ? undefined : memory + (swap ?? 0n) };
}

/**
 * Device rules, where the changes have any that are not in force already.
 *
 * @param done gets how to take v1's back.
 * @returns how to take v2's back.
 */
function updateDevices(
  runtime: Runtime,
  record: ContainerRecord,
  stored: Resources,
  changes: Resources,
  done: Undo[],
): (() => void) | undefined {
  if (changes.devices === undefined) return undefined;
  const { native, log } = runtime;
  const { mode, paths } = record.cgroup;
  const from = devicePolicy(stored.devices ?? []);
  const to = devicePolicy(changes.devices);
  if (samePolicy(from, to)) return undefined;
  if (record.rootless || !gatherFacts(native).initialUserNamespace) {
    log.warn('device rules cannot be set in a user namespace (/linux/resources/devices)');
    return undefined;
  }
  if (mode === 'v2') {
    // The new program is in place before the old one is gone.
    const path = paths[''] ?? '';
    native.attachDeviceProgram(path, deviceProgram(to));
    return () => native.attachDeviceProgram(path, deviceProgram(from));
  }
  const directory = paths.devices;
  if (directory === undefined) {
    throw new OcirtError(
      'cgroup-controller-missing',
      'cannot set devices limit: the container has no cgroup of the controller devices',
      { pointer: '/linux/resources/devices' },
    );
  }
  if (from.defaultAllow === to.defaultAllow) {
    const written = writeUpdate(native, [deviceChanges(from, to, directory)]);
    done.push(...written.done);
    return undefined;
  }
  return replaceDevices(runtime, record, directory, from, to);
}

/** v1, with another default: the list starts anew, and nothing may run while it does. */
function replaceDevices(
  runtime: Runtime,
  record: ContainerRecord,
  directory: string,
  from: DevicePolicy,
  to: DevicePolicy,
): () => void {
  const { native } = runtime;
  const { paths } = record.cgroup;
  const write = (policy: DevicePolicy): void => {
    const frozen = isFrozen(native, paths);
    if (!frozen) setFrozen(native, paths, true);
    try {
      writeUpdate(native, [deviceWrites(policy, directory)]);
    } finally {
      if (!frozen) setFrozen(native, paths, false);
    }
  };
  try {
    write(to);
  } catch (error) {
    write(from);
    throw error;
  }
  return () => write(from);
}
