/** Rules of namespaces and of what only makes sense in one (config-linux.md). */
import type { IdMapping, Namespace } from '../config.gen.js';
import type { Findings } from '../faults.js';
import { escapePointer } from '../json.js';
import { ABSOLUTE, type Context, isAbsolute, lacks, type Rule } from './context.js';

export const namespaceList: Rule = ({ config, findings }) => {
  const seen = new Set<string>();
  config.linux?.namespaces?.forEach((namespace, i) => {
    const at = `/linux/namespaces/${i}`;
    if (seen.has(namespace.type)) {
      const message = `malformed spec file: duplicated ns "${namespace.type}"`;
      findings.fault(`${at}/type`, message, undefined, 'each type once');
    }
    seen.add(namespace.type);
    if (namespace.path !== undefined && !isAbsolute(namespace.path)) {
      const message = 'the path of a namespace must be absolute';
      findings.fault(`${at}/path`, message, namespace.path, ABSOLUTE);
    }
  });
};

function indexOf(context: Context, wanted: Namespace): number {
  return context.config.linux?.namespaces?.indexOf(wanted) ?? -1;
}

export const userNamespace: Rule = (context) => {
  const { linux } = context.config;
  const sets = [
    ['uidMappings', linux?.uidMappings ?? []],
    ['gidMappings', linux?.gidMappings ?? []],
  ] as const;
  for (const [name, mappings] of sets) {
    checkMappings(context.findings, `/linux/${name}`, mappings);
  }
  const given = sets.filter(([, mappings]) => mappings.length > 0);
  if (lacks(context, 'user')) {
    for (const [name, mappings] of given) {
      const message =
        "user namespace mappings specified, but user namespace isn't enabled in the config";
      context.findings.fault(`/linux/${name}`, message, mappings, 'nothing');
    }
    return;
  }
  const user = context.namespaces?.get('user');
  if (user === undefined || user.path !== undefined) return;
  if (given.length === 0) {
    const message =
      'user namespaces enabled, but no namespace path to join nor mappings to apply specified';
    const at = `/linux/namespaces/${indexOf(context, user)}`;
    context.findings.fault(at, message, undefined, 'linux.uidMappings and linux.gidMappings');
    return;
  }
  for (const [name, mappings] of sets) {
    if (mappings.length > 0) continue;
    const message = `a new user namespace needs ${name} too`;
    context.findings.fault(`/linux/${name}`, message, undefined, 'at least one mapping');
  }
};

/** A range must fit in 32 bits, and overlap no other one, inside or outside (user_namespaces(7)). */
export function checkMappings(
  findings: Findings,
  at: string,
  mappings: readonly IdMapping[],
): void {
  for (const key of ['containerID', 'hostID'] as const) {
    mappings.forEach((mapping, i) => {
      if (mapping[key] + mapping.size > 2 ** 32) {
        const message = `${mapping.size} ids from here on go beyond 32 bits`;
        findings.fault(
          `${at}/${i}/${key}`,
          message,
          mapping[key],
          `at most ${2 ** 32 - mapping.size}`,
        );
      }
    });
    const order = mappings.map((_, i) => i);
    const start = (i: number): number => mappings[i]?.[key] ?? 0;
    order.sort((a, b) => start(a) - start(b) || a - b);
    order.forEach((i, place) => {
      const before = order[place - 1];
      if (before === undefined || start(before) + (mappings[before]?.size ?? 0) <= start(i)) return;
      const [first, second] = before < i ? [before, i] : [i, before];
      const message = `overlaps mapping ${first}`;
      findings.fault(`${at}/${second}/${key}`, message, start(second), 'ranges apart');
    });
  }
}

const CLOCKS = ['monotonic', 'boottime'];

export const timeNamespace: Rule = (context) => {
  const offsets = context.config.linux?.timeOffsets;
  if (offsets === undefined) return;
  for (const clock of Object.keys(offsets)) {
    if (CLOCKS.includes(clock)) continue;
    const at = `/linux/timeOffsets/${escapePointer(clock)}`;
    context.findings.fault(at, 'no such clock', clock, CLOCKS.join(' or '));
  }
  if (Object.keys(offsets).length === 0) return;
  if (lacks(context, 'time')) {
    const message =
      "time namespace offsets specified, but time namespace isn't enabled in the config";
    context.findings.fault('/linux/timeOffsets', message, undefined, 'nothing');
  } else if (context.namespaces?.get('time')?.path !== undefined) {
    const message =
      'time namespace enabled, but both namespace path and time offsets specified -- you may only provide one';
    context.findings.fault('/linux/timeOffsets', message, undefined, 'nothing');
  }
};

/** __NEW_UTS_LEN of the kernel. */
const MAX_NAME = 64;

export const utsNames: Rule = (context) => {
  for (const key of ['hostname', 'domainname'] as const) {
    const name = context.config[key];
    if (name === undefined) continue;
    if (lacks(context, 'uts')) {
      const message = `unable to set ${key} without a private UTS namespace`;
      context.findings.fault(`/${key}`, message, name, 'nothing');
    }
    if (utf8Length(name) > MAX_NAME) {
      context.findings.fault(
        `/${key}`,
        'too long for the kernel',
        name,
        `at most ${MAX_NAME} bytes`,
      );
    }
  }
};

function utf8Length(text: string): number {
  let length = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

export const restrictedPaths: Rule = (context) => {
  for (const key of ['maskedPaths', 'readonlyPaths'] as const) {
    const paths = context.config.linux?.[key];
    if (paths === undefined || paths.length === 0) continue;
    if (lacks(context, 'mount')) {
      const message = 'unable to restrict sys entries without a private MNT namespace';
      context.findings.fault(`/linux/${key}`, message, undefined, 'nothing');
    }
    paths.forEach((path, i) => {
      if (isAbsolute(path)) return;
      context.findings.fault(`/linux/${key}/${i}`, 'must be an absolute path', path, ABSOLUTE);
    });
  }
};

export const networkDevices: Rule = (context) => {
  const devices = Object.entries(context.config.linux?.netDevices ?? {});
  if (devices.length > 0 && lacks(context, 'network')) {
    const message = 'unable to move network devices without a NET namespace';
    context.findings.fault('/linux/netDevices', message, undefined, 'nothing');
  }
  const taken = new Set<string>();
  for (const [name, device] of devices) {
    const at = `/linux/netDevices/${escapePointer(name)}`;
    const inside = device.name ?? name;
    if (!isInterfaceName(name)) {
      const message = `invalid network device name "${name}"`;
      context.findings.fault(at, message, undefined, INTERFACE_NAME);
    }
    if (device.name !== undefined && !isInterfaceName(device.name)) {
      const message = `invalid network device name "${device.name}"`;
      context.findings.fault(`${at}/name`, message, undefined, INTERFACE_NAME);
    } else if (taken.has(inside) && !inside.includes('%d')) {
      const where = device.name === undefined ? at : `${at}/name`;
      const message = 'two network devices get this name';
      context.findings.fault(where, message, inside, 'each name once');
    }
    taken.add(inside);
  }
};

const INTERFACE_NAME = 'up to 15 characters without slash, colon or space';

/** dev_valid_name() of the kernel; IFNAMSIZ counts the closing NUL. */
function isInterfaceName(name: string): boolean {
  return name !== '.' && name !== '..' && /^[^/:\s]{1,15}$/.test(name);
}
